"""All SQL of sync. What two events may write at once is written in one order, so that neither waits for
the other in a circle."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.sync.model import InspectedFile, KnownCustomer, KnownGroup, OrderFolderFile
from shared.api.sync import ApiKeyRow, FailingFile
from shared.database import Transaction

# Keys


async def add_api_key(transaction: Transaction, *, name: str, key_hash: bytes, created_by: str) -> bool:
    """Whether it was added: not while a good key has this name."""
    return bool(
        await transaction.fetchval(
            """
            INSERT INTO api_key (name, key_hash, created_by) VALUES ($1, $2, $3)
                ON CONFLICT (name) WHERE revoked_at IS NULL DO NOTHING
            RETURNING TRUE
            """,
            name,
            key_hash,
            created_by,
        )
    )


async def list_api_keys(transaction: Transaction) -> list[ApiKeyRow]:
    """Those that are good first, then the newest."""
    rows = await transaction.fetch(
        """
        SELECT api_key_id, name, created_by, created_at, last_used_at, revoked_at
          FROM api_key
         ORDER BY revoked_at IS NOT NULL, created_at DESC, api_key_id DESC
        """
    )
    return [ApiKeyRow(**row) for row in rows]


async def revoke_api_key(transaction: Transaction, api_key_id: int) -> bool:
    """Whether there is such a key. The first time counts."""
    return bool(
        await transaction.fetchval(
            """
            UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE api_key_id = $1
            RETURNING TRUE
            """,
            api_key_id,
        )
    )


async def find_api_key(transaction: Transaction, key_hash: bytes) -> int | None:
    """The id of the key with this hash, unless it is revoked. Its use is noted once in five minutes."""
    row = await transaction.fetchrow(
        """
        SELECT api_key_id, coalesce(last_used_at < now() - interval '5 minutes', TRUE) AS is_due
          FROM api_key
         WHERE key_hash = $1 AND revoked_at IS NULL
        """,
        key_hash,
    )
    if row and row["is_due"]:
        await transaction.execute(
            "UPDATE api_key SET last_used_at = now() WHERE api_key_id = $1", row["api_key_id"]
        )
    return row["api_key_id"] if row else None


# Events


async def list_accepted(transaction: Transaction, keys: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of these (source, id) have been accepted before."""
    rows = await transaction.fetch(
        """
        SELECT source, event_id
          FROM accepted_event JOIN unnest($1::text[], $2::text[]) AS asked(source, event_id)
               USING (source, event_id)
        """,
        [source for source, _ in keys],
        [event_id for _, event_id in keys],
    )
    return {(row["source"], row["event_id"]) for row in rows}


async def add_accepted(
    transaction: Transaction, api_key_id: int | None, types: Mapping[tuple[str, str], str]
) -> set[tuple[str, str]]:
    """Accept these (source, id); returns those that nobody accepted before. Without a key: from the desk.

    Waits for another transaction that is accepting the same, and believes its outcome.
    """
    rows = await transaction.fetch(
        """
        INSERT INTO accepted_event (source, event_id, type, api_key_id)
        SELECT source, event_id, type, $4
          FROM unnest($1::text[], $2::text[], $3::text[]) AS new(source, event_id, type)
         ORDER BY source, event_id
            ON CONFLICT ON CONSTRAINT accepted_event_pkey DO NOTHING
        RETURNING source, event_id
        """,
        [source for source, _ in types],
        [event_id for _, event_id in types],
        list(types.values()),
        api_key_id,
    )
    return {(row["source"], row["event_id"]) for row in rows}


async def next_revisions(transaction: Transaction, count: int) -> list[int]:
    """Numbers that only grow, for entities in the order in which they are told."""
    rows = await transaction.fetch(
        "SELECT nextval('revision') AS revision FROM generate_series(1, $1::integer) ORDER BY 1", count
    )
    return [row["revision"] for row in rows]


# What later events refer to


async def add_known_clerks(transaction: Transaction, clerk_codes: Collection[str]) -> None:
    await transaction.execute(
        """
        INSERT INTO known_clerk (clerk_code) SELECT * FROM unnest($1::text[])
            ON CONFLICT ON CONSTRAINT known_clerk_pkey DO NOTHING
        """,
        sorted(clerk_codes),
    )


async def save_known_customers(transaction: Transaction, customers: Sequence[KnownCustomer]) -> None:
    """No number twice."""
    await transaction.executemany(
        """
        INSERT INTO known_customer (customer_number, has_email, contact_ids, contact_ids_with_email)
        VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT known_customer_pkey DO UPDATE
           SET has_email = excluded.has_email, contact_ids = excluded.contact_ids,
               contact_ids_with_email = excluded.contact_ids_with_email
        """,
        [
            (
                customer.customer_number,
                customer.has_email,
                sorted(customer.contact_ids),
                sorted(customer.contact_ids_with_email),
            )
            for customer in sorted(customers, key=lambda one: one.customer_number)
        ],
    )


async def find_known_customer(transaction: Transaction, customer_number: str) -> KnownCustomer | None:
    row = await transaction.fetchrow(
        """
        SELECT customer_number, has_email, contact_ids, contact_ids_with_email
          FROM known_customer WHERE customer_number = $1
        """,
        customer_number,
    )
    if row is None:
        return None
    return KnownCustomer(
        customer_number=row["customer_number"],
        has_email=row["has_email"],
        contact_ids=frozenset(row["contact_ids"]),
        contact_ids_with_email=frozenset(row["contact_ids_with_email"]),
    )


async def is_known_clerk(transaction: Transaction, clerk_code: str) -> bool:
    return bool(await transaction.fetchval("SELECT TRUE FROM known_clerk WHERE clerk_code = $1", clerk_code))


async def add_known_groups(transaction: Transaction, kinds: Mapping[str, str]) -> None:
    """Group id to kind of document."""
    group_ids = sorted(kinds)
    await transaction.execute(
        """
        INSERT INTO known_status_group (group_id, kind) SELECT * FROM unnest($1::text[], $2::text[])
            ON CONFLICT ON CONSTRAINT known_status_group_pkey DO NOTHING
        """,
        group_ids,
        [kinds[group_id] for group_id in group_ids],
    )


async def list_known_groups(transaction: Transaction) -> list[KnownGroup]:
    rows = await transaction.fetch("SELECT group_id, kind, is_default FROM known_status_group")
    return [KnownGroup(**row) for row in rows]


async def remove_known_groups(transaction: Transaction, group_ids: Collection[str]) -> None:
    await transaction.execute(
        "DELETE FROM known_status_group WHERE group_id = ANY ($1) AND NOT is_default", list(group_ids)
    )


async def save_known_orders(transaction: Transaction, dates: Mapping[str, dt.date]) -> None:
    """Order number to the order's date."""
    numbers = sorted(dates)
    await transaction.execute(
        """
        INSERT INTO known_order AS known (order_number, order_date)
        SELECT * FROM unnest($1::text[], $2::date[])
            ON CONFLICT ON CONSTRAINT known_order_pkey DO UPDATE SET order_date = excluded.order_date
         WHERE known.order_date <> excluded.order_date
        """,
        numbers,
        [dates[number] for number in numbers],
    )


# Files and samples


async def find_inspected_file(transaction: Transaction, sha256: str) -> InspectedFile | None:
    row = await transaction.fetchrow(
        "SELECT sha256, size, format, fault FROM inspected_file WHERE sha256 = $1", sha256
    )
    return InspectedFile(**row) if row else None


async def add_inspected_file(transaction: Transaction, file: InspectedFile) -> None:
    """Two who inspected the same bytes found the same: the first row stays."""
    await transaction.execute(
        """
        INSERT INTO inspected_file (sha256, size, format, fault) VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT inspected_file_pkey DO NOTHING
        """,
        file.sha256,
        file.size,
        file.format,
        file.fault,
    )


async def add_sample_version(
    transaction: Transaction,
    sample_id: UUID,
    *,
    order_number: str,
    position_numbers: Sequence[str],
    title: str,
    sha256: str,
    also_same_bytes: bool,
) -> int | None:
    """The number of the new version; None when the newest one is this file already. Others wait."""
    version: int | None = await transaction.fetchval(
        """
        INSERT INTO sample AS known (sample_id, order_number, position_numbers, title, version, sha256)
        VALUES ($1, $2, $3, $4, 1, $5)
            ON CONFLICT ON CONSTRAINT sample_pkey DO UPDATE
           SET version = known.version + 1, sha256 = excluded.sha256
         WHERE known.sha256 <> excluded.sha256 OR $6
        RETURNING version
        """,
        sample_id,
        order_number,
        position_numbers,
        title,
        sha256,
        also_same_bytes,
    )
    return version


# The order folder


async def add_order_folder_file(
    transaction: Transaction, file_id: UUID, *, order_number: str, name: str, sha256: str
) -> None:
    """Keyed by `file_id`: queueing the same file twice is harmless."""
    await transaction.execute(
        """
        INSERT INTO order_folder_file (file_id, order_number, name, sha256) VALUES ($1, $2, $3, $4)
            ON CONFLICT ON CONSTRAINT order_folder_file_pkey DO NOTHING
        """,
        file_id,
        order_number,
        name,
        sha256,
    )


async def claim_order_folder_file(
    transaction: Transaction, *, needs_year: bool, lease: dt.timedelta
) -> OrderFolderFile | None:
    """Take the file that is due longest, for as long as the lease; whoever dies with it loses it.

    A file whose year is needed and not known waits for its order.
    """
    row = await transaction.fetchrow(
        """
        UPDATE order_folder_file AS claimed
           SET attempts = attempts + 1, next_attempt_at = now() + $2::interval
          FROM (SELECT file_id, order_date
                  FROM order_folder_file LEFT JOIN known_order USING (order_number)
                 WHERE state = 'waiting' AND next_attempt_at <= now()
                   AND (NOT $1 OR order_date IS NOT NULL OR order_number ~ '^20[0-9]{2}[^0-9]')
                 ORDER BY next_attempt_at
                 LIMIT 1
                   FOR UPDATE OF order_folder_file SKIP LOCKED) AS due
         WHERE claimed.file_id = due.file_id
        RETURNING claimed.file_id, order_number, order_date, name, sha256, attempts
        """,
        needs_year,
        lease,
    )
    return OrderFolderFile(**row) if row else None


async def renew_order_folder_file(
    transaction: Transaction, file: OrderFolderFile, *, lease: dt.timedelta
) -> None:
    """Unless another copy has taken the file over meanwhile."""
    await transaction.execute(
        """
        UPDATE order_folder_file SET next_attempt_at = now() + $3::interval
         WHERE file_id = $1 AND attempts = $2 AND state = 'waiting'
        """,
        file.file_id,
        file.attempts,
        lease,
    )


async def record_written(transaction: Transaction, file_id: UUID, *, written_as: str) -> None:
    await transaction.execute(
        """
        UPDATE order_folder_file
           SET state = 'written', written_as = $2, written_at = now(), last_fault = ''
         WHERE file_id = $1 AND state = 'waiting'
        """,
        file_id,
        written_as,
    )


async def record_failure(
    transaction: Transaction, file: OrderFolderFile, *, fault: str, wait: dt.timedelta
) -> None:
    """Unless another copy has taken the file over meanwhile."""
    await transaction.execute(
        """
        UPDATE order_folder_file
           SET last_fault = $3, next_attempt_at = now() + $4::interval
         WHERE file_id = $1 AND attempts = $2 AND state = 'waiting'
        """,
        file.file_id,
        file.attempts,
        fault,
        wait,
    )


async def list_failing_files(transaction: Transaction, *, limit: int) -> list[FailingFile]:
    rows = await transaction.fetch(
        """
        SELECT order_number, name, last_fault AS fault, attempts, added_at, next_attempt_at
          FROM order_folder_file
         WHERE state = 'waiting' AND last_fault <> ''
         ORDER BY added_at
         LIMIT $1
        """,
        limit,
    )
    return [FailingFile(**row) for row in rows]


async def requeue_failing_files(transaction: Transaction) -> None:
    """All that failed are due now."""
    await transaction.execute(
        """
        UPDATE order_folder_file SET next_attempt_at = now()
         WHERE state = 'waiting' AND last_fault <> '' AND next_attempt_at > now()
        """
    )


async def find_folder_pattern(transaction: Transaction) -> str | None:
    """What an operator has set; None for what the environment says."""
    pattern: str | None = await transaction.fetchval("SELECT pattern FROM order_folder_setting")
    return pattern


async def save_folder_pattern(transaction: Transaction, pattern: str | None) -> None:
    if pattern is None:
        await transaction.execute("DELETE FROM order_folder_setting")
        return
    await transaction.execute(
        """
        INSERT INTO order_folder_setting (pattern) VALUES ($1)
            ON CONFLICT ON CONSTRAINT order_folder_setting_pkey
            DO UPDATE SET pattern = excluded.pattern, changed_at = now()
        """,
        pattern,
    )
