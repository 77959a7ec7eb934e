"""How a letter becomes a mail: its words, filled, inside the layout that all mails share."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args
from uuid import uuid4

import css_inline
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from services.mailer.letters.letter import Company, Letter, TemplateName
from services.mailer.model.mails import TOKEN_PLACE, Content
from services.mailer.model.recipients import one_line
from services.mailer.words import Filled, Shipped, Words, WordsError, fill, read_shipped
from shared.i18n import LOCALES

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE_NAMES: tuple[TemplateName, ...] = get_args(TemplateName)
_EMPTY_LINES = re.compile(r"\n{3,}")

_log = structlog.get_logger()


@cache
def shipped() -> dict[tuple[str, str], Shipped]:
    """Every mail as it is shipped, by template and locale."""
    return {
        (name, locale): read_shipped(TEMPLATES / name / f"{locale}.toml")
        for name in TEMPLATE_NAMES
        for locale in LOCALES
    }


def title_of(template: str, locale: str) -> str:
    """What the operator calls this mail; its name where it was sent by a version that had others."""
    return next((one.title for key, one in shipped().items() if key == (template, locale)), template)


@cache
def _layout_words(locale: str) -> Mapping[str, str]:
    with (TEMPLATES / "_layout" / f"{locale}.toml").open("rb") as source:
        return tomllib.load(source)


class Composer:
    """Fills words and layout. Each mail is rendered once and then stored."""

    def __init__(self) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES / "_layout"),
            autoescape=select_autoescape(["html"]),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)

    def compose(self, letter: Letter, company: Company, own_words: Words | None = None) -> Content:
        """The mail, with the operator's words where he has any that can be used."""
        return self._lay_out(letter, company, self._fill(letter, own_words))

    def try_words(self, letter: Letter, company: Company, words: Words) -> Content:
        """The same with nothing but these words. Raises WordsError."""
        return self._lay_out(letter, company, fill(words, letter.values))

    def _fill(self, letter: Letter, own_words: Words | None) -> Filled:
        if own_words is not None:
            try:
                return fill(own_words, letter.values)
            except WordsError as error:
                # No mail is lost: what is shipped says the same in our words.
                _log.error(
                    "mail_words_unusable",
                    template=letter.template,
                    locale=letter.recipient.locale,
                    problems=str(error),
                )
        return fill(shipped()[letter.template, letter.recipient.locale].words, letter.values)

    def _lay_out(self, letter: Letter, company: Company, filled: Filled) -> Content:
        subject = one_line(filled.subject)
        say = _layout_words(letter.recipient.locale)
        if letter.is_copy:
            subject = f"{say['copy']}: {subject}"
        # Whatever else holds the place of a token, a person's name for instance, gets none.
        own_place = uuid4().hex
        context = {
            "letter": replace(letter, action_url=letter.action_url.replace(TOKEN_PLACE, own_place)),
            "company": company,
            "words": filled,
            "say": say,
            "subject": subject,
            "imprint_url": company.url("/imprint"),
            "privacy_url": company.url("/privacy"),
        }
        text = self._environment.get_template("mail.txt").render(context)
        html = self._environment.get_template("mail.html").render(context)

        def place_token(body: str) -> str:
            return body.replace(TOKEN_PLACE, "…").replace(own_place, TOKEN_PLACE)

        return Content(
            subject,
            place_token(_EMPTY_LINES.sub("\n\n", text).strip() + "\n"),
            place_token(self._inliner.inline(html)),
            letter.pictures,
            letter.attachments,
        )
