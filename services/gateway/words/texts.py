"""Texts that do not stand in a template: what services refuse, and the legal pages."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gettext import NullTranslations
from pathlib import Path

from markupsafe import Markup

from shared.errors import CockpitError

_FOLDER = Path(__file__).parent / "legal"


def N_(text: str) -> str:  # noqa: N802  # the name that gettext's tools look for
    """Marks a text for the catalogue; the template translates it."""
    return text


@dataclass(frozen=True)
class Told:
    """A sentence of the catalogue with its values."""

    text: str
    values: dict[str, int | str] = field(default_factory=dict)


# The catalogue is ours, and values are escaped: hence Markup.


def tell(translations: NullTranslations, text: str, /, **values: object) -> Markup:
    """A text of the catalogue in the reader's language."""
    return Markup(translations.gettext(text)) % values  # noqa: S704


def tell_number(
    translations: NullTranslations, one: str, several: str, num: int, /, **values: object
) -> Markup:
    """In the form for so many; the text may name the number as %(num)s."""
    return Markup(translations.ngettext(one, several, num)) % {"num": num, **values}  # noqa: S704


def tell_told(translations: NullTranslations, told: str | Told) -> Markup:
    return tell(translations, told) if isinstance(told, str) else tell(translations, told.text, **told.values)


Faults = Mapping[str, str | Told]
"""Form field to what is wrong there; a plain text has no values."""

WRONG_LOGIN = Told(N_("The e-mail address or the password is incorrect. Please check both."))
EVENTS_TOO_LARGE = N_("A batch of events may have %(most)s MB at most. Please send several smaller ones.")
FILE_TOO_LARGE = N_("The file is larger than %(most)s MB.")
NOTHING_CAME = N_("Nothing came for a while, so the upload was ended. Please send it again.")
PACKED = N_("Please send without Content-Encoding.")
TOO_MANY_ATTEMPTS = "TooManyAttemptsError"


def tell_login_refusal(error: CockpitError | None) -> Told:
    """One sentence, which never says whether the address is known."""
    if error is None or error.code != TOO_MANY_ATTEMPTS:
        return WRONG_LOGIN
    return _too_many_attempts(error)


def _too_many_attempts(error: CockpitError) -> Told:
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
    "name": N_("Please enter a name of at most 80 letters, without web addresses."),
    "email": N_("Please enter an e-mail address such as name@company.com."),
    "password": N_("Please choose a longer password that is not easily guessed."),
    "clerk_code": N_("A clerk needs a short code, as in CDH."),
}
_CODE_FAULTS = {
    "EmailTakenError": (
        "email",
        N_("There is already an account with this e-mail address. Please enter another one."),
    ),
    "EmailUnchangedError": ("email", N_("This is already your address.")),
    "PasswordTooShortError": ("password", N_("This password is too short.")),
    "PasswordTooLongError": ("password", N_("This password is too long.")),
    "PasswordOwnWordsError": (
        "password",
        N_("This password is made from your own name, address or company. Three words in a row are better."),
    ),
    "PasswordCommonError": (
        "password",
        N_("This password is among the first that strangers try. Three words in a row are better."),
    ),
    "WrongChosenPasswordError": ("password", N_("This is not the password that you chose.")),
    "WrongCredentialsError": ("present_password", N_("This is not your current password.")),
}
"""What a service calls its refusal, to its name for the field and our sentence."""


def tell_faults(error: CockpitError, names: Mapping[str, str] | None = None) -> Faults:
    """What a service refused, as field of the form to sentence; raises `error` if no field explains it.

    `names` says what the form calls a field of the service, e.g. {"password": "new_password"}.
    """
    faults: dict[str, str | Told] = {}
    if error.code == TOO_MANY_ATTEMPTS:
        faults["present_password"] = _too_many_attempts(error)
    elif error.code in _CODE_FAULTS:
        field_name, sentence = _CODE_FAULTS[error.code]
        faults[field_name] = sentence
    else:
        faults |= {name: text for name, text in _FIELD_FAULTS.items() if name in error.fields}
    if not faults:
        raise error
    return {(names or {}).get(name, name): text for name, text in faults.items()}


@dataclass(frozen=True)
class Paragraph:
    is_heading: bool
    lines: tuple[str, ...]


@dataclass(frozen=True)
class LegalText:
    """`is_sample`: the operator has not given a text of his own yet."""

    is_sample: bool
    paragraphs: tuple[Paragraph, ...]


LEGAL_TEXTS = ("imprint", "privacy")


def default_legal_text(name: str, locale: str, own_file: Path | None) -> str:
    """The file of the settings, which is there in one language, or the sample."""
    file = own_file or _FOLDER / f"{name}.{locale}.txt"
    return file.read_text("utf-8").strip()


def parse_legal_text(text: str, *, is_sample: bool) -> LegalText:
    """Blank lines separate paragraphs; a paragraph that begins with "# " is a heading."""
    blocks = (block.strip() for block in re.split(r"\n\s*\n", text))
    paragraphs = (
        Paragraph(block.startswith("# "), tuple(block.removeprefix("# ").splitlines()))
        for block in blocks
        if block
    )
    return LegalText(is_sample=is_sample, paragraphs=tuple(paragraphs))
