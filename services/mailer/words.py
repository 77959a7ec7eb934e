"""The words of a mail, which the operator may change: their small language, how it is checked and filled.

Fields in double braces, conditions on them, paragraphs and **bold**: no loops, no calls, no arithmetic. So
whatever an operator writes ends at once, and reaches nothing but the fields of this mail.
"""

import html
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from jinja2 import StrictUndefined, Template, TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from shared.api.mailer import Fault, Part

Value = str | int | bool

LONGEST: dict[Part, int] = {"subject": 300, "opening": 5000, "button": 200, "closing": 5000}
_DEPTH = 30
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_MARKED = re.compile(r"\ue000([a-z_]+)\ue001")
_PRIVATE = re.compile(r"[\ue000\ue001\x00-\x08\x0b-\x1f\x7f]")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
_ADDRESS = re.compile(r"https?://[^\s<>\"*]*[^\s<>\".,;:!?)*]")
_EMPTY_LINES = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True)
class Words:
    """What the operator may change of a mail in one language. `button` is empty where a mail has no link."""

    subject: str
    opening: str
    button: str
    closing: str

    def cleaned(self) -> "Words":
        """Without control characters and blanks around; subject and button on one line."""
        cleaned = {part: _clean(text) for part, text in parts_of(self)}
        for part in ("subject", "button"):
            cleaned[part] = " ".join(cleaned[part].split())
        return Words(**cleaned)


@dataclass(frozen=True)
class Problem:
    """What is wrong in one part, in which line of it; `name` is the field or the word that is meant."""

    part: Part
    fault: Fault
    line: int = 0
    name: str = ""


class WordsError(Exception):
    """Words that cannot be used."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{one.part}:{one.line} {one.fault} {one.name}" for one in problems))
        self.problems = problems


@dataclass(frozen=True)
class Filled:
    """Words with the fields of one mail; `…_html` are paragraphs."""

    subject: str
    opening: str
    button: str
    closing: str
    opening_html: Markup
    closing_html: Markup


@dataclass(frozen=True)
class Shipped:
    """A mail as it is shipped: its title and when it is sent, for the operator, and the words."""

    title: str
    about: str
    words: Words


@dataclass(frozen=True)
class WordsVersion:
    """What was saved at one time; `words` is None where the shipped ones were taken again."""

    words_version_id: int
    template: str
    locale: str
    words: Words | None
    saved_at: datetime
    saved_by: str


def parts_of(words: Words) -> Iterator[tuple[Part, str]]:
    part: Part
    for part in ("subject", "opening", "button", "closing"):
        yield part, getattr(words, part)


def read_shipped(file: Path) -> Shipped:
    with file.open("rb") as source:
        read = tomllib.load(source)
    words = Words(**{field.name: read[field.name] for field in fields(Words)})
    return Shipped(read["title"], read["about"], words.cleaned())


def check(words: Words, known: Mapping[str, Value], *, has_link: bool) -> tuple[Problem, ...]:
    """What is wrong, part by part; `known` are the fields of this mail."""
    found: list[Problem] = []
    for part, text in parts_of(words):
        is_needed = part in ("subject", "opening") or (part == "button" and has_link)
        if not text:
            found += [Problem(part, "empty")] if is_needed else []
        elif len(text) > LONGEST[part]:
            found.append(Problem(part, "too_long"))
        elif problem := _check_part(part, text, known):
            found.append(problem)
    return tuple(found)


def fill(words: Words, values: Mapping[str, Value]) -> Filled:
    """The words with these fields. Raises WordsError."""
    marked = {part: _fill_part(part, text, values) for part, text in parts_of(words)}
    return Filled(
        subject=_as_text(marked["subject"], values),
        opening=_as_text(marked["opening"], values),
        button=_as_text(marked["button"], values),
        closing=_as_text(marked["closing"], values),
        opening_html=_as_html(marked["opening"], values),
        closing_html=_as_html(marked["closing"], values),
    )


class _Field(str):  # noqa: SLOT000 - it lives for one mail
    """The value of a field: compared by what it is, written as a mark, so that nothing in it is markup."""

    mark: str

    def __new__(cls, name: str, value: str) -> Self:
        made = super().__new__(cls, value)
        made.mark = f"\ue000{name}\ue001"
        return made


def _mark(value: Any) -> Any:
    return value.mark if isinstance(value, _Field) else value


_ENVIRONMENT = SandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_mark, autoescape=False
)


def _check_part(part: Part, text: str, known: Mapping[str, Value]) -> Problem | None:
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateSyntaxError as error:
        return Problem(part, "syntax", error.lineno)
    except (RecursionError, ValueError, OverflowError, MemoryError):
        return Problem(part, "syntax")
    try:
        return _check_tree(part, tree, known)
    except RecursionError:
        return Problem(part, "not_allowed")


def _check_tree(part: Part, tree: nodes.Node, known: Mapping[str, Value], depth: int = 0) -> Problem | None:
    if not isinstance(tree, _ALLOWED) or depth > _DEPTH:
        return Problem(part, "not_allowed", tree.lineno or 1, type(tree).__name__.lower())
    if isinstance(tree, nodes.Operand) and tree.op not in ("eq", "ne"):
        return Problem(part, "not_allowed", tree.lineno or 1, tree.op)
    if isinstance(tree, nodes.Name) and tree.name not in known:
        return Problem(part, "unknown_field", tree.lineno or 1, tree.name)
    for child in tree.iter_child_nodes():
        if problem := _check_tree(part, child, known, depth + 1):
            return problem
    return None


def _fill_part(part: Part, text: str, values: Mapping[str, Value]) -> str:
    if problem := _check_part(part, text, values):
        raise WordsError((problem,))
    fields_of = {
        name: _Field(name, value) if isinstance(value, str) else value for name, value in values.items()
    }
    try:
        filled = _compile(text).render(fields_of)
    except (TemplateError, SyntaxError, RecursionError, MemoryError, ValueError) as error:
        raise WordsError((Problem(part, "syntax", name=type(error).__name__),)) from error
    return _EMPTY_LINES.sub("\n\n", filled).strip()


@lru_cache(maxsize=256)
def _compile(text: str) -> Template:
    return _ENVIRONMENT.from_string(text)


def _as_text(marked: str, values: Mapping[str, Value]) -> str:
    without_stars = _BOLD.sub(r"\1", marked)
    return _MARKED.sub(lambda match: str(values[match[1]]), without_stars)


def _as_html(marked: str, values: Mapping[str, Value]) -> Markup:
    """Paragraphs. The operator's stars and addresses are markup; what stands in a field never is."""
    escaped = html.escape(marked)
    escaped = _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', escaped)
    escaped = _BOLD.sub(r"<strong>\1</strong>", escaped)
    paragraphs = "\n".join(
        f"<p>{part.replace(chr(10), '<br>')}</p>" for part in escaped.split("\n\n") if part.strip()
    )
    filled = _MARKED.sub(lambda match: html.escape(str(values[match[1]])).replace("\n", "<br>"), paragraphs)
    return Markup(filled)  # noqa: S704 - everything in it was escaped above


def _clean(text: str) -> str:
    return _PRIVATE.sub("", text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(4)).strip()
