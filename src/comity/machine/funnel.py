"""The release funnel at the own door: nothing that an officer or the node itself states leaves without a basis.

A detached consent bears no date that anyone could check, and the key that signed it may have been stolen and replaced
since. So what goes out here rests on consents by their originator's newest key alone, while what others sent on an
older one is not held against them (docs/spec/release.md, R26).

Asked at the moment of sending, with the present instant; a preview asks the same functions (DESIGN, section 6).
"""

from collections.abc import Sequence

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Party
from comity.crypto.suite import Suite
from comity.journal.trust import Trust
from comity.machine.statements import Statements
from comity.machine.versions import Versions
from comity.pact.model import Pact
from comity.procedure.consent import make_consent_check
from comity.procedure.entry import Entry
from comity.procedure.ground import GROUNDING, Ground, find_ground
from comity.procedure.judgement import decide_entry, is_decided_by_type
from comity.procedure.registry import decode_entry
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.stated import Stated
from comity.procedure.verdict import AudienceDecision, NeedsConsent, Permit

__all__ = ["Funnel", "decode_known", "refuse_unless_permitted"]


class Funnel:
    """Decides entries of one party."""

    def __init__(
        self,
        pact: Pact,
        party: Party,
        *,
        statements: Statements,
        trust: Trust,
        suite: Suite,
        versions: Versions | None = None,
    ) -> None:
        """Set up for one pact or, with `versions`, for the version that each decision falls under."""
        self._terms = compile_terms(pact)
        self._versions = versions
        self._party = party
        self._statements = statements
        pins = trust.pins
        self.check_consent = make_consent_check(
            suite, keys_of=trust.find_newest_node_keys, lineage=pins.lineage, realm=pins.realm
        )
        self.check_old_consent = make_consent_check(
            suite, keys_of=trust.find_node_keys, lineage=pins.lineage, realm=pins.realm
        )
        """By any key that the originator's root ever certified: for judging what came."""

    @property
    def terms(self) -> ReleaseTerms:
        """What the version in force says of markings and routes."""
        return self._terms if self._versions is None else self._versions.read_terms(self._versions.current)

    def find_terms_at(self, stated: Stated) -> ReleaseTerms:
        """Return the terms by which what came is judged: those of the version in its author's cut (R10)."""
        return self._terms if self._versions is None else self._versions.find_terms_at(stated)

    def find_ground(self, at: Instant, *, audience: Audience = ()) -> Ground:
        """Return what a release decision stands on now, for these readers."""
        terms = self.terms if self._versions is None or not audience else self._versions.find_terms(audience)
        return find_ground(terms, self._statements.find(*GROUNDING), as_of=at, check=self.check_consent)

    def check(self, entries: Sequence[Entry], *, audience: Audience, at: Instant) -> None:
        """Let these entries go to this audience, or raise.

        Raises:
            UsageError: `release.withheld` or `release.needs-consent`, with the party, the clause and the reason. It is
                for the holder's own eyes.
        """
        ground, stated = self.find_ground(at, audience=audience), self._statements.find(*GROUNDING)
        permitted: set[type[Entry]] = set()
        for entry in entries:
            if type(entry) in permitted:
                continue
            found = decide_entry(
                entry, holder=self._party, audience=audience, ground=ground, stated=stated, decode=decode_known
            )
            refuse_unless_permitted(found)
            if is_decided_by_type(entry):
                permitted.add(type(entry))


def refuse_unless_permitted(found: AudienceDecision) -> None:
    """Raise what the first refusal of a decision says; return where all are permitted.

    Raises:
        UsageError: `release.withheld`, `release.needs-consent`.
    """
    fault = found.audience_fault
    if fault is not None:
        raise UsageError("release.withheld", clause=fault.clause, reason=fault.reason.value)
    for party, decision in found.refusals:
        assert not isinstance(decision, Permit)
        if isinstance(decision, NeedsConsent):
            raise UsageError("release.needs-consent", to=party, of=decision.of, clause=decision.clause)
        hub = {"hub": decision.hub} if decision.hub else {}
        raise UsageError("release.withheld", to=party, clause=decision.clause, reason=decision.reason.value, **hub)


def decode_known(raw: bytes) -> Entry | None:
    """Decode an entry of a type that this version knows; None for any other bytes."""
    try:
        entry = decode_entry(raw)
    except RemoteError:
        return None
    return entry if isinstance(entry, Entry) else None
