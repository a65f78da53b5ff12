"""Equal markings become one object, so that the funnel looks one up without comparing words (decision 0034).

Markings come from outside and this is asked before any of them is read, so both their size and their number are
bounded here: what is long stays as it came, and a full pool is emptied. Nothing depends on it but speed.
"""

import sys
from typing import Final

from comity.procedure.entry import Marking

__all__ = ["intern_marking", "is_short"]

MARKING_COUNT_MAX: Final = 16_384
TOPIC_COUNT_MAX: Final = 8
CAVEAT_COUNT_MAX: Final = 4
WORDS_SIZE_MAX: Final = 256
"""Characters in all words of a marking together."""

_POOL: Final[dict[Marking, Marking]] = {}


def intern_marking(marking: Marking) -> Marking:
    """Return the marking that stands for all equal ones, or this one if it is the first or is too long to be kept."""
    found = _POOL.get(marking)
    if found is None:
        if not is_short(marking):
            return marking
        if len(_POOL) >= MARKING_COUNT_MAX:
            _POOL.clear()
        found = _POOL[marking] = _share_words(marking)
    return found


def _share_words(marking: Marking) -> Marking:
    """Return an equal marking, each of whose words is one object wherever it stands."""
    return Marking(
        originator=sys.intern(marking.originator),
        scheme=sys.intern(marking.scheme),
        level=sys.intern(marking.level),
        topics=tuple(map(sys.intern, marking.topics)),
        caveats=tuple(map(sys.intern, marking.caveats)),
    )


def is_short(marking: Marking) -> bool:
    """Tell whether a marking is small enough to be kept. Longer ones are lawful, and decided all the same."""
    if len(marking.topics) > TOPIC_COUNT_MAX or len(marking.caveats) > CAVEAT_COUNT_MAX:
        return False
    words = (marking.originator, marking.scheme, marking.level, *marking.topics, *marking.caveats)
    return sum(map(len, words)) <= WORDS_SIZE_MAX
