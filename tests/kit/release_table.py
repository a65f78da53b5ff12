"""The whole product that a release decision can depend on, enumerated, and the two answers in each cell.

The full product of camp-david has more than 10^13 cells; most of them are the same cell again. It is cut down by these
arguments and no other, each of which has a table of its own that does not rest on it:

- **Topics.** A route asks whether it has all topics of a marking, the third-party rule whether it has any. So topics
  that the same agreements have can stand for one another, and a set of topics is known by its classes. (Table
  `topics` takes every set of topics.)
- **Levels.** A decision asks for a level's rank, its row and its scheme. So one level stands for those of its scheme in
  its row; what differs is only the level that goes back to its originator. (Table `levels` takes every level.)
- **States.** R8 asks whether an agreement is operative: so two words stand for seven. (Table `states` takes every word
  for every agreement, all others operative and all others not.)
- **Caveats.** A route asks of a list whether its own agreement is named, a recipient whether it is named itself: so the
  lists of one name and that of all names stand for the others. (Table `caveats` takes every list, pairs of lists,
  which are their intersection, and what can't be read.)
- **Two markings.** The answer is one of the two (R30). (Table `pairs`.)
- A holder who is the recipient and a way back to the originator ask for no state; an originator asks for no consent.
"""

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec

from comity.pact.agreement import AgreementState, StateSince
from comity.pact.model import Pact
from comity.pact.terms import Confidence
from comity.procedure.agreement import AgreementStanding, agreement_states
from comity.procedure.consent import Consent
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import Decision, NeedsConsent, Permit, Subject
from kit.release_model import OPERATIVE, Marked, Model, Says, read_state
from kit.releasing import ITEM, LINEAGE, NOW, REALM

__all__ = ["WORDS", "Marked", "Stage", "Table", "mark", "plain"]

WORDS = ("in-force", "notice-suspended", "notice-given", "notice-run-out", "suspended", "ended", "not-begun")
TEXT = None
"""In the place of a consent: what is decided is a text, which nobody can consent to."""
Row = tuple[str, str, tuple[bool | None, ...]]
"""Holder, recipient, and the consents to try."""


@dataclass(frozen=True)
class Stage:
    """The agreements in certain states: the same for both readings, each in its own form."""

    standings: Mapping[str, AgreementStanding]
    operative: frozenset[str]


class Table:
    """Both readings of one pact."""

    def __init__(self, pact: Pact) -> None:
        self.pact = pact
        self.terms: ReleaseTerms = compile_terms(pact)
        self.model = Model(pact)
        self.agreements = [agreement.id for agreement in pact.agreements]
        self.parties = list(pact.audience)
        self.count = 0
        self._by_word = {id_: {word: self._set(id_, word) for word in WORDS} for id_ in self.agreements}

    def _set(self, id_: str, word: str) -> tuple[AgreementStanding, bool]:
        """Write the state into the agreement's rows and let each side read it: the fold, and the plain model."""
        agreement = self.pact.find_agreement(id_)
        assert agreement is not None
        written = msgspec.structs.replace(agreement, states=(write_row(word),))
        pact = msgspec.structs.replace(self.pact, agreements=(written,))
        return agreement_states(pact, (), as_of=NOW)[id_], read_state(written, NOW) in OPERATIVE

    def stage(self, words: Mapping[str, str]) -> Stage:
        """Put each agreement into a state."""
        rows = {id_: self._by_word[id_][words[id_]] for id_ in self.agreements}
        return Stage({id_: row[0] for id_, row in rows.items()}, frozenset(id_ for id_, row in rows.items() if row[1]))

    def stages(self, choices: Sequence[str] = ("in-force", "suspended")) -> list[Stage]:
        """Every combination of some words for all agreements."""
        products = itertools.product(choices, repeat=len(self.agreements))
        return [self.stage(dict(zip(self.agreements, words, strict=True))) for words in products]

    def levels(self, party: str, *, every: bool = False) -> list[str]:
        """The levels of a scheme: one of each row and rank, or every one."""
        scheme = next(scheme for scheme in self.pact.schemes if scheme.party == party)
        if every:
            return [level.id for level in scheme.levels]
        found: dict[object, str] = {}
        for level in scheme.levels:
            row = next((row.id for row in self.pact.equivalences if level.id in row.levels), level.id)
            found.setdefault((row, level.rank), level.id)
        return list(found.values())

    def topic_sets(self, *, every: bool = False) -> list[tuple[str, ...]]:
        """Sets of topics: one for each set of classes, or every one."""
        by_class: dict[tuple[str, ...], str] = {}
        for topic in self.pact.topics:
            of = tuple(agreement.id for agreement in self.pact.agreements if topic.id in agreement.topics)
            by_class.setdefault(of, topic.id)
        chosen = [topic.id for topic in self.pact.topics] if every else list(by_class.values())
        sizes = range(1, len(chosen) + 1)
        return [tuple(sorted(some)) for size in sizes for some in itertools.combinations(chosen, size)]

    def caveat_sets(self, *, every: bool = False) -> list[tuple[str, ...]]:
        """No caveat; each that is no list; lists of one name and of all, or every list; these with ORCON, too."""
        few = [name for names in (self.parties, self.agreements) for name in (*names, ", ".join(sorted(names)))]
        lists = [f"{self._find_word(names)}{names}" for names in few]
        if every:
            lists = [f"REL TO {names}" for names in _subsets(self.parties)]
            lists += [f"ONLY UNDER {names}" for names in _subsets(self.agreements)]
        alone: list[tuple[str, ...]] = [(), ("ORCON",), ("NOFORN",), ("NATIONAL EYES ONLY",), ("NOFORN", "ORCON")]
        return alone + [(one,) for one in lists] + [tuple(sorted((one, "ORCON"))) for one in lists]

    def _find_word(self, names: str) -> str:
        return "REL TO " if names.partition(", ")[0] in self.parties else "ONLY UNDER "

    def routes_of(self, originator: str) -> Iterator[Row]:
        """Every holder and recipient that can ask for a state, with the consents that can matter to them."""
        for holder, to in itertools.permutations(self.parties, 2):
            if to != originator:
                yield holder, to, (True,) if holder == originator else (True, False, TEXT)

    def compare(
        self,
        markings: Iterable[Marking],
        stages: Sequence[Stage],
        rows: Sequence[Row],
    ) -> None:
        """Compare the answers in every cell of markings x stages x rows; raise at the first that differs."""
        grounds = [(stage, self.make_grounds(stage, rows)) for stage in stages]
        for marking in markings:
            marked = Marked(*(getattr(marking, name) for name in Marked._fields))
            texts, items = Subject((marking,)), Subject((marking,), ITEM)
            for stage, by_consent in grounds:
                for holder, to, consents in rows:
                    for consent in consents:
                        ground = by_consent[bool(consent), marking.originator]
                        subject = texts if consent is TEXT else items
                        theirs = plain(decide(subject, holder=holder, to=to, ground=ground))
                        said = self.model.say(
                            (marked,), holder=holder, to=to, operative=stage.operative, consent=consent
                        )
                        self.count += 1
                        assert theirs == said, (marking, holder, to, sorted(stage.operative), consent)

    def make_grounds(self, stage: Stage, rows: Sequence[Row]) -> dict[tuple[bool, str], Ground]:
        """With every consent that the rows could need, by originator, and with none."""
        found = {}
        for originator in (*self.parties, "XXX"):
            given = tuple(
                Consent(LINEAGE, REALM, originator, ITEM, holder, to, NOW - 1, NOW + 1)
                for holder, to, _ in rows
                if holder != originator
            )
            found[True, originator] = Ground(self.terms, stage.standings, given, NOW)
            found[False, originator] = Ground(self.terms, stage.standings, (), NOW)
        return found


def plain(decision: Decision) -> Says:
    """Write a decision in the form of the plain model."""
    if isinstance(decision, Permit):
        handled = decision.handled_as
        level = () if handled is None else (handled.scheme, handled.level)
        return Says("permit", decision.clause, "", decision.path, level, rests_on=decision.rests_on)
    if isinstance(decision, NeedsConsent):
        return Says("needs-consent", decision.clause, of=decision.of)
    return Says("withheld", decision.clause, decision.reason.value, hub=decision.hub)


def write_row(word: str) -> StateSince:
    """A row of the pact file that has this state at `NOW`."""
    since = dt.date(2099, 1, 1) if word == "not-begun" else dt.date(2020, 1, 1)
    ran_out = dt.datetime(2021, 1, 1, tzinfo=dt.UTC) if word == "notice-run-out" else None
    state = {"notice-run-out": "notice-given", "not-begun": "in-force"}.get(word, word)
    return StateSince(
        state=AgreementState(state), since=since, notice_ends_at=ran_out, sources=("test",), confidence=Confidence.OK
    )


def _subsets(names: Sequence[str]) -> list[str]:
    """Every set of at least one name, as a caveat writes it."""
    ordered = sorted(names)
    return [", ".join(some) for size in range(1, len(names) + 1) for some in itertools.combinations(ordered, size)]


def mark(originator: str, level: str, topics: Sequence[str], caveats: Sequence[str] = ()) -> Marking:
    """A marking in the originator's scheme."""
    return Marking(originator, originator, level, tuple(topics), tuple(caveats))
