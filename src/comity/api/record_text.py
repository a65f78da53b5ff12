"""What statements can be found by: their own words, and what their codes are called in every language of the console.

Text is compared in one form (NFKC, without case), and a word is found wherever it stands in another: Japanese and
Korean part no words by spaces, so nothing is cut into words here (docs/adr/0062).

Own words of a few hundred statements stand in one text, which is looked through at once. Codes are few: how a statement
is said and which values it holds is kept once, with the statements that say it so.
"""

import bisect
import enum
import functools
import re
import unicodedata
from array import array
from collections.abc import Iterator
from typing import Final

import msgspec

from comity.api.terms import say_term_in
from comity.api.words import LANGUAGES, say_in
from comity.base.names import Digest, Party
from comity.machine.funnel import decode_known
from comity.procedure.correction import EntryCorrected
from comity.procedure.disclosed import EntryDisclosed, find_disclosed
from comity.procedure.entry import Entry
from comity.procedure.timeline import SAYS, find_code_of

__all__ = ["ID_SIZE", "TEXT_SIZE_MAX", "Hits", "RecordText", "fold_text", "read_wish"]

TEXT_SIZE_MAX: Final = 100
"""Characters of a search that are looked at."""
WORD_COUNT_MAX: Final = 8
BLOCK_COUNT: Final = 512
"""Statements whose words stand in one text."""
ID_SIZE: Final = 16
"""Digits of an id that stand among the words."""
_FIELD: Final = re.compile(r"\{[a-z_]+\}")
_ID: Final = re.compile(r"[0-9a-f]{17,64}", re.ASCII)
_PART: Final = "\n"

_Codes = tuple[type[Entry], frozenset[enum.Enum]]
_Block = tuple[str, "array[int]"]
"""A text, and where the words of each statement in it begin."""


def fold_text(text: str) -> str:
    """Return text in the form in which it is compared: full-width letters are letters, and case makes no difference."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def read_wish(text: str) -> tuple[str, ...]:
    """Return the words that all have to be found, of what somebody typed."""
    return tuple(fold_text(text[:TEXT_SIZE_MAX]).split()[:WORD_COUNT_MAX])


class RecordText:
    """The words of statements, by the places that they are added at: 0, 1, 2 …"""

    def __init__(self) -> None:
        self._blocks: list[_Block] = []
        self._last: list[str] = []
        self._codes: dict[_Codes, int] = {}
        self.codes_of = array("l")
        """By place, which combination of codes a statement has; -1 for what is found by nothing."""
        self.counts: list[int] = []
        """By combination, how many statements have it."""

    def add(self, entry: Entry, author: Party, id_: Digest) -> None:
        """Add the statement of the next place."""
        codes: set[enum.Enum] = set()
        words = [id_.hex()[:ID_SIZE], author.lower()]
        _walk(entry, words, codes)
        number = self._codes.setdefault((type(entry), frozenset(codes)), len(self.counts))
        if number == len(self.counts):
            self.counts.append(0)
        self.counts[number] += 1
        self._keep(number, _PART.join(words))

    def add_nothing(self) -> None:
        """Let the next place be found by nothing."""
        self._keep(-1, "")

    def _keep(self, codes: int, words: str) -> None:
        self.codes_of.append(codes)
        self._last.append(words)
        if len(self._last) == BLOCK_COUNT:
            self._blocks.append(_make_block(self._last))
            self._last = []

    def find(self, word: str) -> "Hits":
        """Return where a word is found, somewhere within another too."""
        said = (
            number for (type_, values), number in self._codes.items()
            if word in _find_sentences(find_code_of(type_)) or any(word in _find_terms(value) for value in values)
        )  # fmt: skip
        # Of an id that was given nearly whole the beginning is looked for: whoever calls compares the rest.
        wanted = word[:ID_SIZE] if _ID.fullmatch(word) else word
        return Hits(self, [*self._blocks, _make_block(self._last)], wanted, frozenset(said))


class Hits:
    """Where one word is found; looked up as far as it is asked for, so that a common word costs no more than a page."""

    def __init__(self, text: RecordText, blocks: list["_Block"], word: str, codes: frozenset[int]) -> None:
        self._text = text
        self._blocks = blocks
        self._word = word
        self._codes = codes
        self._found: dict[int, frozenset[int]] = {}

    def __contains__(self, at: int) -> bool:
        """Tell whether the statement at a place has the word."""
        return self._text.codes_of[at] in self._codes or at in self._look(at // BLOCK_COUNT)

    def list(self, count_max: int) -> set[int] | None:
        """Return all places; None where there may be more than so many."""
        counts = self._text.counts
        if sum(counts[number] for number in self._codes) > count_max:
            return None
        found: set[int] = set()
        for number in range(len(self._blocks) - 1, -1, -1):
            found |= self._look(number)
            if len(found) > count_max:
                return None
        if self._codes:
            found.update(at for at, codes in enumerate(self._text.codes_of) if codes in self._codes)
        return found

    def _look(self, number: int) -> frozenset[int]:
        """Return the places in one block at which the word stands among own words."""
        found = self._found.get(number)
        if found is None:
            found = self._found[number] = frozenset(self._find_in(number))
        return found

    def _find_in(self, number: int) -> Iterator[int]:
        text, starts = self._blocks[number]
        at = text.find(self._word)
        while at >= 0:
            place = bisect.bisect_right(starts, at) - 1
            yield number * BLOCK_COUNT + place
            at = text.find(self._word, starts[place + 1]) if place + 1 < len(starts) else -1


def _make_block(texts: list[str]) -> _Block:
    """Put texts into one; a word is never found over the end of one, for no word holds what parts them."""
    starts, at = array("q"), 0
    for text in texts:
        starts.append(at)
        at += len(text) + len(_PART)
    return _PART.join(texts), starts


def _walk(value: object, words: list[str], codes: set[enum.Enum]) -> None:
    """Gather what is text and what is a code, in an entry and in whatever it holds."""
    if isinstance(value, enum.Enum):
        codes.add(value)
    elif isinstance(value, str):
        words.append(fold_text(value))
    elif isinstance(value, tuple):
        for element in value:
            _walk(element, words, codes)
    elif isinstance(value, msgspec.Struct):
        shown = _find_inner(value)
        if shown is not None:
            _walk(shown, words, codes)
        for name in value.__struct_fields__:
            _walk(getattr(value, name), words, codes)


def _find_inner(value: msgspec.Struct) -> Entry | None:
    """Return the entry that a correction puts in place, or that is disclosed, where it is of a type known here."""
    if isinstance(value, EntryCorrected):
        return decode_known(value.replacement)
    return decode_known(find_disclosed(value)) if isinstance(value, EntryDisclosed) else None


@functools.cache
def _find_sentences(code: str) -> str:
    """Return the sentences that say what a type of entry states, in each language, without what fills them."""
    says = SAYS.get(code, code)
    return _PART.join(fold_text(_FIELD.sub(" ", say_in(language, says))) for language in LANGUAGES)


@functools.cache
def _find_terms(term: enum.Enum) -> str:
    """Return what a code is, and what it is called in each language."""
    return _PART.join(
        (str(term.value).lower(), *(fold_text(say_term_in(term, language)) for language in LANGUAGES))
    )  # fmt: skip
