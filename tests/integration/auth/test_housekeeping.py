"""What is over is removed, in small portions, whether somebody logs in or not."""

from shared.database import Pool
from shared.process import EffectLoop
from shared.web import ServiceClient
from tests.integration.auth.people import accept, invite_customer, know_customer
from tests.integration.auth.test_accounts import ERIKA, create
from tests.integration.auth.test_registration import HOME, invited
from tests.integration.auth.test_sessions import log_in, refused


async def test_what_is_over_is_cleared_away(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await create(auth, ERIKA.model_copy(update={"email": HOME}))
    await log_in(auth, email=HOME)
    await refused(auth, email="nobody@muster-ag.de", network="198.51.100.1")
    await accept(auth, await invited(auth, pool), email="erika@anderswo.example")
    for change in (
        "UPDATE session SET idle_until = now() - interval '1 day'",
        "UPDATE throttle SET last_failed_at = now() - interval '1 day'",
        "UPDATE known_network SET last_used_at = now() - interval '1 year'",
        "UPDATE invitation SET expires_at = now() - interval '1 year'",
        "UPDATE setup_token SET expires_at = now() - interval '1 day'",
        "UPDATE invitation_link SET expires_at = now() - interval '1 day'",
        "UPDATE pending_registration SET expires_at = now() - interval '1 day'",
    ):
        await pool.execute(change)
    await loops["housekeeping"].perform_next()
    assert await count_rows(pool) == {"account": 1}


async def test_what_is_good_stays(auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]) -> None:
    await create(auth, ERIKA.model_copy(update={"email": HOME}))
    await log_in(auth, email=HOME)
    await refused(auth, email="nobody@muster-ag.de", network="198.51.100.1")
    await accept(auth, await invited(auth, pool), email="erika@anderswo.example")
    before = await count_rows(pool)
    await loops["housekeeping"].perform_next()
    assert await count_rows(pool) == before
    assert before.keys() >= {"session", "throttle", "known_network", "invitation", "pending_registration"}


async def test_an_expired_invitation_can_still_be_looked_up_for_a_while(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await know_customer(pool)
    await invite_customer(auth)
    await pool.execute("UPDATE invitation SET expires_at = now() - interval '80 days'")
    await loops["housekeeping"].perform_next()
    assert await pool.fetchval("SELECT count(*) FROM invitation") == 1


async def test_a_great_many_rows_go_in_portions(
    auth: ServiceClient, pool: Pool, loops: dict[str, EffectLoop]
) -> None:
    await pool.execute(
        "INSERT INTO throttle (throttle_key, failures, last_failed_at)"
        " SELECT 'key ' || number, 1, now() - interval '1 day' FROM generate_series(1, 250) AS number"
    )
    left = []
    while await loops["housekeeping"].perform_next() is True:
        left.append(await pool.fetchval("SELECT count(*) FROM throttle"))
    assert left == [150, 50]
    assert await pool.fetchval("SELECT count(*) FROM throttle") == 0


async def count_rows(pool: Pool) -> dict[str, int]:
    """Table to number of rows, without empty ones and without what every service has."""
    tables = await pool.fetch(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        " AND tablename NOT IN ('migration', 'outbox', 'inbox', 'customer')"
    )
    counts = {
        table["tablename"]: await pool.fetchval(f'SELECT count(*) FROM "{table["tablename"]}"')  # noqa: S608 - our own names
        for table in tables
    }
    return {table: count for table, count in counts.items() if count}
