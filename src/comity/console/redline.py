"""A redline: what one wording has that another has not, in pieces that stand one after the other.

Rules
- Japanese (and what else is written without spaces) is compared by characters, a mark never apart from its letter; all
  else by words. What stands alike at the beginning and the end is set aside first, then sentences are matched, then
  what differs within them.
- Lone words or marks that happen to be alike between two changes are taken into the change: a redline is for reading.
- The work is bounded, and so is what anybody can make us do: where two passages repeat the same few words so often
  that it would be exceeded, one stands as taken out and the other as put in, whole.
- It depends on the two wordings and the language alone.
"""

import difflib
import enum
import itertools
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

__all__ = ["Change", "Piece", "redline"]

PAIR_COUNT_MAX: Final = 60_000
"""Pairs of like words that are looked at in one passage; a page of running text has a few thousand."""
_UNSPACED: Final = frozenset({"ja", "km", "lo", "my", "th", "zh"})
_MARKS: Final = r"[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*"
_CHARACTER: Final = re.compile(rf".{_MARKS}", re.DOTALL)
_WORD: Final = re.compile(rf"\s*(?:\w(?:[\w'’.-]*\w)?{_MARKS}|[^\w\s])|\s+")
"""A word with the white space before it: one that only ends a sentence now is still the same word."""
_SENTENCE: Final = re.compile(r"[^.!?。！？\n]*(?:[.!?。！？\n]+\s*|$)")


class Change(enum.Enum):
    """What became of a piece."""

    KEPT = "kept"
    OUT = "out"
    IN = "in"


class Piece(NamedTuple):
    """Some of the text, and whether it is in both wordings, in the old one or in the new one."""

    change: Change
    text: str


@lru_cache(maxsize=256)
def redline(old: str, new: str, language: str) -> tuple[Piece, ...]:
    """Return what lies between two wordings. The pieces kept and out make the old one, those kept and in the new one.

    What was taken out stands before what was put in its place.
    """
    split = _CHARACTER if language.partition("-")[0] in _UNSPACED else _WORD
    found = list(_join(_compare(_split(_SENTENCE, old), _split(_SENTENCE, new), split)))
    return tuple(_join(_settle(found)))


def _split(by: re.Pattern[str], text: str) -> list[str]:
    found = [match[0] for match in by.finditer(text) if match[0]]
    assert "".join(found) == text, "splitting loses nothing"
    return found


def _compare(old: Sequence[str], new: Sequence[str], split: re.Pattern[str] | None) -> Iterator[Piece]:
    """Compare by sentences, and what differs by what `split` finds in them; without it there is nothing smaller."""
    head = _count_alike(old, new)
    tail = _count_alike(old[head:][::-1], new[head:][::-1])
    yield Piece(Change.KEPT, "".join(old[:head]))
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    for tag, i, j, k, n in _match(inner_old, inner_new):
        out, put = "".join(inner_old[i:j]), "".join(inner_new[k:n])
        if tag == "equal":
            yield Piece(Change.KEPT, out)
        elif split is not None and out and put:
            yield from _compare(_split(split, out), _split(split, put), None)
        else:
            yield from (Piece(Change.OUT, out), Piece(Change.IN, put))
    yield Piece(Change.KEPT, "".join(old[len(old) - tail :]))


def _count_alike(old: Sequence[str], new: Sequence[str]) -> int:
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(old, new, strict=False)))


def _match(old: Sequence[str], new: Sequence[str]) -> list[tuple[str, int, int, int, int]]:
    there = Counter(new)
    if sum(count * there[unit] for unit, count in Counter(old).items()) > PAIR_COUNT_MAX:
        return [("replace", 0, len(old), 0, len(new))]
    return list(difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes())


def _settle(pieces: Sequence[Piece]) -> list[Piece]:
    """Take into a change what is alike by chance between two changes: white space, a mark, one character."""
    settled: list[Piece] = []
    for at, piece in enumerate(pieces):
        is_between = 0 < at < len(pieces) - 1 and piece.change is Change.KEPT
        if is_between and _is_chance(piece.text):
            settled += [Piece(Change.OUT, piece.text), Piece(Change.IN, piece.text)]
        else:
            settled.append(piece)
    return settled


def _is_chance(text: str) -> bool:
    return not any(character.isalnum() for character in text) or (len(text) == 1 and not text.isascii())


def _join(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Put what belongs together into one piece, what was taken out before what was put in."""
    for is_kept, run in itertools.groupby(pieces, key=lambda piece: piece.change is Change.KEPT):
        rows = list(run)
        for change in (Change.KEPT,) if is_kept else (Change.OUT, Change.IN):
            text = "".join(row.text for row in rows if row.change is change)
            if text:
                yield Piece(change, text)
