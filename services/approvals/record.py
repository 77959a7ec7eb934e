"""What stands in the Freigabeprotokoll, word for word, and what its file is called. No I/O."""

import gettext
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from services.approvals.model.orders import Position
from services.approvals.model.versions import Dealer, Decision, Page, Version, clean_text
from services.approvals.typesetting import map_text
from shared.i18n import Formats

LARGE_PICTURES = 4
LARGE_BOX, THUMB_BOX = (1000, 1400), (360, 720)
# The most a picture may take of the paper, beside its frame, in mm: the only large one, of several, a thumb.
ONE_MM, LARGE_MM, THUMB_MM, LOGO_MM = (165, 150), (80, 100), (29, 42), (50, 10)
_NAME_LIMIT = 40
_POSITIONS_IN_NAME = 5
_UNSAFE = re.compile(r"[^\w.]+")


@dataclass(frozen=True, slots=True)
class RecordText:
    """How a reader of one language is told: his words, his dates and numbers."""

    locale: str
    translations: gettext.NullTranslations
    formats: Formats
    time_zone: str
    dealer: Dealer


def record_name(version: Version) -> str:
    """Freigabeprotokoll_2026-1042_Pos-2_v1.pdf, with nothing in it that a folder on Windows does not take."""
    parts = ["Freigabeprotokoll", _safe(version.order_number)]
    if version.position_numbers:
        numbers = version.position_numbers[:_POSITIONS_IN_NAME]
        more = ["u-a"] if len(version.position_numbers) > _POSITIONS_IN_NAME else []
        parts.append("-".join(["Pos", *map(_safe, numbers), *more]))
    if version.title:
        parts.append(_safe(version.title))
    parts.append(f"v{version.version}")
    return "_".join(part for part in parts if part) + ".pdf"


def _safe(text: str) -> str:
    return _UNSAFE.sub("-", text)[:_NAME_LIMIT].strip("-.")


def picture_name(page: Page) -> str:
    return f"page-{page.number}.jpg"


def pictures(pages: Sequence[Page]) -> list[tuple[Page, tuple[int, int]]]:
    """The pages in the record and how large they are: the first ones to be read, the others as thumbs."""
    return [(page, LARGE_BOX if page.number <= LARGE_PICTURES else THUMB_BOX) for page in pages]


def record_content(
    version: Version, decision: Decision, pages: Sequence[Page], text: RecordText
) -> dict[str, Any]:
    """The content of record.typ. But for the dealer's look it depends on nothing that changes afterwards."""
    _ = text.translations.gettext
    order = _("Order %(number)s") % {"number": version.order_number}
    file_version = _("Version %(number)s") % {"number": version.version}
    title = [version.title] if version.title else []
    heading = "Freigabeprotokoll" if text.locale == "de" else "Freigabeprotokoll · Approval record"
    outcome, consequence = _outcome(decision, text)
    content = {
        "language": text.locale,
        "title": f"{heading} {version.order_number}",
        "keywords": [version.file.sha256],
        "dealer": text.dealer.name,
        "logo": _logo(text.dealer),
        "heading": heading,
        "subject": " · ".join([order, _covered(version, text), *title, file_version]),
        "tone": decision.decision,
        "outcome": outcome,
        "outcome_sentence": _("on %(moment)s by %(person)s, %(company)s")
        % {
            "moment": _local(decision.decided_at, text),
            "person": decision.person.name,
            "company": decision.person.company,
        },
        "comment_title": _("Comment"),
        "comment": decision.comment,
        "consequence": consequence,
        "sections": [_proof_section(version, text), _person_section(decision, text)],
        "positions": _positions(decision.positions, text),
        "agreed": {
            "title": _("Text agreed to"),
            "text": decision.approval_text,
            "note": _("Wording %(version)s, shown to the person at the decision.")
            % {"version": decision.approval_text_version},
        },
        "pages": _pages(version, pages, text),
        "closing": _(
            "Made automatically at the time of the decision by the customer portal. "
            "The SHA-256 value stands for the file alone: if a single character of the file were different, "
            "so would be the value."
        ),
        "footer": " · ".join([order, file_version, str(decision.decision_id)]),
        "page": _("Page"),
        "of": _("of"),
    }
    cleaned: dict[str, Any] = map_text(content, clean_text)
    return cleaned


def _logo(dealer: Dealer) -> dict[str, float] | None:
    """Its size on paper in millimetres."""
    if not dealer.logo_sha256:
        return None
    factor = min(LOGO_MM[0] / dealer.logo_width, LOGO_MM[1] / dealer.logo_height)
    return {"width": round(dealer.logo_width * factor, 2), "height": round(dealer.logo_height * factor, 2)}


def _outcome(decision: Decision, text: RecordText) -> tuple[str, str]:
    _ = text.translations.gettext
    if decision.decision == "approved":
        return _("Approved"), ""
    if decision.decision == "approved_with_changes":
        return _("Approved with changes"), _(
            "This approval only holds once the changes named in the comment are confirmed."
        )
    return _("Correction requested"), _("This version is not approved. A new version follows.")


def _covered(version: Version, text: RecordText) -> str:
    _ = text.translations.gettext
    if not version.position_numbers:
        return _("whole order")
    return text.translations.ngettext(
        "Position %(numbers)s", "Positions %(numbers)s", len(version.position_numbers)
    ) % {"numbers": ", ".join(version.position_numbers)}


def _proof_section(version: Version, text: RecordText) -> dict[str, Any]:
    _ = text.translations.gettext
    details = version.print_details
    facts = [
        _fact(_("File"), version.file.name),
        _fact(_("Version"), str(version.version)),
        _fact(_("SHA-256 of the file"), version.file.sha256, mono=True),
        _fact(_("Pages"), str(version.page_count or "")),
        _fact(_("Print method"), details.method),
        _fact(_("Print position"), details.place),
        _fact(_("Size in mm"), details.size_mm),
        _fact(_("Colours"), details.colours),
        _fact(_("Print quantity"), details.quantity),
    ]
    return {"title": _("The proof"), "facts": [fact for fact in facts if fact["value"]]}


def _person_section(decision: Decision, text: RecordText) -> dict[str, Any]:
    _ = text.translations.gettext
    person = decision.person
    facts = [
        _fact(_("Name"), person.name),
        _fact(_("E-mail"), person.email),
        _fact(_("Company"), person.company),
        _fact(_("Customer number"), person.customer_number),
        _fact(_("Local time"), f"{_local(decision.decided_at, text)}, {_zone(decision.decided_at, text)}"),
        _fact(_("Time in UTC"), f"{decision.decided_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"),
    ]
    return {"title": _("Who decided, and when"), "facts": [fact for fact in facts if fact["value"]]}


def _fact(label: str, value: str, *, mono: bool = False) -> dict[str, Any]:
    return {"label": label, "value": value, "mono": mono}


def _local(moment: datetime, text: RecordText) -> str:
    _ = text.translations.gettext
    time = f"{moment.astimezone(ZoneInfo(text.time_zone)):%H:%M:%S}"
    return _("%(date)s, %(time)s") % {"date": text.formats.date(moment), "time": time}


def _zone(moment: datetime, text: RecordText) -> str:
    """Europe/Berlin (UTC+01:00)"""
    offset = f"{moment.astimezone(ZoneInfo(text.time_zone)):%z}"
    return f"{text.time_zone} (UTC{offset[:3]}:{offset[3:]})"


def _positions(positions: Sequence[Position], text: RecordText) -> dict[str, Any]:
    _ = text.translations.gettext
    return {
        "title": _("Positions at the time of the decision"),
        "head": [_("Pos."), _("Article"), _("Description"), _("Quantity")],
        "rows": [
            [
                position.number,
                position.article_number,
                _description(position, text),
                f"{text.formats.number(position.quantity)} {position.unit}".strip(),
            ]
            for position in positions
        ],
    }


def _description(position: Position, text: RecordText) -> str:
    _ = text.translations.gettext
    details = [
        (_("Colour"), position.colour),
        (_("Size"), position.size),
        (_("Finishing"), position.finishing),
    ]
    given = " · ".join(f"{label}: {value}" for label, value in details if value)
    return "\n".join(line for line in (position.text, position.description, given) if line)


def _pages(version: Version, pages: Sequence[Page], text: RecordText) -> dict[str, Any]:
    _ = text.translations.gettext

    large = [page for page in pages if page.number <= LARGE_PICTURES]
    small = [page for page in pages if page.number > LARGE_PICTURES]

    def shown(page: Page, box: tuple[int, int]) -> dict[str, Any]:
        scale = min(box[0] / page.width, box[1] / page.height)
        return {
            "file": picture_name(page),
            "label": _("Page %(number)s") % {"number": page.number},
            "width_mm": page.width * scale,
            "height_mm": page.height * scale,
        }

    if not pages:
        note = _("The file was offered for download; this kind of file has no pictures.")
    elif len(pages) < version.page_count:
        note = _(
            "The first %(shown)s of %(count)s pages were shown as pictures; "
            "the whole file was offered for download."
        ) % {"shown": len(pages), "count": version.page_count}
    else:
        note = _("These pictures were shown, and the file was offered for download.")
    return {
        "title": _("What was shown"),
        "note": note,
        "large": [shown(page, ONE_MM if len(large) == 1 else LARGE_MM) for page in large],
        "small": [shown(page, THUMB_MM) for page in small],
    }
