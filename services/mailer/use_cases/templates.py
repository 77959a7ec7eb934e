"""The operator's own words: looked at, tried on samples, saved as versions, taken back."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from services.mailer.composing import TEMPLATE_NAMES, shipped
from services.mailer.letters.letter import WITHOUT_LINK, Company, Letter, TemplateName
from services.mailer.model.mails import TOKEN_PLACE, Content
from services.mailer.model.recipients import Mailbox, Recipient, one_line
from services.mailer.repository import settings as repository
from services.mailer.samples import sample_letters
from services.mailer.use_cases.mail_room import Office, queue_sample
from services.mailer.words import Problem, Shipped, Value, Words, WordsError, WordsVersion, check
from shared.database import Transaction
from shared.errors import NotFoundError
from shared.i18n import LOCALES
from shared.web import Identity

HISTORY = 50
_SHOWN_TOKEN = "…"  # noqa: S105 - what a preview shows instead of one


@dataclass(frozen=True)
class Template:
    """A mail in one language as it holds now. `version` is None where nobody ever changed it."""

    name: TemplateName
    locale: str
    shipped: Shipped
    version: WordsVersion | None
    fields: dict[str, Value]
    problems: tuple[Problem, ...]

    @property
    def own_words(self) -> Words | None:
        return self.version.words if self.version else None

    @property
    def words(self) -> Words:
        return self.own_words or self.shipped.words


@dataclass(frozen=True)
class Tried:
    """The mail with these words on a sample; no content where there are problems."""

    content: Content | None
    problems: tuple[Problem, ...]


def find_template(template: str, locale: str) -> tuple[TemplateName, str]:
    """Raises NotFoundError for one that does not exist."""
    name = next((one for one in TEMPLATE_NAMES if one == template), None)
    if name is None or locale not in LOCALES:
        raise NotFoundError("There is no such mail.")
    return name, locale


async def list_templates(transaction: Transaction, office: Office) -> list[Template]:
    newest = {(one.template, one.locale): one for one in await repository.list_newest_versions(transaction)}
    return [
        _template(name, locale, newest.get((name, locale)), office.company)
        for name in TEMPLATE_NAMES
        for locale in LOCALES
    ]


async def get_template(
    transaction: Transaction, office: Office, name: TemplateName, locale: str
) -> tuple[Template, list[WordsVersion]]:
    """With its history, the newest version first."""
    history = await repository.list_versions(transaction, name, locale, limit=HISTORY)
    return _template(name, locale, history[0] if history else None, office.company), list(history)


async def save_words(
    transaction: Transaction,
    office: Office,
    name: TemplateName,
    locale: str,
    words: Words,
    *,
    by: str,
    now: datetime,
) -> tuple[Problem, ...]:
    """What is wrong, and then nothing is saved. The same words again make no version."""
    words = words.cleaned()
    tried = [try_words(office, name, locale, words, case) for case in cases_of(name, locale, office.company)]
    if problems := next((one.problems for one in tried if one.problems), ()):
        return problems
    before = await repository.find_words(transaction, name, locale)
    if words != (before or shipped()[name, locale].words):
        await repository.add_version(transaction, name, locale, words, saved_at=now, saved_by=by)
    return ()


async def reset_words(
    transaction: Transaction, name: TemplateName, locale: str, *, by: str, now: datetime
) -> None:
    """The shipped words hold again; the own ones stay in the history."""
    if await repository.find_words(transaction, name, locale) is not None:
        await repository.add_version(transaction, name, locale, None, saved_at=now, saved_by=by)


def try_words(office: Office, name: TemplateName, locale: str, words: Words, case: str) -> Tried:
    """On the sample of this name, or the usual one."""
    letter = _sample(name, locale, office.company, case)
    words = words.cleaned()
    if problems := check(words, letter.values, has_link=name not in WITHOUT_LINK):
        return Tried(None, problems)
    try:
        return Tried(_shown(office.composer.try_words(letter, office.company, words)), ())
    except WordsError as error:
        return Tried(None, error.problems)


async def send_sample(
    transaction: Transaction,
    office: Office,
    name: TemplateName,
    locale: str,
    *,
    words: Words,
    case: str,
    to: Identity,
    now: datetime,
) -> tuple[Problem, ...]:
    """The sample with these words, to the operator himself."""
    tried = try_words(office, name, locale, words, case)
    if tried.content:
        await queue_sample(
            transaction,
            office,
            tried.content,
            Recipient(Mailbox(one_line(to.name), to.email), locale),
            template=name,
            cause=f"sample/{uuid4()}",
            now=now,
        )
    return tried.problems


def _template(name: TemplateName, locale: str, version: WordsVersion | None, company: Company) -> Template:
    fields: dict[str, Value] = {}
    for letter in sample_letters(name, locale, company).values():
        fields |= {field: value for field, value in letter.values.items() if not fields.get(field)}
    own = version.words if version else None
    problems = check(own, fields, has_link=name not in WITHOUT_LINK) if own else ()
    return Template(name, locale, shipped()[name, locale], version, fields, problems)


def _sample(name: TemplateName, locale: str, company: Company, case: str) -> Letter:
    letters = sample_letters(name, locale, company)
    return letters.get(case) or next(iter(letters.values()))


def cases_of(name: TemplateName, locale: str, company: Company) -> tuple[str, ...]:
    """What its samples are called."""
    return tuple(sample_letters(name, locale, company))


def _shown(content: Content) -> Content:
    return Content(
        content.subject,
        content.body_text.replace(TOKEN_PLACE, _SHOWN_TOKEN),
        content.body_html.replace(TOKEN_PLACE, _SHOWN_TOKEN),
        content.pictures,  # and no attachments: the samples have no files of their own
    )
