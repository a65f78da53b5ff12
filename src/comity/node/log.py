"""The log of a node: events with stable codes, as lines of JSON or of text, for an operator and for programs.

Rules that keep it so (law 2; docs/adr/0021-log.md):

- An event is a row of `EVENTS` and names its fields. A field is a number, a code, a party of the pact, a place in
  the source, or a pseudonym that the party itself chose; there is no field for what somebody said, and no event names
  an audience.
- What another library logs is written with its logger and place only, never its words: they may quote what it was
  given. The server of the API is the exception, by its fixed wording without what was filled in.
- An error is written as its type and the places that it passed through, never its text.
"""

import logging
import re
import traceback
from typing import Final, NamedTuple, TextIO

import msgspec

from comity.base.instants import Instant, format_iso

__all__ = ["EVENTS", "FORMATS", "LEVELS", "Event", "JsonLines", "TextLines", "note", "open_log"]

FORMATS: Final = ("text", "json")
LEVELS: Final = ("debug", "info", "warning", "error")
FRAME_COUNT_MAX: Final = 40


class Event(NamedTuple):
    """What may be logged: how grave it is, what it says, which fields it has."""

    level: int
    says: str
    fields: tuple[str, ...] = ()


EVENTS: Final[dict[str, Event]] = {
    "node.started": Event(logging.INFO, "the node runs", ("party", "realm", "pages", "took_ms", "port")),
    "node.stopping": Event(logging.INFO, "the node was asked to stop"),
    "node.ended": Event(logging.INFO, "the node has stopped, everything stored"),
    "node.stopped": Event(logging.ERROR, "the node cannot keep a promise and takes nothing more", ("code",)),
    "link.up": Event(logging.INFO, "a peer's outbox is reached", ("party",)),
    "link.down": Event(logging.WARNING, "a peer's outbox is not reached", ("party", "why")),
    "alarm": Event(logging.WARNING, "an officer has to know something; the node's status says what", ("code",)),
    "store.damaged": Event(logging.WARNING, "a row of the store was damaged, or has come back", ("remedy",)),
    "store.salvaged": Event(logging.ERROR, "the store is damaged; what can be read is moved to a new file"),
    "store.unchecked": Event(logging.WARNING, "the store could not be checked against its sums", ("code",)),
    "outbox.rebuilt": Event(logging.WARNING, "a stream of the outbox was behind the store and is rebuilt"),
    "outbox.ahead": Event(logging.WARNING, "a stream of the outbox is ahead of the store: its pages are taken back"),
    "standby.other-store": Event(
        logging.WARNING, "the primary's store is not the one that was followed: it is read anew"
    ),
    "outbox.server-ended": Event(logging.WARNING, "the outbox server ended and is started again"),
    "outbox.server-sick": Event(logging.WARNING, "the outbox server has done nothing for a while and is replaced"),
    "outbox.server-failed": Event(logging.WARNING, "the outbox server did not start", ("code",)),
    "blob.awaited": Event(logging.DEBUG, "the text of an item is not here yet", ("code",)),
    "item.not-erased": Event(logging.WARNING, "what must be gone could not be erased yet", ("code",)),
    "item.erased-again": Event(
        logging.WARNING, "what was certified as destroyed had come back, and is erased", ("count",)
    ),
    "alarm.not-escalated": Event(logging.WARNING, "the next step of an alarm could not be taken yet", ("code",)),
    "alarm.not-noted": Event(logging.WARNING, "what came of a call-out could not be noted yet", ("code",)),
    "callout.failed": Event(logging.WARNING, "a call-out failed", ("callout", "why", "attempt")),
    "callout.plan-malformed": Event(logging.WARNING, "alarm.toml can't be followed; what it said before goes on"),
    "administered": Event(
        logging.WARNING, "officers, systems that poll or call-outs were changed or tried", ("act", "about", "by")
    ),
    "api.failed": Event(logging.ERROR, "a request met a fault of the node's own"),
    "api.answer-unkept": Event(logging.WARNING, "the answer to a request with a key could not be kept", ("code",)),
    "look.failed": Event(logging.WARNING, "what pages show could not be gone through ahead", ("why",)),
    "warning.ended": Event(logging.WARNING, "the warning process ended and is started again"),
    "cot.ended": Event(logging.WARNING, "the process that serves TAK clients ended and is started again"),
    "warning.odd": Event(logging.WARNING, "something is odd in a warning feed", ("party", "code")),
    "warning.not-drafted": Event(logging.WARNING, "what a rule asks for could not be drafted yet", ("code",)),
    "warning.not-said": Event(logging.WARNING, "what a rule has reported could not be said, and is drafted", ("code",)),
    "log.foreign": Event(logging.NOTSET, "a library that the node uses has logged", ("logger", "place", "words")),
}

_OWN: Final = logging.getLogger("comity")
_TOKEN: Final = re.compile(r"[\w .:/%,'()\[\]-]{0,200}", re.ASCII)
_WORDED: Final = ("uvicorn",)
"""Loggers whose messages are fixed wording with fields; the wording is kept, what fills it is not."""


_ENDS: Final = {"link.up": "link.down"}
"""Events that end another: whoever was told of the one at its level is told of the other at the same."""


def note(event: str, /, error: BaseException | None = None, *, is_end: bool = False, **fields: int | str) -> None:
    """Log an event of `EVENTS` with its fields; of `error` only its type and the places that it passed through.

    With `is_end` it ends what was logged before, and is logged as gravely.
    """
    row = EVENTS[event]
    assert set(fields) <= set(row.fields), f"{event} has no such field"
    level = EVENTS[_ENDS[event]].level if is_end else row.level
    if _OWN.isEnabledFor(level):
        _OWN.log(level, row.says, extra={"comity_event": event, "comity_fields": fields, "comity_error": error})


def open_log(stream: TextIO, *, format_: str, level: str) -> None:
    """Send this program's log to a stream, from this level on, in this form."""
    sink = logging.StreamHandler(stream)
    sink.setFormatter(JsonLines() if format_ == "json" else TextLines())
    root = logging.getLogger()
    root.handlers[:] = [sink]
    root.setLevel(level.upper())
    for name in _WORDED:
        # Its coming and going is the node's, which says so itself.
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return msgspec.json.encode(_find_row(record)).decode()


class TextLines(logging.Formatter):
    """The same for a person's eyes."""

    def format(self, record: logging.LogRecord) -> str:
        row = _find_row(record)
        head = f"{row.pop('at')} {row.pop('level')} {row.pop('event')}: {row.pop('says')}"
        trace = row.pop("trace", [])
        assert isinstance(trace, list)
        shown = ", ".join(f"{name} {value}" for name, value in row.items())
        return head + (f" ({shown})" if shown else "") + "".join(f"\n    {frame}" for frame in trace)


def _find_row(record: logging.LogRecord) -> dict[str, object]:
    """Return what a line says; of a record that is not of `note`, nothing that could quote anybody."""
    event: str = getattr(record, "comity_event", "log.foreign")
    error: BaseException | None = getattr(record, "comity_error", None)
    if event == "log.foreign":
        fields: dict[str, int | str] = {"logger": record.name, "place": f"{record.module}:{record.lineno}"}
        if record.name.split(".")[0] in _WORDED and isinstance(record.msg, str):
            fields["words"] = record.msg
        error = record.exc_info[1] if record.exc_info else None
    else:
        fields = getattr(record, "comity_fields", {})
    row: dict[str, object] = {
        "at": format_iso(Instant(int(record.created * 1000))),
        "level": record.levelname.lower(),
        "event": event,
        "says": EVENTS[event].says,
    }
    row |= {name: _tame(value) for name, value in fields.items()}
    if error is not None:
        frames = traceback.extract_tb(error.__traceback__)[-FRAME_COUNT_MAX:]
        row["error"] = type(error).__name__
        row["trace"] = [f"{_shorten(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]
    return row


def _tame(value: int | str) -> int | str:
    """Return a field as it may be written: a number, or a short word of plain characters."""
    if isinstance(value, int):
        return value
    return value if _TOKEN.fullmatch(value) else "unfit"


def _shorten(path: str) -> str:
    """Return a place in the source without where it is installed."""
    for mark in ("/site-packages/", "/src/"):
        if mark in path:
            return path.rpartition(mark)[2]
    return path.rpartition("/")[2]
