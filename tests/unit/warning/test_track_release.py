"""Which class goes to whom, and how much of it (docs/spec/warning.md, W20 to W22), held against the plain model.

Exhaustive: every class of both shipped profiles, every author and recipient, every state of every agreement. The second
reading shares no code with the first: `kit.release_model` says what the clauses of release.md say, and the few lines
here what W20 to W22 do.
"""

import importlib.resources
import itertools
from collections.abc import Iterator, Mapping

import msgspec
import pytest

from comity.base.names import Audience, Digest, Party
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.pact.track import TrackTerm
from comity.procedure.ground import Ground
from comity.procedure.verdict import Reason, Withheld
from comity.warning.release import ReleaseBook, decide_releases
from comity.warning.rows import Coarsening
from comity.warning.telling import Releases, Terms
from kit.release_model import Marked, Model
from kit.release_table import Stage, Table, plain
from kit.releasing import NOW

PACT = Digest(b"\x11" * 32)
PROFILES = ("camp-david", "harbour-aid")
Told = tuple[str, int, int, bool]
"""Clause, grid, delay, whether sensors are named."""


def _read(name: str) -> Pact:
    return parse_pact((importlib.resources.files(PROFILE_PACKAGE) / f"{name}.toml").read_bytes())


def _stand(table: Table, stage: Stage) -> Ground:
    return Ground(table.terms, stage.standings, (), NOW)


class _Reading:
    """W20 to W22 a second time, plainly."""

    def __init__(self, pact: Pact, author: Party, operative: frozenset[str]) -> None:
        self.pact, self.author, self.operative = pact, author, operative
        self.model = Model(pact)

    def find_told(self, class_: str) -> dict[Party, Told]:
        row = next(row for row in self.pact.track_classes if row.id == class_)
        if self.author not in row.reported_by:
            return {}
        schemes = {scheme.party: [level.id for level in scheme.levels] for scheme in self.pact.schemes}
        (level,) = [level for level in row.levels if level in schemes[self.author]]
        marked = Marked(self.author, self.author, level, (row.topic,), row.caveats)
        told = {}
        for to in self.model.parties - {self.author}:
            says = self.model.say((marked,), holder=self.author, to=to, operative=self.operative, consent=None)
            if says.answer == "permit":
                told[to] = self._limit(class_, to, {says.clause, *says.rests_on}, says.clause)
        return told

    def _limit(self, class_: str, to: Party, basis: set[str], clause: str) -> Told:
        grid, delay, is_named, cited = 0, 0, True, ""
        for term in self.pact.track_terms:
            speaks = (term.track_class, term.giver, term.recipient) == (class_, self.author, to)
            if speaks and term.agreement in basis:
                cited = cited or term.id
                grid, delay = max(grid, term.coarsen_m), max(delay, term.delay_ms)
                is_named = is_named and term.is_sensor_named
        return (cited or clause, grid, delay, is_named)

    def find_journals(self, class_: str) -> set[tuple[Audience, int, int, bool]]:
        told = self.find_told(class_)
        full = [to for to, (_, *limits) in told.items() if limits == [0, 0, True]]
        journals = {(tuple(sorted([self.author, *full])), 0, 0, True)} if full else set()
        for to, (_, grid, delay, is_named) in told.items():
            if to not in full:
                journals.add((tuple(sorted([self.author, to])), grid, delay, is_named))
        return journals


def _compare(table: Table, stage: Stage) -> int:
    count = 0
    for author in table.pact.audience:
        reading = _Reading(table.pact, author, stage.operative)
        releases = decide_releases(table.pact, digest=PACT, author=author, ground=_stand(table, stage))
        said = {(ruling.class_, ruling.to): ruling.terms for ruling in releases.rulings}
        for row in table.pact.track_classes:
            told = reading.find_told(row.id)
            for to in set(table.pact.audience) - {author}:
                terms = said.get((row.id, to))
                found = None if terms is None else tuple(getattr(terms, name) for name in Terms.__dataclass_fields__)
                assert found == told.get(to), (author, row.id, to, sorted(stage.operative))
                count += 1
            tellings = releases.find_tellings(row.id)
            journals = {
                (one.audience, one.terms.coarsen_m, one.terms.delay_ms, one.terms.is_sensor_named) for one in tellings
            }
            assert journals == reading.find_journals(row.id)
            assert len(tellings) == len(journals), "a class goes into one journal once"
    return count


@pytest.mark.parametrize("name", PROFILES)
def test_every_class_party_and_state_of_agreements_is_decided_as_the_clauses_say(name: str) -> None:
    """The whole product, in the terms of each profile."""
    table = Table(_read(name))
    assert table.pact.track_classes
    count = sum(_compare(table, stage) for stage in table.stages())
    parties, classes = len(table.parties), len(table.pact.track_classes)
    assert count == 2 ** len(table.agreements) * parties * (parties - 1) * classes


def _with_terms(pact: Pact, rows: Mapping[tuple[str, str], tuple[int, int, bool]], giver: Party) -> Pact:
    """Return the pact with these terms alone, by agreement and class, from one party to every other."""
    like = _read("camp-david").track_terms[0]
    made: list[TrackTerm] = []
    for ((agreement, class_), (grid, delay, named)), to in itertools.product(rows.items(), pact.audience):
        if to != giver:
            made.append(
                msgspec.structs.replace(
                    like, id=f"policy.track.t{len(made)}", agreement=agreement, track_class=class_, giver=giver,
                    recipient=to, coarsen_m=grid, delay_ms=delay, is_sensor_named=named,
                )
            )  # fmt: skip
    return msgspec.structs.replace(pact, track_terms=tuple(made))


def _list_terms(pact: Pact) -> Iterator[Pact]:
    class_ = pact.track_classes[0].id
    agreements = [agreement.id for agreement in pact.agreements]
    for one, other in itertools.product(agreements, repeat=2):
        rows = {(one, class_): (5000, 1000, True), (other, class_): (100, 90_000, False)}
        yield _with_terms(pact, rows, giver="USA")


def test_terms_hold_where_their_agreement_is_the_basis_and_nowhere_else() -> None:
    """Any two agreements of the profile, with terms for everybody: those that carry the class limit it, together."""
    limited = 0
    for pact in _list_terms(_read("camp-david")):
        table = Table(pact)
        for stage in table.stages():
            _compare(table, stage)
        releases = decide_releases(pact, digest=PACT, author="USA", ground=_stand(table, table.stages()[0]))
        limited += any(ruling.terms is not None and not ruling.terms.is_full for ruling in releases.rulings)
    assert limited, "terms that nothing rests on would prove nothing"


def _ground(**states: str) -> tuple[Table, Ground]:
    table = Table(_read("camp-david"))
    stage = table.stage({id_: states.get(id_.replace("-", "_"), "in-force") for id_ in table.agreements})
    return table, _stand(table, stage)


def test_it_is_decided_once_for_each_state_of_the_agreements() -> None:
    """The same answers as an object while nothing changes that a decision looks at; others as soon as it does."""
    table, before = _ground()
    book = ReleaseBook("JPN")
    first = book.find(table.pact, digest=PACT, ground=before)
    assert book.find(table.pact, digest=PACT, ground=before) is first
    later = Ground(before.terms, before.states, (), NOW + 1000)  # type: ignore[arg-type]
    assert book.find(table.pact, digest=PACT, ground=later) is first
    _, ended = _ground(jpn_kor_gsomia="ended")
    after = book.find(table.pact, digest=PACT, ground=ended)
    assert after is not first
    assert book.find(table.pact, digest=Digest(b"\x12" * 32), ground=ended) is not after


def test_the_end_of_one_agreement_changes_what_one_recipient_is_told_and_says_why() -> None:
    """The story of 2019: without it nothing goes between the two directly, and the third still has all in full."""
    table, before = _ground()
    _, ended = _ground(jpn_kor_gsomia="ended")
    told, after = (decide_releases(table.pact, digest=PACT, author="JPN", ground=ground) for ground in (before, ended))
    assert _terms(told, "policy.track.air", "KOR") == Terms("policy.track.air-jpn-kor", 5000, 30_000, False)
    assert _terms(after, "policy.track.air", "KOR") is None
    (ruling,) = [one for one in after.rulings if (one.class_, one.to) == ("policy.track.air", "KOR")]
    assert isinstance(ruling.decision, Withheld)
    assert ruling.decision.reason in (Reason.NOT_IN_FORCE, Reason.ONLY_BY_HUB)
    assert plain(ruling.decision).clause
    assert _terms(after, "policy.track.air", "USA") == _terms(told, "policy.track.air", "USA")
    assert ("JPN", "KOR") not in after.find_audiences()


def _terms(releases: Releases, class_: str, to: Party) -> Terms | None:
    (found,) = [ruling.terms for ruling in releases.rulings if (ruling.class_, ruling.to) == (class_, to)]
    return found


def test_what_was_made_ready_is_told_only_as_it_may_be_now() -> None:
    """A block in full to an audience that is told less, or the other way round, is not what may go."""
    table, ground = _ground()
    releases = decide_releases(table.pact, digest=PACT, author="JPN", ground=ground)
    coarse = Coarsening("policy.track.air-jpn-kor", 5000, 30_000)
    assert releases.may_tell(("JPN", "KOR"), "policy.track.air", coarse)
    assert not releases.may_tell(("JPN", "KOR"), "policy.track.air", None)
    assert releases.may_tell(("JPN", "USA"), "policy.track.air", None)
    assert not releases.may_tell(("JPN", "KOR", "USA"), "policy.track.air", None)
    assert not releases.may_tell(("JPN", "USA"), "policy.track.other", None)
