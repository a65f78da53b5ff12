"""What an author tells whom, as the answers of its release come to: journals, and terms in them (W21, W22).

- All who are told a class in full share a journal of exactly that audience; whoever is told less has one alone with the
  author. So nobody is in a journal of which he may not know a number or a count.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from comity.base.names import Audience, Digest, Party
from comity.procedure.verdict import Decision
from comity.warning.rows import Coarsening

__all__ = ["Releases", "Ruling", "Telling", "Terms"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What of a class a recipient is told, and under which clause."""

    clause: str
    coarsen_m: int = 0
    delay_ms: int = 0
    is_sensor_named: bool = True

    @property
    def is_full(self) -> bool:
        """Whether it is all that the author reports."""
        return self.coarsen_m == 0 and self.delay_ms == 0 and self.is_sensor_named


@dataclass(frozen=True, slots=True)
class Ruling:
    """The answer for one class and recipient, for the author's eyes; `terms` is None where it is withheld."""

    class_: str
    to: Party
    decision: Decision
    terms: Terms | None


@dataclass(frozen=True, slots=True)
class Telling:
    """One journal into which a class goes, and how."""

    audience: Audience
    terms: Terms


@dataclass(frozen=True)
class Releases:
    """All that one author tells, under one version of the pact and one set of operative agreements."""

    pact: Digest
    author: Party
    rulings: tuple[Ruling, ...]
    tellings: Mapping[str, tuple[Telling, ...]] = field(init=False)

    def __post_init__(self) -> None:
        by_class: dict[str, list[Ruling]] = {}
        for ruling in self.rulings:
            by_class.setdefault(ruling.class_, []).append(ruling)
        found = {class_: tuple(_find_tellings(self.author, rulings)) for class_, rulings in by_class.items()}
        object.__setattr__(self, "tellings", found)

    def find_tellings(self, class_: str) -> tuple[Telling, ...]:
        """Return where a class goes; nowhere if it is not of this version of the pact, or nobody may have it."""
        return self.tellings.get(class_, ())

    def may_tell(self, audience: Audience, class_: str, told: Coarsening | None) -> bool:
        """Tell whether what was made ready to be told so may still go."""
        return any(
            telling.audience == audience and find_coarsening(telling.terms) == told
            for telling in self.find_tellings(class_)
        )

    def find_audiences(self) -> tuple[Audience, ...]:
        """Return every journal that may be written, in a fixed order."""
        return tuple(sorted({telling.audience for tellings in self.tellings.values() for telling in tellings}))


def find_coarsening(terms: Terms) -> Coarsening | None:
    """Return what a block says of the terms on which it is told; nothing where it is told in full."""
    return None if terms.is_full else Coarsening(terms.clause, terms.coarsen_m, terms.delay_ms)


def _find_tellings(author: Party, rulings: Iterable[Ruling]) -> Iterable[Telling]:
    told = [(ruling.to, ruling.terms) for ruling in rulings if ruling.terms is not None]
    full = [(to, terms) for to, terms in told if terms.is_full]
    if full:
        yield Telling(tuple(sorted({author, *(to for to, _ in full)})), Terms(full[0][1].clause))
    for to, terms in told:
        if not terms.is_full:
            yield Telling(tuple(sorted((author, to))), terms)
