"""What CDH's door makes of what is sent, before anything is stored."""

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.sync.cdh_data import DATA_OF, DocumentChanged, SampleAssigned
from services.sync.cloud_events import BATCH, MOST_EVENTS, SINGLE, CdhEvent, UnreadableError, read_events
from services.sync.messages import SENTENCES, faults, sentence
from services.sync.model import Problem
from shared.events.sync import DocumentKind

DOCUMENT = {"kind": "order", "number": "2026-1042", "customer_number": "10001", "document_date": "2026-11-02"}
POSITION = {"position_key": "1", "number": "1", "text": "T-Shirt", "quantity": "100"}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def envelope(
    data: object, *, event_type: str = "cdh.document.changed", **changes: object
) -> dict[str, object]:
    return {
        "specversion": "1.0",
        "id": "1",
        "source": "/cdh/office-1",
        "type": event_type,
        "data": data,
    } | changes


def read(content: object, *, content_type: str = SINGLE) -> CdhEvent:
    (event,) = read_events(content_type, json.dumps(content).encode())
    return event


def places(event: CdhEvent) -> list[tuple[str, str]]:
    return [(problem.place, problem.code) for problem in event.problems]


def document(**changes: object) -> CdhEvent:
    return read(envelope(DOCUMENT | changes))


def test_a_document_is_read_field_by_field() -> None:
    event = document(
        kind="AB",
        net_total=1234.5,
        gross_total="1469.06",
        related=[{"kind": "AN", "number": "A-7"}],
        positions=[POSITION | {"quantity": 12, "unit_price": 0.30000000000000004}],
        status_entries=[
            {"entry_id": "1", "status_id": "order.created", "entered_at": "2026-11-02T10:00:00+01:00"}
        ],
    )

    assert isinstance(event.data, DocumentChanged)
    told = event.data.told(revision=7, files=None)
    assert (told.kind, told.net_total, told.gross_total) == (
        DocumentKind.ORDER,
        Decimal("1234.5"),
        Decimal("1469.06"),
    )
    assert (told.positions[0].quantity, told.positions[0].unit_price) == (Decimal(12), Decimal("0.3"))
    assert told.status_entries[0].entered_at == dt.datetime(2026, 11, 2, 9, tzinfo=dt.UTC)
    assert told.revision == 7


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"purchase_price": "1"}, "/data/purchase_price", "extra_forbidden"),
        (
            {"positions": [POSITION, POSITION | {"margin/x~": 1}]},
            "/data/positions/1/margin~1x~0",
            "extra_forbidden",
        ),
        ({"customer_number": ""}, "/data/customer_number", "string_too_short"),
        ({"customer_number": 10001}, "/data/customer_number", "string_type"),
        ({"number": "x" * 101}, "/data/number", "string_too_long"),
        ({"subject": "a\0b"}, "/data/subject", "control_character"),
        ({"subject": "a\nb"}, "/data/subject", "control_character"),
        ({"document_date": "02.11.2026"}, "/data/document_date", "date"),
        ({"document_date": 20261102}, "/data/document_date", "date"),
        ({"document_date": "2026-02-30"}, "/data/document_date", "date"),
        ({"document_date": None}, "/data/document_date", "date"),
        ({"kind": "letter"}, "/data/kind", "choice"),
        ({"kind": ["order"]}, "/data/kind", "choice"),
        ({"net_total": "1.234,56"}, "/data/net_total", "number"),
        ({"net_total": True}, "/data/net_total", "number"),
        ({"net_total": 1e30}, "/data/net_total", "number"),
        ({"net_total": "1e5"}, "/data/net_total", "number"),
        *(
            ({"currency": wrong}, "/data/currency", "currency")
            for wrong in ("E1R", "eur", "EU", "EURO", "€€€")
        ),
        ({"positions": {}}, "/data/positions", "list"),
        ({"positions": ["1"]}, "/data/positions/0", "model_type"),
        ({"positions": [POSITION, POSITION]}, "/data/positions", "twice"),
        ({"positions": [POSITION | {"quantity": None}]}, "/data/positions/0/quantity", "number"),
        (
            {"status_entries": [{"entry_id": "1", "status_id": "s", "entered_at": "2026-11-02T10:00:00"}]},
            "/data/status_entries/0/entered_at",
            "moment",
        ),
        (
            {
                "status_entries": [
                    {"entry_id": "1", "status_id": "s", "entered_at": "0001-01-01T00:00:00+14:00"}
                ]
            },
            "/data/status_entries/0/entered_at",
            "moment",
        ),
    ],
)
def test_a_fault_is_told_with_its_place(changes: dict[str, Any], place: str, code: str) -> None:
    event = document(**changes)

    assert event.data is None
    assert (place, code) in places(event)


def test_a_lone_surrogate_is_refused_and_can_be_told() -> None:
    (event,) = read_events(SINGLE, json.dumps(envelope(DOCUMENT | {"subject": "\ud800"}, id="1")).encode())

    assert places(event) == [("/data/subject", "string_unicode")]
    (event,) = read_events(SINGLE, json.dumps(envelope(DOCUMENT, id="\ud800\0")).encode())
    assert event.event_id == "?"


@pytest.mark.parametrize(
    ("changes", "place", "code"),
    [
        ({"specversion": "0.3"}, "/specversion", "choice"),
        ({"id": ""}, "/id", "string_too_short"),
        ({"id": 5}, "/id", "string_type"),
        ({"source": "x\0"}, "/source", "control_character"),
        ({"type": "cdh.invoice.changed"}, "/type", "unknown_type"),
        ({"time": "yesterday"}, "/time", "moment"),
        ({"datacontenttype": "text/xml"}, "/datacontenttype", "choice"),
        ({"data": None}, "/data", "model_type"),
        ({"data_base64": "aGFsbG8=", "data": None}, "/data_base64", "data_base64"),
    ],
)
def test_a_fault_of_the_envelope_is_told_with_its_place(
    changes: dict[str, Any], place: str, code: str
) -> None:
    assert places(read(envelope(DOCUMENT) | changes)) == [(place, code)]


def test_extension_attributes_and_a_charset_are_fine() -> None:
    event = read(
        envelope(DOCUMENT, traceparent="00-1", datacontenttype="application/json; charset=UTF-8", subject="x")
    )

    assert event.problems == ()


@pytest.mark.parametrize(
    ("content_type", "body", "code"),
    [
        ("application/json", b"{}", "not_cloud_events"),
        (SINGLE, b"", "not_json"),
        (SINGLE, b"\xff\xfe\x00", "not_json"),
        (SINGLE, b'{"specversion": NaN}', "not_json"),
        (SINGLE, b"[" * 100_000, "not_json"),
        (SINGLE, b"1" * 10_000, "not_json"),
        (SINGLE, b'{"specversion": 1e99999999999999999999}', "not_json"),
        (SINGLE, b"[]", "not_an_event"),
        (SINGLE, b"{}", "not_an_event"),
        (BATCH, b"{}", "not_a_batch"),
        (BATCH, b"[" + b"1," * MOST_EVENTS + b"1]", "batch_too_long"),
    ],
)
def test_what_is_no_cloud_event_at_all_is_unreadable(content_type: str, body: bytes, code: str) -> None:
    with pytest.raises(UnreadableError) as refused:
        read_events(content_type, body)

    assert refused.value.code == code


def test_a_bad_event_of_a_batch_does_not_touch_the_others() -> None:
    body = json.dumps([envelope(DOCUMENT), 5, envelope({})]).encode()

    good, number, empty = read_events(BATCH, body)

    assert isinstance(good.data, DocumentChanged)
    assert places(number) == [("", "model_type")]
    assert ("/data/number", "missing") in places(empty)


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ({"sha256": "a" * 64, "name": "a.pdf"}, None),
        ({"path": "Muster\\a.pdf"}, None),
        ({}, "one_of_sha256_and_path"),
        ({"sha256": "a" * 64}, "one_of_sha256_and_path"),
        ({"sha256": "a" * 64, "name": "a.pdf", "path": "a.pdf"}, "one_of_sha256_and_path"),
        ({"sha256": "A" * 64, "name": "a.pdf"}, "sha256"),
    ],
)
def test_a_file_is_named_in_one_of_two_ways(file: dict[str, str], code: str | None) -> None:
    event = read(
        envelope({"order_number": "1", "file": file, "clerk_code": "BER"}, event_type="cdh.sample.assigned")
    )

    assert [problem.code for problem in event.problems] == ([code] if code else [])
    assert isinstance(event.data, SampleAssigned) is (code is None)


@pytest.mark.parametrize("kind", ["invoice", "GS"])
def test_invoices_and_credit_notes_have_no_groups(kind: str) -> None:
    group = {"group_id": "x", "kind": kind, "name": "x", "step": 1}

    assert places(read(envelope(group, event_type="cdh.status_group.changed"))) == [
        ("/data", "no_groups_for_kind")
    ]


@given(JSON, st.sampled_from(sorted(DATA_OF)))
def test_whatever_is_sent_gets_a_sentence_and_no_crash(data: object, event_type: str) -> None:
    event = read(envelope(data, event_type=event_type))

    for locale in ("de", "en"):
        for fault in faults(event.problems, locale):
            assert fault.reason
            assert "{" not in fault.reason
            fault.model_dump_json()


@given(JSON)
def test_no_batch_crashes_the_door(content: object) -> None:
    for content_type in (SINGLE, BATCH):
        try:
            events = read_events(content_type, json.dumps(content).encode())
        except UnreadableError:
            events = []
        assert all(event.data is not None or event.problems for event in events)


def test_every_fault_that_a_field_can_have_has_a_sentence_of_its_own() -> None:
    hostile: list[object] = [None, True, -1, 10**6, 1.5, "", "x" * 20_000, "a\0", [], {}, [1], [{}] * 6000]
    codes = set()
    for event_type, model in DATA_OF.items():
        for name in model.model_fields:
            for value in hostile:
                codes |= {
                    problem.code for problem in read(envelope({name: value}, event_type=event_type)).problems
                }

    assert codes <= SENTENCES.keys()


def test_a_flood_of_faults_is_one_fault() -> None:
    """Named one by one, those of a few megabytes would take a minute and gigabytes."""
    unknown = {f"x{number}": 1 for number in range(2000)}
    assert places(read(envelope(unknown))) == [("/data", "too_many_faults")]
    endless = [{"x": 1}] * 300_000
    assert ("/data/positions", "too_long") in places(document(positions=endless))
    assert places(document(positions=endless[:1000])) == [("/data", "too_many_faults")]


def test_sentences_come_in_german_and_english() -> None:
    problem = Problem("/data/file/name", "wrong_extension", {"extension": ".pdf", "format": "PNG"})

    assert faults([problem], "de")[0].reason.startswith("Der Name endet auf .pdf, der Inhalt ist aber PNG.")
    assert faults([problem], "en")[0].reason.startswith("The name ends in .pdf, but the content is PNG.")
    assert "200" in sentence("too_many_pages", "de")
