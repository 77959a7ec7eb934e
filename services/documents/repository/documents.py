"""Documents with their positions and relations.

What a person of a customer may see is read by the functions that end in `_for_customer`, nowhere else.
"""

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from services.documents.repository.payments import STATE
from shared.api.base import StoredFile
from shared.api.documents import NumberedDocument
from shared.database import Transaction
from shared.events import sync as told

SHOWN_ENTRIES = 200
"""Of a history, the latest are shown."""
_DOCUMENTS = TypeAdapter(Sequence[told.Document])


async def hold_writers(transaction: Transaction) -> None:
    """One batch at a time; readers go on. With two unique keys, upserts of the same new rows can deadlock."""
    await transaction.execute("LOCK TABLE document IN SHARE ROW EXCLUSIVE MODE")


async def remove_files_of_former_customers(
    transaction: Transaction, documents: Sequence[told.Document]
) -> None:
    """The files of documents that become another customer's: they bear the name of the one before."""
    await transaction.execute(
        """
        DELETE FROM document_file
         USING document AS known, unnest($1::uuid[], $2::text[], $3::bigint[])
               AS told(document_id, customer_number, revision)
         WHERE document_file.document_id = known.document_id AND told.document_id = known.document_id
           AND told.customer_number <> known.customer_number AND told.revision > known.revision
        """,
        [document.document_id for document in documents],
        [document.customer_number for document in documents],
        [document.revision for document in documents],
    )


async def save_documents(transaction: Transaction, documents: Sequence[told.Document]) -> set[UUID]:
    """Save those that are newer, without positions and history; returns the ids of what was saved."""
    rows = await transaction.fetch(
        """
        INSERT INTO document AS known
               (document_id, kind, number, external_id, customer_number, contact_id, clerk_code, subject,
                customer_reference, document_date, due_date, delivery_date, currency, net_total, tax_total,
                gross_total, open_amount, revision)
        SELECT document_id, kind, number, external_id, customer_number, contact_id, clerk_code, subject,
               customer_reference, document_date, due_date, delivery_date, currency, net_total, tax_total,
               gross_total, open_amount, revision
          FROM jsonb_to_recordset($1::text::jsonb) AS told(
               document_id uuid, kind text, number text, external_id text, customer_number text,
               contact_id text, clerk_code text, subject text, customer_reference text, document_date date,
               due_date date, delivery_date date, currency text, net_total numeric, tax_total numeric,
               gross_total numeric, open_amount numeric, revision bigint)
         ORDER BY document_id
            ON CONFLICT ON CONSTRAINT document_pkey DO UPDATE
           SET (customer_number, contact_id, clerk_code, subject, customer_reference, document_date, due_date,
                delivery_date, currency, net_total, tax_total, gross_total, open_amount, revision)
             = (excluded.customer_number, excluded.contact_id, excluded.clerk_code, excluded.subject,
                excluded.customer_reference, excluded.document_date, excluded.due_date,
                excluded.delivery_date, excluded.currency, excluded.net_total, excluded.tax_total,
                excluded.gross_total, excluded.open_amount, excluded.revision)
         WHERE known.revision < excluded.revision
        RETURNING document_id
        """,
        _DOCUMENTS.dump_json(
            documents, exclude={"__all__": {"positions", "status_entries", "related", "files"}}
        ).decode(),
    )
    return {row["document_id"] for row in rows}


async def save_parts(transaction: Transaction, documents: Sequence[told.Document]) -> None:
    """Replace positions, relations and told files, and add the entries that the history does not hold yet."""
    document_ids = [document.document_id for document in documents]
    parts = _DOCUMENTS.dump_json(
        documents, include={"__all__": {"document_id", "positions", "status_entries", "related", "files"}}
    ).decode()
    with_files = [document.document_id for document in documents if document.files is not None]
    await transaction.execute("DELETE FROM position WHERE document_id = ANY ($1)", document_ids)
    await transaction.execute("DELETE FROM document_relation WHERE document_id = ANY ($1)", document_ids)
    await transaction.execute("DELETE FROM document_file WHERE document_id = ANY ($1)", with_files)
    await transaction.execute(
        """
        INSERT INTO position
               (position_id, document_id, ordinal, position_key, number, article_number, text, description,
                quantity, unit, unit_price, discount_percent, net_total, colour, size, finishing)
        SELECT position_id, document_id, ordinal, position_key, number, article_number, text, description,
               quantity, unit, unit_price, discount_percent, net_total, colour, size, finishing
          FROM jsonb_to_recordset($1::text::jsonb) AS told(document_id uuid, positions jsonb),
               ROWS FROM (jsonb_to_recordset(told.positions) AS (
                   position_id uuid, position_key text, number text, article_number text, text text,
                   description text, quantity numeric, unit text, unit_price numeric,
                   discount_percent numeric, net_total numeric, colour text, size text, finishing text)
               ) WITH ORDINALITY AS one(
                   position_id, position_key, number, article_number, text, description, quantity, unit,
                   unit_price, discount_percent, net_total, colour, size, finishing, ordinal)
        """,
        parts,
    )
    await transaction.execute(
        """
        INSERT INTO status_entry (document_id, entry_id, status_id, position_keys, entered_at, author)
        SELECT document_id, entry_id, status_id, position_keys, entered_at, author
          FROM jsonb_to_recordset($1::text::jsonb) AS told(document_id uuid, status_entries jsonb),
               jsonb_to_recordset(told.status_entries) AS one(
                   entry_id text, status_id text, position_keys text[], entered_at timestamptz, author text)
            ON CONFLICT ON CONSTRAINT status_entry_pkey DO NOTHING
        """,
        parts,
    )
    await transaction.execute(
        """
        INSERT INTO document_relation (document_id, related_id)
        SELECT document_id, related_id::uuid
          FROM jsonb_to_recordset($1::text::jsonb) AS told(document_id uuid, related jsonb),
               jsonb_array_elements_text(told.related) AS related_id
            ON CONFLICT ON CONSTRAINT document_relation_pkey DO NOTHING
        """,
        parts,
    )
    await transaction.execute(
        """
        INSERT INTO document_file (document_id, ordinal, sha256, name, media_type, size)
        SELECT document_id, ordinal, sha256, name, media_type, size
          FROM jsonb_to_recordset($1::text::jsonb) AS told(document_id uuid, files jsonb),
               ROWS FROM (jsonb_to_recordset(coalesce(nullif(told.files, 'null'), '[]')) AS (
                   sha256 text, name text, media_type text, size bigint)
               ) WITH ORDINALITY AS one(sha256, name, media_type, size, ordinal)
            ON CONFLICT ON CONSTRAINT document_file_pkey DO NOTHING
        """,
        parts,
    )
    await transaction.execute(
        """
        UPDATE document
           SET search_text = search_form(concat_ws(
                   ' ', number, customer_reference, subject,
                   (SELECT string_agg(concat_ws(' ', article_number, text, description), ' ' ORDER BY ordinal)
                      FROM position WHERE position.document_id = document.document_id)))
         WHERE document_id = ANY ($1)
        """,
        document_ids,
    )


# A page is one statement. Money leaves as text, so that it stays exact. $1 is today.
_PAGE = """
    SELECT convert_to(row_to_json(page)::text, 'UTF8')
      FROM (
        SELECT document_id, kind, number, customer_number, coalesce(customer.name, '') AS customer_name,
               coalesce(customer.address, '') AS address, contact_id,
               coalesce(jsonb_path_query_first(
                   contacts, '$[*] ? (@.contact_id == $id).name', jsonb_build_object('id', contact_id)
               ) #>> '{{}}', '') AS contact_name,
               subject, customer_reference, document_date, due_date, delivery_date, currency,
               net_total::text, tax_total::text, gross_total::text, open_amount::text,
               CASE WHEN kind IN ('invoice', 'credit_note') AND open_amount IS NOT NULL
                    THEN json_build_object('state', state, 'label', state, 'partial', FALSE,
                                           'negative', state = 'overdue', 'steps', '[]'::json)
                    WHEN status_label <> ''
                    THEN json_build_object('state', status_group_id, 'label', status_label,
                                           'partial', status_partial, 'negative', status_negative,
                                           'steps', status_steps)
               END AS status_bar,
               (SELECT row_to_json(card)
                  FROM (SELECT clerk_code, name, email, phone, picture_sha256 FROM clerk
                         WHERE clerk.clerk_code = document.clerk_code) AS card) AS clerk,
               (SELECT coalesce(json_agg(line), '[]')
                  FROM (SELECT position_id, number, article_number, text, description, quantity::text, unit,
                               unit_price::text, discount_percent::text, net_total::text, colour, size,
                               finishing, status, status_at, status_negative
                          FROM position
                         WHERE position.document_id = document.document_id
                         ORDER BY ordinal) AS line) AS positions,
               (SELECT coalesce(json_agg(line), '[]')
                  FROM (SELECT other.document_id, other.kind, other.number
                          FROM document AS other
                         WHERE other.customer_number = document.customer_number
                           AND other.document_id IN (
                               SELECT related_id FROM document_relation
                                WHERE document_relation.document_id = document.document_id
                               UNION
                               SELECT document_relation.document_id FROM document_relation
                                WHERE related_id = document.document_id)
                         ORDER BY other.document_date, other.number) AS line) AS related,
               (SELECT coalesce(json_agg(line), '[]')
                  FROM (SELECT sha256, name, media_type, size FROM document_file
                         WHERE document_file.document_id = document.document_id
                         ORDER BY ordinal) AS line) AS files,
               (SELECT coalesce(json_agg(line), '[]')
                  FROM (SELECT entered_at, status, negative, position_numbers, {author} AS author
                          FROM (SELECT entered_at, ordinal, status.name AS status, negative, author,
                                       ARRAY(SELECT number FROM position
                                              WHERE position.document_id = document.document_id
                                                AND position_key = ANY (position_keys)
                                              ORDER BY position.ordinal) AS position_numbers
                                  FROM status_entry
                                  JOIN status USING (status_id)
                                  JOIN status_group USING (group_id)
                                 WHERE status_entry.document_id = document.document_id
                                 ORDER BY entered_at DESC, ordinal DESC
                                 LIMIT {shown_entries}) AS latest
                         ORDER BY entered_at, ordinal) AS line) AS history
          FROM (SELECT *, {state} AS state FROM document WHERE document_id = $2 {whose}) AS document
          LEFT JOIN customer USING (customer_number)
      ) AS page
"""
_PAGE_OF_ANY = _PAGE.format(state=STATE, shown_entries=SHOWN_ENTRIES, author="author", whose="")
# Which of the dealer's people entered what is not for the customer.
_PAGE_OF_CUSTOMER = _PAGE.format(
    state=STATE, shown_entries=SHOWN_ENTRIES, author="''", whose="AND customer_number = $3"
)


async def find_document(transaction: Transaction, document_id: UUID, *, today: dt.date) -> bytes | None:
    """The JSON of shared.api.documents.Document: nothing here looks into it."""
    page: bytes | None = await transaction.fetchval(_PAGE_OF_ANY, today, document_id)
    return page


async def find_document_for_customer(
    transaction: Transaction, customer_number: str, document_id: UUID, *, today: dt.date
) -> bytes | None:
    """As `find_document`, without the authors of the history."""
    page: bytes | None = await transaction.fetchval(_PAGE_OF_CUSTOMER, today, document_id, customer_number)
    return page


async def list_by_number(
    transaction: Transaction, kind: told.DocumentKind, number: str
) -> list[NumberedDocument]:
    """The newest first: a number alone is not unique."""
    rows = await transaction.fetch(
        """
        SELECT document_id, kind, number, document.customer_number,
               coalesce(customer.name, '') AS customer_name, contact_id, subject, document_date
          FROM document LEFT JOIN customer USING (customer_number)
         WHERE kind = $1 AND number = $2
         ORDER BY document_date DESC, document_id
         LIMIT 50
        """,
        kind,
        number,
    )
    return [NumberedDocument(**row) for row in rows]


_FILE = """
    SELECT sha256, name, media_type
      FROM document_file JOIN document USING (document_id)
     WHERE document_id = $1 AND sha256 = $2
"""


async def find_file(transaction: Transaction, document_id: UUID, sha256: str) -> StoredFile | None:
    row = await transaction.fetchrow(_FILE, document_id, sha256)
    return StoredFile(**row) if row else None


async def find_file_for_customer(
    transaction: Transaction, customer_number: str, document_id: UUID, sha256: str
) -> StoredFile | None:
    row = await transaction.fetchrow(_FILE + "AND customer_number = $3", document_id, sha256, customer_number)
    return StoredFile(**row) if row else None
