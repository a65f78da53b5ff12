"""Shows what happens in a run to the digest, the checkers and whoever follows the timeline."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.journal.header import Page
from comity.machine.effect import Acknowledge, Alarm, Answer, Commit, Effect, Publish
from comity.procedure.entry import Entry
from comity.procedure.stated import Stated
from comity.procedure.timeline import timeline_of
from comity.rehearsal.checks import Check, Trial, make_checks
from comity.rehearsal.crew import Crew
from comity.rehearsal.evidence import Evidence, Reading
from comity.rehearsal.log import Log
from comity.rehearsal.snapshot import Start
from comity.rehearsal.stage import Stage
from comity.rehearsal.tell import tell

__all__ = ["Watch"]


@dataclass(slots=True)
class Watch:
    """The one observer of a run. It is bound to a stage before anything happens."""

    log: Log
    evidence: Evidence
    checks: tuple[Check, ...] = ()
    _trial: Trial | None = None
    _stage: Stage | None = None
    _of_effects: list[Callable[[Party, Effect], None]] = field(default_factory=list)
    _of_arrivals: list[Callable[[Party, bytes, int], None]] = field(default_factory=list)

    def bind(self, stage: Stage) -> Trial:
        """Take the run that is to be watched; return it as the checkers see it."""
        self._stage = stage
        self._trial = Trial(stage.cast, self.evidence, stage.stations, stage.now, stage.liars, stage)
        self.checks = make_checks(self._trial)
        self._of_effects = [check.on_effect for check in self.checks if _has_hook(check, "on_effect")]
        self._of_arrivals = [check.on_arrived for check in self.checks if _has_hook(check, "on_arrived")]
        return self._trial

    def note_forgeries(self) -> None:
        """Take note of whether somebody forges in this run, once that is planned."""
        assert self._stage is not None
        self.evidence.has_forgeries = self._stage.has_forgeries

    def _note_time(self) -> Instant:
        assert self._stage is not None
        assert self._trial is not None
        self._trial.now = self._stage.now
        return self._stage.now

    def on_effect(self, party: Party, effect: Effect) -> None:
        """See `station.Observer`."""
        _note_effect(self.log, self._note_time(), party, effect)
        for see in self._of_effects:
            see(party, effect)

    def on_said(self, party: Party, command: int, audience: Audience, entries: tuple[Entry, ...], by: Crew) -> None:
        """See `station.Observer`."""
        del audience
        self._note_time()
        for check in self.checks:
            check.on_said(party, command, entries, by)

    def on_durable(self, party: Party, pages: tuple[Page, ...]) -> None:
        """See `station.Observer`."""
        at = self._note_time()
        readings = tuple(self.evidence.read(page.raw) for page in pages)
        assert self._trial is not None
        self._trial.note_written(party, readings)
        for reading in readings:
            header = reading.header
            journal = header.journal
            self.log.note(
                at, party, "stored", journal.author, journal.feed, journal.audience, header.number, reading.digest
            )
            if journal.author == party and self.log.show is not None:
                self._show(party, reading)
        for check in self.checks:
            check.on_durable(party, readings)

    def on_arrived(self, party: Party, raw: bytes, delivery: int) -> None:
        """See `station.Observer`."""
        self._note_time()
        for see in self._of_arrivals:
            see(party, raw, delivery)

    def on_start(self, party: Party, start: Start, at: Instant) -> None:
        """See `station.Observer`."""
        if start.vouched:
            self.log.count("starts-from-a-snapshot")
        self.log.note(self._note_time(), party, "started", len(start.pages), len(start.vouched))
        for check in self.checks:
            check.on_start(party, start, at)

    def on_epoch_key(self, journal: Digest, epoch: int, key: bytes) -> None:
        """See `station.Observer`."""
        self.evidence.add_key(journal, epoch, key)

    def on_stopped(self, party: Party, where: str) -> None:
        """See `station.Observer`."""
        at = self._note_time()
        self.log.note(at, party, "stopped", where)
        self.log.row(at, party, "rehearsal.node-stopped", where=where)
        assert self._trial is not None
        self._trial.report("machine.stopped", party, where=where)

    def tell_quiet(self) -> None:
        """Tell the checkers that nobody speaks from now on."""
        self._note_time()
        for check in self.checks:
            check.on_quiet()

    def tell_end(self) -> None:
        """Let the checkers look for the last time."""
        self._note_time()
        for check in self.checks:
            check.finish()

    def _show(self, party: Party, reading: Reading) -> None:
        """Show what a party has just said, as a timeline shows it."""
        assert self._stage is not None
        record = self._stage.stations[party].machine.record
        found = (record.find_statement(said.id) for said in reading.said)
        rows: list[Stated] = [stated for stated in found if stated is not None]
        for row in timeline_of(rows):
            self.log.row(self._stage.now, party, row.code, **{**row.arguments, "audience": row.scope.audience})


def _has_hook(check: Check, name: str) -> bool:
    """Tell whether a checker looks at these events: most are asked of ten thousand and look at none."""
    return getattr(type(check), name) is not getattr(Check, name)


def _note_effect(log: Log, at: Instant, party: Party, effect: Effect) -> None:
    name, show = type(effect).__name__, partial(tell, effect)
    match effect:
        case Commit():
            log.note(at, party, name, effect.number, len(effect.pages), len(effect.refusals), show=show)
        case Publish():
            log.note(at, party, name, effect.feed.value, effect.audience, effect.digest, show=show)
        case Acknowledge():
            log.note(at, party, name, effect.delivery, effect.verdict.value, show=show)
        case Answer():
            log.note(at, party, name, effect.command, effect.code or "stored", *effect.ids, show=show)
        case Alarm():
            log.note(at, party, name, effect.code, repr(sorted(effect.details.items())), show=show)
        case _:
            log.note(at, party, repr(effect), show=show)
