"""Who holds the pen of a text, and what was done with it.

Rules (docs/spec/procedure.md, P13 and P14)
- One penholder at a time: first who opened the text; then, at each hand-over signed by both, the one who took it.
- A holder's acts count along its own chain from where it got the pen to where it handed it over.
- From the hand-over until it is taken the pen rests: nobody's acts count. So no two parties ever hold it together,
  whatever either of them knew.
- A version that lacks a language of the text, or that does not follow the version before it, is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from comity.base.names import Digest, Party
from comity.procedure.own import by_author, own_order
from comity.procedure.stated import Stated
from comity.procedure.text import (
    PenHandedOver,
    PenTakenOver,
    SilenceExtended,
    SilenceProposed,
    TextOpened,
    TextVersionProposed,
    TextWithdrawn,
    find_version_digest,
)

__all__ = ["Pen", "Version", "fold_pen"]


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the text; numbered from 1 in the order of the pen."""

    number: int
    digest: Digest
    proposed: Stated


@dataclass(frozen=True, slots=True)
class Pen:
    """The pen's history. `holder` is None while it rests; `offered_to` is then the party that may take it.

    `handed_over` is the hand-over that waits to be taken.

    `acts` are versions, silences, extensions and withdrawals in the order of the pen; `refused` are those that break
    a rule of this module.
    """

    holder: Party | None
    offered_to: Party | None
    acts: tuple[Stated, ...]
    versions: tuple[Version, ...]
    refused: tuple[Digest, ...]
    handed_over: Digest | None = None


def fold_pen(opened: Stated, statements: Iterable[Stated]) -> Pen:
    """Follow the pen from its first holder through every hand-over. `statements` are the undisputed ones."""
    own = by_author(statements)
    acts: list[Stated] = []
    left: dict[Party, Stated] = {}
    got = opened
    while True:
        handed_over = None
        for row in own.get(got.author, ()):
            if own_order(row) <= own_order(got):
                continue
            if isinstance(row.entry, PenHandedOver):
                handed_over = row
                break
            if isinstance(row.entry, TextVersionProposed | SilenceProposed | SilenceExtended | TextWithdrawn):
                acts.append(row)
        if handed_over is None:
            return _read_acts(opened, acts, holder=got.author, offered_to=None)
        left[got.author] = handed_over
        taken = _find_taken(handed_over, own, left)
        if taken is None:
            assert isinstance(handed_over.entry, PenHandedOver)
            pen = _read_acts(opened, acts, holder=None, offered_to=handed_over.entry.to)
            return replace(pen, handed_over=handed_over.id)
        got = taken


def _find_taken(
    handed_over: Stated, own: Mapping[Party, tuple[Stated, ...]], left: Mapping[Party, Stated]
) -> Stated | None:
    """Find where the pen is taken over: after its taker last had it, so that each statement is read once (P13)."""
    assert isinstance(handed_over.entry, PenHandedOver)
    taker = handed_over.entry.to
    for row in own.get(taker, ()):
        if taker in left and own_order(row) <= own_order(left[taker]):
            continue
        if isinstance(row.entry, PenTakenOver) and row.entry.handed_over == handed_over.id:
            return row
    return None


def _read_acts(opened: Stated, acts: Iterable[Stated], *, holder: Party | None, offered_to: Party | None) -> Pen:
    """Number the versions and drop the acts that do not fit what stands before them."""
    assert isinstance(opened.entry, TextOpened)
    languages = set(opened.entry.languages)
    versions: list[Version] = []
    fitting: list[Stated] = []
    refused: list[Digest] = []
    for act in acts:
        current = versions[-1].digest if versions else None
        match act.entry:
            case TextVersionProposed() as proposed:
                written = {translation.language for translation in proposed.body.translations}
                fits = languages <= written and proposed.follows == (() if current is None else (current,))
                if fits:
                    versions.append(Version(len(versions) + 1, find_version_digest(proposed), act))
            case SilenceProposed(version=version) | SilenceExtended(version=version):
                fits = version == current
            case _:
                fits = True
        if fits:
            fitting.append(act)
        else:
            refused.append(act.id)
    return Pen(holder, offered_to, tuple(fitting), tuple(versions), tuple(refused))
