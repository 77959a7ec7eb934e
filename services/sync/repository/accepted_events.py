"""Which events were accepted, and the revisions that what they bring is told with."""

from collections.abc import Collection, Mapping

from shared.database import Transaction


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
