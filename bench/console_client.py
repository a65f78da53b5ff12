"""A console without a browser: signs in as one does, listens as one does, asks for what changed as often as one may.

What it does at each event is what `web/src/stream.ts` does; it shows nothing, and notes when it heard of what alarms.
"""

import asyncio
import contextlib
import json
import random
import re
import socket
import time
import urllib.parse
from typing import Final

__all__ = ["ConsoleClient", "Wire", "stand_still"]

RENEW_S_MIN: Final = 0.15
_FORM: Final = re.compile(r'name="form" value="([^"]+)"')
_PIECE: Final = re.compile(r'hx-get="(/watch/now\?seen=[0-9a-f]+)"')
_ALERT: Final = re.compile(r"/acknowledge/([0-9a-f]{64})")


class Wire:
    """One connection of a browser to its console, kept open; cookies are shared by those of one browser."""

    def __init__(self, port: int, host: str, cookies: dict[str, str]) -> None:
        self._port, self._host, self._cookies = port, host, cookies
        self._ends: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", *, is_script: bool = False) -> tuple[int, str]:
        """Ask for one page; return its status and text."""
        for _ in range(2):
            # A connection that was idle for a while is closed by the node: as a browser, one opens another.
            with contextlib.suppress(OSError, asyncio.IncompleteReadError):
                reader = await self.send(method, path, body, is_script=is_script)
                status, size = await self.read_head(reader)
                return status, (await reader.readexactly(size)).decode()
            self._ends = None
        raise ConnectionError(path)

    async def send(self, method: str, path: str, body: bytes = b"", *, is_script: bool = False) -> asyncio.StreamReader:
        """Send a request; what comes is in the reader."""
        if self._ends is None:
            self._ends = await asyncio.open_connection("127.0.0.1", self._port, limit=1 << 20)
        reader, writer = self._ends
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}", f"Origin: http://{self._host}",
                 "Cookie: " + "; ".join(f"{name}={value}" for name, value in self._cookies.items())]  # fmt: skip
        lines += ["HX-Request: true"] if is_script else []
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"] if body else []
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await writer.drain()
        return reader

    async def read_head(self, reader: asyncio.StreamReader) -> tuple[int, int]:
        """Return status and size of the answer that comes, and keep its cookies."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        size = 0
        for line in head[1:]:
            name, _, value = line.partition(": ")
            if name.lower() == "content-length":
                size = int(value)
            elif name.lower() == "set-cookie":
                cookie, _, content = value.partition(";")[0].partition("=")
                self._cookies[cookie] = content.strip('"')
        return int(head[0].split(" ")[1]), size

    def close(self) -> None:
        """Hang up."""
        if self._ends is not None:
            self._ends[1].close()


class ConsoleClient:
    """One console. `heard_s`: when it first heard of each alert that waits for its party, by `time.monotonic`."""

    def __init__(self, port: int, host: str) -> None:
        cookies: dict[str, str] = {}
        self._pieces, self._stream = Wire(port, host, cookies), Wire(port, host, cookies)
        self._path = ""
        self._renew_s = RENEW_S_MIN
        self._renewed_s = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._is_asked_again = False
        self.heard_s: dict[str, float] = {}
        self.asked_count = 0
        self.is_listening = False

    async def sign_in(self, token: str) -> None:
        """Sign in and load the page *Watch*."""
        _, page = await self._pieces.ask("GET", "/sign-in")
        found = _FORM.search(page)
        assert found is not None, "the entrance has a form"
        fields = urllib.parse.urlencode({"form": found[1], "next": "/", "token": token})
        status, _ = await self._pieces.ask("POST", "/sign-in", fields.encode())
        assert status == 303, f"signed in: {status}"
        self._note(*await self._pieces.ask("GET", "/"))

    async def listen(self) -> None:
        """Hear what happens until the node ends the stream."""
        reader = await self._stream.send("GET", "/watch/stream")
        status, _ = await self._stream.read_head(reader)
        assert status == 200, f"the stream is open: {status}"
        self.is_listening = True
        while line := await reader.readline():
            if line.startswith(b"event: "):
                name, data = line[7:].strip().decode(), b""
            elif line.startswith(b"data: "):
                data = line[6:]
                self._hear(name, data)
        self.is_listening = False

    def _hear(self, name: str, data: bytes) -> None:
        if name == "alarms":
            now_s = time.monotonic()
            for id_ in _ALERT.findall(json.loads(data)["piece"]):
                self.heard_s.setdefault(id_, now_s)
        elif name == "pace":
            self._renew_s = json.loads(data)["renew_ms"] / 1_000
        elif name not in {"heartbeat", "ended"}:
            self._renew()

    def _renew(self) -> None:
        if self._timer is not None:
            return
        loop = asyncio.get_running_loop()
        spread_s = random.random() * (self._renew_s - RENEW_S_MIN)  # noqa: S311 -- it hides nothing
        self._timer = loop.call_at(max(self._renewed_s + self._renew_s, loop.time() + spread_s), self._ask)

    def _ask(self) -> None:
        self._timer, self._renewed_s = None, asyncio.get_running_loop().time()
        if self._asking is not None and not self._asking.done():
            self._is_asked_again = True
            return
        self._asking = asyncio.get_running_loop().create_task(self._load())

    async def _load(self) -> None:
        while True:
            self._is_asked_again = False
            self._note(*await self._pieces.ask("GET", self._path, is_script=True))
            self.asked_count += 1
            if not self._is_asked_again:
                return

    def _note(self, status: int, page: str) -> None:
        assert status in {200, 204}, f"the page is shown: {status}"
        found = _PIECE.search(page)
        self._path = found[1] if found is not None else self._path

    def close(self) -> None:
        """Go."""
        if self._timer is not None:
            self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()
        self._pieces.close()
        self._stream.close()


def stand_still(port: int, token: str) -> socket.socket:
    """Open a stream of the API, and take nothing of it; its kernel takes as little as it can."""
    still = socket.socket()
    still.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    still.connect(("127.0.0.1", port))
    request = f"GET /v1/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\r\n"
    still.sendall(request.encode())
    return still
