"""What was let out of quarantine, judged again: a ground must have come that its reader provably had (R53)."""

from collections.abc import Callable, Iterator, Sequence

from comity.audit.procedures.copies import Unfounded
from comity.audit.procedures.forms_onward import QuarantineReleased
from comity.audit.procedures.forms_release import ItemGiven, ItemShared
from comity.audit.procedures.funnel import Funnel, Ground, Says
from comity.audit.procedures.received import Reach
from comity.audit.procedures.said import Said

__all__ = ["find_groundless"]


def find_groundless(
    statements: Sequence[Said], find_funnel: Callable[[Said], Funnel], reach: Reach
) -> Iterator[Unfounded]:
    """Yield each release of what could not have been given to its reader when that reader let it out.

    One whose reader's pages are not all here is passed over.
    """
    released = [said for said in statements if isinstance(said.entry, QuarantineReleased)]
    givings = {said.id: said for said in statements if isinstance(said.entry, ItemShared)} if released else {}
    for said in released:
        assert isinstance(said.entry, QuarantineReleased)
        giving = givings.get(said.entry.entry)
        if giving is None or not _has_ground(giving, said, find_funnel(said), reach):
            yield Unfounded(said, "quarantine.no-ground")


def _has_ground(giving: Said, released: Said, funnel: Funnel, reach: Reach) -> bool:
    if released.author not in giving.audience or giving.author == released.author:
        return False
    entry, at = giving.entry, reach.find_latest_at(released)
    assert isinstance(entry, ItemShared)
    if at is None:
        return True  # it cannot be told
    if isinstance(entry, ItemGiven) and any(at >= end for end in entry.expires_at):
        return False  # R37
    # What its reader let out it knew of, whether or not its own journal names the page.
    ground = Ground(at, lambda other: other is giving or reach.knows(released, other))
    answer = funnel.decide(entry.markings, item=entry.item, holder=giving.author, to=released.author, ground=ground)
    return answer.says is Says.PERMIT
