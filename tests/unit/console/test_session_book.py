"""Sessions over a new start of their node: an officer's goes on, and the file opens nothing."""

from pathlib import Path

import pytest

from comity.base.instants import Instant
from comity.console.session import IDLE_LOCK_S, LIFETIME_S, Session, Sessions
from comity.console.session_book import SESSIONS_FILE, SessionBook
from comity.node.officers import OfficerBook
from comity.node.passkeys import PasskeyBook


class Host:
    """A machine: its clock, the clock of the process that runs now, and the officers of its node."""

    def __init__(self, path: Path) -> None:
        self.path = path / SESSIONS_FILE
        self.now_s = 1_800_000_000.0
        self.began_s = self.now_s
        self.officers = OfficerBook()
        self.officers.add("usa-w", ("watch-officer",), at=Instant(0))
        self.kept = self.officers.read().get("usa-w").kept

    def start(self) -> Sessions:
        """Start anew: the process counts from nought."""
        self.began_s = self.now_s
        return Sessions(SessionBook(self.path), clock=lambda: self.now_s - self.began_s, host_clock=lambda: self.now_s)

    def find(self, sessions: Sessions, secret: str) -> Session | None:
        """Return a browser's session."""
        return sessions.find(secret, self.officers, PasskeyBook(), at=1)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A machine with one officer."""
    return Host(tmp_path)


def test_an_officers_session_goes_on(host: Host) -> None:
    """With what it was: whose, since when, and that nobody has proved anything since."""
    before = host.start()
    secret = before.begin("usa-w", kept=host.kept, proved_by="token")
    host.now_s += 60
    after = host.start()
    session = host.find(after, secret)
    assert session is not None
    assert (session.officer, session.is_locked, after.is_fresh(session)) == ("usa-w", False, False)
    assert after.book.key == before.book.key
    assert secret not in host.path.read_text()
    assert host.path.stat().st_mode & 0o077 == 0


def test_time_goes_by_while_the_node_is_down(host: Host) -> None:
    """What was left is locked, what was locked stays so, and what is over is over."""
    first = host.start()
    left, locked = (first.begin("usa-w", kept=host.kept, proved_by="token") for _ in range(2))
    first.lock(first._sessions[list(first._sessions)[1]])
    second = host.start()
    held = host.find(second, locked)
    assert held is not None
    assert held.is_locked
    host.now_s += IDLE_LOCK_S
    third = host.start()
    session = host.find(third, left)
    assert session is not None
    assert session.is_locked
    host.now_s += LIFETIME_S
    assert host.find(host.start(), left) is None


def test_a_clock_that_was_set_back_opens_nothing(host: Host) -> None:
    """A session of a time that is still to come is locked, and lasts no longer."""
    secret = host.start().begin("usa-w", kept=host.kept, proved_by="token")
    host.now_s -= 3_600
    sessions = host.start()
    session = host.find(sessions, secret)
    assert session is not None
    assert session.is_locked
    host.now_s += LIFETIME_S
    assert host.find(sessions, secret) is None


def test_what_ended_stays_ended(host: Host) -> None:
    """Signed out, revoked, or opened with the realm's own token, which is drawn anew."""
    sessions = host.start()
    out, own = (
        sessions.begin("usa-w", kept=host.kept, proved_by="token"),
        sessions.begin("", kept="", proved_by="token"),
    )
    sessions.end(out)
    other = sessions.begin("usa-w", kept=host.kept, proved_by="token")
    after = host.start()
    assert host.find(after, out) is None
    assert host.find(after, own) is None
    host.officers.revoke("usa-w", at=Instant(1))
    assert host.find(host.start(), other) is None


@pytest.mark.parametrize(
    "content", [b"", b"{}", b'{"format":2,"key":"","sessions":[]}', b"\xff" * 100, b'{"\xc0": 0}', b"[" * 100_000]
)
def test_a_damaged_file_lets_nobody_in(host: Host, content: bytes) -> None:
    """Everybody signs in again, and the file is written anew."""
    secret = host.start().begin("usa-w", kept=host.kept, proved_by="token")
    host.path.write_bytes(content)
    sessions = host.start()
    assert host.find(sessions, secret) is None
    again = sessions.begin("usa-w", kept=host.kept, proved_by="token")
    assert host.find(host.start(), again) is not None
