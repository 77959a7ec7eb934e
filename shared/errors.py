"""The five families of errors. The family decides HTTP status and whether an event is tried again."""


class CockpitError(Exception):
    """An error whose message may be shown to the person who caused it.

    `fields` maps a form field or a JSON path to what is wrong there; `code` names the error
    across internal HTTP, where only its family comes back as a class.
    """

    status = 500

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}
        self.code = type(self).__name__


class NotFoundError(CockpitError):
    """The thing does not exist, or it is a stranger's."""

    status = 404


class ConflictError(CockpitError):
    """The thing is no longer in a state in which this can be done."""

    status = 409


class ForbiddenError(CockpitError):
    """The caller is known and may not do this."""

    status = 403


class UnauthenticatedError(ForbiddenError):
    """The caller is not known."""

    status = 401


class InvalidError(CockpitError):
    """What was sent cannot be accepted as it is."""

    status = 422


class UnprocessableError(CockpitError):
    """The event can never be handled, however often it is tried."""

    status = 422


def reason_of(error: BaseException) -> str:
    """For a log: what it says, or its kind where it says nothing."""
    return str(error) or type(error).__name__
