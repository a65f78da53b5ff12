"""What a release decision stands on: the pact's table, the state of each agreement, the consents, an instant.

Made from statements, so that the same statements give the same ground on every node. To *send*, take all that is held
and the present instant. To *judge* what was received, take its author's cut and the latest clock in it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from comity.base.instants import Instant
from comity.base.names import Party
from comity.procedure.agreement import AgreementStanding, AgreementStateStated, agreement_states
from comity.procedure.consent import Consent, ConsentCheck, is_running
from comity.procedure.dissemination import ENDING, find_consents
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.rulings import RulingTable
from comity.procedure.sharing import GIVING, ConsentGiven, PassOnReported
from comity.procedure.stated import Stated, is_known_to

__all__ = ["GROUNDING", "Ground", "find_ground", "find_ground_at_cut"]

GROUNDING: Final = (
    AgreementStateStated,
    *GIVING,
    PassOnReported,
    ConsentGiven,
    *ENDING,
)
"""The types of entry that a release decision looks at, here and in who was given what; it passes over all others."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Everything that `release.decide` may look at besides the subject and the two parties.

    Worked out once, for it is asked again with every marking: which agreements are operative, which consents run, and
    the table of what was decided before on such a ground.
    """

    terms: ReleaseTerms
    states: Mapping[str, AgreementStanding]
    consents: tuple[Consent, ...]
    as_of: Instant
    operative: frozenset[str] = field(init=False, compare=False, repr=False)
    """Agreements under which something may still be given (R13)."""
    running: frozenset[tuple[Party, bytes, Party, Party]] = field(init=False, compare=False, repr=False)
    """Originator, item, holder, recipient of every consent that may still be used at `as_of` (R25)."""
    rulings: RulingTable = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        operative = frozenset(id_ for id_, standing in self.states.items() if standing.is_operative)
        valid_ms_max = self.terms.pact.policy.consent.valid_ms_max
        running = frozenset(
            (consent.originator, consent.item, consent.holder, consent.recipient)
            for consent in self.consents
            if is_running(consent, as_of=self.as_of, valid_ms_max=valid_ms_max)
        )
        object.__setattr__(self, "operative", operative)
        object.__setattr__(self, "running", running)
        object.__setattr__(self, "rulings", self.terms.rulings.get_table(operative))


def find_ground(terms: ReleaseTerms, stated: Iterable[Stated], *, as_of: Instant, check: ConsentCheck) -> Ground:
    """Return the ground that these statements give at `as_of`."""
    held = tuple(stated)
    states = agreement_states(terms.pact, held, as_of=as_of, circles=terms.circles)
    return Ground(terms, states, find_consents(held, check=check), as_of)


def find_ground_at_cut(
    terms: ReleaseTerms,
    stated: Iterable[Stated],
    *,
    when_stating: Stated,
    check: ConsentCheck,
    latest_at: Instant = Instant(0),  # noqa: B008 -- a NewType, which is the integer itself
) -> Ground:
    """Return the ground on which the author of `when_stating` provably stood.

    The instant is the latest clock in its cut, its own included, so that setting a clock back revives no consent and
    no agreement. `latest_at` adds what the journal knows and no entry shows: the clocks of receipts and checkpoints.
    """
    known = [one for one in stated if is_known_to(one, when_stating=when_stating)]
    as_of = max(latest_at, when_stating.written_at, *(one.written_at for one in known), 0)
    return find_ground(terms, known, as_of=Instant(as_of), check=check)
