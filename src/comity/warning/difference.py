"""Why two parties' pictures of one instant differ: each difference with the clause that made it (W52).

Rules
- A report differs because its author may not tell it (withheld), tells it on a grid or late (coarsened), or because it
  has not come: of that no clause says anything, and it is said so.
- An object differs where its reports do, and by their clauses.
- An author is told of his own reports and of nothing else: who else reports what to whom is none of his business, and
  he hears of no object, which others' reports make up. Whoever is neither the author nor holds both records (an
  auditor, `reader` None) is told nothing.
"""

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comity.base.names import Party
from comity.procedure.verdict import Permit
from comity.warning.situation import Situation, TrackName
from comity.warning.telling import Releases, Ruling

__all__ = ["Difference", "Why", "explain"]


class Why(enum.Enum):
    """What made two pictures differ."""

    WITHHELD = "withheld"
    COARSENED = "coarsened"
    NOT_THERE = "not-there"
    """It may be told, and has not come, or not yet."""
    REPORTS = "reports"
    """An object has other reports, or the same ones otherwise."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One report that one of two parties has, or has better; or one object that looks different.

    `lacks` is the party that has less; of an object, the second of the two. `clauses` are what made it so; of what has
    not come there is none.
    """

    class_: str
    name: TrackName
    lacks: Party
    why: Why
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Report:
    raw: bytes
    told: tuple[str, int, int] | None
    number: int


_Key = tuple[str, TrackName]


def explain(
    one: tuple[Party, Situation],
    other: tuple[Party, Situation],
    releases: Mapping[Party, Releases],
    *,
    reader: Party | None,
) -> tuple[Difference, ...]:
    """Return the differences between two parties' situations of one instant, in order.

    `releases` are what each author decided, as far as the reader has it: an author his own, an auditor everybody's.
    """
    assert one[1].at == other[1].at, "two moments differ by themselves"
    held = {party: _read_reports(situation) for party, situation in (one, other)}
    found = [
        difference
        for has, lacks in ((one[0], other[0]), (other[0], one[0]))
        for difference in _explain_reports(held[has], held[lacks], lacks, releases)
        if reader is None or difference.name.author == reader
    ]
    if reader is None:
        found += _explain_objects(one[1], other[1], other[0], found)
    return tuple(sorted(set(found), key=lambda of: (of.class_, of.name, of.why.value, of.lacks)))


def _read_reports(situation: Situation) -> dict[_Key, _Report]:
    """Return every report by its class and name, sensors by their words."""
    reports = {}
    for place, member in enumerate(situation.members):
        row = member["row"].copy()
        told = situation.find_told(place)
        sensor = situation.find_sensor(place)
        row["sensor"] = 0
        raw = row.tobytes() + (sensor or "").encode()
        by = None if told is None else (told.clause, told.coarsen_m, told.delay_ms)
        reports[_key(situation, place)] = _Report(raw, by, int(row["number"]))
    return reports


def _key(situation: Situation, member: int) -> _Key:
    class_ = situation.classes[situation.objects[situation.members[member]["object"]]["class_"]]
    return class_, situation.name_member(member)


def _explain_reports(
    has: Mapping[_Key, _Report], lacks: Mapping[_Key, _Report], party: Party, releases: Mapping[Party, Releases]
) -> Iterator[Difference]:
    """Yield what `party`, who lacks, does not have of what the other has, or has worse."""
    for (class_, name), report in has.items():
        theirs = lacks.get((class_, name))
        ruling = _find_ruling(releases.get(name.author), class_, party)
        if theirs is None:
            yield Difference(class_, name, party, *_explain_absence(ruling))
        elif theirs.told is not None and theirs.told != report.told:
            yield Difference(class_, name, party, Why.COARSENED, (theirs.told[0],))
        elif theirs.told == report.told and theirs.number < report.number:
            yield Difference(class_, name, party, Why.NOT_THERE, ())


def _explain_absence(ruling: Ruling | None) -> tuple[Why, tuple[str, ...]]:
    if ruling is None or (isinstance(ruling.decision, Permit) and (ruling.terms is None or ruling.terms.is_full)):
        return Why.NOT_THERE, ()
    if ruling.terms is None:
        return Why.WITHHELD, (ruling.decision.clause,)
    return Why.COARSENED, (ruling.terms.clause,)


def _find_ruling(releases: Releases | None, class_: str, to: Party) -> Ruling | None:
    rulings = () if releases is None else releases.rulings
    return next((ruling for ruling in rulings if ruling.class_ == class_ and ruling.to == to), None)


def _explain_objects(one: Situation, other: Situation, party: Party, found: list[Difference]) -> Iterator[Difference]:
    """Yield the objects of either situation that the other shows otherwise, with the clauses of all that is in them."""
    shown, theirs = _read_objects(one), _read_objects(other)
    clauses: dict[_Key, tuple[str, ...]] = {}
    for of in found:
        clauses[of.class_, of.name] = (*clauses.get((of.class_, of.name), ()), *of.clauses)
    for key in sorted(shown.keys() | theirs.keys()):
        if shown.get(key) == theirs.get(key):
            continue
        members = {member for side in (shown, theirs) if key in side for member in side[key][0]}
        cause = sorted({clause for member in members for clause in clauses.get(member, ())})
        yield Difference(*key, party, Why.REPORTS, tuple(cause))


def _read_objects(situation: Situation) -> dict[_Key, tuple[tuple[_Key, ...], bytes]]:
    """Return each object by its first member: the members, and what is estimated and said of it."""
    objects = {}
    for place, row in enumerate(situation.objects):
        said = row.copy()
        for name in ("class_", "author", "first_member"):
            said[name] = 0
        members = tuple(_key(situation, member) for member in situation.iterate_members(place))
        objects[members[0]] = members, said.tobytes()
    return objects
