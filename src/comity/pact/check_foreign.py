"""Checks the table of foreign labels: each row can be followed, and a stricter label is never handled more mildly.

Read after `check_references` found nothing but before anything uses a row (docs/spec/exchange.md, X1).
"""

import itertools

from comity.pact.findings import Findings
from comity.pact.foreign import LABELS, ORCON, ForeignLabel
from comity.pact.lines import KeyPath
from comity.pact.model import Pact

__all__ = ["check_foreign"]

_PLAIN = frozenset({ORCON, "NOFORN", "NATIONAL EYES ONLY"})


def check_foreign(pact: Pact, findings: Findings) -> None:
    """Note labels of no vocabulary, levels of another scheme, caveats that nobody could read, and rows out of order."""
    own = {scheme.party: {level.id: level.rank for level in scheme.levels} for scheme in pact.schemes}
    seen: set[tuple[str, str, str]] = set()
    for index, row in enumerate(pact.foreign):
        at: KeyPath = ("foreign", index)
        if not row.id.startswith("policy."):
            findings.add((*at, "id"), "pact.value", found=row.id, permitted="policy.*")
        labels = LABELS[row.vocabulary]
        if row.label not in labels:
            findings.add((*at, "label"), "pact.value", found=row.label, permitted=", ".join(labels))
        if row.level not in own.get(row.party, {}):
            findings.add(
                (*at, "level"), "pact.foreign", label=row.label, why="its level is none of this party's scheme"
            )
        _check_caveats(pact, row, (*at, "caveats"), findings)
        key = (row.vocabulary.value, row.label, row.party)
        if key in seen:
            findings.add((*at, "label"), "pact.foreign", label=row.label, why="this party has a row for it already")
        seen.add(key)
    if not findings.list():
        _check_order(pact, own, findings)


def _check_caveats(pact: Pact, row: ForeignLabel, at: KeyPath, findings: Findings) -> None:
    """The forms of docs/spec/release.md, R6, each naming what the pact has; ascending, as in every marking."""
    if any(one >= next_ for one, next_ in itertools.pairwise(row.caveats)):
        findings.add(at, "pact.foreign", label=row.label, why="caveats ascend without repetition")
    named = {"REL TO ": set(pact.audience), "ONLY UNDER ": {agreement.id for agreement in pact.agreements}}
    for number, caveat in enumerate(row.caveats):
        form = next((form for form in named if caveat.startswith(form)), "")
        names = caveat.removeprefix(form).split(", ") if form else []
        is_list = bool(names) and names == sorted(set(names)) and named[form].issuperset(names)
        if caveat not in _PLAIN and not is_list:
            findings.add((*at, number), "pact.foreign", label=row.label, why="a caveat that nobody can read")


def _check_order(pact: Pact, own: dict[str, dict[str, int]], findings: Findings) -> None:
    """A stricter label has no lower rank and no fewer caveats, so that the strictest of several is the narrowest."""
    places = {row.id: index for index, row in enumerate(pact.foreign)}
    by_party: dict[tuple[str, str], list[ForeignLabel]] = {}
    for row in pact.foreign:
        by_party.setdefault((row.vocabulary.value, row.party), []).append(row)
    for (_, party), rows in by_party.items():
        rows.sort(key=lambda row: LABELS[row.vocabulary].index(row.label))
        for mild, strict in itertools.pairwise(rows):
            ranks = own[party]
            if ranks[strict.level] < ranks[mild.level] or not set(mild.caveats) <= set(strict.caveats):
                at: KeyPath = ("foreign", places[strict.id], "level")
                findings.add(at, "pact.foreign", label=strict.label, why="a milder label is handled more strictly")
