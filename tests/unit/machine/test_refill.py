"""A liar names thousands of journals that nobody has: who is asked for what, in which order, at what cost (law 7)."""

import sys
from collections import Counter
from collections.abc import Callable
from types import FrameType

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.crypto.label import digest, label
from comity.journal.header import EMPTY_ROOT, Feed, Kind, SeenHead, encode_page, parse_page
from comity.machine.effect import Commit, Effect, Fetch
from comity.machine.input import Arrived, Committed, FetchEnded, Input, LinkChanged, Ticked
from comity.machine.refill import ASKED_COUNT_MAX, FETCH_INTERVAL_MS
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.loop import Loop

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
ALL = ("JPN", "KOR", "USA")
NAMED_COUNT = 512
"""Journals that the liar names in one page: all that a header may name."""
ROUND_MS = FETCH_INTERVAL_MS // 4
"""How long every reader takes to answer in these tests, where time passes at all."""
ROUND_COUNT = 9
"""The liar is asked after one round at most, has nothing, and is not asked again for four; then it is KOR's turn."""


class Besieged(Loop):
    """JPN lies to USA, whose fetches stay under way until `answer`; what KOR says now does not reach USA by itself."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way: list[Fetch] = []
        self.asked: list[Fetch] = []
        self.named: set[Digest] = set()
        self.be_born()
        self.say("JPN", CALL)
        self.settle()
        self.cut = {frozenset(("JPN", "USA")), frozenset(("KOR", "USA"))}

    def take(self, given: Input) -> tuple[Effect, ...]:
        """Give USA's machine an input, and the answer to every commit."""
        effects = self.machines["USA"].handle(given)
        for effect in effects:
            if isinstance(effect, Commit):
                self.take(Committed(self.now, self._salt(), effect.number))
        fetches = [effect for effect in effects if isinstance(effect, Fetch) and effect.last]  # not the lookout's
        self.under_way += fetches
        self.asked += fetches
        return effects

    def lie(self, page_count: int) -> None:
        """Let JPN write pages that name journals which never were, and USA take them."""
        for _ in range(page_count):
            jpn = self.machines["JPN"]
            book = jpn.ledger.find_book(jpn.pen.get_journal(Feed.RECORD, ALL).digest)
            assert book is not None
            (tip,) = book.find_tips()
            heads = [SeenHead(Digest(self._salt()), 7, Digest(self._salt())) for _ in range(NAMED_COUNT)]
            self.named |= {head.journal for head in heads}
            header = msgspec.structs.replace(
                tip.header,
                kind=Kind.HEADS_SEEN,
                number=tip.header.number + 1,
                previous=tip.digest,
                salt=self._salt(),
                epoch=0,
                entry_count=0,
                entries_root=EMPTY_ROOT,
                body_digest=digest(self.suite, "body", b""),
                seen=tuple(sorted(heads, key=lambda head: head.order)),
            )
            raw = encode(header)
            signature = self.suite.sign(secret=jpn.setup.secrets.node, message=label("page") + raw)
            page = encode_page(header_raw=raw, signature=signature, body=b"")
            jpn.ledger.accept(page)
            self.take(Arrived(self.now, self._salt(), page))

    def answer(self) -> None:
        """End every fetch that is under way, KOR's with the pages asked for and the liar's with none."""
        now_under_way, self.under_way = self.under_way, []
        for fetch in now_under_way:
            for raw in self.stored[fetch.party] if fetch.party == "KOR" else ():
                page = parse_page(raw, self.suite)
                if page.journal == fetch.journal and fetch.first <= page.header.number <= fetch.last:
                    self.take(Arrived(self.now, self._salt(), raw))
            self.take(FetchEnded(self.now, self._salt(), fetch.party, fetch.journal, is_answered=True))

    def pass_time(self, ms: int) -> None:
        """Let time pass for USA."""
        self.now = Instant(self.now + ms)
        self.take(Ticked(self.now, self._salt()))

    def count_at_readers(self) -> Counter[Party]:
        """How many fetches of USA's each reader has to answer."""
        return Counter(fetch.party for fetch in self.under_way)

    def say_and_keep(self, author: Party) -> Arrived:
        """Let a party say something to all; return its page as it would reach USA."""
        self.say(author, CALL)
        return Arrived(self.now, self._salt(), self.stored[author][-1])

    def say_unheard(self, *, is_known: bool) -> Digest:
        """Let KOR say something to all that USA hears of in another of KOR's journals alone; return its journal."""
        if is_known:
            self._bring("KOR", lambda: self.say("KOR", CALL))
        self.say("KOR", CALL)
        self._bring("KOR", lambda: self.say("KOR", CALL, to=("USA",)), only=("KOR", "USA"))
        return self.machines["KOR"].pen.get_journal(Feed.RECORD, ALL).digest

    def _bring(self, author: Party, act: Callable[[], object], *, only: tuple[Party, ...] = ALL) -> None:
        """Do something, and give USA the author's new pages of an audience."""
        before = len(self.stored[author])
        act()
        for raw in self.stored[author][before:]:
            journal = parse_page(raw, self.suite).header.journal
            if (journal.author, journal.audience) == (author, only):
                self.take(Arrived(self.now, self._salt(), raw))


def _has_tip(loop: Besieged, journal: Digest) -> bool:
    books = [loop.machines[party].ledger.find_book(journal) for party in ("KOR", "USA")]
    return len({len(book.by_number) if book else 0 for book in books}) == 1


def _count_calls(act: Callable[[], object]) -> int:
    """How many functions are called while something is done: its work, whatever the machine it runs on."""
    count = 0

    def note(_frame: FrameType, event: str, _arg: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        act()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("is_known", [True, False], ids=["of a journal here in part", "of a journal not here"])
def test_an_honest_gap_is_filled_at_once_under_a_flood_of_names(*, is_known: bool) -> None:
    """What the honest party names has a turn of its own: thousands of other names are not before it."""
    loop = Besieged()
    loop.lie(8)
    loop.pass_time(FETCH_INTERVAL_MS)
    assert loop.count_at_readers() == {"JPN": ASKED_COUNT_MAX, "KOR": ASKED_COUNT_MAX}
    journal = loop.say_unheard(is_known=is_known)
    assert not _has_tip(loop, journal)
    loop.pass_time(FETCH_INTERVAL_MS)
    round_count = 0
    while not _has_tip(loop, journal):
        round_count += 1
        assert round_count <= ROUND_COUNT, "the liar's names are before it"
        loop.answer()
        assert max(loop.count_at_readers().values()) <= ASKED_COUNT_MAX
        loop.pass_time(ROUND_MS)


def test_every_journal_that_was_named_is_asked_for() -> None:
    """A name may be true, whoever wrote it; no reader ever has more to answer than the bound."""
    loop = Besieged()
    loop.lie(2)
    loop.pass_time(FETCH_INTERVAL_MS)
    for _ in range(len(loop.named) // (2 * ASKED_COUNT_MAX) + 2):
        assert max(loop.count_at_readers().values(), default=0) <= ASKED_COUNT_MAX
        loop.answer()
    assert loop.named <= {fetch.journal for fetch in loop.asked}
    assert max(Counter(fetch.journal for fetch in loop.asked).values()) == 1


def test_every_reader_is_asked_for_what_the_first_did_not_have() -> None:
    """JPN's answers are empty; each journal that it did not bring is asked of KOR, and the other way round."""
    loop = Besieged()
    loop.lie(1)
    loop.pass_time(FETCH_INTERVAL_MS)
    for _ in range(NAMED_COUNT):
        loop.answer()
        loop.pass_time(ROUND_MS // 12)
    asked = {(fetch.party, fetch.journal) for fetch in loop.asked}
    assert {(party, journal) for party in ("JPN", "KOR") for journal in loop.named} <= asked


def test_without_the_bound_all_are_asked_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the tests here look at would show it."""
    monkeypatch.setattr("comity.machine.refill.ASKED_COUNT_MAX", 1 << 30)
    loop = Besieged()
    loop.lie(2)
    loop.pass_time(FETCH_INTERVAL_MS)
    assert sum(loop.count_at_readers().values()) == 2 * NAMED_COUNT


def test_a_step_costs_the_same_however_many_journals_are_named() -> None:
    """A tick, a page and the end of a fetch: counted in calls, with a thousand names and with eight thousand."""
    costs = []
    for page_count in (2, 16):
        loop = Besieged()
        loop.lie(page_count)
        loop.pass_time(FETCH_INTERVAL_MS)
        loop.answer()
        tick = _count_calls(lambda loop=loop: loop.pass_time(1))  # type: ignore[misc]
        fetch = loop.under_way.pop()
        ended = FetchEnded(loop.now, loop._salt(), fetch.party, fetch.journal, is_answered=True)
        end = _count_calls(lambda loop=loop, ended=ended: loop.take(ended))  # type: ignore[misc]
        said = loop.say_and_keep("KOR")
        page = _count_calls(lambda loop=loop, said=said: loop.take(said))  # type: ignore[misc]
        costs.append((tick, end, page))
    few, many = costs
    assert max(few) < 2_000
    assert all(after <= before + 20 for before, after in zip(few, many, strict=True)), costs


def test_a_reader_whose_link_is_down_holds_up_nothing() -> None:
    """What waited for its turn there is asked of the other; without any link it waits, and goes on once one is up."""
    loop = Besieged()
    loop.lie(1)
    loop.pass_time(FETCH_INTERVAL_MS)
    loop.take(LinkChanged(loop.now, loop._salt(), "JPN", is_up=False))
    for _ in range(2 * NAMED_COUNT):
        loop.answer()
    assert loop.named <= {fetch.journal for fetch in loop.asked}
    loop.take(LinkChanged(loop.now, loop._salt(), "KOR", is_up=False))
    loop.pass_time(MINUTE_MS)
    assert loop.under_way == []
    assert loop.machines["USA"].refill.wake_at is None
    loop.take(LinkChanged(loop.now, loop._salt(), "KOR", is_up=True))
    loop.pass_time(FETCH_INTERVAL_MS)
    assert loop.count_at_readers() == {"KOR": ASKED_COUNT_MAX}


def test_the_end_of_anothers_fetch_frees_nothing() -> None:
    """Who looks round after a start asks for the same journals: those answers are not to the refill's question."""
    loop = Besieged()
    loop.lie(1)
    loop.pass_time(FETCH_INTERVAL_MS)
    fetch = loop.under_way[0]
    other = next(party for party in ("JPN", "KOR") if party != fetch.party)
    before = len(loop.asked)
    loop.take(FetchEnded(loop.now, loop._salt(), other, fetch.journal, is_answered=True))
    assert len(loop.asked) == before


def test_what_waits_stands_as_before_when_the_clock_is_set_back() -> None:
    """The lines go on, and what waited for an instant waits no longer than it would have."""
    loop = Besieged()
    loop.lie(1)
    loop.pass_time(FETCH_INTERVAL_MS)
    loop.now = Instant(loop.now - 60 * MINUTE_MS)
    for _ in range(NAMED_COUNT):
        loop.answer()
        loop.pass_time(ROUND_MS // 12)
    asked = {(fetch.party, fetch.journal) for fetch in loop.asked}
    assert {(party, journal) for party in ("JPN", "KOR") for journal in loop.named} <= asked
