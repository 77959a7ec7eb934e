"""What can go wrong, each with its exit code and the text that says it."""


class CommandError(Exception):
    """`text` names an entry of texts.py, `values` fill it: one line for each."""

    exit_code = 1
    text = ""

    def __init__(self, *values: dict[str, object]) -> None:
        super().__init__(self.text, *values)
        self.values = values or ({},)


class RefusedError(CommandError):
    """What was sent was read and refused, for the reasons given."""

    text = "refused"


class BadKeyError(CommandError):
    """The API key is not known, or revoked."""

    text = "bad_key"


class UsageError(CommandError):
    """The command, a file or a setting is not as it must be."""

    exit_code = 2

    def __init__(self, text: str, **values: object) -> None:
        self.text = text
        super().__init__(values)


class UnreachableError(CommandError):
    """Nobody answers at this address."""

    exit_code = 3
    text = "unreachable"


class UnexpectedAnswerError(CommandError):
    """Somebody answers, but not as the Partner-Cockpit would."""

    exit_code = 3
    text = "unexpected"
