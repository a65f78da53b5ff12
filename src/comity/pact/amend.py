"""Makes the next version of a pact from an edited file: its identity, and every party's root, set as they must be.

A person edits the text of the version in force, or of a draft, where all can see what changes. What nobody should
have to copy by hand is written here: number, `previous`, `lineage` and the roots.

Rules
- Deterministic: equal inputs give equal bytes, so that parties can do this apart and compare digests.
- The roots of parties that stay are those of the version before; those of parties that join come from their cards.
- The text stays as it is, comments included, but for the lines of the identity and the tables of roots.
- Nothing is returned that `check_pact` or `check_amendment` has a finding on.
"""

import re
from collections.abc import Mapping
from typing import Final

from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.pact.draft import find_missing_roots, format_root
from comity.pact.findings import Finding, PactRefused
from comity.pact.lineage import Version, check_amendment
from comity.pact.lines import index_lines
from comity.pact.parse import check_pact, pact_digest, parse_pact
from comity.pact.signatory import Root

__all__ = ["amend_pact"]

_HEADER: Final = re.compile(r"\s*\[")
_ROOT_HEADER: Final = re.compile(r"\s*\[\s*root\s*\.")
_VERSION_LINE: Final = re.compile(r"\s*version\s*=\s*\d+\s*(#.*)?")


def amend_pact(edited: bytes, *, before: Version, roots: Mapping[Party, Root], suite: Suite) -> bytes:
    """Return the bytes of the version after `before`, ready to be accepted.

    `roots` are of parties that join; those of others are passed over.

    Raises:
        PactRefused: the edited text, or what was made of it, has findings.
    """
    text = _strip_roots(edited.decode("utf-8", "surrogateescape").replace("\r\n", "\n"))
    text = _set_identity(text, before)
    pinned = {**roots, **before.pact.roots}
    raw = text.encode("utf-8", "surrogateescape")
    findings = check_pact(raw)
    if findings:
        raise PactRefused(findings)
    parties = [party for party in parse_pact(raw).audience if party in pinned]
    text = text.rstrip("\n") + "\n" + "".join(format_root(party, pinned[party]) for party in parties)
    raw = text.encode("utf-8", "surrogateescape")
    findings = check_pact(raw)
    if findings:
        raise PactRefused(findings)
    pact = parse_pact(raw)
    after = Version(pact, pact_digest(raw, suite))
    missing = find_missing_roots(pact, pinned) if before.pact.roots else ()
    findings = missing or check_amendment(before, after)
    if findings:
        raise PactRefused(findings)
    return raw


def _strip_roots(text: str) -> str:
    """Return the text without its tables of roots."""
    kept: list[str] = []
    is_root = False
    for line in text.split("\n"):
        if _HEADER.match(line):
            is_root = _ROOT_HEADER.match(line) is not None
        if not is_root:
            kept.append(line)
    return "\n".join(kept)


def _set_identity(text: str, before: Version) -> str:
    """Return the text with the number and the two digests that the next version has.

    Raises:
        PactRefused: `pact.version` where the number does not stand alone on a line of `[pact]`.
    """
    found = index_lines(text).lines
    lines = text.split("\n")
    at = found.get(("pact", "version"))
    if at is None or _VERSION_LINE.fullmatch(lines[at - 1]) is None:
        why = "it stands alone on a line of [pact]"
        raise PactRefused((Finding(at or 1, "", "pact.version", "pact.version", {"key": "version", "why": why}),))
    identity = before.pact.identity
    digest = before.digest.hex()
    set_anew = {found.get(("pact", key)) for key in ("previous", "lineage")}
    own = [f"version = {identity.version + 1}", f'previous = "{digest}"', f'lineage = "{identity.lineage or digest}"']
    return "\n".join(
        "\n".join(own) if number == at else line for number, line in enumerate(lines, start=1) if number not in set_anew
    )
