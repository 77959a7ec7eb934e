"""Bodies of the internal HTTP of mailer. All of it is for staff, most of it for operators."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime

from shared.api.base import Body

# How mails leave: for operators

Security = Literal["none", "starttls", "tls"]
Way = Literal["smtp", "outlook"]
TestCode = Literal[
    "sent",
    "name_not_found",
    "refused",
    "unreachable",
    "timeout",
    "no_greeting",
    "no_tls_here",
    "certificate_untrusted",
    "certificate_expired",
    "certificate_other_name",
    "starttls_missing",
    "starttls_failed",
    "encryption_required",
    "login_not_offered",
    "login_required",
    "login_refused",
    "sender_refused",
    "recipient_refused",
    "message_refused",
    "other",
]


class _MailSettings(Body):
    """`sender` is the portal's own address; `fallback` gets the mails of clerks without an address.

    `way` is how a clerk's own mails leave: by SMTP, or as drafts for his Outlook.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    sender: str
    fallback: str = ""
    copy_to_clerk: bool
    way: Way
    request_delay_seconds: int


class MailSettings(_MailSettings):
    """GET /settings. The password is never told; `password_is_lost` asks for it again.

    `changed_at` is None while the values of the environment hold.
    """

    has_password: bool
    password_is_lost: bool
    changed_at: AwareDatetime | None
    changed_by: str


class ChangeMailSettings(_MailSettings):
    """POST /settings answers with MailSettings; POST /settings/reset takes the environment's values again.

    Without `password` the one that is known stays, as long as server and user do. 422 names fields as
    "missing", "malformed" or, for the password, "password_again".
    """

    password: str | None = None


class TestMailSettings(Body):
    """POST /settings/test sends a mail to `recipient` and answers with TestOutcome; nothing is stored."""

    __test__ = False

    settings: ChangeMailSettings
    recipient: str


class TestOutcome(Body):
    """`answer` is what the server or the network said: not ours, to be shown as it is and escaped."""

    __test__ = False

    code: TestCode
    answer: str


# Words: for operators


class Words(Body):
    """Subject, text above the button, the button itself, text below it."""

    subject: str
    opening: str
    button: str
    closing: str


Part = Literal["subject", "opening", "button", "closing"]
Fault = Literal["empty", "too_long", "syntax", "not_allowed", "unknown_field"]


class WordsProblem(Body):
    """`name` is the field or the word that is meant; `line` counts from 1, 0 where none is meant."""

    part: Part
    fault: Fault
    line: int
    name: str


class TemplateRow(Body):
    """A mail in one language. `is_own`: the operator's words hold; `is_usable` is False where they cannot."""

    template: str
    locale: str
    title: str
    about: str
    is_own: bool
    is_usable: bool
    changed_at: AwareDatetime | None
    changed_by: str


class TemplateRows(Body):
    """GET /templates: titles in the asker's language; the four that CDH's users know come first."""

    rows: tuple[TemplateRow, ...]


class TemplateField(Body):
    """What may stand in double braces, with what it is in the sample."""

    name: str
    example: str


class WordsVersion(Body):
    """What was saved at one time; `words` is None where the shipped ones were taken again."""

    words_version_id: int
    words: Words | None
    saved_at: AwareDatetime
    saved_by: str


class Template(TemplateRow):
    """GET /templates/{template}/{locale}: `words` are those that hold. `cases` name what can be previewed."""

    has_link: bool
    words: Words
    shipped: Words
    fields: tuple[TemplateField, ...]
    cases: tuple[str, ...]
    history: tuple[WordsVersion, ...]
    problems: tuple[WordsProblem, ...]


class SavedWords(Body):
    """POST /templates/{template}/{locale} with Words: nothing was saved where there are problems.

    POST /templates/{template}/{locale}/reset takes the shipped words again: 204.
    """

    problems: tuple[WordsProblem, ...]


class TryWords(Body):
    """POST /templates/{template}/{locale}/preview answers with Preview.

    POST /templates/{template}/{locale}/test answers with SavedWords, and sends the asker the sample.
    """

    words: Words
    case: str = ""


class Preview(Body):
    """The mail on sample data; empty where there are problems. `html` must be shown in a sandbox."""

    subject: str
    text: str
    html: str
    problems: tuple[WordsProblem, ...]


# Drafts: for clerks and operators


class DraftRow(Body):
    """A mail that waits until its clerk sends it. `is_link_over`: its link has run out; invite again."""

    mail_id: UUID
    clerk_code: str
    clerk_name: str
    recipient_name: str
    recipient: str
    template: str
    subject: str
    drafted_at: AwareDatetime
    version_ids: tuple[UUID, ...]
    is_link_over: bool


class DraftRows(Body):
    """GET /drafts?clerk_code=, the oldest first; of all clerks where none is named."""

    rows: tuple[DraftRow, ...]


class DraftCount(Body):
    """GET /drafts/count?clerk_code=: how many are this clerk's and how many others'.

    `is_in_use`: new mails of clerks become drafts, too.
    """

    own: int
    others: int
    is_in_use: bool


class DraftFile(Body):
    """GET /drafts/{mail_id}/file: an .eml that Outlook opens ready to be sent.

    POST /drafts/{mail_id}/sent, /send (by SMTP after all) and /discard: 204, or 409 where somebody was
    quicker (DraftGoneError) or the link has run out (LinkOverError).
    """

    name: str
    content: str


# The log: for operators


class MailRow(Body):
    """`title` in the asker's language; `state` is draft, queued, sent or failed, with the last `reason`."""

    mail_id: UUID
    template: str
    title: str
    recipient: str
    subject: str
    state: Literal["draft", "queued", "sent", "failed"]
    reason: str
    attempts: int
    queued_at: AwareDatetime
    ended_at: AwareDatetime | None
    can_be_sent_again: bool


class MailRows(Body):
    """GET /mails?state=&q=&page=&size=, the newest first; `total` counts without the page.

    POST /mails/{mail_id}/send-again, for one that failed: 204, or 409.
    """

    rows: tuple[MailRow, ...]
    total: int
