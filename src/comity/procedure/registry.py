"""Every entry type that this version knows, and the door by which entry bytes come in.

A type that is not known is kept raw and decoded after an upgrade (docs/spec/journal.md, J10): it is a value, not an
error. But it is an entry only in the form of J1, no deeper than 16 arrays: what can be an entry of no version is not
kept for one. Of the types known here the type itself says so much.
"""

from dataclasses import dataclass
from typing import Final, Union, cast

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError, UsageError
from comity.base.limits import ENTRY_DEPTH_MAX, ENTRY_SIZE_BYTES_MAX
from comity.base.names import UINT_MAX
from comity.procedure import (
    after_action,
    agreement,
    alarm,
    anchor,
    appointment,
    bracket,
    call,
    correction,
    detected,
    disclosed,
    exercise,
    genesis,
    hotline,
    indicator,
    inquiry,
    line,
    linked,
    measure,
    meeting,
    national,
    observation,
    officer,
    onward,
    phrase,
    plan,
    position,
    public_warning,
    quarantine,
    reading,
    recall,
    role_play,
    sharing,
    shift,
    spillage,
    text,
    threat,
    translation,
    voice,
    withdrawal,
)
from comity.procedure.entry import Entry

__all__ = ["ENTRY_TYPES", "Unknown", "decode_entry", "encode_entry", "prove_entry"]

ENTRY_TYPES: Final[tuple[type[Entry], ...]] = tuple(
    type_
    for module in (
        genesis,
        threat,
        detected,
        public_warning,
        call,
        position,
        text,
        bracket,
        plan,
        meeting,
        appointment,
        shift,
        exercise,
        observation,
        after_action,
        role_play,
        measure,
        national,
        hotline,
        phrase,
        translation,
        voice,
        line,
        sharing,
        linked,
        recall,
        onward,
        inquiry,
        spillage,
        quarantine,
        agreement,
        correction,
        withdrawal,
        disclosed,
        indicator,
        officer,
        reading,
        alarm,
        anchor,
    )
    for type_ in module.ENTRIES
)


@dataclass(frozen=True, slots=True)
class Unknown:
    """An entry of a type that this version does not know. `type` is cut to 64 characters; `raw` is whole."""

    type: str
    raw: bytes


assert len({type_.__name__ for type_ in ENTRY_TYPES}) == len(ENTRY_TYPES), "two entry types share a name"

_BY_TYPE: Final = {
    type_.__struct_config__.tag: Decoder(type_, size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed")
    for type_ in ENTRY_TYPES
}
_KNOWN: Final[msgspec.msgpack.Decoder[Entry]] = msgspec.msgpack.Decoder(Union[ENTRY_TYPES])  # noqa: UP007 -- of a tuple
_HEAD: Final = msgspec.msgpack.Decoder(list[msgspec.Raw])
_NAME: Final = msgspec.msgpack.Decoder(str)
_UNKNOWN: Final = Decoder(list[object], size_max=ENTRY_SIZE_BYTES_MAX, code="entry.malformed")


def decode_entry(raw: bytes) -> Entry | Unknown:
    """Decode one entry.

    Raises:
        RemoteError: `bytes.too-large`, `bytes.not-canonical`, `entry.malformed`.
    """
    if len(raw) > ENTRY_SIZE_BYTES_MAX:
        raise RemoteError("bytes.too-large", size_bytes=len(raw), size_bytes_max=ENTRY_SIZE_BYTES_MAX)
    return _find_known(raw) or _decode_any(raw)


def _find_known(raw: bytes) -> Entry | None:
    """Return an entry of a type known here in the one form that it has; None for all else, to be looked at closely."""
    try:
        entry = _KNOWN.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        return None
    return entry if encode(entry) == raw else None


def _decode_any(raw: bytes) -> Entry | Unknown:
    try:
        name = _NAME.decode(_HEAD.decode(raw)[0])
    except (msgspec.DecodeError, IndexError, RecursionError, UnicodeDecodeError) as error:
        raise RemoteError("entry.malformed", evidence=raw) from error
    decoder = _BY_TYPE.get(name)
    if decoder is not None:
        return decoder.decode(raw)
    if not _is_plain(_UNKNOWN.decode(raw), depth=ENTRY_DEPTH_MAX):
        raise RemoteError("entry.malformed", evidence=raw)
    return Unknown(name[:64], raw)


def _is_plain(values: list[object], depth: int) -> bool:
    """Tell whether J1 permits these elements of an array that may hold `depth` - 1 more within each other."""
    for value in values:
        if isinstance(value, list):
            if depth <= 1 or not _is_plain(cast("list[object]", value), depth - 1):
                return False
        elif type(value) is int:
            if not 0 <= value <= UINT_MAX:
                return False
        elif type(value) not in (str, bytes):
            return False
    return True


def encode_entry(entry: Entry) -> bytes:
    """Encode an entry of ours and prove that every reader decodes it.

    Raises:
        UsageError: `entry.unfit`, where a field is out of its bounds or two contradict each other.
    """
    return prove_entry(entry)[0]


def prove_entry(entry: Entry) -> tuple[bytes, Entry]:
    """As `encode_entry`; return also the entry as every reader will read it.

    Raises:
        UsageError: `entry.unfit`.
    """
    raw = encode(entry)
    try:
        read = decode_entry(raw)
    except RemoteError as error:
        raise UsageError("entry.unfit", type=type(entry).__name__) from error
    assert isinstance(read, Entry), "a type of ours is known here"
    return raw, read
