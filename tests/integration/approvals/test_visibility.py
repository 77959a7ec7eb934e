"""Who sees what: a stranger's version is not found, on each route and in each list."""

import aiohttp
import pytest
from aiohttp import web

from services.approvals.routes import ROUTES
from shared.api import approvals as api
from shared.errors import ForbiddenError, InvalidError, NotFoundError, UnauthenticatedError
from shared.web import SYSTEM
from tests.integration.approvals.harness import (
    CLERK,
    OPERATOR,
    PETRA,
    STRANGER,
    Approvals,
    create_order,
    create_person,
    create_picture,
    order_id,
    orders_changed,
    sample_assigned,
)

PATHS = [
    ("GET", "/versions/{id}"),
    ("POST", "/versions/{id}/seen"),
    ("POST", "/versions/{id}/grant"),
    ("POST", "/versions/{id}/request-changes"),
    ("GET", "/versions/{id}/file"),
    ("GET", "/versions/{id}/record"),
    ("GET", "/versions/{id}/pages/1"),
]


def test_the_routes_above_are_all_there_are() -> None:
    known = {(method, path.format(id="{version_id}").replace("/1", "/{number}")) for method, path in PATHS}

    assert {(route.method, route.path) for route in ROUTES if isinstance(route, web.RouteDef)} == {
        *known,
        ("GET", "/versions"),
        ("POST", "/versions/{version_id}/confirm-changes"),  # never a customer's: test_desk.py
    }


async def test_a_strangers_version_is_not_found_on_any_route(approvals: Approvals) -> None:
    await approvals.hear(orders_changed(create_order(number="2026-9", customer_number=STRANGER)))
    assigned = await approvals.request()
    await approvals.grant(PETRA, assigned)
    await approvals.make_records()
    body = api.RequestChanges(sha256=assigned.file.sha256, comment="fremd")

    for method, path in PATHS:
        address, given = path.format(id=assigned.version_id), body if method == "POST" else None
        if method == "GET":
            assert await approvals.client.call(method, address, who=PETRA), "it is there for its own customer"
        for who in (create_person(STRANGER), create_person(STRANGER, may_approve=False), create_person("")):
            with pytest.raises(NotFoundError):
                await approvals.client.call(method, address, who=who, body=given)


async def test_nobody_gets_anything_without_an_identity(approvals: Approvals) -> None:
    assigned = await approvals.request()

    for method, path in [*PATHS, ("GET", "/versions")]:
        url = approvals.client._base_url + path.format(id=assigned.version_id)
        async with aiohttp.ClientSession() as session, session.request(method, url) as response:
            assert response.status == UnauthenticatedError.status


async def test_a_customers_list_holds_only_what_he_was_asked_about(approvals: Approvals) -> None:
    asked = await approvals.request()
    await approvals.hear(orders_changed(create_order(number="2026-9", customer_number=STRANGER)))
    strangers = await approvals.assign(1, number="2026-9")
    waiting = await approvals.assign(1, number="2026-0")
    preparing = sample_assigned(1, title="Rücken", sha256="1" * 64)
    await approvals.hear(preparing)

    own = await approvals.list_versions(PETRA)
    everything = await approvals.list_versions(CLERK)

    assert [row.version_id for row in own.versions] == [asked.version_id]
    assert own.total == 1
    assert (await approvals.list_versions(create_person(STRANGER), document_id=str(order_id()))).total == 0
    assert (await approvals.list_versions(create_person(""))).total == 0
    assert {row.version_id for row in everything.versions} == {
        one.version_id for one in (asked, strangers, waiting, preparing)
    }
    for hidden in (waiting, preparing):
        with pytest.raises(NotFoundError):
            await approvals.get(PETRA, hidden)


async def test_a_list_is_filtered_bounded_and_counted(approvals: Approvals) -> None:
    versions = [await approvals.request(title=title) for title in ("a", "b", "c")]
    await approvals.grant(PETRA, versions[0])

    pending = await approvals.list_versions(PETRA, state="pending", document_id=str(order_id()))
    first = await approvals.list_versions(OPERATOR, size="1")

    assert {row.title for row in pending.versions} == {"b", "c"}
    assert (len(first.versions), first.total) == (1, 3)
    assert (await approvals.list_versions(PETRA, document_id=str(order_id("2026-0")))).versions == ()


async def test_a_list_is_searched_by_order_number_title_and_file_name(approvals: Approvals) -> None:
    await approvals.request(title="Vorderseite")
    await approvals.assign(title="Rückseite 100%")

    for words, expected in {
        "2026-1042": {"Vorderseite", "Rückseite 100%"},
        "rück": {"Rückseite 100%"},
        "1042 seite PROOF": {"Vorderseite", "Rückseite 100%"},
        "%": {"Rückseite 100%"},
        "_seite": set(),
        "vorder rück": set(),
    }.items():
        found = await approvals.list_versions(PETRA, q=words)
        assert {row.title for row in found.versions} == expected, words
        assert found.total == len(expected)
    assert (await approvals.list_versions(create_person(STRANGER), q="seite")).total == 0


async def test_the_newest_version_comes_first(approvals: Approvals) -> None:
    await approvals.request()
    await approvals.assign(2)

    assert [row.version for row in (await approvals.list_versions(PETRA)).versions] == [2, 1]


async def test_a_question_that_makes_no_sense_is_refused(approvals: Approvals) -> None:
    for query in (
        {"state": "lost"},
        {"size": "0"},
        {"size": "1001"},
        {"size": "٣"},
        {"document_id": "1' OR '1"},
    ):
        with pytest.raises(InvalidError):
            await approvals.list_versions(CLERK, **query)


async def test_a_page_that_does_not_exist_is_not_found(approvals: Approvals) -> None:
    assigned = await approvals.request()

    for page in ("0", "2", "-1", "x", "9" * 30, "1%2F2", "%C2%B2"):
        with pytest.raises(NotFoundError):
            await approvals.stored(PETRA, assigned, f"pages/{page}")


async def test_file_and_pages_lie_where_the_answer_says(approvals: Approvals) -> None:
    assigned = await approvals.request(content=create_picture(500, 300))

    file = await approvals.stored(PETRA, assigned, "file")
    large = await approvals.stored(PETRA, assigned, "pages/1")
    thumb = await approvals.stored(PETRA, assigned, "pages/1?width=thumb")

    assert (file.sha256, file.name, file.media_type) == (assigned.file.sha256, "proof.png", "image/png")
    assert large.media_type == thumb.media_type == "image/webp"
    assert large.sha256 != thumb.sha256
    assert approvals.storage.has(large.sha256)
    assert approvals.storage.has(thumb.sha256)
    with pytest.raises(InvalidError):
        await approvals.stored(PETRA, assigned, "pages/1?width=huge")


async def test_the_system_itself_reads_nothing(approvals: Approvals) -> None:
    with pytest.raises(ForbiddenError):
        await approvals.list_versions(SYSTEM)
