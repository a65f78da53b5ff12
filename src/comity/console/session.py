"""Who sits at a console: sessions, in this process's memory, and hashes of them in a file (docs/adr/0057, 0061).

Rules
- The browser holds 32 random bytes; what is kept here is their hash. Over a new start of the node officers' sessions go
  on, with no proof that is fresh; that of whoever showed the realm's own token ends, as that token does.
- After a quarter of an hour without an act of the officer's a session locks: nothing is shown until the officer proves
  again who he is. What a page asks for by itself is no act. After twelve hours it ends, however busy.
- A session ends at once when the officer is revoked, when his time is over, when his token was replaced, or when a
  passkey that was shown in it was taken away.
- What releases or speaks for leaders wants a proof no older than five minutes (`is_fresh`).
- So many sessions, so many of one officer; the ones longest unused give way.
"""

import hashlib
import math
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from comity.console.session_book import KeptSession, SessionBook
from comity.node.officers import OfficerBook
from comity.node.passkeys import PasskeyBook

__all__ = ["LIFETIME_S", "Seat", "Session", "Sessions"]

IDLE_LOCK_S: Final = 15 * 60.0
LIFETIME_S: Final = 12 * 3600.0
FRESH_S: Final = 5 * 60.0
SESSION_COUNT_MAX: Final = 1_024
WRITE_EVERY_S: Final = 30.0
"""How often at most an act alone is kept: a console that was used less than this ago locks so much earlier."""
SESSION_COUNT_OF_ONE_MAX: Final = 16


@dataclass(slots=True)
class Session:
    """One console. `officer` is empty for whoever showed the realm's own token; `proved_by`: what was shown last.

    `passkeys` are those that were shown in it, by their ids.
    """

    officer: str
    kept: str
    began_s: float
    used_s: float
    proved_s: float
    proved_by: str
    is_locked: bool = False
    passkeys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """A session as an administrator sees it: `mark` names it and opens nothing."""

    mark: str
    officer: str
    proved_by: str
    is_locked: bool
    idle_s: int


class Sessions:
    """All sessions of one node."""

    def __init__(
        self,
        book: SessionBook | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        host_clock: Callable[[], float] = time.time,
    ) -> None:
        """Go on with the sessions of a book; `host_clock` counts on while the node is down."""
        self.book = book or SessionBook()
        self._clock, self._host_clock = clock, host_clock
        self._written_s = clock()
        self._sessions: dict[bytes, Session] = {}
        for row in self.book.sessions:
            self._sessions[bytes.fromhex(row.mark)] = self._restore(row)

    def begin(self, officer: str, *, kept: str, proved_by: str, passkey: str = "", ago_s: float = 0.0) -> str:
        """Begin a session of an officer whose token is compared with `kept`; return what the browser is to hold.

        `passkey` is the id of the one that was shown, if one was; `ago_s`: how long ago the officer proved who he is.
        """
        self._forget(officer)
        secret, now_s = secrets.token_urlsafe(32), self._clock()
        shown = (passkey,) if passkey else ()
        self._sessions[_mark(secret)] = Session(officer, kept, now_s, now_s, now_s - ago_s, proved_by, passkeys=shown)
        self.write()
        return secret

    def find(self, secret: str, book: OfficerBook, passkeys: PasskeyBook, *, at: int) -> Session | None:
        """Return the session of a browser, locked or not, or None; one whose officer may no longer act is ended.

        Raises:
            UsageError: `officer.book-malformed`, `passkey.book-malformed`.
        """
        mark = _mark(secret)
        session = self._sessions.get(mark)
        if session is None:
            return None
        if self._clock() >= session.began_s + LIFETIME_S or not _stands(session, book, passkeys, at):
            del self._sessions[mark]
            self.write()
            return None
        if self._clock() >= session.used_s + IDLE_LOCK_S:
            session.is_locked = True
        return session

    def use(self, session: Session) -> None:
        """Note an act of the officer's."""
        assert not session.is_locked, "a locked session does nothing"
        session.used_s = self._clock()
        if session.used_s >= self._written_s + WRITE_EVERY_S:
            self.write()

    def lock(self, session: Session) -> None:
        """Lock a session until its officer proves again who he is."""
        session.is_locked = True
        self.write()

    def prove(self, session: Session, *, kept: str, proved_by: str, passkey: str = "", ago_s: float = 0.0) -> None:
        """Note that the officer has proved again who he is; a session that was locked goes on."""
        session.kept, session.proved_by = kept, proved_by
        if passkey and passkey not in session.passkeys:
            session.passkeys = (*session.passkeys, passkey)
        session.used_s = self._clock()
        session.proved_s = session.used_s - ago_s
        session.is_locked = False
        self.write()

    def is_fresh(self, session: Session) -> bool:
        """Tell whether the officer proved who he is a short while ago."""
        return self._clock() < session.proved_s + FRESH_S

    def end(self, secret: str) -> None:
        """End a session."""
        if self._sessions.pop(_mark(secret), None) is not None:
            self.write()

    def write(self) -> None:
        """Keep how officers' sessions stand, for a new start."""
        self._written_s, off_s = self._clock(), self._host_clock() - self._clock()
        self.book.write(
            tuple(
                KeptSession(mark.hex(), one.officer, one.kept, one.began_s + off_s, one.used_s + off_s, one.proved_by,
                            one.is_locked, one.passkeys)
                for mark, one in self._sessions.items() if one.officer
            )
        )  # fmt: skip

    def _restore(self, row: KeptSession) -> Session:
        """Return a session as it stands now; one of a time that is still to come is locked."""
        off_s = self._clock() - self._host_clock()
        began_s, used_s = min(row.began_s + off_s, self._clock()), row.used_s + off_s
        is_locked = row.is_locked or used_s > self._clock()
        return Session(row.officer, row.kept, began_s, min(used_s, self._clock()), -math.inf, row.proved_by,
                       is_locked=is_locked, passkeys=row.passkeys)  # fmt: skip

    def list(self) -> tuple[Seat, ...]:
        """Return all sessions, the one used last first."""
        now_s = self._clock()
        rows = sorted(self._sessions.items(), key=lambda row: (-row[1].used_s, row[0]))
        return tuple(
            Seat(
                mark.hex(),
                row.officer,
                row.proved_by,
                row.is_locked or now_s >= row.used_s + IDLE_LOCK_S,
                int(now_s - row.used_s),
            )
            for mark, row in rows
            if now_s < row.began_s + LIFETIME_S
        )

    def end_marked(self, mark: str) -> None:
        """End the session of this mark, if there is one."""
        if self._sessions.pop(bytes.fromhex(mark), None) is not None:
            self.write()

    def _forget(self, officer: str) -> None:
        """Make room for one more session of an officer."""
        rows = sorted(self._sessions.items(), key=lambda row: row[1].used_s)
        own = [mark for mark, session in rows if session.officer == officer]
        for mark in own[: max(0, len(own) - SESSION_COUNT_OF_ONE_MAX + 1)]:
            del self._sessions[mark]
        while len(self._sessions) >= SESSION_COUNT_MAX:
            del self._sessions[min(self._sessions, key=lambda mark: self._sessions[mark].used_s)]


def _stands(session: Session, book: OfficerBook, passkeys: PasskeyBook, at: int) -> bool:
    if not session.officer:
        return True
    officer = book.read().find(session.officer)
    if officer is None or not officer.is_valid(at) or officer.kept != session.kept:
        return False
    held = passkeys.read() if session.passkeys else None
    return held is None or all(held.find(shown) is not None for shown in session.passkeys)


def _mark(secret: str) -> bytes:
    return hashlib.sha256(b"comity-session\0" + secret.encode("utf-8", "replace")).digest()
