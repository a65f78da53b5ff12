"""What the pact file lets go to whom, read once more from its text and from docs/spec/release.md (R5 to R9, R13).

Plain rows and plain values, and only yes or no: no code of `pact` or `procedure` has a part in it. A state is what the
file says of that day and what the parties of the agreement stated since, as far as whoever decides knew it.
"""

import datetime as dt
import functools
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

__all__ = ["AgreementWord", "Mark", "PlainRelease", "read_plain_release"]

OPERATIVE: Final = ("in-force", "notice-suspended", "notice-given")


class Mark(NamedTuple):
    """R5: a marking as its fields stand."""

    originator: str
    scheme: str
    level: str
    topics: Sequence[str]
    caveats: Sequence[str]


class AgreementWord(NamedTuple):
    """R12: what a party stated of an agreement; in its own order."""

    party: str
    agreement: str
    state: str
    effective_at: int


@dataclass(frozen=True, slots=True)
class PlainRelease:
    """One pact file."""

    agreements: Mapping[str, Mapping[str, Any]]
    ceilings: Sequence[Mapping[str, Any]]
    equivalences: Sequence[Sequence[str]]
    levels: Mapping[str, tuple[str, int]]
    """Party and rank, by level."""

    def find_operative(self, words: Collection[AgreementWord], *, at: int) -> frozenset[str]:
        """Return which agreements run at an instant, by the file and by these words (R13)."""
        return frozenset(
            id_
            for id_, row in self.agreements.items()
            if all(self._find_cell(row, party, words, at) in OPERATIVE for party in row["parties"])
        )

    @staticmethod
    def _find_cell(row: Mapping[str, Any], party: str, words: Collection[AgreementWord], at: int) -> str:
        day = dt.datetime.fromtimestamp(at / 1000, dt.UTC).date()
        state = "not-begun"
        for one in row["state"]:
            if one["since"] <= day:
                state = one["state"]
        for word in words:
            if (word.party, word.agreement) == (party, row["id"]) and word.effective_at <= at:
                state = word.state
        return state

    def may_go(self, mark: Mark, holder: str, to: str, *, operative: frozenset[str], is_consented: bool) -> bool:
        """Tell whether a holder may give what bears this marking to another party (R5 to R9)."""
        if to in (holder, mark.originator):
            return True
        party, rank = self.levels.get(mark.level, ("", 0))
        if party != mark.originator or mark.scheme != mark.originator or not mark.topics:
            return False
        if not self._lets(mark, to) or not self._has_equivalent(mark.level, to):
            return False
        if holder == mark.originator:
            ways = self._list_ways(mark, holder, to, hub="")
            return any(self._runs(row, mark, rank, (holder, to), operative) for row in ways)
        if any(rank > row["rank_max"] for row in self.ceilings if {mark.originator, to} <= set(row["parties"])):
            return False
        return self._may_pass_on(mark, rank, holder, to, operative, is_consented=is_consented)

    def _may_pass_on(
        self, mark: Mark, rank: int, holder: str, to: str, operative: frozenset[str], *, is_consented: bool
    ) -> bool:
        """R9."""
        touching = [row for row in self._list_given(mark.originator, holder) if set(row["topics"]) & set(mark.topics)]
        if any(row["third_party"] == "prohibited" for row in touching):
            return False
        is_free = (
            "ORCON" not in mark.caveats
            and all(row["third_party"] == "free" for row in touching)
            and any(set(mark.topics) <= set(row["topics"]) for row in touching)
        )
        by_hub = self._list_ways(mark, mark.originator, to, hub=holder)
        direct = [row for row in self._list_ways(mark, holder, to, hub="") if row["path"] == "direct"]
        if any(self._runs(row, mark, rank, (mark.originator, to), operative) for row in by_hub):
            return is_consented
        return (is_consented or is_free) and any(self._runs(row, mark, rank, (holder, to), operative) for row in direct)

    @staticmethod
    def _lets(mark: Mark, to: str) -> bool:
        """R6."""
        for caveat in mark.caveats:
            word, _, names = caveat.partition(" TO ") if caveat.startswith("REL TO ") else (caveat, "", "")
            if word in ("NOFORN", "NATIONAL EYES ONLY") or (word == "REL" and to not in names.split(", ")):
                return False
        return True

    def _has_equivalent(self, level: str, to: str) -> bool:
        """R7."""
        return any(level in row and any(self.levels[one][0] == to for one in row) for row in self.equivalences)

    def _list_given(self, giver: str, receiver: str) -> Iterator[Mapping[str, Any]]:
        """Yield the agreements by which one party can give to another at all, by hub too."""
        for row in self.agreements.values():
            givers = row.get("givers", row["parties"])
            if giver in givers and receiver in row["parties"] and giver not in (receiver, row.get("hub")):
                yield row

    def _list_ways(self, mark: Mark, giver: str, receiver: str, *, hub: str) -> list[Mapping[str, Any]]:
        """R8: the direct ones and those to a hub or, where one is named, those by it."""
        only = [
            caveat.removeprefix("ONLY UNDER ").split(", ")
            for caveat in mark.caveats
            if caveat.startswith("ONLY UNDER ")
        ]
        return [
            row
            for row in self._list_given(giver, receiver)
            if all(row["id"] in names for names in only)
            and (row.get("hub") == hub and receiver != hub if hub else row.get("hub") in (None, receiver))
        ]

    def _runs(
        self, row: Mapping[str, Any], mark: Mark, rank: int, ends: tuple[str, str], operative: frozenset[str]
    ) -> bool:
        """R8: topics, ceilings and states of an agreement and its legs, and what the two never exchange."""
        between = {*ends, row.get("hub")}
        legs = [self.agreements[leg] for leg in row.get("legs", ())]
        needed = [row, *(leg for leg in legs if set(leg["parties"]) <= between)]
        ceilings = [one["rank_max"] for one in self.ceilings if set(ends) <= set(one["parties"])]
        return all(
            set(mark.topics) <= set(one["topics"]) and rank <= one["ceiling_rank"] and one["id"] in operative
            for one in needed
        ) and all(rank <= most for most in ceilings)


@functools.lru_cache(maxsize=8)
def read_plain_release(pact_raw: bytes) -> PlainRelease:
    """Read a pact file."""
    file = tomllib.loads(pact_raw.decode())
    return PlainRelease(
        {row["id"]: row for row in file.get("agreement", ())},
        file.get("ceiling", ()),
        [row["levels"] for row in file.get("equivalence", ())],
        {level["id"]: (scheme["party"], level["rank"]) for scheme in file["scheme"] for level in scheme["level"]},
    )
