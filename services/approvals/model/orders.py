"""Orders as CDH has them: which one a sample is for, and what changed in one after an approval."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID

# The fields of a position whose change makes an approval outdated.
COMPARED = ("article_number", "text", "description", "quantity", "unit", "colour", "size", "finishing")


@dataclass(frozen=True, slots=True)
class Position:
    """What a proof is for, as CDH has it. A description of None was not kept then, and is not compared."""

    position_id: UUID
    number: str
    article_number: str
    text: str
    quantity: Decimal
    unit: str
    colour: str
    size: str
    finishing: str
    description: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed after an approval; `field` is a field of Position, "removed", or "customer"."""

    number: str
    field: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.number}/{self.field}" if self.number else self.field


@dataclass(frozen=True, slots=True)
class Order:
    document_id: UUID
    number: str
    customer_number: str
    contact_id: str
    clerk_code: str
    positions: tuple[Position, ...]

    def covered_by(self, position_numbers: tuple[str, ...]) -> tuple[Position, ...]:
        """The positions that a sample is for; without numbers it is for the whole order."""
        if not position_numbers:
            return self.positions
        return tuple(position for position in self.positions if position.number in position_numbers)

    def missing(self, position_numbers: tuple[str, ...]) -> tuple[str, ...]:
        """Those of the numbers that the order has no position for."""
        known = {position.number for position in self.positions}
        return tuple(number for number in position_numbers if number not in known)

    def has(self, position_numbers: tuple[str, ...]) -> bool:
        return not self.missing(position_numbers)


def choose_order(candidates: Sequence[Order], position_numbers: tuple[str, ...]) -> Order | None:
    """The order that a sample is for, of those that it may mean, the newest first.

    A number alone is not unique. Where several customers have an order of it, it is nobody's, whatever
    positions they have: the sample waits, for a stranger must not see it.
    """
    fitting = [order for order in candidates if order.has(position_numbers)]
    return fitting[0] if fitting and not _are_of_several_customers(candidates) else None


def _are_of_several_customers(orders: Sequence[Order]) -> bool:
    return len({order.customer_number for order in orders}) > 1


@dataclass(frozen=True, slots=True)
class Wait:
    """What a sample waits for: its order, positions that the order does not have, or a word whose it is."""

    reason: Literal["order", "positions", "customer"]
    missing: tuple[str, ...] = ()


def why_it_waits(candidates: Sequence[Order], position_numbers: tuple[str, ...]) -> Wait:
    """`candidates` are those that it may mean; of several, the one that lacks the least."""
    if not candidates:
        return Wait("order")
    if _are_of_several_customers(candidates):
        return Wait("customer")
    return Wait("positions", min((order.missing(position_numbers) for order in candidates), key=len))


def changes(positions: Sequence[Position], order: Order) -> tuple[Change, ...]:
    """What differs from these positions now. CDH may renumber positions or write them anew."""
    by_id = {position.position_id: position for position in order.positions}
    by_number = {position.number: position for position in order.positions}
    found: list[Change] = []
    for before in positions:
        after = by_id.get(before.position_id) or by_number.get(before.number)
        if after is None:
            found.append(Change(before.number, "removed", before.text, ""))
            continue
        found += (
            Change(before.number, field, _shown(getattr(before, field)), _shown(getattr(after, field)))
            for field in COMPARED
            if getattr(before, field) is not None
            and _comparable(getattr(before, field)) != _comparable(getattr(after, field))
        )
    return tuple(found)


def fingerprint(positions: Sequence[Position]) -> str:
    """The same for positions between which nothing changed that would make an approval outdated."""
    compared = [[_comparable(getattr(position, field)) for field in COMPARED] for position in positions]
    return hashlib.sha256(json.dumps(compared).encode()).hexdigest()


def _comparable(value: str | Decimal | None) -> str:
    return " ".join(_shown(value).split())


def _shown(value: str | Decimal | None) -> str:
    return plain_number(value) if isinstance(value, Decimal) else value or ""


def plain_number(value: Decimal) -> str:
    """100.00 as "100", without an exponent."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
