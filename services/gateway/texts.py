"""Texts that do not stand in a template: what services refuse, and the legal pages."""

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from shared.errors import CockpitError

_FOLDER = Path(__file__).parent / "texts"


def N_(text: str) -> str:  # noqa: N802  # the name that gettext's tools look for
    """Marks a text for the catalogue; the template translates it."""
    return text


@dataclass(frozen=True)
class Told:
    """A sentence of the catalogue with its values."""

    text: str
    values: dict[str, int] = field(default_factory=dict)


WRONG_LOGIN = Told(N_("The e-mail address or the password is not right. Please check both."))
EVENTS_TOO_LARGE = N_("A batch of events may have %(most)s MB at most. Please send several smaller ones.")
FILE_TOO_LARGE = N_("The file is larger than %(most)s MB.")
TOO_MANY_ATTEMPTS = "TooManyAttemptsError"


def tell_login_refusal(error: CockpitError | None) -> Told:
    """One sentence, which never says whether the address is known."""
    if error is None or error.code != TOO_MANY_ATTEMPTS:
        return WRONG_LOGIN
    minutes = _minutes_until(error.fields.get("retry_at", ""))
    return Told(
        N_("There were too many attempts. Please try again in %(minutes)s min."), {"minutes": minutes}
    )


def _minutes_until(moment: str) -> int:
    try:
        seconds = (datetime.fromisoformat(moment) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 15
    return max(1, math.ceil(seconds / 60))


_FIELD_FAULTS = {
    "name": N_("Please enter your name."),
    "email": N_("Please enter an e-mail address such as name@company.com."),
    "password": N_("Please choose a longer password that is not easily guessed."),
}
_CODE_FAULTS = {
    "EmailTakenError": ("email", N_("Another account has this e-mail address.")),
    "PasswordTooShortError": ("password", N_("This password is too short.")),
    "PasswordTooLongError": ("password", N_("This password is too long.")),
    "PasswordOwnWordsError": (
        "password",
        N_("This password is made of your own name, address or company. Three words in a row are better."),
    ),
    "PasswordCommonError": (
        "password",
        N_("This password is among the first that strangers try. Three words in a row are better."),
    ),
}


def tell_setup_faults(error: CockpitError) -> dict[str, str]:
    """Form field to sentence; a fault that no field explains stands at the password."""
    if error.code in _CODE_FAULTS:
        return dict([_CODE_FAULTS[error.code]])
    faults = {name: text for name, text in _FIELD_FAULTS.items() if name in error.fields}
    return faults or {"password": _FIELD_FAULTS["password"]}


@dataclass(frozen=True)
class Paragraph:
    is_heading: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LegalText:
    """`is_sample`: the operator has not given a text of his own yet."""

    is_sample: bool
    paragraphs: tuple[Paragraph, ...]


def read_legal_text(name: str, own_file: Path | None, locale: str) -> LegalText:
    """Blank lines separate paragraphs; a paragraph that begins with "# " is a heading."""
    file = own_file or _FOLDER / f"{name}.{locale}.txt"
    blocks = (block.strip() for block in file.read_text("utf-8").split("\n\n"))
    paragraphs = (
        Paragraph(block.startswith("# "), tuple(block.removeprefix("# ").splitlines()))
        for block in blocks
        if block
    )
    return LegalText(is_sample=own_file is None, paragraphs=tuple(paragraphs))
