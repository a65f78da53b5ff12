"""What the other pages of an author show it to have known: what its cut in one journal may leave out (R57).

Rules
- The author's own clock puts its pages in order across journals. So this proves less than a cut, and a wrong clock can
  bring it about: what rests on it is a doubt.
- Only pages of the same incarnation count, and none of a journal from its first fork on, nor a disowned one: whoever
  wrote on another branch may have been somebody else.
- A page shows every head that it names, and itself. Nothing is laid out for an author of whom nobody asks.
"""

import bisect
from collections.abc import Container, Iterator, Mapping, Sequence

from comity.audit.chain import Journal
from comity.audit.pool import Sheet
from comity.audit.procedures.said import Said
from comity.base.names import Party

__all__ = ["Shown"]

_Voice = tuple[Party, int]
"""Author and incarnation."""
_Steps = tuple[list[int], list[int]]
"""Clocks, ascending, and the highest number of a journal that pages up to each show."""


class Shown:
    """Answers what an author had shown by its own clock, in whichever of its journals."""

    def __init__(self, journals: Mapping[bytes, Journal], disowned: Container[bytes]) -> None:
        self._journals = journals
        self._disowned = disowned
        self._voices: dict[_Voice, dict[bytes, _Steps]] = {}

    def find_number(self, said: Said, journal: bytes) -> int:
        """Return the highest number of a journal that the author showed before a statement's clock; -1 for none."""
        clocks, numbers = self._get(said).get(journal, ((), ()))
        index = bisect.bisect_left(clocks, said.at)
        return numbers[index - 1] if index else -1

    def list_reach(self, said: Said) -> Iterator[tuple[bytes, int]]:
        """Yield every journal shown before a statement's clock, with its highest number."""
        for journal in self._get(said):
            number = self.find_number(said, journal)
            if number >= 0:
                yield journal, number

    def is_doubted(self, said: Said) -> bool:
        """Tell whether a statement stands where another than its author may have written."""
        return not said.is_good or not self._is_own(self._journals[said.spot.journal], said.place.number)

    def _get(self, said: Said) -> Mapping[bytes, _Steps]:
        voice = (said.author, said.place.incarnation)
        if voice not in self._voices:
            self._voices[voice] = _climb(sorted(self._walk(voice)))
        return self._voices[voice]

    def _walk(self, voice: _Voice) -> Iterator[tuple[int, bytes, int]]:
        """Yield clock, journal and number of all that the pages of one voice name, and of these pages."""
        for journal in self._journals.values():
            if (journal.id.author, journal.id.incarnation) != voice:
                continue
            for number, sheets in journal.by_number.items():
                if self._is_own(journal, number):
                    yield from self._read(sheets)

    @staticmethod
    def _is_own(journal: Journal, number: int) -> bool:
        return journal.first_fork is None or number < journal.first_fork

    def _read(self, sheets: Sequence[Sheet]) -> Iterator[tuple[int, bytes, int]]:
        for sheet in sheets:
            if sheet.digest not in self._disowned:
                header = sheet.header
                yield header.written_at, sheet.journal_digest, header.number
                yield from ((header.written_at, named, number) for named, number, _ in header.seen)


def _climb(rows: Sequence[tuple[int, bytes, int]]) -> dict[bytes, _Steps]:
    found: dict[bytes, _Steps] = {}
    for at, journal, number in rows:
        clocks, numbers = found.setdefault(journal, ([], []))
        if not numbers or number > numbers[-1]:
            clocks.append(at)
            numbers.append(number)
    return found
