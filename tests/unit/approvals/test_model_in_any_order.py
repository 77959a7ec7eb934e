"""A sample with its versions under any sequence of steps: what must always hold."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.approvals.model.orders import Order, Position
from services.approvals.model.versions import Decision, Person, Version
from shared.errors import ConflictError
from shared.events.sync import File, PrintDetails

START = datetime(2026, 1, 1, tzinfo=UTC)
POSITION = Position(UUID(int=1), "1", "TS-100", "T-Shirt", Decimal(100), "Stk", "royal", "L", "Siebdruck")
KINDS = st.sampled_from(["approved", "approved_with_changes", "changes_requested"])


class OneSample(RuleBasedStateMachine):
    """Versions arrive, the order comes and changes, somebody decides, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.versions: list[Version] = []
        self.decisions: dict[UUID, Decision] = {}
        self.order: Order | None = None
        self.now = START

    @rule()
    def a_newer_version_comes(self) -> None:
        number = len(self.versions) + 1
        self.versions = [version.supersede() for version in self.versions]
        file = File(sha256=f"{number:064x}", name="proof.pdf", media_type="application/pdf", size=1)
        version = Version(
            uuid4(), UUID(int=5), number, "", "2026-1", ("1",), file, PrintDetails(), "SB", self._tick()
        )
        self.versions.append(version.find_order(self.order) if self.order else version)

    @rule(quantity=st.integers(min_value=1, max_value=3))
    def the_order_changes(self, quantity: int) -> None:
        position = replace(POSITION, quantity=Decimal(quantity))
        self.order = Order(UUID(int=9), "2026-1", "10023", "", "SB", (position,))
        self.versions = [version.find_order(self.order).outdate(self.order) for version in self.versions]

    @precondition(lambda self: self.versions)
    @rule(data=st.data())
    def its_pages_are_there(self, data: st.DataObject) -> None:
        index = data.draw(st.integers(min_value=0, max_value=len(self.versions) - 1))
        self.versions[index] = self.versions[index].request(self._tick())

    @precondition(lambda self: self.versions and self.order)
    @rule(data=st.data(), kind=KINDS)
    def somebody_decides(self, data: st.DataObject, kind: Any) -> None:
        assert self.order is not None
        index = data.draw(st.integers(min_value=0, max_value=len(self.versions) - 1))
        version = self.versions[index]
        person = Person(uuid4(), "P", "p@kunde.example", "Kunde", "10023", "de")
        decision = Decision(uuid4(), kind, self._tick(), person, "größer", "", "", self.order.positions)
        try:
            decided = version.decide(decision, sha256=version.file.sha256)
        except ConflictError:
            return
        assert version.state in {"pending", kind}, "only what waits can be decided, or the same again"
        if decided is not version:
            self.decisions[version.version_id] = decision
        self.versions[index] = decided

    @invariant()
    def only_the_newest_can_be_decided(self) -> None:
        assert all(version.state == "superseded" for version in self.versions[:-1])
        assert not self.versions or self.versions[-1].state != "superseded"

    @invariant()
    def a_decision_never_changes_and_never_goes(self) -> None:
        for version in self.versions:
            assert version.decision is self.decisions.get(version.version_id)

    @invariant()
    def a_state_says_what_it_means(self) -> None:
        for version in self.versions:
            if version.state in {"approved", "approved_with_changes", "changes_requested"}:
                assert version.decision is not None
                assert version.decision.decision == version.state
            if version.state == "outdated":
                assert version.decision is not None
                assert version.decision.decision == "approved"
                assert version.changed
            if version.state == "approved" and self.order and version.decision:
                assert version.decision.positions == self.order.positions
            if version.state != "superseded":
                assert (version.state == "waiting_for_order") == (version.document_id is None)

    def _tick(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


TestOneSample = OneSample.TestCase
TestOneSample.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
