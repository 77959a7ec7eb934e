"""Orders that are told by hand because a proof hangs on them, and the proofs with what becomes of them."""

import datetime as dt
import random
from dataclasses import dataclass, replace
from typing import Literal

from deploy.demo.company import CustomerProfile, customer_of
from deploy.demo.drafts import Calendar, Draft, Line, line_of, make_positions, working_day_before
from shared.events.sync import DocumentKind

Outcome = Literal["waiting", "approved", "approved_with_changes", "changes_requested"]
Drawing = Literal["shirt", "polo", "bag", "cap", "mug", "rollup", "card", "pen"]
Form = Literal["pdf", "png"]


@dataclass(frozen=True)
class ProofPlan:
    """A proof that a clerk assigned, what is drawn on it, and what the customer will say."""

    order_number: str
    position_number: str
    title: str
    drawing: Drawing
    customer: CustomerProfile
    line: Line
    clerk_code: str
    assigned_at: dt.datetime
    form: Form = "pdf"
    version: int = 1
    outcome: Outcome = "waiting"
    comment: str = ""
    person: int = 0
    """Which contact stands on a business card."""

    @property
    def file_name(self) -> str:
        """As a dealer names it: "2026-1042_Pos2_T-Shirt-Brustdruck_V1.pdf"."""
        title = self.title.replace(" ", "-").replace("ü", "ue").replace("ß", "ss")
        return f"{self.order_number}_Pos{self.position_number}_{title}_V{self.version}.{self.form}"


@dataclass(frozen=True)
class _Proof:
    place: int
    title: str
    drawing: Drawing
    outcome: Outcome = "waiting"
    comment: str = ""
    form: Form = "pdf"
    person: int = 0


@dataclass(frozen=True)
class _Story:
    brand: str
    days: int
    """Working days ago."""
    subject: str
    lines: tuple[Line, ...]
    proofs: tuple[_Proof, ...]
    reference: str = ""
    is_released: bool = False
    delivered: tuple[int, ...] = ()
    """The positions that have left already; the rest follows."""


_CHEST = ("Brust, mittig", "280 x 240")
_FRONT = ("Vorderseite", "240 x 230")
_CAP = ("Vorderseite", "80 x 60")
_SHAFT = ("Schaft", "45 x 6.5")
_SMALLER = "Bitte das Logo etwas kleiner, etwa 70 mm breit, und näher an die Knopfleiste."
_WIDER = "Das Logo darf größer sein. Bitte über die ganze Breite, mit 60 mm Rand links und rechts."
_ORANGE = "Das Orange wirkt auf dem Schaft zu dunkel. Bitte in Pantone 151 C anlegen."
_CLAIM = "Bitte „Draußen ist drin“ weglassen, nur das Logo auf beide Seiten."
_STREET = "Bitte vor der Produktion die Durchwahl in die Telefonnummer aufnehmen, sonst passt alles."
_LOWER = "Einverstanden, wenn das Motiv 2 cm tiefer sitzt."

HERO = _Story(
    "talwind",
    3,
    "Teamkleidung und Taschen zum Saisonstart",
    (
        line_of("polo_ladies", 40, "Petrol", "stitch"),
        line_of("tshirt", 120, "Petrol", "screen", spot=_CHEST),
        line_of("bag", 250, "Natur", "screen", spot=_FRONT),
    ),
    (_Proof(2, "T-Shirt Brustdruck", "shirt"),),
    "BE-4711 vom Einkauf, Frau Reuter",
)
"""The order to which the visitor assigns a proof himself; its proof is drawn and left to him."""
HERO_NUMBER = "2026-1042"

STORIES = (
    _Story(
        "talwind",
        6,
        "Messeauftritt auf den Outdoortagen",
        (
            line_of("rollup", 2, "Silber", "digital"),
            line_of("card", 2, "4/4-farbig", "digital"),
            line_of("pen", 500, "Nachtblau", "pad", spot=_SHAFT),
        ),
        (
            _Proof(1, "Roll-up", "rollup"),
            _Proof(2, "Visitenkarten Reuter", "card"),
            _Proof(3, "Kugelschreiber", "pen", "approved"),
        ),
        "Messe, Kostenstelle 310",
    ),
    _Story(
        "talwind",
        11,
        "Kappen für das Verleihteam",
        (line_of("cap", 60, "Marine", "stitch", spot=_CAP),),
        (_Proof(1, "Kappe Stick", "cap", "approved"),),
    ),
    _Story(
        "talwind",
        8,
        "Tassen als Kundengeschenk",
        (line_of("mug", 144, "Weiß", "sublimation"),),
        (_Proof(1, "Tasse rundum", "mug", "changes_requested", _CLAIM),),
        "Weihnachtsaktion",
    ),
    _Story(
        "talwind",
        15,
        "Baumwolltaschen zur Filialeröffnung",
        (line_of("bag", 500, "Natur", "screen", spot=_FRONT),),
        (_Proof(1, "Tasche Vorderseite", "bag", "approved_with_changes", _LOWER),),
    ),
    _Story(
        "talwind",
        19,
        "Taschen und Tassen für die Stammkunden",
        (
            line_of("bag", 200, "Natur", "screen", spot=_FRONT),
            line_of("mug", 96, "Weiß", "sublimation"),
        ),
        (),
        is_released=True,
        delivered=(1,),
    ),
    _Story(
        "sonnenbichl",
        5,
        "Shirts und Krüge für die Kellner",
        (line_of("tshirt", 80, "Grasgrün", "screen", spot=_CHEST), line_of("mug", 72, "Weiß", "sublimation")),
        (_Proof(1, "T-Shirt Brustdruck", "shirt", "approved"), _Proof(2, "Tasse rundum", "mug", form="png")),
        "Ihre Mail, Herr Moser",
    ),
    _Story(
        "sonnenbichl",
        9,
        "Roll-ups für das Brauereifest",
        (line_of("rollup", 3, "Silber", "digital"),),
        (_Proof(1, "Roll-up", "rollup", "changes_requested", _WIDER),),
    ),
    _Story(
        "sonnenbichl",
        4,
        "Kappen für den Biergarten",
        (line_of("cap", 50, "Beige", "stitch", spot=_CAP),),
        (_Proof(1, "Kappe Stick", "cap"),),
    ),
    _Story(
        "pusteblume",
        4,
        "Taschen und Shirts für das Waldfest",
        (
            line_of("bag", 150, "Natur", "screen", spot=_FRONT),
            line_of("tshirt", 60, "Weiß", "screen", spot=_CHEST),
        ),
        (_Proof(1, "Tasche Vorderseite", "bag", form="png"), _Proof(2, "T-Shirt Brustdruck", "shirt")),
    ),
    _Story(
        "leuchtturm",
        7,
        "Tassen, Shirts und Karten für das Café",
        (
            line_of("mug", 108, "Weiß", "sublimation"),
            line_of("tshirt", 30, "Weiß", "screen", spot=_CHEST),
            line_of("card", 1, "4/4-farbig", "digital"),
        ),
        (
            _Proof(1, "Tasse rundum", "mug"),
            _Proof(2, "T-Shirt Brustdruck", "shirt"),
            _Proof(3, "Visitenkarten Jessen", "card"),
        ),
    ),
    _Story(
        "voltmann",
        12,
        "Poloshirts für die Montage",
        (line_of("polo", 60, "Weiß", "stitch"),),
        (_Proof(1, "Polo linke Brust", "polo", "approved"),),
        "Bestellung 4500071822",
        is_released=True,
    ),
    _Story(
        "voltmann",
        6,
        "Visitenkarten für Frau Kuhl und Herrn Arslan",
        (line_of("card", 2, "4/4-farbig", "digital"),),
        (
            _Proof(1, "Visitenkarten Kuhl", "card", "approved", person=1),
            _Proof(1, "Visitenkarten Arslan", "card", "approved_with_changes", _STREET, person=2),
        ),
    ),
    _Story(
        "voltmann",
        5,
        "Kugelschreiber für den Tag der Ausbildung",
        (line_of("pen", 1000, "Nachtblau", "pad", spot=_SHAFT),),
        (_Proof(1, "Kugelschreiber", "pen"),),
    ),
    _Story(
        "tsv",
        5,
        "Kappen und Shirts für das Ferienlager",
        (
            line_of("cap", 100, "Marine", "stitch", spot=_CAP),
            line_of("tshirt", 150, "Weiß", "screen", spot=_CHEST),
        ),
        (_Proof(1, "Kappe Stick", "cap", form="png"), _Proof(2, "T-Shirt Brustdruck", "shirt")),
        "Vorstandsbeschluss Ferienlager",
    ),
    _Story(
        "blattgold",
        10,
        "Taschen und Karten für den Adventsmarkt",
        (line_of("bag", 300, "Natur", "screen", spot=_FRONT), line_of("card", 1, "4/4-farbig", "digital")),
        (
            _Proof(1, "Tasche Vorderseite", "bag", "approved"),
            _Proof(2, "Visitenkarten Sommer", "card", "approved"),
        ),
    ),
    _Story(
        "blattgold",
        4,
        "Poloshirts für das Ladenteam",
        (line_of("polo_ladies", 20, "Weiß", "stitch"),),
        (_Proof(1, "Polo linke Brust", "polo"),),
    ),
    _Story(
        "hellmann",
        9,
        "Schreibgeräte und Poloshirts für die Messe",
        (
            line_of("pen", 2000, "Nachtblau", "pad", spot=_SHAFT),
            line_of("polo", 30, "Weiß", "stitch"),
            line_of("rollup", 2, "Silber", "digital"),
        ),
        (
            _Proof(1, "Kugelschreiber", "pen", "changes_requested", _ORANGE),
            _Proof(2, "Polo linke Brust", "polo", "changes_requested", _SMALLER),
            _Proof(3, "Roll-up", "rollup", "approved"),
        ),
        "Projekt Hausmesse",
    ),
)

SECOND_VERSION = ("talwind", "Tasse rundum")
"""Brand and title of the sample that is sent again after the customer's correction."""
EARLY = _Story(
    "voltmann", 1, "", (line_of("polo", 25, "Weiß", "stitch"),), (_Proof(1, "Polo linke Brust", "polo"),)
)
"""Assigned while the order is still being written: its order is not there."""


class Stories:
    """The drafts of the told orders; proofs get their order's number when it has one."""

    def __init__(self, rng: random.Random, today: dt.date) -> None:
        self._rng = rng
        self._yesterday = today - dt.timedelta(days=1)
        self.hero = self._draft(HERO)
        self._told = [(story, self._draft(story)) for story in STORIES]

    @property
    def drafts(self) -> list[Draft]:
        told = [self.hero, *(draft for _, draft in self._told)]
        return told + [note for draft in told for note in draft.related]

    def proofs(self) -> tuple[ProofPlan, ...]:
        """All first versions, in the order in which they are assigned."""
        plans = [
            self._plan(story, proof, draft.number) for story, draft in self._told for proof in story.proofs
        ]
        return tuple(sorted(plans, key=lambda plan: (plan.assigned_at, plan.order_number, plan.title)))

    def second_version(self) -> ProofPlan:
        """Made after the customer wanted a correction."""
        brand, title = SECOND_VERSION
        first = next(
            plan
            for plan in self.proofs()
            if plan.title == title and plan.customer.brand and plan.customer.brand.logo == brand
        )
        later = first.assigned_at + dt.timedelta(days=1, minutes=47)
        return replace(first, version=2, outcome="waiting", comment="", assigned_at=later)

    def hero_proof(self) -> ProofPlan:
        return self._plan(HERO, HERO.proofs[0], self.hero.number)

    def early_proof(self, order_number: str) -> ProofPlan:
        return self._plan(EARLY, EARLY.proofs[0], order_number)

    def _draft(self, story: _Story) -> Draft:
        customer = customer_of(story.brand)
        calendar = Calendar(self._rng, self._yesterday)
        date = working_day_before(self._yesterday, story.days)
        draft = Draft(
            DocumentKind.ORDER,
            customer,
            customer.contacts[0],
            customer.clerk_code,
            story.subject,
            story.reference,
            date,
            make_positions(self._rng, story.lines),
            delivery_date=calendar.later(self._yesterday, 8, 16),
        )
        calendar.enter(draft, "order.created", date)
        calendar.enter(draft, "order.confirmed", date)
        if story.is_released:
            calendar.enter(draft, "order.released", working_day_before(self._yesterday, 1))
        if story.delivered:
            date = working_day_before(self._yesterday, 0)
            calendar.enter(draft, "order.delivered", date, story.delivered)
            positions = tuple(draft.positions[place - 1] for place in story.delivered)
            draft.follow(DocumentKind.DELIVERY_NOTE, date, positions).delivery_date = date
        return draft

    def _plan(self, story: _Story, proof: _Proof, order_number: str) -> ProofPlan:
        customer = customer_of(story.brand)
        day = working_day_before(self._yesterday, max(0, story.days - 2))
        return ProofPlan(
            order_number=order_number,
            position_number=str(proof.place),
            title=proof.title,
            drawing=proof.drawing,
            customer=customer,
            line=story.lines[proof.place - 1],
            clerk_code=customer.clerk_code,
            assigned_at=dt.datetime(day.year, day.month, day.day, 8, 10 + 7 * proof.place, tzinfo=dt.UTC),
            form=proof.form,
            outcome=proof.outcome,
            comment=proof.comment,
            person=proof.person,
        )
