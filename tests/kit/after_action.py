"""An exercise that three machines play from STARTEX to ENDEX, with a breakout, a call, a text, a measure and notes."""

from importlib.resources import files

import msgspec

from comity.api.exercise_report import make_report
from comity.api.exercises import list_deeds, show_exercises
from comity.base.instants import MINUTE_MS, Instant
from comity.base.names import Digest, Party
from comity.exercise.check_msel import parse_msel
from comity.exercise.course import Course, Deed, Played, follow
from comity.exercise.lists import LIST_PACKAGE
from comity.exercise.msel import Msel
from comity.exercise.report import Report, complete
from comity.exercise.write_msel import digest_msel
from comity.procedure import exercise as on_record
from comity.procedure.call import Acknowledged, ConsultationCalled, ConsultationConvened, Medium
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.entry import Entry, MarkedText
from comity.procedure.fields import Level
from comity.procedure.measure import Instrument, MeasureAccepted, MeasureOffered, Terms
from comity.procedure.observation import About, HotWashNoted, ImprovementProposed, ObservationNoted, Rating, Sort
from comity.procedure.registry import encode_entry
from comity.procedure.text import TextAgreed, TextKind, TextOpened, TextVersionProposed, find_version_digest
from comity.procedure.threat import ThreatKind, ThreatReported
from kit.loop import NOON, Loop, marked

__all__ = ["Exercised"]

_CONTROL = ("exercise-controller", "ctl-1")
_WATCH = ("watch-officer", "duty-1")


class Exercised:
    """The list `lost-line`, played by a loop's machines; `exercise` is its id."""

    def __init__(self, loop: Loop) -> None:
        loop.be_born()
        self.loop = loop
        self.msel: Msel = parse_msel((files(LIST_PACKAGE) / "lost-line.toml").read_bytes(), loop.pact)
        digest = digest_msel(self.msel)
        self.exercise = self.say("JPN", 0, on_record.ExerciseProposed("spring", digest, ("JPN", "USA"), _CONTROL[0]))
        for party in ("KOR", "USA"):
            self.say(party, 1, on_record.ExerciseJoined(self.exercise, digest))
        self.say("USA", 2, on_record.ExerciseStarted(self.exercise, digest, 0, *_CONTROL))
        self._play()
        self._note()

    def say(self, party: Party, minute: float, entry: Entry, to: tuple[Party, ...] | None = None) -> Digest:
        """State it so many minutes after noon, to all or to some; return its id."""
        loop = self.loop
        loop.advance(Instant(NOON + int(minute * MINUTE_MS)))
        answer = loop.say(party, entry, to=to)
        assert not answer.code, (answer.code, answer.details)
        return next(
            row.id
            for row in sorted(loop.machines[party].statements.find(type(entry)), key=lambda row: -row.page)
            if row.author == party and row.entry == entry
        )

    def text(self, words: str, party: Party) -> MarkedText:
        """A text of a party at its lowest level."""
        level = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}[party]
        return marked(words, originator=party, level=level, topics=("public-message",))

    def _play(self) -> None:
        made = self.exercise
        self.say("USA", 22, on_record.InjectFired(made, "2", *_CONTROL))
        between = ThreatReported(ThreatKind.MISSILE_LAUNCH, 0, (), (), self.text("for one", "KOR"))
        self.say("KOR", 24, between, ("USA",))  # not every party has it: nobody's deed (E24)
        self.say("KOR", 25, ThreatReported(ThreatKind.MISSILE_LAUNCH, 0, (), (), self.text("a launch", "KOR")))
        self.say("JPN", 30, on_record.InjectFired(made, "3", *_CONTROL))
        self.say("KOR", 35, on_record.BreakoutDeclared(made))
        self.say("JPN", 50, on_record.ExerciseResumed(made, *_CONTROL))
        self.say("USA", 60, on_record.InjectFired(made, "4", *_CONTROL))
        kind = ThreatKind.MISSILE_LAUNCH
        call = self.say("USA", 70, ConsultationCalled("C1", Level.ADVISERS, kind, (), ("JPN", "KOR", "USA")))
        self.say("JPN", 75, Acknowledged(call, *_WATCH))
        self.say("KOR", 90, Acknowledged(call, *_WATCH))
        at = int(NOON + 100 * MINUTE_MS)
        self.say("KOR", 92, ConsultationConvened(call, Level.ADVISERS, Medium.VIDEO, at))
        text = self.say("JPN", 95, TextOpened((call,), TextKind.JOINT_STATEMENT, ("en",)))
        version = TextVersionProposed(text, (), self.text("we agree", "JPN"))
        self.say("JPN", 96, version)
        digest = find_version_digest(version)
        terms = Terms(Instrument.PATROL, "escorts", (), at, at + MINUTE_MS, 0, (), (), self.text("a patrol", "USA"), ())
        offer = self.say("USA", 100, MeasureOffered((call,), ("JPN", "KOR"), terms))
        self.say("JPN", 110, MeasureAccepted(offer, offer))
        self.say("USA", 115, on_record.InjectFired(made, "5", *_CONTROL))
        self.say("JPN", 120, TextAgreed(text, digest, *_WATCH))
        self.say("KOR", 130, TextAgreed(text, digest, *_WATCH))
        self.say("USA", 260, on_record.ExerciseEnded(made, *_CONTROL))

    def _note(self) -> None:
        made, by = self.exercise, ("watch-officer", "eva-1")
        task = "alert.alert-acknowledge"
        seen = self.say("KOR", 265, ObservationNoted(made, About.TASK, task, ("JPN",), Rating.UNABLE,
                                                     self.text("Nobody answered.", "KOR"), *by))  # fmt: skip
        quick = ObservationNoted(made, About.INJECT, "2", (), Rating.NOT_RATED, self.text("Quick <b>.", "USA"), *by)
        rated = msgspec.structs.replace(quick, rating=Rating.PERFORMED)
        first = self.say("USA", 266, quick)
        self.say("USA", 266.5, EntryCorrected(first, CorrectionReason.MISTAKE, encode_entry(rated)))
        self.say("JPN", 267, HotWashNoted(made, Sort.STRENGTH, self.text("落ち着いていた。", "JPN"), *by))
        self.say("USA", 268, ImprovementProposed(made, ("alert",), (seen,), self.text("No second line.", "USA"),
                                                 self.text("Install one.", "USA"), "JPN", NOON, *_CONTROL))  # fmt: skip

    def follow(self, party: Party = "JPN") -> tuple[Course, ...]:
        """How each inject went, by a party's machine."""
        machine = self.loop.machines[party]
        (row,) = show_exercises(machine, as_of=self.loop.now)
        deeds = [Deed(one.act, one.party, one.time_ms, one.id) for one in list_deeds(machine, self.exercise)]
        fired = {given.number: given.time_ms for given in row.fired}
        return follow(self.msel, Played(row.time_ms, row.status == "ended", fired, frozenset(), {}), deeds)

    def report(self, party: Party = "JPN") -> Report:
        """The report that a party's machine makes."""
        held = make_report(self.loop.machines[party], self.exercise, as_of=self.loop.now)
        return complete(held, self.msel, self.follow(party))
