"""Lists of documents: searched, filtered, sorted, counted and cut into pages by one statement.

What a person of a customer may see is read by `list_documents_for_customer`, nowhere else. The answer comes
as the JSON of shared.api.documents.DocumentRows: a list is large and often asked for, and nothing here
looks into it.
"""

import datetime as dt

from services.documents.model import Wish
from services.documents.repository.searching import literally
from shared.api.documents import DocumentSort
from shared.database import Transaction

# model.payment_bar says the same of one document; a test holds both together. $2 is today.
_STATE = """
    CASE WHEN kind NOT IN ('invoice', 'credit_note') THEN status_group_id
         WHEN open_amount IS NULL THEN ''
         WHEN kind = 'credit_note' AND open_amount <> 0 THEN 'open'
         WHEN open_amount <= 0 THEN 'paid'
         WHEN kind = 'invoice' AND due_date < $2 THEN 'overdue'
         ELSE 'open' END
"""
_ORDERS: dict[DocumentSort, str] = {
    "-date": "document_date DESC, number_key DESC, document_id",
    "date": "document_date, number_key, document_id",
    "-number": "number_key DESC, document_id",
    "number": "number_key, document_id",
    "-amount": "gross_total DESC NULLS LAST, number_key DESC, document_id",
    "amount": "gross_total NULLS LAST, number_key, document_id",
}
_WHOSE = """
    'customer_number', customer_number, 'customer_name', coalesce(
        (SELECT name FROM customer WHERE customer.customer_number = document.customer_number), ''),
"""
# Money leaves as text, so that it stays exact.
_LIST = """
    WITH matching AS (
        SELECT document_id, document_date, number_key, gross_total, {state} AS state
          FROM document
         WHERE kind = ANY ($1) {conditions}
    ), counted AS (
        SELECT state, count(*) AS count FROM matching GROUP BY state
    ), page AS (
        SELECT document_id, state, row_number() OVER (ORDER BY {order}) AS place
          FROM matching
         WHERE $3::text IS NULL OR state = $3
         ORDER BY {order} LIMIT $4 OFFSET $5
    )
    SELECT json_build_object(
        'rows', (SELECT coalesce(json_agg(json_build_object(
                    'document_id', document_id, 'kind', kind, 'number', number, 'subject', subject,
                    'customer_reference', customer_reference, {whose}
                    'document_date', document_date, 'due_date', due_date,
                    'gross_total', gross_total::text, 'currency', currency,
                    'status_label', CASE WHEN kind IN ('invoice', 'credit_note') THEN state
                                         ELSE status_label END,
                    'status_partial', status_partial,
                    'status_negative', status_negative OR state = 'overdue') ORDER BY place), '[]')
                   FROM page JOIN document USING (document_id)),
        'total', (SELECT coalesce(sum(count), 0) FROM counted WHERE $3::text IS NULL OR state = $3),
        'states', (SELECT coalesce(json_agg(json_build_object(
                      'state', coalesce(group_id, state), 'name', coalesce(name, ''),
                      'count', coalesce(count, 0)) ORDER BY step, group_id, state), '[]')
                     FROM counted
                     FULL JOIN (SELECT * FROM status_group WHERE kind = ANY ($1)) AS possible
                       ON group_id = state),
        'clerk', (SELECT json_build_object('clerk_code', clerk_code, 'name', name, 'email', email,
                                           'phone', phone, 'picture_sha256', picture_sha256)
                    FROM clerk
                   WHERE clerk_code = (SELECT clerk_code FROM document
                                        WHERE document_id = (SELECT document_id FROM page WHERE place = 1)))
    )::text
"""


async def list_documents(
    transaction: Transaction, wish: Wish, *, customer_number: str | None, today: dt.date
) -> str:
    """Of all customers or of one; here the words may be a customer's name, too."""
    pattern = "(SELECT '%' || search_form({0}) || '%')"
    conditions = _Conditions(wish, today)
    if customer_number is not None:
        conditions.add("customer_number = {0}", customer_number)
    for word in wish.words:
        conditions.add(
            f"""
            (search_text LIKE {pattern} OR customer_number = ANY (
                ARRAY(SELECT customer_number FROM customer WHERE search_form(name) LIKE {pattern})))
            """,
            literally(word),
        )
    return await _list(transaction, wish, conditions, whose=_WHOSE)


async def list_documents_for_customer(
    transaction: Transaction, customer_number: str, wish: Wish, *, today: dt.date
) -> str:
    """Of this customer only. His documents are few: no index over everybody's words is asked."""
    conditions = _Conditions(wish, today)
    conditions.add("customer_number = {0}", customer_number)
    for word in wish.words:
        conditions.add("strpos(search_text, (SELECT search_form({0}))) > 0", word)
    return await _list(transaction, wish, conditions)


class _Conditions:
    """Conditions of a statement with the values of their parameters."""

    def __init__(self, wish: Wish, today: dt.date) -> None:
        self.text = ""
        self.values: list[object] = [
            [kind.value for kind in wish.kinds],
            today,
            wish.state,
            wish.size,
            (wish.page - 1) * wish.size,
        ]

    def add(self, condition: str, value: object) -> None:
        """A condition with one value, whose place is {0}."""
        self.values.append(value)
        self.text += f" AND {condition.format(f'${len(self.values)}')}"


async def _list(transaction: Transaction, wish: Wish, conditions: _Conditions, *, whose: str = "") -> str:
    if wish.since:
        conditions.add("document_date >= {0}", wish.since)
    if wish.until:
        conditions.add("document_date <= {0}", wish.until)
    statement = _LIST.format(state=_STATE, conditions=conditions.text, order=_ORDERS[wish.sort], whose=whose)
    body: str = await transaction.fetchval(statement, *conditions.values)
    return body
