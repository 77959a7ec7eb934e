"""Why a mail did not get through: mailer's sentences in the reader's language; a server's answer stays."""

import re
from collections.abc import Callable

from services.gateway.words.texts import N_

NO_ADDRESS = N_("Nobody of this customer has a usable e-mail address.")
SENTENCES = (
    NO_ADDRESS,
    N_("Given up after %(days)s days: %(answer)s"),
    N_("The link in this mail ran out before it could be sent."),
    N_("The draft was discarded by %(name)s."),
    N_("The draft was no longer needed: the proof was decided or replaced by a newer version."),
    N_("Withdrawn: the order was moved to another customer, who is asked instead."),
    N_("Withdrawn: the account of this person was deleted or locked."),
    N_("Withdrawn: the access of this person was deleted or locked."),  # on mails of before, which are kept
    N_("A file of this mail cannot be read: %(fault)s"),
    N_("The mail cannot be built: %(fault)s"),
    N_("This is no e-mail address."),
    N_("The domain of this e-mail address cannot exist."),
    N_("A sealed secret cannot be opened."),
    N_("The mail server cannot send to addresses with letters such as ä."),
    N_("The mail server did not answer in time."),
)
"""As mailer writes them, with names for what it fills in."""

_HOLE = re.compile(r"%\\\((\w+)\\\)s")
"""Once it is escaped."""


def _pattern_of(sentence: str) -> re.Pattern[str]:
    return re.compile(_HOLE.sub(lambda hole: f"(?P<{hole[1]}>.*)", re.escape(sentence)), re.DOTALL)


_PATTERNS = {sentence: _pattern_of(sentence) for sentence in SENTENCES}


def tell_reason(reason: str, translate: Callable[[str], str]) -> str:
    for sentence, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(reason):
            values = match.groupdict()
            if "answer" in values:
                values["answer"] = tell_reason(values["answer"], translate)
            return translate(sentence) % values
    return reason
