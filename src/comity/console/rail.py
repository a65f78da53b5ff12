"""The pages that an officer may go to, in the order of the rail, each with its key; those that this console has."""

from collections.abc import Iterable
from typing import NamedTuple

from comity.api.words import say

__all__ = ["RailRow", "list_rail"]


class RailRow(NamedTuple):
    """One page: its path, its name in the reader's language, the key that leads to it."""

    path: str
    name: str
    key: str

    def is_at(self, here: str) -> bool:
        """Tell whether a path is this page, or one under it."""
        return here == self.path or (self.path != "/" and here.startswith(f"{self.path}/"))


def list_rail(paths: Iterable[str]) -> list[RailRow]:
    """Return the rows of the pages whose paths these routes have."""
    known = set(paths)
    rows = (
        RailRow("/", say("Watch"), "w"),
        RailRow("/warning", say("Warning"), "g"),
        RailRow("/consultations", say("Consultations"), "c"),
        RailRow("/hotline", say("Hotline"), "h"),
        RailRow("/release", say("Release"), "r"),
        RailRow("/duties", say("Duties"), "d"),
        RailRow("/plans", say("Plans"), "p"),
        RailRow("/exercises", say("Exercises"), "x"),
        RailRow("/pact", say("Pact"), "t"),
        RailRow("/record", say("Record"), "e"),
        RailRow("/administration", say("Administration"), "m"),
        RailRow("/handover", say("Handover"), "s"),
        RailRow("/shortcuts", say("Keys"), "?"),
    )
    return [row for row in rows if row.path in known]
