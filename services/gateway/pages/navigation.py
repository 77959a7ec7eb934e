"""The menu of each role: one table. A page that is not in it says by `section` to which entry it belongs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from services.gateway.words.texts import N_

MOST_IN_THE_BAR = 5
"""What fits beside one another at the bottom of a phone; of more, the last ones open by "More"."""


@dataclass(frozen=True)
class Entry:
    """A line of the menu. `pages` are the routes behind it, which mark it as well.

    With `has_area` every page below its own address does.
    """

    route: str
    icon: str
    name: str
    pages: tuple[str, ...] = ()
    has_area: bool = False


_DECISION = (
    "show_proof",
    "confirm_approval",
    "grant_approval",
    "confirm_approval_with_changes",
    "grant_approval_with_changes",
    "describe_changes",
    "request_changes",
    "show_decision",
)
_QUOTES = Entry("list_quotes", "quotes", N_("Quotes"))
_ORDERS = Entry("list_orders", "orders", N_("Orders"), ("show_order",))
_INVOICES = Entry("list_invoices", "invoices", N_("Invoices"), ("show_document",))
_CLERK = (
    Entry("show_desk", "desk", N_("Desk"), ("show_proof",)),
    Entry("list_desk_customers", "people", N_("Customers"), has_area=True),
    _ORDERS,
    _QUOTES,
    _INVOICES,
)
MENUS: dict[str, tuple[Entry, ...]] = {
    "customer": (
        Entry("show_start", "start", N_("Start")),
        _QUOTES,
        _ORDERS,
        _INVOICES,
        Entry("list_proofs", "proofs", N_("Approvals"), _DECISION),
    ),
    "clerk": _CLERK,
    "operator": (*_CLERK, Entry("show_admin", "settings", N_("Administration"), has_area=True)),
}


@dataclass(frozen=True)
class Line:
    """An entry as a template shows it, in one language."""

    route: str
    icon: str
    name: str
    address: str
    pages: frozenset[str]
    has_area: bool


@dataclass(frozen=True)
class Menu:
    """`late` are the lines that a phone shows behind "More"; all are beside the page from 960 px on."""

    first: tuple[Line, ...]
    late: tuple[Line, ...]

    def __iter__(self) -> Iterator[Line]:
        yield from self.first
        yield from self.late


def menus_in(
    translate: Callable[[str], str],
    address_of: Callable[[str], str],
    table: Mapping[str, tuple[Entry, ...]] = MENUS,
) -> dict[str, Menu]:
    """The menus by role, in one language."""

    def line(entry: Entry) -> Line:
        return Line(
            route=entry.route,
            icon=entry.icon,
            name=translate(entry.name),
            address=address_of(entry.route),
            pages=frozenset(entry.pages),
            has_area=entry.has_area,
        )

    return {role: _menu(map(line, entries)) for role, entries in table.items()}


def _menu(lines: Iterator[Line]) -> Menu:
    every = tuple(lines)
    first = MOST_IN_THE_BAR if len(every) <= MOST_IN_THE_BAR else MOST_IN_THE_BAR - 1
    return Menu(first=every[:first], late=every[first:])
