"""Carrying pages over links that fail."""

from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.limits import ACK_WAIT_MS
from comity.base.names import Digest, Party
from comity.journal.header import Feed, Page, parse_page
from comity.journal.ledger import Verdict
from comity.machine.effect import Fetch
from comity.rehearsal.agenda import Agenda
from comity.rehearsal.chance import CALM, Rates, split
from comity.rehearsal.link import Links
from comity.rehearsal.log import Log
from comity.rehearsal.outbox import Outbox
from comity.rehearsal.post import Post
from kit.loop import Loop

AUDIENCE = ("JPN", "KOR", "USA")
JOURNAL = Digest(b"\x01" * 32)


@dataclass
class Reader:
    """Takes note of what comes."""

    is_up: bool = True
    came: list[tuple[int, bytes, int]] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    agenda: Agenda | None = None
    has_room: bool = True
    held: list[Page] | None = field(default_factory=list)

    def take_page(self, raw: bytes, delivery: int) -> bool:
        """Note a page."""
        assert self.agenda is not None
        self.came.append((self.agenda.now, raw, delivery))
        return self.has_room

    def read_pages(self, journal: Digest, *, first: int, last: int, reader: Party) -> list[Page] | None:
        """Have nothing, or what the test says."""
        del journal, first, last, reader
        return self.held

    def end_fetch(self, party: Party, journal: Digest, *, is_answered: bool) -> None:
        """Note the end of a fetch."""
        del party, journal
        self.ended.append(is_answered)


def _post(rates: Rates = CALM) -> tuple[Post, dict[Party, Reader], Agenda]:
    agenda = Agenda(Instant(0))
    readers = {party: Reader(agenda=agenda) for party in AUDIENCE}
    post = Post(agenda, Links(split(1, "links"), rates), Log(), dict(readers))
    for party in AUDIENCE:
        post.outboxes[party] = Outbox(party)
    return post, readers, agenda


def _send(post: Post, raw: bytes, *, number: int = 1) -> None:
    stream = post.outboxes["USA"].get_stream((Feed.RECORD, AUDIENCE))
    post.follow("KOR", stream)
    post.take(stream, Digest(bytes([number]) * 32), raw)


def test_a_page_comes_again_until_it_is_acknowledged() -> None:
    """Each time after the acknowledgement wait, and never after the acknowledgement."""
    post, readers, agenda = _post()
    _send(post, b"page")
    agenda.run(Instant(3 * ACK_WAIT_MS - 500))
    came = readers["KOR"].came
    assert [raw for _, raw, _ in came] == [b"page"] * 3
    assert came[1][0] - came[0][0] >= ACK_WAIT_MS // 2
    post.acknowledge(came[-1][2], Verdict.ACCEPTED)
    agenda.run(Instant(10 * ACK_WAIT_MS))
    assert len(came) == 3


def test_a_page_dropped_at_the_door_comes_again() -> None:
    """What a reader could not keep is not acknowledged for good."""
    post, readers, agenda = _post()
    _send(post, b"page")
    agenda.run(Instant(1000))
    post.acknowledge(readers["KOR"].came[0][2], Verdict.DROPPED)
    agenda.run(Instant(2 * ACK_WAIT_MS))
    assert len(readers["KOR"].came) == 2


def test_a_cut_link_delivers_nothing_and_then_everything() -> None:
    """Pages wait at their consumer; what was on its way when the link was cut is lost, and sent again."""
    post, readers, agenda = _post()
    _send(post, b"one", number=1)
    post.links.cut("KOR", "USA")
    _send(post, b"two", number=2)
    agenda.run(Instant(4 * ACK_WAIT_MS))
    assert readers["KOR"].came == []
    post.links.mend("KOR", "USA")
    post.resume("USA", "KOR")
    agenda.run(Instant(4 * ACK_WAIT_MS + 2000))
    assert sorted(raw for _, raw, _ in readers["KOR"].came) == [b"one", b"two"]


def test_a_page_published_twice_is_in_the_stream_once() -> None:
    """Publishing again is harmless."""
    post, _, _ = _post()
    _send(post, b"page")
    _send(post, b"page")
    assert len(post.outboxes["USA"].get_stream((Feed.RECORD, AUDIENCE)).raws) == 1


def test_who_does_not_follow_a_stream_gets_nothing_of_it_until_he_does() -> None:
    """And then from the first page on."""
    post, readers, agenda = _post()
    _send(post, b"page")
    agenda.run(Instant(1000))
    assert readers["JPN"].came == []
    post.follow("JPN", post.outboxes["USA"].get_stream((Feed.RECORD, AUDIENCE)))
    agenda.run(Instant(2000))
    assert [raw for _, raw, _ in readers["JPN"].came] == [b"page"]


def test_a_fetch_ends_once_whether_the_peer_is_there_or_not() -> None:
    """Answered where the way is open, unanswered after a while where it is not."""
    post, readers, agenda = _post()
    wish = Fetch("USA", JOURNAL, 0, 3)
    post.fetch("KOR", wish, is_current=lambda: True)
    agenda.run(Instant(10_000))
    readers["USA"].is_up = False
    post.fetch("KOR", wish, is_current=lambda: True)
    agenda.run(Instant(20_000))
    assert readers["KOR"].ended == [True, False]


def test_a_fetch_that_is_not_answered_or_not_taken_is_no_end_of_a_journal() -> None:
    """As in life: a reader that lost the pages does not answer, and what finds no room here was not said (T20)."""
    post, readers, agenda = _post()
    readers["USA"].held = None
    post.fetch("KOR", Fetch("USA", JOURNAL, 0, 3), is_current=lambda: True)
    agenda.run(Instant(10_000))
    loop = Loop()
    loop.be_born()
    readers["USA"].held = [parse_page(loop.stored["USA"][0], loop.suite)]
    readers["KOR"].has_room = False
    post.fetch("KOR", Fetch("USA", JOURNAL, 0, 3), is_current=lambda: True)
    agenda.run(Instant(20_000))
    assert len(readers["KOR"].came) == 1
    assert readers["KOR"].ended == [False, False]


def test_a_fetch_of_a_node_that_has_crashed_meanwhile_ends_nowhere() -> None:
    """Its restart asks anew."""
    post, readers, agenda = _post()
    post.fetch("KOR", Fetch("USA", JOURNAL, 0, 3), is_current=lambda: False)
    agenda.run(Instant(10_000))
    assert readers["KOR"].ended == []
