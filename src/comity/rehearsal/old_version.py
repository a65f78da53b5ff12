"""An older version of the node: some types of entries are unknown to it, kept raw, and folded after its upgrade (J10).

Its officers cannot say what it does not know. Hidden are types that a node never states by itself.
"""

from collections.abc import Iterable
from typing import Final

from comity.procedure.entry import Entry
from comity.procedure.registry import Unknown, decode_entry

__all__ = ["UNKNOWN", "decode_old", "is_unknown"]

UNKNOWN: Final = frozenset(
    {
        "ConsultationConvened", "EntryCorrected", "HoldLifted", "MessageReadBack", "NationalActionStated",
        "PassOnReported", "PositionExplained", "SilenceExtended",
    }
)  # fmt: skip
"""What an older version does not know."""


def decode_old(raw: bytes) -> Entry | Unknown:
    """Decode an entry as an older version does.

    Raises:
        RemoteError: as `decode_entry`.
    """
    entry = decode_entry(raw)
    return Unknown(type(entry).__name__, raw) if isinstance(entry, Entry) and is_unknown([entry]) else entry


def is_unknown(entries: Iterable[Entry]) -> bool:
    """Tell whether an older version does not know one of these."""
    return any(type(entry).__name__ in UNKNOWN for entry in entries)
