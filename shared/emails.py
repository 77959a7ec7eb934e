"""What is taken as an e-mail address, wherever one is typed, told by CDH or written to."""

import re

LONGEST = 254
"""Characters, as RFC 5321 leaves room for in a path."""
_SIGN = r"[^@\s\x00-\x1f\x7f<>\",;:()\[\]\\]"
_ADDRESS = re.compile(rf"{_SIGN}{{1,64}}@{_SIGN}+\.{_SIGN}+")


def is_email_address(text: str) -> bool:
    """Whether it looks like one; whether it exists only a mail server can tell.

    An encoded word (=?…) is none: what it hides would become a part of a mail's header.
    """
    return len(text) <= LONGEST and "=?" not in text and _ADDRESS.fullmatch(text) is not None
