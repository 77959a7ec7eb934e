"""The operator reads what the staff did."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from services.gateway.lists import PAGE_SIZE
from services.gateway.routes.admin import audit
from shared.database import Connection
from tests.integration.gateway.conftest import Browser


@pytest.fixture
async def log(database_url: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(database_url, timeout=10)
    yield connection
    await connection.close()


async def write(
    log: Connection,
    *,
    person: str = "Sabine Berger",
    route: str = "remove_logo",
    status: int | None = 303,
    note: str = "",
    at: datetime | None = None,
    value: str = "",
) -> None:
    at = at or datetime.now(UTC)
    entry = await log.fetchval(
        "INSERT INTO audit_entry (entered_at, person_name, role, route_name, path_values, correlation_id)"
        " VALUES ($1, $2, 'clerk', $3, jsonb_build_object('part', $4::text), 'a-trace')"
        " RETURNING audit_entry_id",
        at,
        person,
        route,
        value,
    )
    if status is not None:
        await log.execute("INSERT INTO audit_outcome VALUES ($1, $2, $3, $4)", entry, at, status, note)


async def test_an_empty_log_says_so(operator: Browser) -> None:
    assert "Noch keine Einträge." in (await operator.get("/admin/audit")).text


async def test_a_period_that_ends_before_it_begins_says_so(operator: Browser) -> None:
    text = (await operator.get("/admin/audit?from=2026-12-01&until=2026-11-01")).text
    assert "Dieses Datum liegt vor dem in „Von“." in text


async def test_an_action_is_a_sentence_with_person_and_outcome(operator: Browser) -> None:
    token = (await operator.get("/admin/company")).form_token
    form = {"form_token": token, "company_name": "Werbetex <Nord>", "colour": "#aa0000", "mail_imprint": "x"}
    await operator.post("/admin/company", form)
    await operator.post("/admin/company", form | {"colour": "rot"})
    text = (await operator.get("/admin/audit")).text
    assert text.count("Änderte Firmenname, Farbe oder Mail-Fußzeile") == 2
    assert "Werbetex &lt;Nord&gt;, #aa0000" in text
    assert "Jan Admin" in text
    assert text.index("Abgelehnt</span>") < text.index("Erledigt</span>"), "the newest first"


@pytest.mark.parametrize(("query", "found"), [
    ("q=vogel", {"Petra Vogel"}),
    ("q=ENTFERNTE", {"Sabine Berger", "Petra Vogel"}),
    ("q=10042", {"Karl Stein"}),
    ("q=ein%20wort", {"Karl Stein"}),
    ("q=%25", set()),
    ("outcome=refused", {"Petra Vogel"}),
    ("outcome=unknown", {"Uwe Kurz"}),
    ("outcome=nonsense", {"Sabine Berger", "Petra Vogel", "Karl Stein", "Uwe Kurz"}),
    ("from=2026-01-02&until=2026-01-02", {"Karl Stein"}),
    ("from=02.01.2026&q=karl", {"Karl Stein"}),
    ("until=2026-01-01", set()),
])  # fmt: skip
async def test_the_log_is_searched(operator: Browser, log: Connection, query: str, found: set[str]) -> None:
    await write(log)
    await write(log, person="Petra Vogel", status=403)
    # In Berlin it is already the 2nd.
    at = datetime(2026, 1, 1, 23, 30, tzinfo=UTC)
    await write(log, person="Karl Stein", route="gone", note="mit <Ein Wort>", at=at, value="10042")
    await write(log, person="Uwe Kurz", route="change_company", status=None)
    text = (await operator.get(f"/admin/audit?{query}")).text
    everybody = {"Sabine Berger", "Petra Vogel", "Karl Stein", "Uwe Kurz"}
    assert {name for name in everybody if name in text} == found
    csv = (await operator.get(f"/admin/audit.csv?{query}")).text
    assert {name for name in everybody if name in csv} == found


@pytest.mark.parametrize("query", ["from=gestern", "from=0001-01-01", "until=9999-12-31"])
async def test_what_is_no_date_is_said_and_left_out(operator: Browser, log: Connection, query: str) -> None:
    await write(log)
    text = (await operator.get(f"/admin/audit?{query}")).text
    assert "Bitte geben Sie ein Datum wie 31.12.2026 ein." in text
    assert "Sabine Berger" in text


async def test_the_log_has_pages_and_a_page_too_far_leads_to_the_last(
    operator: Browser, log: Connection
) -> None:
    start = datetime.now(UTC) - timedelta(days=1)
    for number in range(PAGE_SIZE + 1):
        await write(log, person=f"Nummer {number:03}", at=start)
    first, second = await operator.get("/admin/audit"), await operator.get("/admin/audit?page=2")
    assert first.text.count("<td") == 5 * PAGE_SIZE
    assert "Nummer 000" in second.text
    assert "Nummer 001" not in second.text
    beyond = await operator.get("/admin/audit?page=9")
    assert (beyond.status, beyond.headers["Location"]) == (303, "/admin/audit?page=2")


async def test_the_file_for_a_spreadsheet_is_harmless(operator: Browser, log: Connection) -> None:
    await write(log, person="=1+1", note="@x", value="10042")
    answer = await operator.get("/admin/audit.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    line = answer.text.splitlines()[1]
    assert '"\'=1+1";"Sachbearbeiter";"Entfernte das Logo";"\'@x";"part: 10042"' in line
    assert line.endswith('"Erledigt";"a-trace"')


async def test_where_the_file_has_fewer_rows_the_page_says_so(
    operator: Browser, log: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "CSV_ROWS", 2)
    sentence = "Die CSV-Datei enthält die neuesten 2 dieser Aktionen."
    for count in (1, 2, 3):
        await write(log, person=f"Nummer {count}")
        assert (sentence in (await operator.get("/admin/audit")).text) == (count == 3)
    assert len((await operator.get("/admin/audit.csv")).text.splitlines()) == 1 + 2


async def test_a_clerk_does_not_read_the_log(clerk: Browser) -> None:
    assert (await clerk.get("/admin/audit")).status == 403
    assert (await clerk.get("/admin/audit.csv")).status == 403


@pytest.mark.parametrize(
    ("locale", "sentence"),
    [
        ("de", "weder Anmeldungen noch was nur gelesen oder heruntergeladen wurde"),
        ("en", "but not log-ins or what was only read or downloaded"),
    ],
)
async def test_the_page_says_what_the_log_holds_and_what_not(
    operator: Browser, locale: str, sentence: str
) -> None:
    operator.cookies["locale"] = locale
    assert sentence in (await operator.get("/admin/audit")).text
