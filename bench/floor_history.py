"""What three watch floors say to one another in some months: a record of so many entries, in a believable mixture.

Line tests each hour, answered by machines and persons; messages that are read and acknowledged; reports of threats and
the consultations on them, with positions, a text under silence and measures; items given and asked back; indicators,
voice calls, meetings; changes of the watch. Who acted stands in front of what an officer states. What comes when is
drawn from one seed; the last of it is still open when the record ends, and a little is left open for ever.
"""

import functools
import heapq
import itertools
import random
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec

from bench.history import OPENED_AT, History, Parties
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Instant
from comity.base.names import Digest, Party
from comity.journal.header import Page
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.fields import Precedence
from comity.procedure.measure import Instrument, Terms
from comity.procedure.officer import ActedBy, Capacity, Footing
from comity.procedure.phrase import Filled
from comity.procedure.plan import Line
from comity.procedure.registry import ENTRY_TYPES
from comity.procedure.sharing import Basis
from comity.procedure.text import TextVersionProposed, find_version_digest
from comity.procedure.threat import Credibility, Reliability, SourceKind, ThreatSource

__all__ = ["FloorHistory"]

MESSAGES_A_DAY: Final = 80
LANGUAGES: Final = {"JPN": "ja", "KOR": "ko", "USA": "en"}
LEVELS: Final = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}
CHANNEL: Final = "hotline.nsc"
KINDS: Final = ("missile-launch", "air-incident", "maritime-incident", "cyber-incident", "space-incident")
SAID: Final = {
    "en": "Launch detected at {0}, one object, east of the peninsula; altitude {1} km. Confirm your track by radar.",
    "ja": "{0}発射を探知。飛翔体1、半島東方、高度{1}キロ。貴方のレーダー航跡を確認されたい。",
    "ko": "{0} 발사 탐지. 비행체 1, 한반도 동쪽, 고도 {1}킬로미터. 귀측 레이더 항적을 확인 바람.",
}
TYPES: Final = {type_.__name__: type_ for type_ in ENTRY_TYPES}
Fields = dict[str, Any]
Step = Callable[[], object]


class FloorHistory:
    """Writes the pages, day by day; `party` is the one whose own journal, read by nobody else, is in it too."""

    def __init__(self, parties: Parties, *, party: Party, entry_count: int, seed: int = 0) -> None:
        self.entry_count = 0
        self.named: dict[str, bytes] = {}
        """The latest statement of each type; the latest item."""
        self._wanted_count = entry_count
        self._party, self._names = party, parties.names
        self._history = History(parties)
        self._own = self._history.journal(party, audience=(party,))
        self._chance = random.Random(seed)  # noqa: S311 -- what is said when, no key
        self._number = itertools.count(1)
        self._agenda: list[tuple[int, int, Step]] = []
        self.now = OPENED_AT
        self._pages: list[Page] = []

    def write(self) -> Iterator[Page]:
        """Yield every page of the record, in the order in which it was written."""
        yield from self._history.begin(self._names)
        yield self._history.announce(self._own)
        firsts = (self._plan_ahead, self._test_lines, self._send, self._report, self._give, self._observe)
        for first in (*firsts, self._change_watch):
            self._plan(0, first)
        self._plan(6 * HOUR_MS, self._meet)
        while self.entry_count < self._wanted_count:
            at, _, step = heapq.heappop(self._agenda)
            self.now = Instant(at)
            step()
            yield from self._take_pages()

    def send_one(self, party: Party) -> Page:
        """Have one party send a message, a second after whatever came last."""
        self.now = Instant(self.now + SECOND_MS)
        self._send_from(party)
        (page,) = self._take_pages()
        return page

    def _take_pages(self) -> list[Page]:
        pages, self._pages = self._pages, []
        return pages

    def _plan(self, in_ms: float, step: Step) -> None:
        heapq.heappush(self._agenda, (self.now + int(in_ms), next(self._number), step))

    def _wait(self, mean_ms: float) -> int:
        """Draw how long it is until somebody does something, a second at least."""
        return SECOND_MS + int(self._chance.expovariate(1 / mean_ms))

    def _write(self, party: Party, *entries: Entry, is_own: bool = False) -> Digest:
        """Write a page; return the id of the last entry in it."""
        journal = self._own if is_own else self._history.journal(party)
        page, ids = self._history.say(journal, entries, at=self.now)
        self._pages.append(page)
        self.entry_count += len(entries)
        return ids[-1]

    def _say(self, party: Party, type_: str, *, is_own: bool = False, **fields: Any) -> Digest:
        """Have a node state something by itself; return its id."""
        return self._write(party, _make(type_, fields), is_own=is_own)

    def _act(self, party: Party, type_: str, *, is_own: bool = False, **fields: Any) -> Digest:
        """Have an officer state something, with who it was in front."""
        acted = ActedBy((Capacity(_name_officer(party), "watch-officer", Footing.OFFICE),), 1)
        found = self._write(party, acted, _make(type_, fields), is_own=is_own)
        self.named[type_] = found
        return found

    def _plan_act(self, mean_ms: float, party: Party, type_: str, **fields: Any) -> None:
        """Have an officer state something about that long from now."""
        self._plan(self._wait(mean_ms), functools.partial(self._act, party, type_, **fields))

    def _others(self, party: Party) -> tuple[Party, ...]:
        return tuple(other for other in self._names if other != party)

    def _draw_text(self, party: Party) -> MarkedText:
        """Return what a party says in its own language, and in English besides."""
        filled = (f"{self.now // MINUTE_MS % 1440:04}Z", self._chance.randrange(100, 900))
        own = sorted({LANGUAGES[party], "en"})
        texts = tuple(Translation(language, SAID[language].format(*filled)) for language in own)
        return MarkedText(Marking(party, party, LEVELS[party], ("public-message",), ()), texts)

    # Lines.

    def _test_lines(self) -> None:
        slot_at = self.now - self.now % HOUR_MS
        for party in self._names:
            self._plan(self._wait(SECOND_MS), functools.partial(self._test, party, slot_at))
        self._plan(slot_at + HOUR_MS - self.now, self._test_lines)

    def _test(self, party: Party, slot_at: int) -> None:
        slot: Fields = {"channel": CHANNEL, "slot_at": slot_at}
        test = self._say(party, "LineTestSent", **slot)
        for other in self._others(party):
            if self._chance.random() < 0.998:
                answer = functools.partial(self._say, other, "LineTestAnsweredByMachine", **slot, test=test)
                self._plan(self._wait(SECOND_MS), answer)
            if self._chance.random() < 0.97:
                self._plan_act(MINUTE_MS, other, "LineTestAnsweredByPerson", **slot, test=test, **_name(other))

    # Messages.

    def _send(self) -> None:
        author = self._chance.choice(self._names)
        message = self._send_from(author)
        for other in self._others(author):
            if self._chance.random() < 0.997:
                self._plan(self._wait(3 * MINUTE_MS), functools.partial(self._take, other, message))
        self._plan(self._wait(DAY_MS / MESSAGES_A_DAY), self._send)

    def _send_from(self, author: Party) -> Digest:
        """Have a party send a message: one in twenty in a standard phrase."""
        precedence = self._chance.choices(tuple(Precedence), (2, 10, 30, 58))[0]
        line: Fields = {
            "channel": CHANNEL,
            "level": "watch",
            "precedence": precedence,
            "consultation": (),
            "answers": (),
        }
        if self._chance.random() < 0.05:
            filled = Filled("policy.phrase.launch-detected", (), (self.now,), (1,))
            return self._act(author, "PhraseSent", **line, filled=filled)
        return self._act(author, "MessageSent", **line, body=self._draw_text(author))

    def _take(self, party: Party, message: Digest) -> None:
        self._act(party, "MessageRead", message=message, officer=_name_officer(party))
        self._plan_act(2 * MINUTE_MS, party, "MessageAcknowledged", message=message, **_name(party))

    # Threats and consultations.

    def _report(self) -> None:
        author, kind = self._chance.choice(self._names), self._chance.choice(KINDS)
        source = ThreatSource(SourceKind.OWN_SENSOR, Reliability.B, Credibility.PROBABLY_TRUE)
        threat = self._act(author, "ThreatReported", kind=kind, occurred_at=self.now - MINUTE_MS,
                           threatened=(author,), sources=(source,), narrative=self._draw_text(author))  # fmt: skip
        if self._chance.random() < 0.6 or "ConsultationCalled" not in self.named:
            self._plan(self._wait(5 * MINUTE_MS), functools.partial(self._call, author, kind, threat))
        self._plan(self._wait(DAY_MS / 5), self._report)

    def _call(self, author: Party, kind: str, threat: Digest) -> None:
        call = self._act(author, "ConsultationCalled", commitment="C1", level="advisers", kind=kind, threats=(threat,),
                         threatened=(author,))  # fmt: skip
        for other in self._others(author):
            self._plan_act(2 * MINUTE_MS, other, "Acknowledged", consultation=call, **_name(other))
        starts_at, is_ended = self.now + HOUR_MS, self._chance.random() < 0.97
        self._plan_act(10 * MINUTE_MS, author, "ConsultationConvened", consultation=call, level="advisers",
                       medium="video", starts_at=starts_at)  # fmt: skip
        for party in self._names:
            self._plan(self._wait(HOUR_MS), functools.partial(self._take_position, party, call))
            conclude = functools.partial(
                self._act, party, "ConclusionStated", consultation=call, outcome="response-matched"
            )
            if is_ended:
                self._plan(20 * HOUR_MS + self._wait(HOUR_MS), conclude)
        self._plan(2 * HOUR_MS, functools.partial(self._draft, author, call))
        for number in (3, 4):
            self._plan(number * HOUR_MS, functools.partial(self._offer, self._chance.choice(self._names), call))

    def _take_position(self, party: Party, call: Digest) -> None:
        taken = self._chance.choice(("support", "support", "support-with-reserve"))
        position = self._act(party, "PositionStated", consultation=call, subject=call, position=taken, confirm_by_at=0)
        if taken != "support":
            self._act(party, "PositionExplained", consultation=call, position=position, text=self._draw_text(party))

    def _draft(self, author: Party, call: Digest) -> None:
        languages = tuple(sorted({LANGUAGES[author], "en"}))
        text = self._act(author, "TextOpened", consultation=(call,), kind="joint-statement", languages=languages)
        proposed: Fields = {"text": text, "follows": (), "body": self._draw_text(author)}
        self._act(author, "TextVersionProposed", **proposed)
        version, until_at = find_version_digest(TextVersionProposed(**proposed)), self.now + 4 * HOUR_MS
        round_: Fields = {"text": text, "version": version, "until_at": until_at}
        self._act(author, "SilenceProposed", **round_, notice_ms=0)
        kept: list[Digest] = []
        broken_by = self._chance.choice((*self._others(author), *[""] * 6))
        for party in self._names:
            self._plan(self._wait(SECOND_MS), functools.partial(self._say, party, "TextReceived", **round_))
            if party == broken_by:
                self._plan_act(HOUR_MS, party, "SilenceBroken", text=text, version=version, reason="objection",
                               **_name(party))  # fmt: skip
            else:
                self._plan(4 * HOUR_MS + MINUTE_MS, functools.partial(self._keep, party, round_, kept))
        self._plan(5 * HOUR_MS, functools.partial(self._see, round_, kept))

    def _keep(self, party: Party, round_: Fields, kept: list[Digest]) -> None:
        kept.append(self._say(party, "SilenceKept", **round_, up_since_at=OPENED_AT))

    def _see(self, round_: Fields, kept: list[Digest]) -> None:
        if len(kept) == len(self._names):
            for party in self._names:
                self._say(party, "TextAdoptionSeen", **round_, consents=tuple(sorted(kept)))

    def _offer(self, party: Party, call: Digest) -> None:
        starts_at = self.now + 6 * HOUR_MS
        terms = Terms(Instrument.PATROL, "fleet-1", (), starts_at, starts_at + 12 * HOUR_MS, 0, (), (),
                      self._draw_text(party), ())  # fmt: skip
        other = self._chance.choice(self._others(party))
        measure = self._act(party, "MeasureOffered", consultation=(call,), coordinated_with=(other,), terms=terms)
        self._plan_act(HOUR_MS, other, "MeasureAccepted", measure=measure, terms=measure)
        self._plan(6 * HOUR_MS, functools.partial(self._act, party, "MeasureStarted", measure=measure))
        self._plan(18 * HOUR_MS, functools.partial(self._act, party, "MeasureDelivered", measure=measure))

    # Items, indicators, the watch.

    def _give(self) -> None:
        author, draw = self._chance.choice(self._names), self._chance.randbytes
        item, marking = draw(32), self._draw_text(author).marking
        bases = tuple(Basis(party, "policy.release", LEVELS[party]) for party in self._others(author))
        self._act(author, "ItemGiven", item=item, markings=(marking,), blob=draw(32), blob_size_bytes=4096,
                  key_commitment=draw(32), bases=bases, expires_at=(), attached_size_bytes=0)  # fmt: skip
        self.named["own" if author == self._party else "item"] = item
        if author != self._party:
            self._plan(self._wait(HOUR_MS), functools.partial(self._read, item))
        if self._chance.random() < 0.03 or "RecallRequested" not in self.named:
            self._plan(self._wait(6 * HOUR_MS), functools.partial(self._recall, author, item))
        self._plan(self._wait(DAY_MS / 40), self._give)

    def _read(self, item: bytes) -> None:
        self._say(self._party, "ItemRead", item=item, portion=(), kind="officer", role=("watch-officer",),
                  reader=_name_officer(self._party), read_at=self.now, is_own=True)  # fmt: skip

    def _recall(self, author: Party, item: bytes) -> None:
        answer_by_at = self.now + DAY_MS
        request = self._act(author, "RecallRequested", item=item, reason="superseded", answer_by_at=answer_by_at)
        for other in self._others(author):
            self._plan_act(HOUR_MS, other, "RecallAnswered", item=item, request=request, outcome="destroyed")

    def _plan_ahead(self) -> None:
        for author in self._names:
            plan = self._act(author, "PlanOpened", name=f"launch-{author.lower()}", kind="missile-launch")
            self.named["own_plan" if author == self._party else "plan"] = plan
            line = Line("p1", Instrument.PATROL, (author,), (), 0, DAY_MS)
            version = self._act(author, "PlanVersionProposed", plan=plan, lines=(line,), body=self._draw_text(author))
            for other in self._others(author):
                self._act(other, "PlanAccepted", plan=plan, version=version)

    def _observe(self) -> None:
        for indicator in ("mineral-licences", "chip-lead-time", "customs-refusals"):
            for party in self._names:
                self._act(party, "IndicatorReported", indicator=f"policy.indicator.{indicator}", observed_at=self.now,
                          value=str(self._chance.randrange(27, 40)), note=self._draw_text(party))  # fmt: skip
        self._plan(DAY_MS, self._observe)

    def _change_watch(self) -> None:
        handed: Fields = {"drafted_at": self.now, "calls": (), "messages": (), "texts": (), "tests": (), "note": ()}
        shift = self._act(self._party, "ShiftHandedOver", is_own=True, **_name(self._party), **handed)
        self._plan_act(
            5 * MINUTE_MS, self._party, "ShiftRelieved", is_own=True, shift=shift, note=(), **_name(self._party)
        )
        self._plan(8 * HOUR_MS, self._change_watch)

    def _meet(self) -> None:
        author = self._chance.choice(self._names)
        other = self._chance.choice(self._others(author))
        when: Fields = {"began_at": self.now - HOUR_MS, "ended_at": self.now}
        self._act(author, "VoiceCallLogged", channel=CHANNEL, level="watch", parties=(other,), **when, check="proved",
                  challenge=("7K",), reply=("Q4",), consultation=(), **_name(author))  # fmt: skip
        met = self._act(author, "MeetingHeld", commitment="C4", body=("DM",), level="ministers", medium="video", **when,
                        attended=self._names, consultation=())  # fmt: skip
        for party in self._others(author):
            self._plan_act(HOUR_MS, party, "MeetingAttended", meeting=met, attendance="attended", **_name(party))
        self._plan(self._wait(DAY_MS), self._meet)


def _make(type_: str, fields: Fields) -> Entry:
    """Return an entry, checked as one that is decoded."""
    found = TYPES[type_]
    made: Entry = msgspec.convert([type_, *(fields[name] for name in found.__struct_fields__)], found)
    return made


def _name(party: Party) -> Fields:
    return {"role": "watch-officer", "officer": _name_officer(party)}


def _name_officer(party: Party) -> str:
    return f"duty-{party[0].lower()}"
