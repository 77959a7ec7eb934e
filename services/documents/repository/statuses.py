"""What statuses mean and how they go, the histories that name them, and what both amount to."""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter

from services.documents.model import Status, StatusEntry, StatusGroup
from shared.api.documents import StatusBar, StatusGroupRow, StatusRow, StatusStep
from shared.database import Transaction
from shared.events import sync as told
from shared.events.sync import DocumentKind

_LOCK = 715_101  # whoever computes statuses shares it, whoever changes their meaning has it alone
_NO_BAR = StatusBar(label="", partial=False, negative=False, steps=())

_GROUPS = TypeAdapter(Sequence[told.StatusGroup])
_STEPS = TypeAdapter(tuple[StatusStep, ...])
_STATUSES = TypeAdapter(Sequence[told.Status])


@dataclass(frozen=True)
class History:
    """What the status of one document is computed from."""

    document_id: UUID
    kind: DocumentKind
    positions: tuple[str, ...]
    entries: tuple[StatusEntry, ...]


@dataclass(frozen=True)
class PositionState:
    """The status of one position: its name, since when, and whether it is a negative end."""

    name: str = ""
    since: dt.datetime | None = None
    negative: bool = False


@dataclass(frozen=True)
class Computed:
    """The status of one document; `positions` by position key."""

    document_id: UUID
    bar: StatusBar | None
    positions: dict[str, PositionState]


async def hold_meaning_of_statuses(transaction: Transaction) -> None:
    """Groups and statuses stay as they are until this transaction ends; others may hold them as well."""
    await transaction.execute("SELECT pg_advisory_xact_lock_shared($1)", _LOCK)


async def change_meaning_of_statuses(transaction: Transaction) -> None:
    """Wait for all who compute statuses, and keep others out until this transaction ends."""
    await transaction.execute("SELECT pg_advisory_xact_lock($1)", _LOCK)


async def save_groups(transaction: Transaction, groups: Sequence[told.StatusGroup]) -> set[DocumentKind]:
    """Save those that are newer; returns the kinds of document whose bar may look different now."""
    rows = await transaction.fetch(
        """
        WITH told AS (
            SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS told(
                   group_id text, kind text, name text, step integer, negative boolean, revision bigint)
             WHERE NOT EXISTS (SELECT FROM removed_status_group AS removed
                                WHERE removed.group_id = told.group_id AND removed.revision > told.revision)
        ), before AS (
            SELECT group_id, known.kind, (known.kind, known.name, known.step, known.negative)
                   IS DISTINCT FROM (told.kind, told.name, told.step, told.negative) AS differs
              FROM told JOIN status_group AS known USING (group_id)
        ), saved AS (
            INSERT INTO status_group AS known (group_id, kind, name, step, negative, revision)
            SELECT group_id, kind, name, step, negative, revision FROM told ORDER BY group_id
                ON CONFLICT ON CONSTRAINT status_group_pkey DO UPDATE
               SET (kind, name, step, negative, revision)
                 = (excluded.kind, excluded.name, excluded.step, excluded.negative, excluded.revision)
             WHERE known.revision < excluded.revision
            RETURNING group_id, kind
        )
        SELECT saved.kind AS kind, before.kind AS kind_before
          FROM saved LEFT JOIN before USING (group_id)
         WHERE coalesce(before.differs, TRUE)
        """,
        _GROUPS.dump_json(groups).decode(),
    )
    return {DocumentKind(kind) for row in rows for kind in row if kind}


async def save_statuses(transaction: Transaction, statuses: Sequence[told.Status]) -> set[str]:
    """Save those that are newer; returns the ids of those that mean something else now."""
    rows = await transaction.fetch(
        """
        WITH told AS (
            SELECT * FROM jsonb_to_recordset($1::text::jsonb) AS told(
                   status_id text, group_id text, name text, workflow boolean, revision bigint)
             WHERE NOT EXISTS (SELECT FROM removed_status AS removed
                                WHERE removed.status_id = told.status_id AND removed.revision > told.revision)
        ), unchanged AS (
            SELECT status_id
              FROM told JOIN status AS known USING (status_id)
             WHERE (known.group_id, known.name, known.workflow) = (told.group_id, told.name, told.workflow)
        ), saved AS (
            INSERT INTO status AS known (status_id, group_id, name, workflow, revision)
            SELECT status_id, group_id, name, workflow, revision FROM told ORDER BY status_id
                ON CONFLICT ON CONSTRAINT status_pkey DO UPDATE
               SET (group_id, name, workflow, revision)
                 = (excluded.group_id, excluded.name, excluded.workflow, excluded.revision)
             WHERE known.revision < excluded.revision
            RETURNING status_id
        )
        SELECT status_id FROM saved EXCEPT SELECT status_id FROM unchanged
        """,
        _STATUSES.dump_json(statuses).decode(),
    )
    return {row["status_id"] for row in rows}


async def remove_statuses(transaction: Transaction, status_ids: Sequence[str], *, revision: int) -> None:
    """A status that stands in the history of a document stays, as does one that was told later."""
    await transaction.execute(
        """
        DELETE FROM status
         WHERE status_id = ANY ($1) AND revision < $2 AND NOT is_default
           AND NOT EXISTS (SELECT FROM status_entry WHERE status_entry.status_id = status.status_id)
        """,
        status_ids,
        revision,
    )
    await transaction.execute(
        """
        INSERT INTO removed_status AS known (status_id, revision)
        SELECT status_id, $2 FROM unnest($1::text[]) AS removed(status_id)
         WHERE NOT EXISTS (SELECT FROM status WHERE status.status_id = removed.status_id)
         ORDER BY status_id
            ON CONFLICT ON CONSTRAINT removed_status_pkey
            DO UPDATE SET revision = greatest(known.revision, excluded.revision)
        """,
        status_ids,
        revision,
    )


async def remove_groups(
    transaction: Transaction, group_ids: Sequence[str], *, revision: int
) -> set[DocumentKind]:
    """A group that has a status stays. Returns the kinds of document that have a step less."""
    rows = await transaction.fetch(
        """
        DELETE FROM status_group
         WHERE group_id = ANY ($1) AND revision < $2 AND NOT is_default
           AND NOT EXISTS (SELECT FROM status WHERE status.group_id = status_group.group_id)
        RETURNING kind
        """,
        group_ids,
        revision,
    )
    await transaction.execute(
        """
        INSERT INTO removed_status_group AS known (group_id, revision)
        SELECT group_id, $2 FROM unnest($1::text[]) AS removed(group_id)
         WHERE NOT EXISTS (SELECT FROM status_group WHERE status_group.group_id = removed.group_id)
         ORDER BY group_id
            ON CONFLICT ON CONSTRAINT removed_status_group_pkey
            DO UPDATE SET revision = greatest(known.revision, excluded.revision)
        """,
        group_ids,
        revision,
    )
    return {DocumentKind(row["kind"]) for row in rows}


async def list_status_groups(transaction: Transaction, *, counted: bool) -> list[StatusGroupRow]:
    """By kind and step, each with its statuses and, `counted`, in how many documents these stand.

    Counting reads the history of all documents.
    """
    rows = await transaction.fetch(
        """
        WITH used AS (
            SELECT status_id, count(DISTINCT document_id) AS document_count
              FROM status_entry WHERE $1 GROUP BY status_id
        )
        SELECT group_id, kind, name, step, negative, is_default,
               ARRAY(SELECT (status_id, status.name, workflow, status.is_default,
                             CASE WHEN $1 THEN coalesce(document_count, 0) END)
                       FROM status LEFT JOIN used USING (status_id)
                      WHERE status.group_id = status_group.group_id
                      ORDER BY status.name, status_id) AS statuses
          FROM status_group
         ORDER BY kind, step, group_id
        """,
        counted,
    )
    return [
        StatusGroupRow(
            group_id=row["group_id"],
            kind=DocumentKind(row["kind"]),
            name=row["name"],
            step=row["step"],
            negative=row["negative"],
            is_default=row["is_default"],
            statuses=tuple(
                StatusRow(
                    status_id=status[0],
                    name=status[1],
                    workflow=status[2],
                    is_default=status[3],
                    document_count=status[4],
                )
                for status in row["statuses"]
            ),
        )
        for row in rows
    ]


async def list_groups(transaction: Transaction) -> dict[str, StatusGroup]:
    rows = await transaction.fetch("SELECT group_id, kind, name, step, negative FROM status_group")
    return {
        row["group_id"]: StatusGroup(
            group_id=row["group_id"],
            kind=DocumentKind(row["kind"]),
            name=row["name"],
            step=row["step"],
            negative=row["negative"],
        )
        for row in rows
    }


async def list_statuses(transaction: Transaction) -> dict[str, Status]:
    rows = await transaction.fetch("SELECT status_id, group_id, name, workflow FROM status")
    return {row["status_id"]: Status(**row) for row in rows}


async def list_documents_with_status(
    transaction: Transaction, *, kinds: Collection[DocumentKind], status_ids: Collection[str]
) -> list[UUID]:
    """The documents of these kinds, and those with one of these statuses in their history."""
    rows = await transaction.fetch(
        """
        SELECT document_id FROM document WHERE kind = ANY ($1)
        UNION
        SELECT document_id FROM status_entry WHERE status_id = ANY ($2)
        ORDER BY document_id
        """,
        list(kinds),
        list(status_ids),
    )
    return [row["document_id"] for row in rows]


async def list_histories(transaction: Transaction, document_ids: Sequence[UUID]) -> list[History]:
    rows = await transaction.fetch(
        """
        SELECT document_id, kind,
               ARRAY(SELECT position_key FROM position
                      WHERE position.document_id = document.document_id ORDER BY ordinal) AS positions,
               ARRAY(SELECT (status_id, entered_at, position_keys) FROM status_entry
                      WHERE status_entry.document_id = document.document_id ORDER BY ordinal) AS entries
          FROM document
         WHERE document_id = ANY ($1)
        """,
        document_ids,
    )
    return [
        History(
            document_id=row["document_id"],
            kind=DocumentKind(row["kind"]),
            positions=tuple(row["positions"]),
            entries=tuple(StatusEntry(entry[0], entry[1], tuple(entry[2])) for entry in row["entries"]),
        )
        for row in rows
    ]


async def save_computed(transaction: Transaction, computed: Sequence[Computed]) -> None:
    """Write what was computed where it differs from what stands there."""
    bars = [one.bar or _NO_BAR for one in computed]
    await transaction.execute(
        """
        UPDATE document
           SET (status_group_id, status_label, status_partial, status_negative, status_steps)
             = (new.group_id, new.label, new.partial, new.negative, new.steps)
          FROM unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::boolean[], $6::text[]::jsonb[])
               AS new(document_id, group_id, label, partial, negative, steps)
         WHERE document.document_id = new.document_id
           AND (status_group_id, status_label, status_partial, status_negative, status_steps)
               IS DISTINCT FROM (new.group_id, new.label, new.partial, new.negative, new.steps)
        """,
        [one.document_id for one in computed],
        [bar.state for bar in bars],
        [bar.label for bar in bars],
        [bar.partial for bar in bars],
        [bar.negative for bar in bars],
        [_STEPS.dump_json(bar.steps).decode() for bar in bars],
    )
    positions = [
        (told.position_id(one.document_id, key), state)
        for one in computed
        for key, state in one.positions.items()
    ]
    await transaction.execute(
        """
        UPDATE position
           SET (status, status_at, status_negative) = (new.status, new.status_at, new.status_negative)
          FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::boolean[])
               AS new(position_id, status, status_at, status_negative)
         WHERE position.position_id = new.position_id
           AND (position.status, position.status_at, position.status_negative)
               IS DISTINCT FROM (new.status, new.status_at, new.status_negative)
        """,
        [position_id for position_id, _ in positions],
        [state.name for _, state in positions],
        [state.since for _, state in positions],
        [state.negative for _, state in positions],
    )
