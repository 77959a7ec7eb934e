"""Whatever customers and documents there are: what a customer is shown is his, and all of it.

The answers of the running service are compared with a model in plain Python that knows who owns what.
"""

import datetime as dt
import os
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import quote
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.api.base import StoredFile
from shared.api.documents import ClerkCard, DocumentRows
from shared.api.documents import Customer as CustomerPage
from shared.api.documents import Document as DocumentPage
from shared.errors import NotFoundError
from shared.events.sync import (
    Clerk,
    ClerksChanged,
    Contact,
    Customer,
    CustomersChanged,
    Document,
    DocumentKind,
    DocumentsChanged,
    File,
    Position,
    StatusEntry,
    document_id,
    position_id,
)
from shared.web import Identity
from tests.integration.documents.conftest import CLERK, Documents

CUSTOMER_NUMBERS = ("1", "10", "100", "01", "1%", "%", "_", "1_", "Ä1", "A1", "ä1", "1 ", "\\", "'", "None")
DOCUMENT_NUMBERS = ("1", "10", "100", "1%", "1_", "2026-1", "Ü-7")
CLERK_CODES = ("BE", "be", "BER", "B%", "_", "Ö")
WORDS = ("Müller", "mueller", "Messe", "Tasse", "weiß", "100%", "10", "_", "%", "\\", "é")
FILES = tuple(sign * 64 for sign in "abc")
DATES = tuple(dt.date(2026, month, 1) for month in (1, 2, 3))
DUE = (None, dt.date(2020, 1, 1), dt.date(2999, 1, 1))
AMOUNTS = (None, 0, 10, -10)
STATES = {
    DocumentKind.QUOTE: ("quote.sent", "quote.declined"),
    DocumentKind.ORDER: ("order.confirmed", "order.delivered"),
}
MONEY = (DocumentKind.INVOICE, DocumentKind.CREDIT_NOTE)


@dataclass(frozen=True)
class World:
    """All that CDH told; some of the customers and clerks whom documents name are not known."""

    customers: tuple[Customer, ...]
    clerks: tuple[Clerk, ...]
    documents: tuple[Document, ...]

    @cached_property
    def by_id(self) -> dict[UUID, Document]:
        return {document.document_id: document for document in self.documents}

    @cached_property
    def linked(self) -> set[tuple[UUID, UUID]]:
        told = {(one.document_id, other) for one in self.documents for other in one.related}
        return told | {(other, one) for one, other in told}

    def of(self, customer_number: str) -> list[Document]:
        return [document for document in self.documents if document.customer_number == customer_number]

    def name_of(self, customer_number: str) -> str:
        return next((one.name for one in self.customers if one.customer_number == customer_number), "")


@dataclass(frozen=True)
class Question:
    """What a list is asked for."""

    kinds: tuple[DocumentKind, ...]
    words: tuple[str, ...]
    state: str | None
    since: dt.date | None
    until: dt.date | None
    sort: str
    size: int

    @property
    def query(self) -> list[tuple[str, str]]:
        given = {"state": self.state, "since": self.since, "until": self.until, "q": " ".join(self.words)}
        return [
            *(("kind", kind.value) for kind in self.kinds),
            *((name, str(value)) for name, value in given.items() if value is not None),
            ("sort", self.sort),
            ("size", str(self.size)),
        ]

    def fits(self, document: Document) -> bool:
        """But for the state."""
        text = search_form(
            " ".join(
                (
                    document.number,
                    document.customer_reference,
                    document.subject,
                    *(position.text for position in document.positions),
                )
            )
        )
        return (
            document.kind in (self.kinds or DocumentKind)
            and (self.since is None or document.document_date >= self.since)
            and (self.until is None or document.document_date <= self.until)
            and all(search_form(word) in text for word in self.words)
        )


def search_form(written: str) -> str:
    decomposed = unicodedata.normalize("NFKD", written.replace("ß", "ss"))
    form = "".join(sign for sign in decomposed if not unicodedata.combining(sign)).lower()
    return form.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def state_of(document: Document) -> str:
    """The step at which it stands, or whether it is paid; the dates it may be due lie far away."""
    if document.kind in MONEY:
        if document.open_amount is None:
            return ""
        is_invoice = document.kind is DocumentKind.INVOICE
        if document.open_amount <= 0 if is_invoice else document.open_amount == 0:
            return "paid"
        return "overdue" if is_invoice and document.due_date == DUE[1] else "open"
    if document.kind not in STATES:
        return ""
    return document.status_entries[0].status_id if document.status_entries else f"{document.kind}.created"


@st.composite
def documents_of(draw: st.DrawFn, count: int, customer_numbers: list[str]) -> Document:
    """The `count` keeps its id apart from those of others with the same kind and number."""
    kind, number = draw(st.sampled_from(DocumentKind)), draw(st.sampled_from(DOCUMENT_NUMBERS))
    key = document_id(kind, number, str(count))
    texts = draw(st.lists(st.sampled_from(WORDS), max_size=2))
    states = draw(st.lists(st.sampled_from(STATES[kind]), max_size=1)) if kind in STATES else []
    files = draw(st.lists(st.sampled_from(FILES), unique=True, max_size=2))
    return Document(
        document_id=key,
        kind=kind,
        number=number,
        external_id=str(count),
        customer_number=draw(st.sampled_from(customer_numbers)),
        contact_id=draw(st.sampled_from(("", "k1", "k2"))),
        clerk_code=draw(st.sampled_from(("", *CLERK_CODES))),
        subject=" ".join(draw(st.lists(st.sampled_from(WORDS), max_size=2))),
        customer_reference=draw(st.sampled_from(("", *WORDS, *customer_numbers))),
        document_date=draw(st.sampled_from(DATES)),
        due_date=draw(st.sampled_from(DUE)),
        gross_total=draw(st.sampled_from(AMOUNTS)),
        open_amount=draw(st.sampled_from(AMOUNTS)),
        positions=tuple(
            Position(
                position_id=position_id(key, str(place)),
                position_key=str(place),
                number=str(place),
                text=text,
                quantity=1,
            )
            for place, text in enumerate(texts)
        ),
        files=tuple(
            File(sha256=sha256, name="a.pdf", media_type="application/pdf", size=1) for sha256 in files
        ),
        status_entries=tuple(
            StatusEntry(entry_id="1", status_id=state, entered_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
            for state in states
        ),
        revision=1,
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    numbers = draw(st.lists(st.sampled_from(CUSTOMER_NUMBERS), min_size=2, max_size=5, unique=True))
    count = draw(st.integers(min_value=2, max_value=16))
    documents = [draw(documents_of(place, numbers)) for place in range(count)]
    others = st.lists(st.sampled_from([one.document_id for one in documents]), max_size=3, unique=True)
    return World(
        customers=tuple(
            Customer(
                customer_number=number,
                name=f"Firma {number}",
                address=f"Weg {number}",
                contacts=(Contact(contact_id="k1", name=f"Kim von {number}"),),
                revision=1,
            )
            for number in draw(st.lists(st.sampled_from(numbers), unique=True))
        ),
        clerks=tuple(
            Clerk(
                clerk_code=code,
                name=f"Person {code}",
                picture=File(sha256=FILES[0], name="a.png", media_type="image/png", size=1),
                revision=1,
            )
            for code in draw(st.lists(st.sampled_from(CLERK_CODES), unique=True))
        ),
        documents=tuple(
            one.model_copy(update={"related": tuple(set(draw(others)) - {one.document_id})})
            for one in documents
        ),
    )


QUESTIONS = st.builds(
    Question,
    kinds=st.lists(st.sampled_from(DocumentKind), unique=True, max_size=3).map(tuple),
    words=st.lists(st.sampled_from(WORDS), max_size=2).map(tuple),
    state=st.sampled_from(
        (None, None, "", "open", "paid", "overdue", "order.created", *STATES[DocumentKind.ORDER])
    ),
    since=st.sampled_from((None, None, *DATES)),
    until=st.sampled_from((None, None, *DATES)),
    sort=st.sampled_from(("-date", "date", "-number", "number", "-amount", "amount")),
    size=st.sampled_from((1, 2, 3, 200)),
)
few_examples = settings(
    max_examples=int(os.environ.get("EXAMPLES", "12")),
    deadline=None,
    # Hundreds of smaller examples would outlast the patience for one test.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    # Each example empties the database of the test before it fills it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


async def load(documents: Documents, world: World) -> None:
    await documents.pool.execute("TRUNCATE customer, clerk, document CASCADE")
    await documents.tell(
        CustomersChanged(customers=world.customers),
        ClerksChanged(clerks=world.clerks),
        DocumentsChanged(documents=world.documents),
    )


def asking(customer_number: str) -> Identity:
    return Identity(role="customer", name="Kim Kunde", customer_number=customer_number)


async def all_pages(
    documents: Documents, who: Identity, query: list[tuple[str, str]], size: int
) -> tuple[list[UUID], list[DocumentRows]]:
    """The ids of the rows in their order, and the pages, of which only the last has no row."""
    pages: list[DocumentRows] = []
    while not pages or pages[-1].rows:
        asked = [*query, ("page", str(len(pages) + 1))]
        pages.append(await documents.client.get("/documents", DocumentRows, who=who, query=asked))
        assert len(pages[-1].rows) <= size
    return [UUID(row.document_id) for page in pages for row in page.rows], pages


@few_examples
@given(world=worlds(), questions=st.lists(QUESTIONS, min_size=1, max_size=3), data=st.data())
async def test_a_list_holds_all_of_the_customers_own_that_fit_and_nothing_else(
    documents: Documents, world: World, questions: list[Question], data: st.DataObject
) -> None:
    await load(documents, world)
    number = data.draw(st.sampled_from([one.customer_number for one in world.documents]))
    stranger = data.draw(st.sampled_from((*CUSTOMER_NUMBERS, "")))
    own_clerks = {document.clerk_code for document in world.of(number)}

    for question in questions:
        fitting = [document for document in world.of(number) if question.fits(document)]
        counts = Counter(map(state_of, fitting))
        expected = {
            one.document_id for one in fitting if question.state is None or state_of(one) == question.state
        }

        ids, pages = await all_pages(documents, asking(number), question.query, question.size)

        assert len(ids) == len(set(ids)), "no row stands on two pages"
        assert set(ids) == expected
        for page in pages:
            assert page.total == len(expected)
            assert {one.state: one.count for one in page.states if one.count} == counts
            assert page.clerk is None or page.clerk.clerk_code in own_clerks
            for row in page.rows:
                told = world.by_id[UUID(row.document_id)]
                assert (row.kind, row.number, row.subject) == (told.kind, told.number, told.subject)
                assert row.customer_number in {number, ""}
                assert row.customer_name in {world.name_of(number), ""}

        plain = await documents.client.call("GET", "/documents", who=asking(number), query=question.query)
        with_another = [*question.query, ("customer_number", stranger)]
        assert plain == await documents.client.call(
            "GET", "/documents", who=asking(number), query=with_another
        ), "a customer does not choose whose documents he sees"


@few_examples
@given(world=worlds())
async def test_the_staff_sees_of_one_customer_what_he_has(documents: Documents, world: World) -> None:
    await load(documents, world)

    for number in {document.customer_number for document in world.documents}:
        query = [("customer_number", number), ("size", "5")]
        ids, pages = await all_pages(documents, CLERK, query, 5)
        assert sorted(ids) == sorted(one.document_id for one in world.of(number))
        assert {page.total for page in pages} == {len(world.of(number))}
    for customer in world.customers:
        path = f"/customers/{quote(customer.customer_number, safe='')}"
        page = await documents.client.get(path, CustomerPage, who=CLERK)
        own = world.of(customer.customer_number)
        assert page.counts == Counter(document.kind for document in own)
        assert page.clerk is None or page.clerk.clerk_code in {one.clerk_code for one in own}


@few_examples
@given(world=worlds(), data=st.data())
async def test_a_strangers_document_file_or_clerk_is_not_found(
    documents: Documents, world: World, data: st.DataObject
) -> None:
    await load(documents, world)
    owner = data.draw(st.sampled_from([one.customer_number for one in world.documents]))
    anybody = data.draw(st.sampled_from((*CUSTOMER_NUMBERS, "")))

    for number in {owner, anybody}:
        for told in world.documents:
            path, is_own = f"/documents/{told.document_id}", told.customer_number == number
            if is_own:
                assert_is_his(world, told, await documents.client.get(path, DocumentPage, who=asking(number)))
            else:
                with pytest.raises(NotFoundError):
                    await documents.client.get(path, DocumentPage, who=asking(number))
            own_files = {file.sha256 for file in told.files or () if is_own}
            for sha256 in {*(file.sha256 for file in told.files or ()), data.draw(st.sampled_from(FILES))}:
                await assert_found(documents, number, f"{path}/files/{sha256}", expected=sha256 in own_files)

        own_clerks = {document.clerk_code for document in world.of(number)}
        for code in CLERK_CODES:
            is_known = code in {clerk.clerk_code for clerk in world.clerks}
            path = f"/clerks/{quote(code, safe='')}"
            await assert_found(documents, number, path, expected=is_known and code in own_clerks)


def assert_is_his(world: World, told: Document, page: DocumentPage) -> None:
    number = told.customer_number
    name = world.name_of(number)
    assert (page.document_id, page.number, page.customer_number) == (told.document_id, told.number, number)
    assert page.customer_name == name
    assert page.address == (f"Weg {number}" if name else "")
    assert page.contact_name == (f"Kim von {number}" if name and told.contact_id == "k1" else "")
    assert [position.text for position in page.positions] == [position.text for position in told.positions]
    assert {file.sha256 for file in page.files} == {file.sha256 for file in told.files or ()}
    assert page.clerk is None or page.clerk.clerk_code == told.clerk_code
    assert {one.document_id for one in page.related} == {
        other.document_id
        for other in world.of(number)
        if (told.document_id, other.document_id) in world.linked
    }


async def assert_found(documents: Documents, customer_number: str, path: str, *, expected: bool) -> None:
    """A file, or the card of a clerk with his picture."""
    answer: type[ClerkCard | StoredFile] = ClerkCard if path.startswith("/clerks/") else StoredFile
    if expected:
        found = await documents.client.get(path, answer, who=asking(customer_number))
        key = found.clerk_code if isinstance(found, ClerkCard) else found.sha256
        assert path.endswith(f"/{quote(key, safe='')}")
    else:
        with pytest.raises(NotFoundError):
            await documents.client.get(path, answer, who=asking(customer_number))
