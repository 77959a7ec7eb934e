"""CDH's events through the door: taken once, refused with place and reason, told in few events."""

import asyncio
import json
from typing import Any

import pytest

from services.sync.repository import accepted_events
from shared.api.sync import ApiKey, ApiKeyRows, CreateApiKey
from shared.database import Transaction
from shared.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from shared.events.sync import (
    ClerksChanged,
    CustomersChanged,
    DocumentKind,
    DocumentsChanged,
    SampleAssigned,
    StatusesChanged,
    document_id,
)
from shared.messaging.bus import MAX_BODY_BYTES
from shared.web import SYSTEM, Identity, ServiceClient
from tests.integration.sync.conftest import (
    Sync,
    a_clerk,
    a_customer,
    a_document,
    a_sample,
    an_event,
    pdf,
    uploaded,
)

OPERATOR = Identity(role="operator", name="Otto")
pytestmark = pytest.mark.usefixtures("_quick_inspection")


def a_group(event_id: str, group_id: str = "77", kind: str = "order") -> dict[str, Any]:
    return an_event(
        event_id,
        "status_group.changed",
        {"group_id": group_id, "kind": kind, "name": "Produktion", "step": 3},
    )


def a_status(event_id: str, group_id: str = "77") -> dict[str, Any]:
    return an_event(
        event_id, "status.changed", {"status_id": "4711", "group_id": group_id, "name": "Im Druck"}
    )


async def test_a_single_event_is_taken_and_told(sync: Sync) -> None:
    answer = await sync.send(
        a_customer("1", contacts=[{"contact_id": "1", "name": "Kim", "email": "kim@example.de"}])
    )

    assert answer.status == 200
    assert answer.body["results"] == [
        {"source": "/cdh/office-1", "id": "1", "status": "accepted", "errors": []}
    ]
    (told,) = await sync.told()
    assert isinstance(told, CustomersChanged)
    assert told.customers[0].contacts[0].email == "kim@example.de"


async def test_the_same_event_again_is_the_same_answer_and_no_effect(sync: Sync) -> None:
    first = await sync.send(a_customer("1"))
    again = await sync.send(a_customer("1"))
    changed = await sync.send(a_customer("1", name=""))
    another_source = await sync.send(
        an_event("1", "customer.changed", {"customer_number": "2", "name": "B"}, source="/b")
    )

    assert again == first == changed
    assert another_source.said == ["accepted"]
    assert len(await sync.told()) == 2


async def test_the_same_events_at_once_are_told_once(sync: Sync) -> None:
    batch = [a_customer(str(count), str(count)) for count in range(20)]

    answers = await asyncio.gather(
        *(sync.send(*(batch if turn % 2 else reversed(batch))) for turn in range(6))
    )

    assert [answer.said for answer in answers] == [["accepted"] * 20] * 6
    told = [event for event in await sync.told() if isinstance(event, CustomersChanged)]
    assert sorted(int(one.customer_number) for event in told for one in event.customers) == list(range(20))


async def test_an_event_whose_first_try_was_rolled_back_is_taken_by_the_second(
    sync: Sync, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = accepted_events.next_revisions

    async def break_once(transaction: Transaction, count: int) -> list[int]:
        monkeypatch.setattr(accepted_events, "next_revisions", real)
        raise RuntimeError("killed between taking and telling")

    monkeypatch.setattr(accepted_events, "next_revisions", break_once)
    first = await sync.send(a_customer("1"))
    second = await sync.send(a_customer("1"))

    assert (first.status, second.said) == (500, ["accepted"])
    assert len(await sync.told()) == 1


async def test_a_bad_event_is_refused_with_its_place_while_the_good_ones_are_taken(sync: Sync) -> None:
    answer = await sync.send(
        a_customer("1"), a_customer("2", purchase_price=5, email="kim"), a_customer("3", "10003")
    )

    assert answer.status == 200
    assert answer.said == [
        "accepted",
        [
            ("/data/email", "Das ist keine E-Mail-Adresse."),
            ("/data/purchase_price", "Dieses Feld ist hier nicht vorgesehen; es wird nie gespeichert."),
        ],
        "accepted",
    ]
    (told,) = await sync.told()
    assert isinstance(told, CustomersChanged)
    assert [one.customer_number for one in told.customers] == ["10001", "10003"]


async def test_reasons_come_in_english_for_whoever_asks_for_it(sync: Sync) -> None:
    answer = await sync.send(a_customer("1", name=""), locale="en-GB,de;q=0.5")

    assert answer.said == [[("/data/name", "This must not be empty.")]]


async def test_a_refused_event_can_be_corrected_and_sent_again_under_its_id(sync: Sync) -> None:
    refused = await sync.send(a_customer("1", name=""))
    corrected = await sync.send(a_customer("1"))

    assert (refused.status, corrected.status) == (422, 200)
    assert corrected.said == ["accepted"]
    assert len(await sync.told()) == 1


async def test_an_event_that_stands_in_a_batch_twice_is_told_once(sync: Sync) -> None:
    answer = await sync.send(a_customer("1"), a_customer("1"))

    assert answer.said == ["accepted", "accepted"]
    (told,) = await sync.told()
    assert isinstance(told, CustomersChanged)
    assert len(told.customers) == 1


async def test_many_events_are_told_in_few_and_in_their_order(sync: Sync) -> None:
    documents = [a_document(f"d{count}", f"A-{count}") for count in range(450)]

    answer = await sync.send(a_customer("1"), *documents, a_clerk())

    assert set(map(str, answer.said)) == {"accepted"}
    told = await sync.told()
    assert [event.wire_name for event in told] == [
        CustomersChanged.wire_name,
        *(3 * [DocumentsChanged.wire_name]),
        ClerksChanged.wire_name,
    ]
    numbers = [one for event in told if isinstance(event, DocumentsChanged) for one in event.documents]
    assert [one.number for one in numbers] == [f"A-{count}" for count in range(450)]
    assert [one.revision for one in numbers] == sorted({one.revision for one in numbers})


async def test_many_short_positions_are_told_in_events_that_the_bus_takes(sync: Sync) -> None:
    positions = [{"position_key": str(n), "number": str(n), "text": "x", "quantity": 1} for n in range(280)]
    answer = await sync.send(*(a_document(str(n), f"2026-{n}", positions=positions) for n in range(200)))

    assert answer.said == ["accepted"] * 200
    told = [event for event in await sync.told() if isinstance(event, DocumentsChanged)]
    assert max(len(event.model_dump_json()) for event in told) < MAX_BODY_BYTES / 4
    assert len(told) < 10
    assert [one.number for event in told for one in event.documents] == [f"2026-{n}" for n in range(200)]


async def test_of_an_entity_that_changed_twice_the_later_state_is_told(sync: Sync) -> None:
    await sync.send(a_customer("1", name="alt"), a_customer("2", name="neu"))

    (told,) = await sync.told()
    assert isinstance(told, CustomersChanged)
    assert [one.name for one in told.customers] == ["neu"]


async def test_a_later_state_has_a_higher_revision(sync: Sync) -> None:
    await sync.send(a_document("1"))
    await sync.send(a_document("2", subject="neu"))

    before, after = [event.documents[0] for event in await sync.told() if isinstance(event, DocumentsChanged)]
    assert (before.document_id, after.subject) == (document_id(DocumentKind.ORDER, "2026-1042"), "neu")
    assert before.revision < after.revision


async def test_a_status_needs_a_group_that_is_known_or_stands_before_it(sync: Sync) -> None:
    answer = await sync.send(a_status("1"), a_status("2", "order.created"), a_group("3"), a_status("4"))

    assert answer.said == [
        [("/data/group_id", "Diese Statusgruppe ist nicht bekannt. Bitte zuerst die Gruppe senden.")],
        "accepted",
        "accepted",
        "accepted",
    ]
    (told,) = await sync.told()
    assert isinstance(told, StatusesChanged)
    assert [(group.group_id, group.kind) for group in told.groups] == [("77", DocumentKind.ORDER)]
    assert [(status.status_id, status.group_id) for status in told.statuses] == [("4711", "77")]
    assert (await sync.send(a_status("1"))).said == ["accepted"]


async def test_a_group_keeps_its_kind_of_document(sync: Sync) -> None:
    answer = await sync.send(a_group("1", "order.created", "quote"))

    assert answer.said == [[("/data/kind", "Diese Statusgruppe gehört zu einer anderen Belegart.")]]


async def test_a_document_may_name_statuses_and_customers_that_are_not_known(sync: Sync) -> None:
    entry = {"entry_id": "1", "status_id": "?", "entered_at": "2026-11-02T10:00:00Z"}

    assert (await sync.send(a_document("1", status_entries=[entry]))).said == ["accepted"]


async def test_nobody_comes_in_without_a_good_key(sync: Sync) -> None:
    wrong = ["", "cdh_wrong", sync.api_key[:-1], sync.api_key + "x", "\u00e4"]

    for key in wrong:
        answer = await sync.send(a_customer("1"), key=key)
        assert (answer.status, answer.body["message"]) == (
            401,
            "Der API-Schlüssel fehlt, ist falsch oder wurde widerrufen.",
        )
        assert (await sync.upload(pdf("x"), key=key)).status == 401
    await sync.pool.execute("UPDATE api_key SET revoked_at = now()")
    assert (await sync.send(a_customer("1"))).status == 401
    assert await sync.told() == []


async def test_a_key_is_kept_as_a_hash_and_its_use_is_noted_now_and_then(sync: Sync) -> None:
    await sync.send(a_customer("1"))
    used = await sync.pool.fetchval("SELECT last_used_at FROM api_key")
    await sync.send(a_customer("2"))

    assert used is not None
    assert await sync.pool.fetchval("SELECT last_used_at FROM api_key") == used
    assert sync.api_key not in str(await sync.pool.fetch("SELECT api_key::text FROM api_key"))


async def test_a_revoked_key_is_refused_at_once_and_stays_in_the_list(sync: Sync) -> None:
    assert (await sync.send(a_customer("1"))).said == ["accepted"]
    await sync.client.post("/api-keys", CreateApiKey(name="Büro 2"), ApiKey, who=OPERATOR)
    second, first = (await sync.client.get("/api-keys", ApiKeyRows, who=OPERATOR)).rows
    assert (first.name, first.created_by, first.revoked_at) == ("Büro 1", SYSTEM.name, None)
    assert first.last_used_at is not None
    assert (second.name, second.created_by, second.last_used_at) == ("Büro 2", "Otto", None)

    path = f"/api-keys/{first.api_key_id}/revoke"
    await sync.client.call("POST", path, who=OPERATOR)
    assert (await sync.send(a_customer("2"))).status == 401
    listed = (await sync.client.get("/api-keys", ApiKeyRows, who=OPERATOR)).rows
    await sync.client.call("POST", path, who=OPERATOR)
    assert [row.name for row in listed] == ["Büro 2", "Büro 1"]
    assert (await sync.client.get("/api-keys", ApiKeyRows, who=OPERATOR)).rows == listed
    assert sync.api_key not in str(listed)


async def test_two_keys_that_are_made_at_once_have_two_names(sync: Sync) -> None:
    made = await asyncio.gather(
        *(
            sync.client.post("/api-keys", CreateApiKey(name=name), ApiKey, who=OPERATOR)
            for name in ("Büro 2", " Büro 2", "Büro 2 ")
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in made) == ["ApiKey", "ConflictError", "ConflictError"]
    first = (await sync.client.get("/api-keys", ApiKeyRows, who=OPERATOR)).rows[0]
    await sync.client.call("POST", f"/api-keys/{first.api_key_id}/revoke", who=OPERATOR)
    await sync.client.post("/api-keys", CreateApiKey(name="Büro 2"), ApiKey, who=OPERATOR)


@pytest.mark.parametrize("api_key_id", ["4711", "x", "9" * 30])
async def test_a_key_that_is_not_there_cannot_be_revoked(sync: Sync, api_key_id: str) -> None:
    path = f"/api-keys/{api_key_id}/revoke"
    with pytest.raises(NotFoundError):
        await sync.client.call("POST", path, who=OPERATOR)


async def test_only_operators_see_and_revoke_keys(sync: Sync) -> None:
    for role in ("customer", "clerk", "system"):
        who = Identity(role=role, name="Somebody")
        with pytest.raises(ForbiddenError):
            await sync.client.get("/api-keys", ApiKeyRows, who=who)
        with pytest.raises(ForbiddenError):
            await sync.client.call("POST", "/api-keys/1/revoke", who=who)


async def test_only_operators_and_the_system_make_keys(sync: Sync) -> None:
    for role in ("customer", "clerk"):
        who = Identity.model_validate({"role": role})
        with pytest.raises(ForbiddenError):
            await sync.client.post("/api-keys", CreateApiKey(name="x"), ApiKey, who=who)
    with pytest.raises(InvalidError):
        await sync.client.post("/api-keys", CreateApiKey(name=" "), ApiKey, who=SYSTEM)
    with pytest.raises(UnauthenticatedError):
        await ServiceClient(sync.session, sync.address, "x").post(
            "/api-keys", CreateApiKey(name="x"), ApiKey, who=SYSTEM
        )


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400),
        (b"{", "application/cloudevents+json", 400),
        (b"{}", "application/cloudevents+json", 400),
        (b"{}", "application/cloudevents-batch+json", 400),
        (b"[]", "application/cloudevents-batch+json; charset=utf-8", 200),
        (b" " * 8_000_001, "application/cloudevents-batch+json", 413),
    ],
)
async def test_what_is_no_cloud_event_at_all_is_refused_as_a_whole(
    sync: Sync, body: bytes, content_type: str, status: int
) -> None:
    answer = await sync.post(body, content_type)

    assert answer.status == status
    assert "message" in answer.body or answer.results == ()


async def test_a_missing_id_is_refused_and_told_with_its_place(sync: Sync) -> None:
    event = a_customer("1")
    del event["id"]

    assert (await sync.send(event, a_customer("2"))).said == [[("/id", "Dieses Feld fehlt.")], "accepted"]


async def test_a_sample_is_told_with_its_version_and_its_file(sync: Sync) -> None:
    content = pdf("a")
    await sync.upload(content)

    answer = await sync.send(
        a_clerk(),
        a_sample(
            "1",
            uploaded(content, "..\\Böse?.pdf"),
            positions=["10", "2"],
            title="Rücken",
            print_details={"method": "Siebdruck"},
            assigned_at="2026-11-02T10:00:00Z",
        ),
    )

    assert answer.said == ["accepted", "accepted"]
    told = (await sync.told())[-1]
    assert isinstance(told, SampleAssigned)
    assert (told.version, told.position_numbers, told.title) == (1, ("2", "10"), "Rücken")
    assert (told.file.name, told.file.media_type, told.file.size) == (
        "Böse_.pdf",
        "application/pdf",
        len(content),
    )
    assert (told.print_details.method, told.clerk_code) == ("Siebdruck", "BER")


async def test_another_file_for_the_same_sample_is_its_next_version_and_the_same_file_is_none(
    sync: Sync,
) -> None:
    first, second = pdf("1"), pdf("2")
    await sync.upload(first)
    await sync.upload(second)
    await sync.send(a_clerk())

    for count, content in enumerate((first, first, second, second, first)):
        assert (await sync.send(a_sample(str(count), uploaded(content)))).said == ["accepted"]
    await sync.send(a_sample("other positions", uploaded(first), positions=["1"]))

    samples = [event for event in await sync.told() if isinstance(event, SampleAssigned)]
    assert [sample.version for sample in samples] == [1, 2, 3, 1]
    assert len({sample.sample_id for sample in samples}) == 2
    assert len({sample.version_id for sample in samples}) == 4


async def test_versions_that_are_assigned_at_once_are_counted_without_gaps(sync: Sync) -> None:
    contents = [pdf(str(count)) for count in range(6)]
    for content in contents:
        await sync.upload(content)
    await sync.send(a_clerk())

    await asyncio.gather(
        *(sync.send(a_sample(str(n), uploaded(content))) for n, content in enumerate(contents))
    )

    samples = [event for event in await sync.told() if isinstance(event, SampleAssigned)]
    assert sorted(sample.version for sample in samples) == [1, 2, 3, 4, 5, 6]


async def test_a_sample_of_an_unknown_clerk_is_refused(sync: Sync) -> None:
    content = pdf("a")
    await sync.upload(content)

    (refused,) = (await sync.send(a_sample("1", uploaded(content)))).results
    assert [fault.place for fault in refused.errors] == ["/data/clerk_code"]
    assert (await sync.send(a_clerk(), a_sample("1", uploaded(content)))).said == ["accepted", "accepted"]


async def test_a_deep_or_huge_document_does_not_hurt(sync: Sync) -> None:
    nested = json.dumps(a_document("1")).replace('"2026-11-02"', "[" * 50_000 + "]" * 50_000)

    assert (await sync.post(nested.encode(), "application/cloudevents+json")).status == 400
    positions = [{"position_key": str(n), "number": str(n), "text": "T", "quantity": 1} for n in range(1000)]
    assert (await sync.send(a_document("2", positions=positions))).said == ["accepted"]
