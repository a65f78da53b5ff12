"""What a run came to: the digest, counts of every fault and outcome, violations, and who was stuck on what."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.base.instants import NEVER, Instant
from comity.machine.exercises import OF_PLAY
from comity.procedure import after_action
from comity.procedure.adoption import TextState
from comity.procedure.consultation import ConsultationState, judge_consultation
from comity.procedure.line import LineState, judge_line
from comity.procedure.matrix import find_acts, find_frictions
from comity.procedure.measure import MeasureState
from comity.procedure.national import NationalState
from comity.procedure.record import State
from comity.procedure.registry import ENTRY_TYPES
from comity.procedure.text_view import judge_text
from comity.rehearsal.checks import Trial, Violation
from comity.rehearsal.evidence import Said
from comity.rehearsal.stuck import Stuck

__all__ = [
    "FAULTS",
    "NOT_DRAWN",
    "OUTCOMES",
    "RARE",
    "Outcome",
    "count_outcomes",
    "find_absent",
    "make_broken_outcome",
    "total",
]

FAULTS: Final = (
    "pages-dropped",
    "pages-duplicated",
    "pages-reordered",
    "pages-held",
    "pages-lost-on-the-way",
    "acks-lost",
    "links-cut",
    "parties-isolated",
    "fetches-failed",
    "crashes",
    "restarts",
    "commits-lost",
    "disk-stalls",
    "outbox-outages",
    "publishing-failed",
    "clocks-wrong",
    "clocks-set",
    "clocks-jumped",
    "writes-torn",
    "disks-full",
    "commits-refused-by-a-full-disk",
    "pages-rotten",
    "starts-from-a-snapshot",
    "pages-set-aside",
    "tails-lost",
    "backups-restored",
    "nodes-upgraded",
    "keys-stolen",
    "thief-spoke",
    "keys-replaced",
    "roots-succeeded",
    "keys-renewed",
    "lies-forked",
    "lies-equivocated",
    "lies-backdated",
    "lies-withheld",
    "lies-replayed",
    "lies-garbage",
    "lies-forged",
    "lies-overstepped",
    "strays",
    "statements-repeated",
)
"""Everything that can go wrong in a drawn play; over many seeds none of these counts is zero."""

RARE: Final = ("parties-away", "days-met")
"""What one seed in some hundred and fifty has; over a thousand seeds none of these counts is zero."""

_OF_THE_PICTURE: Final = (
    "it rests on what the warning picture showed, which a node folds beside its record; a rehearsal has none"
)

_OF_EXERCISE: Final = "it is of the play of an exercise by people; a rehearsal plays the pact"

NOT_DRAWN: Final[Mapping[str, str]] = {
    **dict.fromkeys((type_.__name__ for type_ in (*OF_PLAY, *after_action.ENTRIES)), _OF_EXERCISE),
    "AudienceOpened": "three parties have no audience that has to be announced; four have, and then it is stated",
    "EntryDisclosed": "it carries the proof of a page, which the node makes of its store; a rehearsal has no such node",
    "KeysRequested": "whoever joins a pact asks for keys of before; in a rehearsal all were there from the beginning",
    "MessageReadBack": "its words are the sender's own, so it waits for a consent: drawn, and refused with that code",
    "WarningAnchored": "it anchors pages of a warning feed, which a node keeps beside its record; a rehearsal has none",
    **dict.fromkeys(
        ("DetectedThreatReported", "DraftDiscarded", "PublicWarned", "ThreatDetected", "ThreatDrafted"), _OF_THE_PICTURE
    ),
    "RecallAnswered": "an older form, which is read for ever and stated no more: RecallReplied is drawn in its place",
}
"""Entry types that no drawn play says, each with the reason; every other one is an outcome."""


def _find_said() -> tuple[str, ...]:
    return tuple(f"said-{type_.__name__}" for type_ in ENTRY_TYPES if type_.__name__ not in NOT_DRAWN)


OUTCOMES: Final = (
    "statements",
    "pages-fetched",
    "checkpoints",
    "twins-compared",
    "calls-acknowledged",
    "calls-acknowledged-late",
    "calls-late",
    "calls-declined",
    "calls-unknown",
    "consultations-convened",
    "consultations-concluded",
    "texts-adopted",
    "texts-broken",
    "texts-unconfirmed",
    "texts-restarted",
    "measures-matched",
    "measures-declined",
    "measures-delivered",
    "frictions-place",
    "frictions-target",
    "frictions-duplicate",
    "drafts-torn",
    "portions-withheld",
    "portions-text",
    "portions-attribution",
    "portions-object",
    "portions-assessed",
    "items-that-expire",
    "items-opened",
    "blobs-carried",
    "copies-destroyed",
    "copies-kept-under-national-law",
    "copies-declined",
    "givings-quarantined",
    "refused-release.withheld",
    "refused-release.needs-consent",
    "acted-alone",
    "acted-by-several",
    "acted-deputy",
    "acted-delegation",
    "refused-officer.wrong-role",
    "refused-officer.not-deputy",
    "refused-officer.not-delegated",
    "refused-officer.too-few",
    "line-tests-machine",
    "line-tests-person",
    *_find_said(),
)
"""Everything that can come of a drawn play of the default pact; over many seeds none of these counts is zero."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run's result, plain enough to go between processes. `digest` is over all stored pages and effects."""

    seed: int
    play: str
    pact: str
    digest: str
    counts: Mapping[str, int]
    violations: tuple[Violation, ...]
    stuck: tuple[Stuck, ...]
    began_at: Instant
    ended_at: Instant
    event_count: int
    page_count: int

    @property
    def is_clean(self) -> bool:
        """Whether nothing was violated and nobody was stuck."""
        return not self.violations and not self.stuck

    @property
    def fired(self) -> frozenset[str]:
        """The names of the checkers that found something, alone and with what they found."""
        codes = {violation.code for violation in self.violations}
        return frozenset({*codes, *(code.partition(".")[0] for code in codes), *(["stuck"] if self.stuck else ())})


def make_broken_outcome(seed: int, play: str, where: str) -> Outcome:
    """Return the outcome of a run at which the rehearsal itself broke down."""
    violation = Violation("rehearsal.broken", NEVER, "", {"where": where})
    return Outcome(seed, play, "", "00" * 32, {}, (violation,), (), NEVER, NEVER, 0, 0)


def total(outcomes: Iterable[Outcome]) -> Mapping[str, int]:
    """Return the counts of many runs together, by name; what never occurred is there with zero."""
    counts: Counter[str] = Counter(dict.fromkeys((*FAULTS, *RARE, *OUTCOMES), 0))
    for outcome in outcomes:
        counts.update(outcome.counts)
    return {name: counts[name] for name in sorted(counts)}


def find_absent(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return the faults and outcomes that never occurred: what has not been rehearsed has not been shown."""
    return tuple(name for name in (*FAULTS, *OUTCOMES) if not counts.get(name))


def count_outcomes(trial: Trial, as_of: Instant) -> Mapping[str, int]:
    """Count what came of everything that was said: each object once, as a machine of its audience shows it."""
    counts: Counter[str] = Counter()
    shown: dict[object, State] = {}
    for station in trial.stations.values():
        record = station.machine.record
        for kind in ("consultation", "line", "measure", "national", "text"):
            shown |= {scope: record.get_state(scope) for scope in record.list_scopes(kind)}
    policy = next(iter(trial.stations.values())).machine.policy
    for state in shown.values():
        match state:
            case ConsultationState():
                view = judge_consultation(state, policy, as_of=as_of)
                counts[f"consultations-{view.phase.value}"] += 1
                counts.update(f"calls-{row.receipt.value}" for row in view.parties)
                counts["calls-acknowledged-late"] += sum(row.acknowledged_late for row in view.parties)
                counts["calls-declined"] += sum(row.declined for row in view.parties)
            case TextState():
                counts[f"texts-{judge_text(state, policy, as_of=as_of).status.value}"] += 1
                counts["texts-restarted"] += len(state.rounds) > 1
            case MeasureState():
                counts[f"measures-{state.status.value}"] += 1
                counts["measures-matched"] += bool(state.cells) and state.is_accepted
            case _:
                pass
    measures = [state for state in shown.values() if isinstance(state, MeasureState)]
    actions = [state for state in shown.values() if isinstance(state, NationalState)]
    frictions = find_frictions(find_acts(measures, actions), announcement_gap_ms=0)
    counts.update(f"frictions-{friction.kind.value}" for friction in frictions)
    lines = [state for state in shown.values() if isinstance(state, LineState)]
    counts.update(f"line-tests-{result.answer.value}" for result in judge_line(lines, policy, as_of=as_of)[0])
    said = {said.id: said for party in trial.cast.parties for page in trial.read_disk(party) for said in page.said}
    counts.update(f"said-{row.type}" for row in said.values())
    _count_acts_and_answers(counts, trial, said.values())
    return counts


def _count_acts_and_answers(counts: Counter[str], trial: Trial, said: Iterable[Said]) -> None:
    """Count who acted on which footing, alone or not, and what was answered to recalls, as honest nodes said it."""
    for row in (row for row in said if trial.is_honest(row.page)):
        if row.type == "ActedBy":
            officers = row.fields[0]
            assert isinstance(officers, list)
            counts["acted-by-several" if len(officers) > 1 else "acted-alone"] += 1
            counts.update(f"acted-{officer[2]}" for officer in officers)
        elif row.type == "RecallReplied":
            counts[f"copies-{row.fields[2]}"] += 1
