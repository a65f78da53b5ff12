"""The stream of one console: what happens at the node, as it happens, and first of all what alarms (docs/adr/0065).

What goes over it is what the API's stream tells (docs/adr/0052): references and no text. Pages renew themselves on it.

Rules
- Whatever alarms comes as the piece that shows it, made once for all consoles of a language: nothing is asked for
  between a FLASH and its sound. It comes at the beginning, whenever it is otherwise, and before what it came with.
- A console that is locked hears the heart of the node and that something alarms, and nothing else.
- The session is looked at again before anything is told, a heartbeat too: one that was locked, unlocked or ended hears
  that this stream ended, and nothing more.
- Every console hears how often it may ask: the more listen, the less often, so that all of them together ask for a
  bounded number of pieces in a second.
"""

from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Final

import msgspec
from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import HeaderParameter, QueryParameter
from litestar.response import Stream

from comity.api.desk import Desk
from comity.api.events.bulletin import Bulletin
from comity.api.events.routes import EVENT_STREAM
from comity.api.events.told import Begun, Ended, Heartbeat, Told
from comity.console.gate import LOCKED_TOO, Gate
from comity.console.pages import Pages
from comity.console.visit import Visit, get_visit

__all__ = ["PIECES_PER_S", "STREAM_PATH", "make_stream"]

STREAM_PATH: Final = "/watch/stream"
PIECES_PER_S: Final = 100
"""What all consoles together ask for in a second because something was stated; alarms are asked for by none."""
RENEW_MS_MIN: Final = 150

LastSeen = Annotated[str, HeaderParameter(name="Last-Event-ID", max_length=64)]
After = Annotated[str, QueryParameter(max_length=64)]


def make_stream(desk: Desk, gate: Gate, pages: Pages) -> HTTPRouteHandler:
    """Return the route."""

    @get(STREAM_PATH, opt={"access": LOCKED_TOO, "is_quiet": True, "is_stream": True}, media_type=EVENT_STREAM)
    async def stream(request: Request[Any, Any, Any], last_seen: LastSeen = "", after: After = "") -> Stream:
        visit = get_visit(request)
        ear = _Ear(visit, gate, pages, desk.bulletin)
        batches = desk.bulletin.listen(
            last_seen or after, officer=visit.officer, session=visit.mark, may_listen=ear.may_listen
        )

        async def hear() -> AsyncIterator[bytes]:
            async with aclosing(batches):
                async for batch in batches:
                    if told := ear.hear(batch):
                        yield told

        return Stream(hear(), media_type=EVENT_STREAM, headers={"X-Accel-Buffering": "no"})

    return stream


class _Ear:
    """What one console is told of all that the bulletin tells."""

    def __init__(self, visit: Visit, gate: Gate, pages: Pages, bulletin: Bulletin) -> None:
        self._visit, self._gate, self._pages, self._bulletin = visit, gate, pages, bulletin
        self._is_open = visit.is_open
        self._mark = ""
        self._renew_ms = 0

    def may_listen(self) -> bool:
        """Tell whether the session goes on, locked or not as it was when this stream began."""
        return self._gate.find_open(self._visit) is self._is_open

    def hear(self, batch: tuple[Told, ...]) -> bytes:
        """Return what goes over the wire for a batch; nothing where none of it is for this console."""
        events = [told.raw for told in (batch if self._is_open else map(_lock, batch)) if told is not None]
        if isinstance(batch[0].event, Ended):
            return b"".join(events)
        # The beginning says who speaks; after it nothing comes before an alarm.
        first = 1 if isinstance(batch[0].event, Begun) else 0
        events[first:first] = self._alarm()
        if isinstance(batch[-1].event, Begun | Heartbeat):
            events += self._pace()
        return b"".join(events)

    def _alarm(self) -> list[bytes]:
        piece = self._pages.find_alarm(self._visit.language, is_open=self._is_open)
        if piece.mark == self._mark:
            return []
        self._mark = piece.mark
        state, visit = "open" if self._is_open else "locked", self._visit
        return [_write("alarms", visit=visit.mark, language=visit.language, state=state,
                       mark=piece.mark, piece=piece.text)]  # fmt: skip

    def _pace(self) -> list[bytes]:
        renew_ms = max(RENEW_MS_MIN, self._bulletin.listener_count * 1_000 // PIECES_PER_S)
        if renew_ms == self._renew_ms:
            return []
        self._renew_ms = renew_ms
        return [_write("pace", renew_ms=renew_ms)]


def _lock(told: Told) -> Told | None:
    """Return what a locked console hears instead: no position and no number."""
    event = told.event
    if isinstance(event, Begun):
        return Told(Begun(event.party, event.realm, "", event.at, missed_count=0, is_whole=True))
    return told if isinstance(event, Heartbeat | Ended) else None


def _write(name: str, **fields: object) -> bytes:
    return f"event: {name}\ndata: ".encode() + msgspec.json.encode(fields) + b"\n\n"
