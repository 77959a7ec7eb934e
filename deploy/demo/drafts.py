"""Documents while they are written: positions with prices, histories with times. Numbers come in data.py."""

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from deploy.demo.catalogue import ARTICLES, FINISHINGS, TEXTILE_SIZES, Article, Finishing
from deploy.demo.company import CustomerProfile, Person, clerk_name
from shared.events.sync import DocumentKind

VAT = Decimal("0.19")
CENT = Decimal("0.01")


def to_cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


@dataclass(frozen=True)
class Line:
    """What is bought: so many of an article in a colour, finished or not."""

    article: Article
    quantity: int
    colour: str
    finishing: Finishing | None = None
    place: str = ""
    size_mm: str = ""
    colours: int = 1


@dataclass(frozen=True)
class PositionDraft:
    """A position without its number. `is_setup`: cost of setting up, delivered with the rest."""

    article_number: str
    text: str
    description: str
    quantity: int
    unit: str
    unit_price: Decimal
    discount_percent: Decimal = Decimal(0)
    colour: str = ""
    size: str = ""
    finishing: str = ""
    is_setup: bool = False

    @property
    def net_total(self) -> Decimal:
        return to_cents(self.quantity * self.unit_price * (1 - self.discount_percent / 100))


@dataclass(frozen=True)
class EntryDraft:
    """A status was added; empty `places` (counted from 1): it holds for the whole document."""

    status_id: str
    places: tuple[int, ...]
    entered_at: dt.datetime
    author: str


@dataclass(eq=False)
class Draft:
    """A document while it grows; `number` is given when all are there."""

    kind: DocumentKind
    customer: CustomerProfile
    contact: Person
    clerk_code: str
    subject: str
    reference: str
    date: dt.date
    positions: tuple[PositionDraft, ...]
    due_date: dt.date | None = None
    delivery_date: dt.date | None = None
    open_amount: Decimal | None = None
    related: list["Draft"] = field(default_factory=list)
    entries: list[EntryDraft] = field(default_factory=list)
    number: str = ""
    external_id: str = ""

    @property
    def net_total(self) -> Decimal:
        return sum((position.net_total for position in self.positions), Decimal(0))

    @property
    def tax_total(self) -> Decimal:
        return to_cents(self.net_total * VAT)

    @property
    def gross_total(self) -> Decimal:
        return self.net_total + self.tax_total

    def follow(self, kind: DocumentKind, date: dt.date, positions: tuple[PositionDraft, ...]) -> "Draft":
        """A document that came of this one; both name each other."""
        other = Draft(
            kind, self.customer, self.contact, self.clerk_code, self.subject, self.reference, date, positions
        )
        other.related.append(self)
        self.related.append(other)
        return other


class Calendar:
    """Working days and office hours. Nothing happens after `last_day`."""

    def __init__(self, rng: random.Random, last_day: dt.date) -> None:
        self._rng = rng
        self.last_day = last_day

    def later(self, date: dt.date, least: int, most: int) -> dt.date:
        """A working day so many days later."""
        return working_day(date + dt.timedelta(days=self._rng.randint(least, most)))

    def enter(self, draft: Draft, status_id: str, date: dt.date, places: tuple[int, ...] = ()) -> None:
        """Add a status on that day, after all that are there; nothing when the day has not come."""
        if date > self.last_day:
            return
        at = dt.datetime(date.year, date.month, date.day, 6, self._rng.randint(20, 59), tzinfo=dt.UTC)
        at += dt.timedelta(minutes=self._rng.randint(0, 460), seconds=self._rng.randint(0, 59))
        if draft.entries and at <= draft.entries[-1].entered_at:
            at = draft.entries[-1].entered_at + dt.timedelta(minutes=self._rng.randint(2, 35))
        draft.entries.append(EntryDraft(status_id, places, at, clerk_name(draft.clerk_code)))


def working_day(date: dt.date) -> dt.date:
    """The day itself, or the Monday after a weekend."""
    return date + dt.timedelta(days=max(0, 7 - date.weekday()) if date.weekday() >= 5 else 0)


def working_day_before(date: dt.date, days: int) -> dt.date:
    """So many working days before; 0 is the last working day up to `date`."""
    while date.weekday() >= 5:
        date -= dt.timedelta(days=1)
    for _ in range(days):
        date -= dt.timedelta(days=3 if date.weekday() == 0 else 1)
    return date


def make_positions(rng: random.Random, lines: tuple[Line, ...]) -> tuple[PositionDraft, ...]:
    """The articles in their order, then what setting up costs, then freight for small orders."""
    positions = [_article_position(rng, line) for line in lines]
    setups: dict[str, tuple[Finishing, int]] = {}
    for line in lines:
        if line.finishing is not None:
            known = setups.get(line.finishing.name, (line.finishing, 0))
            setups[line.finishing.name] = (line.finishing, max(known[1], line.colours))
    positions += [_setup_position(finishing, colours) for finishing, colours in setups.values()]
    return tuple(positions)


def freight_position() -> PositionDraft:
    return PositionDraft(
        article_number="V-0001",
        text="Versandkosten",
        description="Paketdienst, versichert",
        quantity=1,
        unit="psch.",
        unit_price=Decimal("14.90"),
        is_setup=True,
    )


def _article_position(rng: random.Random, line: Line) -> PositionDraft:
    article, finishing = line.article, line.finishing
    price = article.price(line.quantity)
    if finishing is not None:
        price += finishing.surcharge * (line.colours if finishing.name in {"Siebdruck", "Tampondruck"} else 1)
    return PositionDraft(
        article_number=article.number,
        text=article.name,
        description=article.description,
        quantity=line.quantity,
        unit=article.unit,
        unit_price=to_cents(price),
        discount_percent=Decimal(rng.choice((0, 0, 0, 0, 0, 3, 5))) if line.quantity >= 100 else Decimal(0),
        colour=line.colour,
        size=_size_mix(rng, line.quantity) if article.has_sizes else "",
        finishing=describe_finishing(line),
    )


def _setup_position(finishing: Finishing, colours: int) -> PositionDraft:
    per_colour = finishing.name in {"Siebdruck", "Tampondruck"}
    return PositionDraft(
        article_number=finishing.setup_number,
        text=finishing.setup_text,
        description="Einmalig, entfällt bei unveränderter Nachbestellung",
        quantity=colours if per_colour else 1,
        unit="Farbe" if per_colour and colours == 1 else "Farben" if per_colour else "psch.",
        unit_price=finishing.setup_price,
        is_setup=True,
    )


def describe_finishing(line: Line) -> str:
    """As the clerk writes it: "Siebdruck 2-farbig, Brust, mittig, 280 x 240 mm"."""
    if line.finishing is None:
        return ""
    colours = f" {line.colours}-farbig" if line.finishing.name in {"Siebdruck", "Tampondruck"} else ""
    size = f", {line.size_mm} mm".replace(".", ",") if line.size_mm[:1].isdigit() else ""
    return f"{line.finishing.name}{colours}, {line.place}{size}"


def _size_mix(rng: random.Random, quantity: int) -> str:
    """A mix of sizes that adds up to the quantity: "S 10 · M 35 · L 40 · XL 15"."""
    weights = [weight + rng.randint(0, 2) for weight in (2, 6, 7, 4, 1)]
    counts = [quantity * weight // sum(weights) for weight in weights]
    counts[2] += quantity - sum(counts)
    return " · ".join(f"{size} {count}" for size, count in zip(TEXTILE_SIZES, counts, strict=True) if count)


def line_of(
    article: str, quantity: int, colour: str, finishing: str, *, spot: tuple[str, str] | None = None
) -> Line:
    """A line by the catalogue's keys. `spot`: place and size in mm, the finishing's first unless told."""
    chosen = FINISHINGS[finishing]
    place, size_mm = spot or chosen.places[0]
    return Line(ARTICLES[article], quantity, colour, chosen, place=place, size_mm=size_mm, colours=2)
