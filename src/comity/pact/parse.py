"""From the bytes of a pact file to the pact, and to its digest.

Rules
- For any bytes: a pact, or `PactRefused` with every finding; never another exception, never a pact that half fits.
- Three stages, each read only if the one before found nothing: TOML and shapes; ids and references; what the rows say
  together. So no finding is only the echo of another.
- The digest is of the file's exact bytes: one byte more, be it in a comment, is another pact.
"""

import functools
from typing import Final

from comity.base.names import Digest
from comity.crypto.suite import Suite
from comity.pact.check_area import check_areas
from comity.pact.check_foreign import check_foreign
from comity.pact.check_indicator import check_indicators
from comity.pact.check_marking import check_agreements, check_equivalence
from comity.pact.check_phrase import check_phrases
from comity.pact.check_promise import check_release_promises
from comity.pact.check_references import check_references
from comity.pact.check_terms import check_identity, check_policy, check_roots, check_zones
from comity.pact.check_track import check_tracks
from comity.pact.check_warning import check_warnings
from comity.pact.document import read_document
from comity.pact.findings import Finding, PactRefused
from comity.pact.model import Pact

__all__ = ["check_pact", "pact_digest", "pact_lineage", "parse_pact"]


PARSED_COUNT_MAX: Final = 16
"""Pacts that stay at hand: a party and its peers ask for the same few versions again and again."""


@functools.lru_cache(PARSED_COUNT_MAX)
def parse_pact(raw: bytes) -> Pact:
    """Read a pact file or a profile. The same bytes are the same pact, which nobody changes.

    Raises:
        PactRefused: with every finding, each with line, clause and code.
    """
    pact, found = _read(raw)
    if pact is None or found:
        raise PactRefused(found)
    return pact


def check_pact(raw: bytes) -> tuple[Finding, ...]:
    """Return every finding in the order of the file; none means that `parse_pact` accepts it."""
    return _read(raw)[1]


def _read(raw: bytes) -> tuple[Pact | None, tuple[Finding, ...]]:
    pact, findings = read_document(raw, Pact)
    if pact is None:
        return None, findings.list()
    check_references(pact, findings)
    if not findings.list():
        check_identity(pact, findings)
        check_roots(pact, findings)
        check_zones(pact, findings)
        check_policy(pact.policy, findings)
        check_equivalence(pact, findings)
        check_agreements(pact, findings)
        check_release_promises(pact, findings)
        check_foreign(pact, findings)
        check_warnings(pact, findings)
        check_indicators(pact, findings)
        check_tracks(pact, findings)
        check_areas(pact, findings)
        check_phrases(pact, findings)
    return pact, findings.list()


def pact_digest(raw: bytes, suite: Suite) -> Digest:
    """Return the digest that parties sign and page headers name: SHA-256 of the exact bytes (DESIGN section 4)."""
    return Digest(suite.hash(raw))


def pact_lineage(pact: Pact, digest: Digest) -> Digest:
    """Return the digest of the first version: this file's own, or the one that a later version names."""
    return digest if pact.identity.lineage is None else Digest(bytes.fromhex(pact.identity.lineage))
