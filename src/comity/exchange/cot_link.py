"""The end at the node's warning process of what TAK clients are shown and report (docs/spec/warning.md, W37).

Rules
- What the record permits comes over this connection and no other way. So while it is down nothing is known of it, and
  nobody is told anything.
- After each connecting the reports of the last while come first, and then a word that they are there (W37); until
  then the picture is not whole, and is not told either.
- Reports are handed in as lines, a connection for each batch, because what came of them is said at its end.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from comity.base.errors import ComityError
from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.exchange.cot_views import KEPT_MS, Home
from comity.node.feed.door_socket import connect
from comity.node.feed.frames import TellingRow
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.procedure.verdict import Permit
from comity.warning.rows import Block, read_block
from comity.warning.telling import Releases, Ruling, Terms

__all__ = ["Came", "WarningLink", "read_home"]

MESSAGE_SIZE_BYTES_MAX: Final = 64 * 1024 * 1024
AGAIN_S: Final = 1.0

Came = tuple[Party, Block, Instant]
_DECODER: Final = msgspec.msgpack.Decoder(list[Any])


class WarningLink:
    """Follows one warning process for as long as it is there, and again when it is there again."""

    def __init__(self, folder: Path, *, begin: Callable[[], None], take: Callable[[Came], None]) -> None:
        """`begin` is called at each connecting, before anything comes; `take` with each report."""
        self._folder = folder
        self._begin = begin
        self._take = take
        self._pacts: tuple[bytes, Pact] | None = None
        self._is_all_here = False
        self.home: Home | None = None
        """What is permitted now; None while nobody knows."""

    @property
    def is_whole(self) -> bool:
        """Whether all of before is here, so that what is not here is not there."""
        return self.home is not None and self._is_all_here

    async def follow(self) -> None:
        """Follow until cancelled."""
        while True:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, msgspec.DecodeError, ValueError):
                async with connect(self._folder) as (reader, writer):
                    writer.write(msgspec.json.encode({"do": "blocks", "since_ms": KEPT_MS}) + b"\n")
                    self._begin()
                    await self._read(reader)
            self.home, self._is_all_here = None, False
            await asyncio.sleep(AGAIN_S)

    async def _read(self, reader: asyncio.StreamReader) -> None:
        while True:
            size = int.from_bytes(await reader.readexactly(4), "big")
            if not 0 < size <= MESSAGE_SIZE_BYTES_MAX:
                raise ValueError
            kind, *rest = _DECODER.decode(await reader.readexactly(size))
            if kind == "home":
                self.home = self._read_home(rest)
            elif kind == "whole":
                self._is_all_here = True
            elif kind == "block":
                author, came_at, entry = rest
                with contextlib.suppress(ComityError):  # the process judged it: a newer form than this one reads
                    self._take((author, read_block(entry), Instant(came_at)))

    def _read_home(self, rest: list[Any]) -> Home:
        raw = rest[3]
        if self._pacts is None or self._pacts[0] != raw:
            self._pacts = raw, parse_pact(raw)
        return read_home(rest, self._pacts[1])

    async def report(self, class_: str, source: str, lines: bytes) -> dict[str, int]:
        """Hand in reports of one class from one source; return what came of them.

        Raises:
            OSError: nobody takes them now.
        """
        asked = {"do": "send", "class": class_, "source": source}
        async with connect(self._folder) as (reader, writer):
            writer.write(msgspec.json.encode(asked) + b"\n" + lines)
            writer.write_eof()
            try:
                found = msgspec.json.decode(await reader.readline(), type=dict[str, Any])
            except msgspec.DecodeError as error:
                raise ConnectionError from error
        counts: dict[str, int] = found.get("counts", {str(found.get("code", "warning.class")): lines.count(b"\n")})
        return counts


def read_home(rest: list[Any], pact: Pact) -> Home:
    """Return what a `home` message says, with its pact read before."""
    lineage, realm, party, _, told = rest
    rulings = tuple(
        Ruling(
            row.class_, row.to, Permit(row.agreement, (party, row.to)),
            Terms(row.clause, row.coarsen_m, row.delay_ms, row.is_sensor_named),
        )
        for row in (msgspec.convert(one, TellingRow) for one in told)
    )  # fmt: skip
    return Home(pact, bytes(lineage).hex(), realm, party, Releases(Digest(bytes(32)), party, rulings))
