"""Tear lines: who gets which portions of a draft, in which items (docs/spec/release.md, R42).

Rules
- Each portion is decided by itself for each recipient, by the one function that decides everything (`release.decide`).
- What a recipient may have is one item that holds only that; recipients who may have the same share it. A recipient who
  may have nothing is in no audience.
- Where the portions that one recipient may have cannot stand under one banner, since no agreement covers all their
  topics and caveats together, there is an item for each set of topics and caveats.
- The answers are for the composer's eyes alone: they say what others do not get.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.banner import find_banner
from comity.procedure.entry import Marking
from comity.procedure.expiry import decide_giving
from comity.procedure.ground import Ground
from comity.procedure.verdict import Decision, Permit, Subject

__all__ = ["Tear", "Version", "Withholding", "tear"]


@dataclass(frozen=True, slots=True)
class Version:
    """One item of a draft: the portions in it, by their numbers in the draft from 1, and who is given it."""

    portions: tuple[int, ...]
    recipients: tuple[Party, ...]


@dataclass(frozen=True, slots=True)
class Withholding:
    """A portion that a recipient does not get, and why."""

    party: Party
    portion: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Tear:
    """A draft, torn: its items, those with the first portions first, and what is withheld from whom."""

    versions: tuple[Version, ...]
    withheld: tuple[Withholding, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    markings: Sequence[Marking]
    holder: Party
    expires_at: Sequence[Instant]

    def decide(self, portions: Sequence[int], to: Party, ground: Ground) -> Decision:
        """Decide an item of these portions, under the banner that they come to."""
        own = [self.markings[number - 1] for number in portions]
        banner = find_banner(ground.terms, originator=self.holder, markings=own)
        subject = Subject(tuple(dict.fromkeys((banner, *own))))
        return decide_giving(subject, expires_at=self.expires_at, holder=self.holder, to=to, ground=ground)


def tear(
    markings: Sequence[Marking],
    *,
    holder: Party,
    recipients: Sequence[Party],
    expires_at: Sequence[Instant],
    find_ground: Callable[[Party], Ground],
) -> Tear:
    """Tear a draft whose portions have these markings, for these recipients.

    `find_ground` gives what a decision for a recipient stands on.

    Raises:
        UsageError: `item.portion-marking` for a portion whose level has no place in the holder's scheme.
    """
    draft = _Draft(markings, holder, expires_at)
    numbers = range(1, len(markings) + 1)
    sets: dict[tuple[int, ...], list[Party]] = {}
    withheld = []
    for to in sorted({*recipients} - {holder}):
        ground = find_ground(to)
        decisions = {number: _decide_portion(draft, number, to, ground) for number in numbers}
        withheld += [Withholding(to, number, one) for number, one in decisions.items() if not isinstance(one, Permit)]
        may_have = tuple(number for number, one in decisions.items() if isinstance(one, Permit))
        for portions in _find_items(draft, may_have, to, ground):
            sets.setdefault(portions, []).append(to)
    versions = (Version(portions, tuple(parties)) for portions, parties in sorted(sets.items()))
    return Tear(tuple(versions), tuple(withheld))


def _decide_portion(draft: _Draft, number: int, to: Party, ground: Ground) -> Decision:
    try:
        return draft.decide((number,), to, ground)
    except UsageError as error:
        raise UsageError("item.portion-marking", portion=number) from error


def _find_items(draft: _Draft, portions: tuple[int, ...], to: Party, ground: Ground) -> list[tuple[int, ...]]:
    """Return the items in which these portions, each permitted by itself, are given."""
    if not portions or isinstance(draft.decide(portions, to, ground), Permit):
        return [portions] if portions else []
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[int]] = {}
    for number in portions:
        marking = draft.markings[number - 1]
        alike.setdefault((marking.topics, marking.caveats), []).append(number)
    return [tuple(numbers) for numbers in alike.values()]
