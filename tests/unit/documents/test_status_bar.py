"""The cases of the domain's worked examples, one by one."""

import datetime as dt

import pytest

from services.documents.model import (
    Status,
    StatusEntry,
    StatusGroup,
    StatusWithoutGroupError,
    position_status,
    status_bar,
    usable_statuses,
)
from shared.api.documents import StatusBar
from shared.events.sync import DocumentKind

ORDER, QUOTE = DocumentKind.ORDER, DocumentKind.QUOTE
GROUPS = {
    group.group_id: group
    for group in (
        StatusGroup("quote.created", QUOTE, "Angelegt", 1),
        StatusGroup("quote.sent", QUOTE, "Verschickt", 2),
        StatusGroup("quote.deciding", QUOTE, "Entscheidungsphase", 3),
        StatusGroup("quote.converted", QUOTE, "Gewandelt", 4),
        StatusGroup("quote.declined", QUOTE, "Abgelehnt", 5, negative=True),
        StatusGroup("order.created", ORDER, "Angelegt", 1),
        StatusGroup("order.confirmed", ORDER, "Bestätigt", 2),
        StatusGroup("order.released", ORDER, "Freigegeben", 3),
        StatusGroup("order.delivered", ORDER, "Geliefert", 4),
        StatusGroup("order.invoiced", ORDER, "Fakturiert", 5),
    )
}
STATUSES = {group_id: Status(group_id, group_id, group.name) for group_id, group in GROUPS.items()} | {
    "production": Status("production", "order.released", "In Produktion"),
    "stopped": Status("stopped", "order.confirmed", "Gestoppt", workflow=True),
    "homeless": Status("homeless", "a group that has not arrived", "Irgendwo"),
}
THREE = ("1", "2", "3")


def entry(status_id: str, *position_keys: str, day: int = 1) -> StatusEntry:
    return StatusEntry(status_id, dt.datetime(2026, 11, day, tzinfo=dt.UTC), position_keys)


def bar(kind: DocumentKind, positions: tuple[str, ...], *entries: StatusEntry) -> StatusBar:
    made = status_bar(kind, GROUPS, STATUSES, positions, entries)
    assert made is not None
    return made


def said(made: StatusBar) -> str:
    return f"{made.label} (teilweise)" if made.partial else made.label


def test_three_new_positions_are_created() -> None:
    assert said(bar(ORDER, THREE)) == "Angelegt"
    assert said(bar(ORDER, THREE, entry("order.created"))) == "Angelegt"


def test_an_order_wide_entry_has_no_suffix() -> None:
    assert said(bar(ORDER, THREE, entry("order.created"), entry("order.confirmed", day=2))) == "Bestätigt"


def test_one_of_three_delivered_is_partly_delivered() -> None:
    made = bar(ORDER, THREE, entry("order.confirmed"), entry("order.delivered", "2", day=2))

    assert said(made) == "Geliefert (teilweise)"


def test_two_delivered_and_one_invoiced_is_partly_invoiced() -> None:
    made = bar(ORDER, THREE, entry("order.delivered", "1", "2"), entry("order.invoiced", "3", day=2))

    assert said(made) == "Fakturiert (teilweise)"


def test_all_invoiced_is_invoiced() -> None:
    made = bar(ORDER, THREE, *(entry("order.invoiced", key, day=day) for day, key in enumerate(THREE, 1)))

    assert said(made) == "Fakturiert"


def test_a_workflow_status_beats_a_later_normal_one() -> None:
    made = bar(ORDER, THREE, entry("stopped"), entry("order.delivered", day=2))

    assert said(made) == "Bestätigt"
    standing = position_status("1", STATUSES, [entry("stopped"), entry("order.delivered", day=2)])
    assert standing is not None
    assert (standing.status.name, standing.since.day) == ("Gestoppt", 1)


def test_a_later_order_wide_entry_applies_to_every_position() -> None:
    made = bar(ORDER, THREE, entry("order.delivered", "1"), entry("order.invoiced", day=2))

    assert said(made) == "Fakturiert"


def test_a_later_entry_may_lead_back() -> None:
    made = bar(ORDER, THREE, entry("order.delivered"), entry("order.confirmed", day=2))

    assert said(made) == "Bestätigt"
    assert [step.reached for step in made.steps] == [True, True, False, False, False]
    assert made.steps[3].reached_at is None


def test_without_positions_the_latest_entry_of_the_document_counts() -> None:
    assert said(bar(ORDER, (), entry("order.confirmed"), entry("order.released", day=2))) == "Freigegeben"
    assert said(bar(ORDER, ())) == "Angelegt"


def test_a_declined_quote_ends_negatively_and_not_in_five_green_steps() -> None:
    made = bar(
        QUOTE, ("1",), entry("quote.created"), entry("quote.sent", day=2), entry("quote.declined", day=3)
    )

    assert (said(made), made.negative) == ("Abgelehnt", True)
    assert [(step.name, step.current, step.negative) for step in made.steps] == [
        ("Angelegt", False, False),
        ("Verschickt", False, False),
        ("Abgelehnt", True, True),
    ]


def test_a_quote_converted_in_one_position_and_declined_in_another_is_partly_converted() -> None:
    made = bar(QUOTE, ("1", "2"), entry("quote.converted", "1"), entry("quote.declined", "2", day=2))

    assert (said(made), made.negative) == ("Gewandelt (teilweise)", False)
    assert [step.name for step in made.steps] == ["Angelegt", "Verschickt", "Entscheidungsphase", "Gewandelt"]


def test_a_status_without_a_group_is_refused() -> None:
    with pytest.raises(StatusWithoutGroupError):
        Status("new", "", "Neu")


def test_of_two_entries_at_the_same_time_the_later_row_counts() -> None:
    assert said(bar(ORDER, THREE, entry("order.confirmed"), entry("order.created"))) == "Angelegt"
    assert said(bar(ORDER, THREE, entry("order.created"), entry("order.confirmed"))) == "Bestätigt"


def test_entries_need_not_come_in_the_order_of_their_times() -> None:
    assert said(bar(ORDER, THREE, entry("order.delivered", day=3), entry("order.confirmed"))) == "Geliefert"


def test_an_entry_whose_status_or_group_is_unknown_does_not_count() -> None:
    made = bar(ORDER, THREE, entry("order.confirmed"), entry("?", day=2), entry("homeless", day=3))

    assert said(made) == "Bestätigt"
    assert "homeless" not in usable_statuses(ORDER, GROUPS, STATUSES)


def test_a_status_of_another_kind_of_document_does_not_count() -> None:
    assert said(bar(ORDER, THREE, entry("quote.converted"))) == "Angelegt"


def test_an_entry_for_a_position_that_is_gone_does_not_count() -> None:
    made = bar(ORDER, ("1",), entry("order.invoiced", "9"))

    assert said(made) == "Angelegt"
    assert [step.reached_at for step in made.steps] == [None] * 5


def test_a_step_says_when_it_was_first_reached_and_skipped_ones_say_nothing() -> None:
    made = bar(
        ORDER,
        THREE,
        entry("order.created"),
        entry("order.delivered", "1", day=5),
        entry("order.delivered", "2", day=7),
    )

    assert [step.reached_at and step.reached_at.day for step in made.steps] == [1, None, None, 5, None]
    assert [step.reached for step in made.steps] == [True, True, True, True, False]
    assert [(step.current, step.partial) for step in made.steps][3] == (True, True)


def test_a_status_stands_at_the_step_of_its_group() -> None:
    assert said(bar(ORDER, THREE, entry("production"))) == "Freigegeben"


def test_invoices_have_no_groups_and_so_no_steps() -> None:
    assert status_bar(DocumentKind.INVOICE, GROUPS, STATUSES, (), []) is None
