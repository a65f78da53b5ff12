"""In which turn tests are run, in whatever order they were drawn: the long ones first, some by each worker.

Half a minute of one test at the end is half a minute in which nobody else has anything to do. Each worker is given as
many tests as the others, one stretch of the whole row, and takes over from the others once it is through.
"""

from collections.abc import Sequence
from itertools import chain, filterfalse, groupby
from typing import Final

import pytest

__all__ = ["take_turns"]

LONG: Final = ("browser", "integration", "rehearsal")
"""Folders whose tests run nodes as they are run in earnest, or many seeds, or look at every page."""


def take_turns(items: Sequence[pytest.Item], worker_count: int) -> list[pytest.Item]:
    """Return all tests, the long modules dealt out to the beginnings of what each worker is given."""
    long = [list(of) for _, of in groupby(filter(_is_long, items), key=lambda item: item.path)]
    rest = list(filterfalse(_is_long, items))
    turns: list[pytest.Item] = []
    for at in range(worker_count):
        turns += chain.from_iterable(long[at::worker_count])
        end = len(items) * (at + 1) // worker_count
        room = max(0, end - len(turns))
        turns += rest[:room]
        del rest[:room]
    return turns + rest


def _is_long(item: pytest.Item) -> bool:
    return item.nodeid.split("/")[1] in LONG
