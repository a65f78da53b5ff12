"""What invented officers write: marked texts, each with a tag that says who may ever read it, and areas on the map.

The tag is what makes a leak visible from outside: a checker that finds one at a party which it does not name needs no
opinion about audiences, agreements or levels. Nothing here is history, and every text says so.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from comity.base.names import Audience, Party
from comity.pact.model import Pact
from comity.procedure.area import Area, Shape, place
from comity.procedure.caveat import write_listed
from comity.procedure.entry import MarkedText, Marking, Translation

__all__ = ["TAG", "Phrases", "circle"]

TAG: Final = re.compile(rb"<<([A-Z0-9+-]+):(\d+)>>")
_PLAYED: Final = {"en": "Played, not history.", "ja": "演習。史実ではない。", "ko": "훈련. 사실이 아님."}


@dataclass(slots=True)
class Phrases:
    """Writes texts for the parties of one pact, numbering its tags."""

    pact: Pact
    first: int = 0
    """Where its tags begin to count, so that two writers of one run have none in common."""
    _number: int = 0
    _open_levels: dict[Party, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._number = self.first
        for scheme in self.pact.schemes:
            self._open_levels[scheme.party] = min(scheme.levels, key=lambda level: level.rank).id

    def write_tag(self, readers: Iterable[Party]) -> str:
        """Return a new tag that names the only parties who may read what bears it."""
        self._number += 1
        return f"<<{'+'.join(sorted(readers))}:{self._number}>>"

    def open_marking(self, author: Party, *, topic: str = "", caveats: tuple[str, ...] = ()) -> Marking:
        """Return the marking of what is not protected."""
        topics = (topic or self.pact.consultation.trigger.topics[0],)
        return Marking(author, author, self._open_levels[author], topics, caveats)

    def open_text(self, author: Party, words: str, *, to: Audience, languages: tuple[str, ...] = ("en",)) -> MarkedText:
        """Return an unprotected text for `to`, in several languages."""
        tag = self.write_tag(to)
        versions = tuple(Translation(code, f"{_PLAYED[code]} {words} {tag}") for code in sorted(languages))
        return MarkedText(self.open_marking(author), versions)

    def listed_text(self, author: Party, words: str, *, only: Audience) -> MarkedText:
        """Return a text that its marking lets nobody read but `only`."""
        marking = self.open_marking(author, caveats=(write_listed(frozenset(only)),))
        return MarkedText(marking, (Translation("en", f"{_PLAYED['en']} {words} {self.write_tag(only)}"),))


def find_tags(raw: bytes) -> Iterator[tuple[bytes, frozenset[Party]]]:
    """Yield every tag in these bytes, with the parties that it names."""
    for match in TAG.finditer(raw):
        yield match[0], frozenset(match[1].decode().split("+"))


def circle(*, latitude_udeg: int, longitude_udeg: int, radius_m: int) -> Area:
    """Return a circle on the map."""
    return Area(Shape.CIRCLE, (place(latitude_udeg=latitude_udeg, longitude_udeg=longitude_udeg),), radius_m)
