"""One line for each event of a run: what a person scans, and no more. Digests are shortened, other bytes are counted.

The digest of a run is over all of an effect (`log`); here is only what is shown of it. No line holds a text or a key.
"""

from typing import Final

from comity.base.instants import format_iso
from comity.base.names import format_digest
from comity.journal.header import JournalId
from comity.machine.effect import (
    Acknowledge,
    Alarm,
    Answer,
    Commit,
    Effect,
    Fetch,
    Follow,
    OpenStream,
    Publish,
    SignCheckpoint,
    Wake,
    Wrap,
)

__all__ = ["tell"]

DIGEST_SIZE: Final = 32


def tell(effect: Effect) -> str:
    """Return what is shown of an effect: its name and a few words, on one line."""
    return f"{type(effect).__name__} {' '.join(map(_say, _list_told(effect)))}".rstrip()


def _list_told(effect: Effect) -> tuple[object, ...]:
    match effect:
        case Commit():
            return effect.number, f"pages={len(effect.pages)}", f"refusals={len(effect.refusals)}"
        case Publish():
            return effect.feed.value, effect.audience, effect.digest, f"size={len(effect.raw)}"
        case Acknowledge():
            return effect.delivery, effect.verdict.value
        case Wrap():
            return effect.journal, f"epoch={effect.epoch}", f"readers={len(effect.readers)}"
        case SignCheckpoint():
            return effect.journal, f"number={effect.statement.number}"
        case Fetch():
            return effect.party, effect.journal, f"{effect.first}..{effect.last}"
        case OpenStream():
            return effect.feed.value, effect.audience
        case Follow():
            return effect.party, effect.feed.value, effect.audience
        case Wake():
            return (format_iso(effect.at),)
        case Answer():
            return effect.command, effect.code or "stored", *effect.ids
        case Alarm():
            return effect.code, *(f"{name}={_say(value)}" for name, value in sorted(effect.details.items()))


def _say(value: object) -> str:
    match value:
        case JournalId():
            return f"{value.author} {value.feed.value} {'+'.join(value.audience)} incarnation={value.incarnation}"
        case bytes():
            return format_digest(value) if len(value) == DIGEST_SIZE else f"<{len(value)} bytes>"
        case tuple():
            return "+".join(map(_say, value))
        case _:
            return str(value)
