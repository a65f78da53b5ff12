"""The sessions of officers over a new start of their node: a file of the realm, for its owner alone (docs/adr/0061).

It holds no secret of a browser's: hashes of what browsers hold, as `officers.json` has of tokens. A session of whoever
showed the realm's own token is not in it, for that token is drawn anew; nor is when an officer last proved who he is. A
file that is damaged or of an unknown form lets nobody in: everybody signs in again.
"""

import secrets
from pathlib import Path
from typing import Annotated, Final

import msgspec

from comity.node.durable import write_private
from comity.procedure.fields import IdField

__all__ = ["SESSIONS_FILE", "KeptSession", "SessionBook"]

SESSIONS_FILE: Final = "sessions.json"
SIZE_BYTES_MAX: Final = 4 * 1024 * 1024
KEY_SIZE: Final = 32
_Mark = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
_Short = Annotated[str, msgspec.Meta(max_length=256)]
_Seconds = Annotated[float, msgspec.Meta(ge=0)]


class KeptSession(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One session; times are seconds of the host's clock, which counts on while the node is down."""

    mark: _Mark
    officer: IdField
    kept: _Short
    began_s: _Seconds
    used_s: _Seconds
    proved_by: _Short
    is_locked: bool
    passkeys: Annotated[tuple[Annotated[str, msgspec.Meta(max_length=2048)], ...], msgspec.Meta(max_length=64)] = ()


class _Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    format: Annotated[int, msgspec.Meta(ge=1, le=1)]
    key: _Mark
    sessions: Annotated[tuple[KeptSession, ...], msgspec.Meta(max_length=4096)] = ()


class SessionBook:
    """The file of one realm; `path` None: kept in memory alone."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        held = _read(path)
        self.key = bytes.fromhex(held.key)
        """What forms are signed with; a form that was open while the node started anew is good afterwards."""
        self.sessions = held.sessions

    def write(self, sessions: tuple[KeptSession, ...]) -> None:
        """Keep these sessions, and no others."""
        self.sessions = sessions
        if self._path is not None:
            write_private(self._path, msgspec.json.encode(_Kept(1, self.key.hex(), sessions)))


def _read(path: Path | None) -> _Kept:
    fresh = _Kept(1, secrets.token_hex(KEY_SIZE))
    if path is None or not path.exists() or path.stat().st_size > SIZE_BYTES_MAX:
        return fresh
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fresh
