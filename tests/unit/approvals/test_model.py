"""The rules of a version: which step follows which, and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.approvals.model.orders import Order, Position, Wait, plain_number, why_it_waits
from services.approvals.model.versions import (
    ApprovalAlreadyDecidedError,
    ApprovalNoLongerHoldsError,
    ApprovalNotRequestedError,
    ApprovalSupersededError,
    Confirmation,
    Decision,
    OtherFileShownError,
    Person,
    Version,
    clean_comment,
    clean_text,
    may_decide,
)
from shared.errors import ConflictError, ForbiddenError, InvalidError
from shared.events.sync import File, PrintDetails

NOW = datetime(2026, 11, 21, 13, 2, 33, tzinfo=UTC)
SHA256 = "ab" * 32


def create_position(number: str = "2", **changed: Any) -> Position:
    position = Position(
        position_id=UUID(int=int(number)),
        number=number,
        article_number="TS-100",
        text="T-Shirt",
        quantity=Decimal(100),
        unit="Stk",
        colour="royal",
        size="L",
        finishing="Siebdruck",
        description="Druck vorn",
    )
    return replace(position, **changed)


def create_order(*positions: Position, customer_number: str = "10023") -> Order:
    return Order(UUID(int=9), "2026-1042", customer_number, "", "SB", positions or (create_position(),))


def create_version(*numbers: str) -> Version:
    return Version(
        version_id=uuid4(),
        sample_id=uuid4(),
        version=1,
        title="",
        order_number="2026-1042",
        position_numbers=numbers,
        file=File(sha256=SHA256, name="proof.pdf", media_type="application/pdf", size=3),
        print_details=PrintDetails(),
        clerk_code="SB",
        assigned_at=NOW,
    )


def create_decision(kind: Any = "approved", comment: str = "", order: Order | None = None) -> Decision:
    return Decision(
        decision_id=uuid4(),
        decision=kind,
        decided_at=NOW,
        person=Person(uuid4(), "Petra Muster", "petra@kunde.example", "Kunde GmbH", "10023", "de"),
        comment=comment,
        approval_text="",
        approval_text_version="",
        positions=(order or create_order()).positions,
    )


def pending(order: Order | None = None) -> Version:
    return create_version().find_order(order or create_order()).request(NOW)


def test_a_version_goes_from_waiting_over_preparing_to_pending() -> None:
    waiting = create_version("2")
    preparing = waiting.find_order(create_order())
    requested = preparing.request(NOW)

    assert [waiting.state, preparing.state, requested.state] == ["waiting_for_order", "preparing", "pending"]
    assert preparing.document_id == UUID(int=9)
    assert (requested.requested_at, requested.mail_state) == (NOW, "queued")


def test_a_version_waits_until_each_of_its_positions_is_in_the_order() -> None:
    version = create_version("1", "2")

    assert version.find_order(create_order(create_position("1"))) is version
    assert version.find_order(create_order(create_position("1"), create_position("2"))).state == "preparing"


def test_asking_twice_changes_nothing() -> None:
    requested = pending()

    assert requested.request(NOW + timedelta(days=1)) is requested


@pytest.mark.parametrize("kind", ["approved", "approved_with_changes", "changes_requested"])
def test_a_decision_becomes_the_state(kind: Any) -> None:
    decision = create_decision(kind, "Bitte größer.")

    decided = pending().decide(decision, sha256=SHA256)

    assert (decided.state, decided.decision) == (kind, decision)


@pytest.mark.parametrize("kind", ["approved_with_changes", "changes_requested"])
def test_changes_need_a_comment(kind: Any) -> None:
    with pytest.raises(InvalidError) as refused:
        pending().decide(create_decision(kind), sha256=SHA256)

    assert "comment" in refused.value.fields


@pytest.mark.parametrize("kind", ["approved", "approved_with_changes", "changes_requested"])
def test_the_same_decision_again_by_anyone_changes_nothing(kind: Any) -> None:
    decided = pending().decide(create_decision(kind, "Bitte größer."), sha256=SHA256)

    assert decided.decide(create_decision(kind, "Bitte größer."), sha256=SHA256) is decided


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("approved", "changes_requested"),
        ("changes_requested", "approved"),
        ("approved", "approved_with_changes"),
        ("approved_with_changes", "approved"),
    ],
)
def test_another_decision_is_refused(first: Any, second: Any) -> None:
    decided = pending().decide(create_decision(first, "Bitte größer."), sha256=SHA256)

    with pytest.raises(ApprovalAlreadyDecidedError, match="Petra Muster"):
        decided.decide(create_decision(second, "Bitte größer."), sha256=SHA256)


def test_another_correction_is_another_decision() -> None:
    decided = pending().decide(create_decision("changes_requested", "Bitte größer."), sha256=SHA256)

    with pytest.raises(ApprovalAlreadyDecidedError):
        decided.decide(create_decision("changes_requested", "Bitte kleiner."), sha256=SHA256)


def test_a_superseded_version_cannot_be_decided_and_keeps_its_decision() -> None:
    superseded = pending().decide(create_decision(), sha256=SHA256).supersede()

    assert superseded.decision is not None
    assert superseded.supersede() is superseded
    with pytest.raises(ApprovalSupersededError):
        superseded.decide(create_decision(), sha256=SHA256)


def test_a_decision_on_another_file_is_refused() -> None:
    with pytest.raises(OtherFileShownError):
        pending().decide(create_decision(), sha256="cd" * 32)


@pytest.mark.parametrize("version", [create_version(), create_version().find_order(create_order())])
def test_what_was_not_requested_cannot_be_decided(version: Version) -> None:
    with pytest.raises(ApprovalNotRequestedError):
        version.decide(create_decision(), sha256=SHA256)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("article_number", "TS-200"),
        ("text", "Polo"),
        ("description", "Druck hinten"),
        ("unit", "Karton"),
        ("quantity", Decimal("120.5")),
        ("colour", "rot"),
        ("size", "XL"),
        ("finishing", "Stick"),
    ],
)
def test_a_changed_position_makes_the_approval_outdated_and_says_what_changed(field: str, value: Any) -> None:
    approved = pending().decide(create_decision(), sha256=SHA256)

    outdated = approved.outdate(create_order(create_position(**{field: value})))

    assert outdated.state == "outdated"
    assert [str(change) for change in outdated.changed] == [f"2/{field}"]
    assert outdated.changed[0].after == str(value)
    with pytest.raises(ApprovalNoLongerHoldsError):
        outdated.decide(create_decision(), sha256=SHA256)


@pytest.mark.parametrize(
    "order",
    [
        create_order(create_position(quantity=Decimal("100.000"))),
        create_order(create_position(text=" T-Shirt\n")),
        create_order(create_position(number="3", position_id=UUID(int=2))),
        create_order(create_position(position_id=UUID(int=77))),
        create_order(create_position(), create_position("99", text="Versand")),
    ],
    ids=["the same number", "white space", "renumbered", "written anew", "another position joined"],
)
def test_what_is_no_change_leaves_the_approval_alone(order: Order) -> None:
    approved = pending().decide(create_decision(), sha256=SHA256)

    assert approved.outdate(order) is approved


def test_a_position_that_is_gone_makes_the_approval_outdated() -> None:
    approved = pending().decide(create_decision(), sha256=SHA256)

    assert [str(one) for one in approved.outdate(create_order(create_position("3"))).changed] == ["2/removed"]


def test_an_order_that_moved_to_another_customer_makes_the_approval_outdated() -> None:
    approved = pending().decide(create_decision(), sha256=SHA256)

    assert [str(one) for one in approved.outdate(create_order(customer_number="10024")).changed] == [
        "customer"
    ]


def test_a_description_that_was_not_kept_then_is_not_compared() -> None:
    before_it_was_kept = create_order(create_position(description=None))
    approved = pending().decide(create_decision(order=before_it_was_kept), sha256=SHA256)

    assert approved.outdate(create_order()) is approved


def test_an_approval_with_changes_holds_for_the_order_as_it_was_confirmed() -> None:
    made = create_order(create_position(quantity=Decimal(120)))
    decided = pending().decide(create_decision("approved_with_changes", "120 statt 100"), sha256=SHA256)
    confirmed = decided.confirm(Confirmation(NOW, "SB", "Sabine Berger", made.positions))

    assert confirmed.outdate(made) is confirmed
    outdated = confirmed.outdate(create_order(create_position(quantity=Decimal(130))))
    assert outdated.state == "outdated"
    assert [(str(one), one.before, one.after) for one in outdated.changed] == [("2/quantity", "120", "130")]


@pytest.mark.parametrize("kind", ["approved_with_changes", "changes_requested"])
def test_what_is_still_to_be_changed_does_not_become_outdated(kind: Any) -> None:
    decided = pending().decide(create_decision(kind, "120 statt 100"), sha256=SHA256)

    assert decided.outdate(create_order(create_position(quantity=Decimal(120)))) is decided
    assert decided.outdate(create_order(customer_number="10024")).state == "outdated", "of a former customer"


def test_news_of_a_mail_that_are_older_than_what_is_known_are_ignored() -> None:
    draft = pending().note_mail("draft", NOW + timedelta(minutes=2))

    assert draft.note_mail("failed", NOW + timedelta(minutes=1)) is draft
    assert draft.note_mail("failed", NOW + timedelta(minutes=3)).mail_state == "failed"


def test_it_is_sent_once_one_of_those_who_are_asked_has_the_mail() -> None:
    """In whatever order it is heard what became of their mails."""
    sent = pending().note_mail("sent", NOW + timedelta(minutes=2))
    failed = pending().note_mail("failed", NOW + timedelta(minutes=3))

    assert sent.note_mail("failed", NOW + timedelta(minutes=3)) is sent
    assert failed.note_mail("sent", NOW + timedelta(minutes=2)).mail_state == "sent"


def test_whoever_is_asked_anew_has_no_mail_yet() -> None:
    asked = pending().note_mail("sent", NOW + timedelta(minutes=2)).request_anew(NOW + timedelta(minutes=4))

    assert asked.mail_state == "queued"
    assert asked.note_mail("sent", NOW + timedelta(minutes=3)) is asked


def test_only_the_first_look_of_the_customer_counts() -> None:
    seen = pending().see(NOW)

    assert seen.seen_at == NOW
    assert seen.see(NOW + timedelta(days=1)) is seen
    assert create_version().see(NOW).seen_at is None


def test_only_a_person_of_the_customer_with_the_right_to_it_decides() -> None:
    may_decide(role="customer", may_approve=True, viewed_by="")
    for role, may_approve in (("customer", False), ("clerk", True), ("operator", True), ("system", True)):
        with pytest.raises(ForbiddenError):
            may_decide(role=role, may_approve=may_approve, viewed_by="")
    with pytest.raises(ForbiddenError):
        may_decide(role="customer", may_approve=True, viewed_by="Sabine Berger")


def test_a_waiting_sample_says_what_is_missing() -> None:
    order = create_order(create_position("1"), create_position("2"))
    other = replace(create_order(create_position("1")), customer_number="10024")

    assert why_it_waits([], ("2",)) == Wait("order")
    assert why_it_waits([order], ("2", "7", "9")) == Wait("positions", ("7", "9"))
    namesake = replace(other, customer_number=order.customer_number)
    assert why_it_waits([namesake, order], ("1", "2", "7")) == Wait("positions", ("7",))
    assert why_it_waits([order, other], ("1",)) == Wait("customer")
    assert why_it_waits([order, other], ("2",)) == Wait("customer"), "no positions tell whose it is"


def test_a_comment_keeps_its_lines_and_loses_what_would_deceive_a_reader() -> None:
    assert (
        clean_comment(" Bitte\r\n120\t\ufeffStück \u202e321\u2066\x00\x1b[31m ") == "Bitte\n120 Stück 321[31m"
    )
    assert clean_text("日本 👍 Ümlaut") == "日本 👍 Ümlaut"
    with pytest.raises(InvalidError):
        clean_comment("x" * 4001)


def test_refusals_of_a_decision_are_conflicts() -> None:
    for error in (
        ApprovalAlreadyDecidedError, ApprovalSupersededError, ApprovalNotRequestedError,
        ApprovalNoLongerHoldsError, OtherFileShownError,
    ):  # fmt: skip
        assert issubclass(error, ConflictError)


@pytest.mark.parametrize(
    ("value", "text"), [("100.00", "100"), ("1E+3", "1000"), ("0.50", "0.5"), ("100", "100")]
)
def test_a_number_is_written_plainly(value: str, text: str) -> None:
    assert plain_number(Decimal(value)) == text
