"""What the launcher says when something on this machine is in the way."""

import os


class LauncherError(Exception):
    """The message is one clear sentence for the person at the terminal, shown without a traceback."""


def reason_of(error: BaseException) -> str:
    """The end of a sentence: why a server could not be reached or refused us."""
    if isinstance(error, OSError) and error.errno and error.errno > 0:  # below 0 are those of getaddrinfo
        return os.strerror(error.errno)
    return str(error).partition("\n")[0] or type(error).__name__
