"""AIS on its way: sentences of NMEA 0183 with tag blocks, messages of several parts put together (X70).

Rules
- A sentence without a right checksum is noise on the line; so is a tag block, whose instant counts for what follows it.
- Parts belong together by talker, number of the sequence, channel and count. What is not complete within 30 seconds,
  or for want of room, is given up, the oldest first.
- Decoding is pyais's. Whatever it makes of bytes, nothing of it leaves here but a message or a code.
"""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from pyais.exceptions import MissingPayloadException, UnknownMessageException
from pyais.messages import AISSentence, NMEASentence, NMEASentenceFactory

from comity.base.instants import SECOND_MS, Instant

__all__ = ["Heard", "Sentences"]

PENDING_COUNT_MAX: Final = 64
PENDING_MS_MAX: Final = 30 * SECOND_MS
_SECONDS_MAX: Final = 100_000_000_000
"""A tag block's instant beyond that is in milliseconds: receivers write either."""


class Heard(NamedTuple):
    """What became of lines: so many under a code, or a message, with its instant where the receiver wrote one."""

    code: str
    line_count: int = 1
    message: Any = None
    heard_at: Instant | None = None


class _Pending(NamedTuple):
    parts: dict[int, AISSentence]
    since: Instant
    heard_at: Instant | None


_Key = tuple[bytes, int | None, str, int]


class Sentences:
    """Takes lines in their order."""

    def __init__(self) -> None:
        self._pending: OrderedDict[_Key, _Pending] = OrderedDict()

    def take(self, line: bytes, now: Instant) -> Iterator[Heard]:
        """Take a line that came at `now`; yield what that makes certain. A part that waits yields nothing yet."""
        try:
            sentence = NMEASentenceFactory.produce(line)
            code, heard_at = _check(sentence)
        except UnknownMessageException:
            code, heard_at, sentence = "other", None, None
        except Exception:  # noqa: BLE001 -- bytes from outside in another's code: whatever it stumbles over is no sentence
            code, heard_at, sentence = "malformed", None, None
        if code or not isinstance(sentence, AISSentence):
            yield Heard(code or "other")
        elif sentence.frag_cnt == 1:
            yield _decode(sentence, heard_at)
        else:
            yield from self._join(sentence, heard_at, now)

    def finish(self) -> Iterator[Heard]:
        """Give up every part that still waits."""
        while self._pending:
            yield self._give_up(next(iter(self._pending)))

    def _join(self, part: AISSentence, heard_at: Instant | None, now: Instant) -> Iterator[Heard]:
        key = (part.raw[:6], part.seq_id, part.channel, part.frag_cnt)
        for old in [key for key, pending in self._pending.items() if abs(now - pending.since) > PENDING_MS_MAX]:
            yield self._give_up(old)
        pending = self._pending.get(key)
        if pending is not None and part.frag_num in pending.parts:  # another message of the same number began
            yield self._give_up(key)
            pending = None
        if pending is None:
            if len(self._pending) >= PENDING_COUNT_MAX:
                yield self._give_up(next(iter(self._pending)))
            pending = self._pending[key] = _Pending({}, now, heard_at)
        pending.parts[part.frag_num] = part
        if heard_at is not None and pending.heard_at is None:
            pending = self._pending[key] = pending._replace(heard_at=heard_at)
        if len(pending.parts) == part.frag_cnt:
            del self._pending[key]
            if part.frag_cnt > 1:
                yield Heard("part", part.frag_cnt - 1)
            whole = AISSentence.assemble_from_iterable([pending.parts[number] for number in sorted(pending.parts)])
            yield _decode(whole, pending.heard_at)

    def _give_up(self, key: _Key) -> Heard:
        return Heard("incomplete", len(self._pending.pop(key).parts))


def _check(sentence: NMEASentence) -> tuple[str, Instant | None]:
    """Return a code where a sentence does not count, and the instant of its tag block."""
    if not sentence.is_valid:
        return "checksum", None
    tag = sentence.tag_block
    if tag is None:
        return "", None
    tag.init()
    if not tag.is_valid:
        return "checksum", None
    if not tag.receiver_timestamp:
        return "", None
    stamp = int(tag.receiver_timestamp)
    at = stamp if stamp >= _SECONDS_MAX else stamp * SECOND_MS
    return ("", Instant(at)) if 0 <= at < 2**53 else ("malformed", None)


def _decode(sentence: AISSentence, heard_at: Instant | None) -> Heard:
    try:
        return Heard("", 1, sentence.decode(), heard_at)
    except MissingPayloadException:
        return Heard("empty")
    except UnknownMessageException:
        return Heard("other")
    except Exception:  # noqa: BLE001 -- as above
        return Heard("malformed")
