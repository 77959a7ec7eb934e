"""Groups and statuses as an operator sees them, and how they go: not the default ones, not while used."""

from collections.abc import Sequence

from shared.api.documents import StatusGroupRow, StatusRow
from shared.database import Transaction
from shared.events.sync import DocumentKind


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
