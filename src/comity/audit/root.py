"""Whom the pact's roots vouch for: the chain of roots, then certificates and closures (S10, S11).

Rules
- A statement stands on its own two signatures, wherever its bytes lay: in an opening, in a genesis entry or beside the
  pages. Where it was carried adds nothing and takes nothing away, so the order of reading cannot matter.
- Both signatures of one root of the chain must verify (S3). A root joins the chain only if the root before it signed
  the succession *and* had pinned its digest.
- Two different statements where there can be one are an equivocation; both count, and the finding says so.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from comity.audit.digest import hash_labelled, label
from comity.audit.finding import Finding, make_finding
from comity.audit.record import Pins, RootKeys
from comity.audit.statement import Certificate, Closure, Links, Statement, Succession, decode_statement
from comity.base.errors import RemoteError
from comity.base.names import Party
from comity.crypto.suite import Suite

__all__ = ["Roots"]

_LABEL: Final = label("root")
_CONTEXT: Final = b"comity/1/root"


class Roots:
    """All root statements found in all records, judged once each."""

    def __init__(self, raws: Iterable[bytes], pins: Pins, suite: Suite) -> None:
        self._pins = pins
        self._suite = suite
        self._statements: dict[bytes, Statement] = {}
        self._codes: dict[bytes, str | None] = {}
        for raw in raws:
            self._decode(raw)
        self._chains = {party: self._follow(party, root) for party, root in sorted(pins.parties.items())}
        self._certificates: defaultdict[tuple[Party, int], dict[bytes, Certificate]] = defaultdict(dict)
        for statement in self._statements.values():
            code = self._codes[statement.raw] = self._judge(statement)
            if code is None and isinstance(statement.body, Certificate):
                body = statement.body
                self._certificates[body.party, body.incarnation][statement.signed] = body

    def _decode(self, raw: bytes) -> None:
        try:
            self._statements[raw] = decode_statement(raw)
            self._codes[raw] = None
        except RemoteError as error:
            self._codes[raw] = error.code

    def _is_signed(self, statement: Statement, root: RootKeys) -> bool:
        try:
            return self._suite.verify(
                public=root.ed25519, message=_LABEL + statement.signed, signature=statement.ed25519
            ) and self._suite.verify_mldsa(
                public=root.mldsa, message=statement.signed, signature=statement.mldsa, context=_CONTEXT
            )
        except RemoteError:  # a pinned key that is no key at all
            return False

    def _follow(self, party: Party, first: RootKeys) -> list[RootKeys]:
        """Return every root of a party's chain. Each handing-over is tried once a root, and there are few."""
        chain = [first]
        waiting = [
            (statement, statement.body)
            for statement in self._statements.values()
            if isinstance(statement.body, Succession)
            and statement.body.party == party
            and statement.body.lineage == self._pins.lineage
        ]
        for root in chain:  # grows while it is walked
            for statement, body in waiting:
                following = RootKeys(body.ed25519, body.mldsa, body.next_digest)
                is_next = self._digest_of(body) == root.next_digest and following not in chain
                if is_next and self._is_signed(statement, root):
                    chain.append(following)
        return chain

    def _judge(self, statement: Statement) -> str | None:
        """Return the code against a statement, or None if it counts (S10)."""
        body = statement.body
        if body.lineage != self._pins.lineage:
            return "statement.other-pact"
        if not isinstance(body, Succession) and body.realm != self._pins.realm:
            return "statement.other-pact"
        if body.party not in self._pins.parties:
            return "statement.unknown-root"
        signers = self._chains[body.party]
        if isinstance(body, Succession):
            digest = self._digest_of(body)
            signers = [root for root in signers if root.next_digest == digest]
        return None if any(self._is_signed(statement, root) for root in signers) else "statement.signature"

    def _digest_of(self, body: Succession) -> bytes:
        return hash_labelled(self._suite, "root", body.ed25519 + body.mldsa)

    def code_of(self, raw: bytes) -> str | None:
        """Return the code against a statement that was among those given, or None if it counts."""
        return self._codes[raw]

    def find_statement(self, raw: bytes) -> Statement | None:
        """Return a statement that has the right form, whether or not it counts."""
        return self._statements.get(raw)

    def find_certificate(self, raw: bytes) -> Certificate | None:
        """Return a certificate that counts, wherever its bytes lay; None for anything else."""
        try:
            statement = decode_statement(raw)
        except RemoteError:
            return None
        body = statement.body
        return body if isinstance(body, Certificate) and self._judge(statement) is None else None

    def certificates(self, party: Party, incarnation: int) -> list[Certificate]:
        """Return every certificate that counts for one party and incarnation; more than one is an equivocation."""
        return [body for _, body in sorted(self._certificates.get((party, incarnation), {}).items())]

    def node_keys(self) -> dict[Party, list[bytes]]:
        """Return every node key that was ever certified for each party in this realm."""
        found: defaultdict[Party, list[bytes]] = defaultdict(list)
        for (party, _), bodies in sorted(self._certificates.items()):
            found[party] += [body.node_key for _, body in sorted(bodies.items())]
        return dict(found)

    def equivocations(self) -> Iterator[Finding]:
        """Yield a finding for each place where a root signed two different statements."""
        bodies: defaultdict[tuple[str, ...], set[bytes]] = defaultdict(set)
        for statement in self._statements.values():
            if self._codes[statement.raw] is None:
                bodies[_place_of(statement)].add(statement.signed)
        for place, signed in sorted(bodies.items()):
            if len(signed) > 1:
                yield make_finding(
                    "statement.equivocates", kind=place[0], party=place[1], of=place[2], count=len(signed)
                )


def _place_of(statement: Statement) -> tuple[str, ...]:
    """Return what there may be only one statement of: kind, party, and which one."""
    body = statement.body
    match body:
        case Certificate():
            return "certificate", body.party, f"{body.incarnation}"
        case Links():
            return "links", body.party, f"{body.serial}"
        case Closure():
            return "closure", body.party, f"{body.feed} {','.join(body.audience)} {body.opens}"
        case Succession():
            # A root has one successor, pinned by digest; two statements can differ only in the root after that.
            return "succession", body.party, body.ed25519.hex()
