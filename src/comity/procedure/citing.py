"""Entries that name an item and do not give it (docs/spec/release.md, R4): where they may go is decided by givings."""

from typing import Final

from comity.procedure import sharing
from comity.procedure.inquiry import GivenInAnswer
from comity.procedure.onward import PassOnDeclined, PassOnGranted, RefusalGroundStated
from comity.procedure.recall import ItemDestroyed, RecallPassedOn, RecallReplied, RecallReported
from comity.procedure.spillage import SpillageConcluded, SpillageReported

__all__ = ["CITING"]

CITING: Final = (
    *sharing.CITING,
    *(ItemDestroyed, RecallPassedOn, RecallReplied, RecallReported),
    *(RefusalGroundStated, PassOnGranted, PassOnDeclined),
    *(GivenInAnswer, SpillageReported, SpillageConcluded),
)
"""Each names the item in a field `item`, and has no text."""
