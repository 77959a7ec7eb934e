"""Lists of documents: searched, filtered, sorted, counted and cut into pages by one statement.

What a person of a customer may see is read by `list_documents_for_customer`, nowhere else. The answer comes
as the bytes of the JSON of shared.api.documents.DocumentRows: a list is large and often asked for, and
nothing here looks into it.
"""

import datetime as dt
from collections.abc import Iterable

from services.documents.model import Wish
from services.documents.repository.payments import STATE
from services.documents.repository.searching import literally
from shared.api.documents import DocumentRow, DocumentSort
from shared.database import Transaction

_ORDERS: dict[DocumentSort, str] = {
    "-date": "document_date DESC, number_key DESC, document_id",
    "date": "document_date, number_key, document_id",
    "-number": "number_key DESC, document_id",
    "number": "number_key, document_id",
    "-amount": "gross_total DESC NULLS LAST, number_key DESC, document_id",
    "amount": "gross_total NULLS LAST, number_key, document_id",
}
_FOR_CUSTOMERS = [field for field in DocumentRow._fields if field not in DocumentRow._field_defaults]
# Where a field of DocumentRow is not simply the column of that name.
_VALUES = {
    "status_label": "CASE WHEN kind IN ('invoice', 'credit_note') THEN state ELSE status_label END",
    "status_negative": "status_negative OR state = 'overdue'",
    "customer_name": "coalesce((SELECT name FROM customer"
    " WHERE customer.customer_number = document.customer_number), '')",
}
# A row leaves as an array of texts: what its fields are is not said with each of them, and money stays exact.
# Without words to look for, counting and cutting out the page are two walks along an index; with words each
# row is looked at once and kept. Kinds are written out, so that one plan is good for all values, and
# PostgreSQL makes no new one each time.
_LIST = """
    WITH matching AS {kept} (
        SELECT document_id, document_date, number_key, gross_total, {state} AS state
          FROM document
         WHERE kind IN ({kinds}) {conditions}
    ), counted AS (
        SELECT state, count(*) AS count FROM matching GROUP BY state
    ), page AS (
        SELECT document_id, state, row_number() OVER (ORDER BY {order}) AS place
          FROM matching {in_state}
         ORDER BY {order} LIMIT $2 OFFSET $3
    )
    SELECT convert_to(json_build_object(
        'rows', (SELECT coalesce(json_agg(line), '[]')
                   FROM (SELECT ARRAY[{values}] AS line
                           FROM page JOIN document USING (document_id)
                          ORDER BY place) AS lines),
        'total', (SELECT coalesce(sum(count), 0) FROM counted {in_state}),
        'states', (SELECT coalesce(json_agg(json_build_object(
                      'state', coalesce(group_id, state), 'name', coalesce(name, ''),
                      'count', coalesce(count, 0)) ORDER BY step, group_id, state), '[]')
                     FROM counted
                     FULL JOIN (SELECT * FROM status_group WHERE kind IN ({kinds})) AS possible
                       ON group_id = state),
        'clerk', (SELECT json_build_object('clerk_code', clerk_code, 'name', name, 'email', email,
                                           'phone', phone, 'picture_sha256', picture_sha256)
                    FROM clerk
                   WHERE clerk_code = (SELECT clerk_code FROM document
                                        WHERE document_id = (SELECT document_id FROM page WHERE place = 1)))
    )::text, 'UTF8')
"""


async def list_documents(
    transaction: Transaction, wish: Wish, *, customer_number: str | None, today: dt.date
) -> bytes:
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
    return await _list(transaction, wish, conditions, fields=DocumentRow._fields)


async def list_documents_for_customer(
    transaction: Transaction, customer_number: str, wish: Wish, *, today: dt.date
) -> bytes:
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
            today,
            wish.limit,
            wish.offset,
        ]

    def add(self, condition: str, value: object) -> None:
        """A condition with one value, whose place is {0}."""
        self.values.append(value)
        self.text += f" AND {condition.format(f'${len(self.values)}')}"


async def _list(
    transaction: Transaction, wish: Wish, conditions: _Conditions, *, fields: Iterable[str] = _FOR_CUSTOMERS
) -> bytes:
    if wish.since:
        conditions.add("document_date >= {0}", wish.since)
    if wish.until:
        conditions.add("document_date <= {0}", wish.until)
    in_state = ""
    if wish.state is not None:
        conditions.values.append(wish.state)
        in_state = f"WHERE state = ${len(conditions.values)}"
    statement = _LIST.format(
        kept="MATERIALIZED" if wish.words else "NOT MATERIALIZED",
        state=STATE,
        kinds=", ".join(f"'{kind.value}'" for kind in wish.kinds),
        conditions=conditions.text,
        in_state=in_state,
        order=_ORDERS[wish.sort],
        values=", ".join(f"({_VALUES.get(field, field)})::text" for field in fields),
    )
    body: bytes = await transaction.fetchval(statement, *conditions.values)
    return body
