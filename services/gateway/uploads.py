"""Forms with files, read as they come: the gateway keeps nothing of a file, neither in memory nor on a disk.

The form's token must be the first field: edge.py checks it before a byte of a file is read.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import BadHttpMessage
from multidict import MultiDict

from services.gateway.forms import TOKEN_FIELD
from services.gateway.silence import SilentSenderError, unless_silent
from shared.errors import InvalidError

FIELDS_LIMIT = 128 * 1024
"""Bytes of all text fields together."""
_CHUNK = 64 * 1024


class UploadTooLargeError(InvalidError):
    """The file has more bytes than are taken."""

    status = 413


class UploadedFile:
    """A file of a form, while it is on its way. What is not read is passed over."""

    def __init__(self, part: BodyPartReader, *, limit: int) -> None:
        self.field = part.name or ""
        self.name = (part.filename or "").encode("utf-8", "replace").decode()
        self.is_too_large = False
        self.is_silent = False
        self._part = part
        self._limit = limit

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes; raises UploadTooLargeError once there are more than the limit, or SilentSenderError.

        Whoever sends them on may see another error of his own then; `is_too_large` and `is_silent` say why.
        """
        size = 0
        with _faults_of_the_form():
            while chunk := await self._next_chunk():
                size += len(chunk)
                if size > self._limit:
                    self.is_too_large = True
                    raise UploadTooLargeError("The file is too large.")
                yield bytes(chunk)

    async def _next_chunk(self) -> bytes:
        try:
            return await unless_silent(self._part.read_chunk(_CHUNK))
        except SilentSenderError:
            self.is_silent = True
            raise

    async def read(self) -> bytes:
        """The whole file, for small ones."""
        return b"".join([chunk async for chunk in self.chunks()])


class _FormReader(MultipartReader):
    """Looks for the first boundary in the first line alone, where every browser writes it. Of lines without
    end before it, each would be looked at while nobody gets a page."""

    async def _read_until_first_boundary(self) -> None:
        if (await self._readline()).rstrip() != self._boundary:
            raise ValueError("The form does not begin with its boundary.")


class Upload:
    """A form with files. `fields` has the texts that came so far, all of them once the files are through."""

    def __init__(self, reader: MultipartReader) -> None:
        self._reader = reader
        self._left = FIELDS_LIMIT
        self.fields: MultiDict[str] = MultiDict()

    async def read_token(self) -> str:
        """The first field, if it is the form's token; else nothing."""
        part = await self._next()
        if part is None or part.name != TOKEN_FIELD or part.filename is not None:
            return ""
        return await self._text(part)

    async def files(self, *, limit: int) -> AsyncIterator[UploadedFile]:
        """Each file that was chosen, of at most `limit` bytes. Work on one before asking for the next."""
        while part := await self._next():
            if part.filename is None:
                self.fields.add(part.name or "", (await self._text(part)).strip())
            elif part.filename:  # without a name nothing was chosen
                yield UploadedFile(part, limit=limit)

    async def _next(self) -> BodyPartReader | None:
        with _faults_of_the_form():
            part = await unless_silent(self._reader.next())
        if part is not None and not isinstance(part, BodyPartReader):
            raise web.HTTPBadRequest
        return part

    async def _text(self, part: BodyPartReader) -> str:
        content = bytearray()
        with _faults_of_the_form():
            while chunk := await unless_silent(part.read_chunk()):
                content += chunk
                self._left -= len(chunk)
                if self._left < 0:
                    raise web.HTTPRequestEntityTooLarge(FIELDS_LIMIT)
            return content.decode()


UPLOAD: web.RequestKey[Upload] = web.RequestKey("upload", Upload)


def open_upload(request: web.Request) -> Upload:
    """The form of this request, nothing of it read yet; raises HTTPBadRequest."""
    with _faults_of_the_form():
        return Upload(_FormReader(request.headers, request.content))


@contextmanager
def _faults_of_the_form() -> Iterator[None]:
    """No boundary, no end, half a letter: whatever is wrong with its form is the sender's fault."""
    try:
        yield
    except (ValueError, LookupError, AssertionError, RuntimeError, BadHttpMessage) as error:
        raise web.HTTPBadRequest from error
