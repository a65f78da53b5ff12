"""Drafts a pact file from a profile: the profile's own text, chosen values set, every party's root appended.

Rules
- Deterministic: equal inputs give equal bytes, whatever the order of the mappings; so parties can draft apart and
  compare digests.
- The profile's text stays as it is, comments included; only whole values of named keys are replaced, on their lines.
- Only policy values and the title can be set: what was agreed is changed by editing the file where all can see it.
- The result is checked as any pact is; nothing is returned that `check_pact` has a finding on.
"""

import json
import re
from collections.abc import Mapping
from typing import Final

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.pact.findings import Finding, PactRefused
from comity.pact.lines import index_lines
from comity.pact.model import Pact
from comity.pact.parse import check_pact, parse_pact
from comity.pact.signatory import Root

__all__ = ["draft_pact", "find_missing_roots", "format_root"]

_SETTABLE: Final = re.compile(r"policy\.[a-z_]+\.[a-z_]+|pact\.title\.[a-z]{2}", re.ASCII)
_ASSIGNMENT: Final = re.compile(r'(\s*[a-z_]+\s*=\s*)("(?:[^"\\]|\\.)*"|-?\d+|true|false)(\s*(?:#.*)?)', re.ASCII)


def draft_pact(
    profile: bytes, *, roots: Mapping[Party, Root], overrides: Mapping[str, int | bool | str] | None = None
) -> bytes:
    """Return the bytes of a pact file that is ready to be accepted.

    `roots` has one entry for each party. `overrides` maps `policy.TABLE.KEY` or `pact.title.LANGUAGE` to a value.

    Raises:
        PactRefused: the profile, or what was made of it, has findings; a missing root is one of them.
        UsageError: `pact.override`, if a key is not one that can be set or does not stand alone on a line.
    """
    pact = parse_pact(profile)
    text = profile.decode("utf-8").replace("\r\n", "\n")
    for key in sorted(overrides or {}):
        text = _set_value(text, key, (overrides or {})[key])
    text = text.rstrip("\n") + "\n" + "".join(format_root(party, roots[party]) for party in sorted(roots))
    raw = text.encode("utf-8", "surrogatepass")  # a lone surrogate becomes a finding, not an exception
    findings = check_pact(raw) or find_missing_roots(pact, roots)
    if findings:
        raise PactRefused(findings)
    return raw


def find_missing_roots(pact: Pact, roots: Mapping[Party, Root]) -> tuple[Finding, ...]:
    """Return a finding for each party without a root: sound in a profile, but not in a pact to accept."""
    return tuple(
        Finding(1, party, f"root.{party}", "pact.root", {"party": party, "why": "missing"})
        for party in pact.audience
        if party not in roots
    )


def _set_value(text: str, key: str, value: int | bool | str) -> str:
    line = index_lines(text).lines.get(tuple(key.split(".")))
    if _SETTABLE.fullmatch(key) is None or key.endswith(".id") or line is None:
        raise UsageError("pact.override", key=key[:60])
    lines = text.split("\n")
    found = _ASSIGNMENT.fullmatch(lines[line - 1])
    if found is None:
        raise UsageError("pact.override", key=key[:60], line=line)
    lines[line - 1] = found[1] + json.dumps(value, ensure_ascii=False) + found[3]
    return "\n".join(lines)


def format_root(party: Party, root: Root) -> str:
    """Write the table of one party's root."""
    return (
        f'\n[root.{party}]\ned25519 = "{root.ed25519}"\nmldsa65 = "{root.mldsa65}"\n'
        f'next_root_digest = "{root.next_root_digest}"\n'
    )
