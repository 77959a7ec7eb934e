"""Draws proofs with typst: PDF, or a picture of the first page. Needs no fonts but those in the wheels."""

import io
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import typst
from PIL import ImageFont

from deploy.demo.company import DEALER, WHITE, Brand, Ink, clerk_name
from deploy.demo.drafts import describe_finishing
from deploy.demo.stories import ProofPlan
from shared.events.sync import PrintDetails

DRAWINGS = Path(__file__).parent / "drawings"
PICTURE_PPI = 150.0
_SHAFT_OR_CHEST = {"pen", "polo"}
_NO_CLOTH = {"mug", "rollup", "card"}
_SIZES = {
    "shirt": (280, 240),
    "polo": (90, 22),
    "bag": (240, 230),
    "cap": (80, 60),
    "mug": (200, 85),
    "rollup": (850, 2000),
    "card": (85, 55),
    "pen": (45, 6.5),
}
_CLOTHS = {
    "Petrol": "#1F5560",
    "Weiß": "#F6F6F3",
    "Natur": "#EFE6D2",
    "Marine": "#14294A",
    "Beige": "#DCCBA8",
    "Grasgrün": "#2F6B3A",
    "Royalblau": "#1D4E9E",
    "Nachtblau": "#24364B",
    "Silber": "#C9CED3",
    "4/4-farbig": "#FFFFFF",
}
_DARK = {"Petrol", "Marine", "Grasgrün", "Royalblau", "Nachtblau"}


@dataclass(frozen=True)
class DrawnFile:
    name: str
    media_type: str
    content: bytes


def inks_of(plan: ProofPlan) -> tuple[Ink, Ink]:
    """The two inks: on dark cloth the main one is white."""
    brand = _brand(plan)
    on_dark = plan.drawing not in _NO_CLOTH and plan.line.colour in _DARK
    return (WHITE if on_dark else brand.main), brand.accent


def print_details(plan: ProofPlan) -> PrintDetails:
    """What is told beside the file, in the words of the proof."""
    width, height = _SIZES[plan.drawing]
    return PrintDetails(
        method=_method(plan),
        place=_place(plan),
        size_mm=f"{width} x {height}".replace(".", ","),
        colours=", ".join(_ink_name(plan, ink) for ink in inks_of(plan)),
        quantity=_quantity(plan),
    )


class ProofPress:
    """Draws proofs one after the other; opening it is the slow part. Use as a context manager."""

    def __init__(self) -> None:
        self._fonts = tempfile.TemporaryDirectory(prefix="cockpit-demo-")
        self._compiler: Any = None

    def __enter__(self) -> Self:
        _write_sans(Path(self._fonts.name))
        # Fonts of this machine stay out: a proof looks the same everywhere.
        fonts = typst.Fonts(include_system_fonts=False, font_paths=[self._fonts.name])
        self._compiler = typst.Compiler(root=DRAWINGS, font_paths=fonts, ignore_system_fonts=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._fonts.cleanup()

    def draw(self, plan: ProofPlan) -> DrawnFile:
        """The proof as a file; the same plan gives the same bytes."""
        options: dict[str, Any] = (
            {"format": "png", "ppi": PICTURE_PPI}
            if plan.form == "png"
            else {"format": "pdf", "timestamp": int(plan.assigned_at.timestamp())}
        )
        drawn = self._compiler.compile(
            DRAWINGS / "proof.typ", sys_inputs={"proof": json.dumps(_shown(plan))}, **options
        )
        content: bytes = drawn[0] if isinstance(drawn, list) else drawn
        media_type = "image/png" if plan.form == "png" else "application/pdf"
        return DrawnFile(plan.file_name, media_type, content)


def _write_sans(folder: Path) -> None:
    """Pillow carries a sans serif with the letters of ASCII; the invented logos are set in it."""
    font = ImageFont.load_default(16)
    source = getattr(font, "path", None)
    if isinstance(source, io.BytesIO):  # without FreeType there is none: typst takes its own then
        (folder / "sans.ttf").write_bytes(source.getvalue())


def _brand(plan: ProofPlan) -> Brand:
    if plan.customer.brand is None:
        raise ValueError(f"{plan.customer.name} has no logo to draw.")
    return plan.customer.brand


def _method(plan: ProofPlan) -> str:
    finishing = plan.line.finishing
    return describe_finishing(plan.line).partition(",")[0] if finishing else ""


def _place(plan: ProofPlan) -> str:
    return {"card": "Vorder- und Rückseite", "rollup": "vollflächig", "mug": "umlaufend"}.get(
        plan.drawing, plan.line.place
    )


def _quantity(plan: ProofPlan) -> str:
    return f"{plan.line.quantity} {'Sätze' if plan.drawing == 'card' else 'Stück'}".replace(
        "1 Sätze", "1 Satz"
    )


def _ink_name(plan: ProofPlan, ink: Ink) -> str:
    return ink.thread if plan.line.finishing and plan.line.finishing.name == "Stick" else ink.pantone


def _shown(plan: ProofPlan) -> dict[str, Any]:
    """What proof.typ wants."""
    brand, (width, height) = _brand(plan), _SIZES[plan.drawing]
    details, person = print_details(plan), plan.customer.contacts[plan.person]
    _, street, town = plan.customer.address.split("\n")
    first_words = Counter(one.name.split()[0] for one in plan.customer.contacts)
    return {
        "drawing": plan.drawing,
        "logo": brand.logo,
        "upright": plan.drawing not in _SHAFT_OR_CHEST,
        "cloth": _CLOTHS[plan.line.colour],
        "cloth_name": plan.line.colour,
        "inks": [{"rgb": ink.rgb, "name": _ink_name(plan, ink)} for ink in inks_of(plan)],
        "width_mm": width,
        "height_mm": height,
        "order_number": plan.order_number,
        "positions": plan.position_number,
        "article": plan.line.article.name,
        "customer": plan.customer.name.partition(",")[0],
        "quantity": details.quantity,
        "date": f"{plan.assigned_at:%d.%m.%Y}",
        "version": plan.version,
        "method": details.method,
        "place": details.place,
        "size_mm": details.size_mm,
        "clerk": clerk_name(plan.clerk_code),
        "dealer": {"name": DEALER.name, "line": DEALER.line},
        "motto": brand.motto if plan.version == 1 else ("", ""),
        "points": brand.points,
        "web": f"www.{plan.customer.email.partition('@')[2]}",
        "person": {
            "name": person.name,
            "role": "Inhaberin" if len(first_words) == 1 else "Kundenberatung",
            "lines": [
                plan.customer.name.partition(",")[0],
                f"{street}, {town}",
                f"Telefon {person.phone}",
                person.email,
            ],
        },
    }
