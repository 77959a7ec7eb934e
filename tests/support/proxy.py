"""A wire between a client and a server that a test can hold or cut."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit


class Proxy:
    """Forwards bytes to the server of `url`; reach it through `self.url`."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)
        self._server: asyncio.Server
        self._writers: set[asyncio.StreamWriter] = set()
        self._clients: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._answers_pass = asyncio.Event()
        self._answers_pass.set()
        self._is_cut = False
        self.refused = 0
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        user = self._parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(self._parts._replace(netloc=f"{user}@127.0.0.1:{port}"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.cut()
        self._server.close()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def hold_answers(self) -> None:
        """What the server says no longer reaches the client."""
        self._answers_pass.clear()

    async def say(self, words: bytes) -> None:
        """Every client hears `words` as if the server had said them."""
        for client in self._clients:
            client.write(words)
            await client.drain()

    def cut(self) -> None:
        """Break every connection and refuse new ones, until `mend`."""
        self._is_cut = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()
        self._clients.clear()
        self._answers_pass.set()

    def mend(self) -> None:
        self._is_cut = False

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            self.refused += 1
            writer.transport.abort()
            return
        port = self._parts.port
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
        self._writers |= {writer, server_writer}
        self._clients.add(writer)
        passing = asyncio.Event()
        passing.set()
        for task in (
            asyncio.create_task(_forward(reader, server_writer, passing)),
            asyncio.create_task(_forward(server_reader, writer, self._answers_pass)),
        ):
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _forward(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, may_pass: asyncio.Event
) -> None:
    with suppress(OSError):
        while chunk := await reader.read(65536):
            await may_pass.wait()
            writer.write(chunk)
            await writer.drain()
    writer.close()
