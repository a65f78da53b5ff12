"""The audit's own readers, which share nothing with the journal's; and audits of records with odd pages."""

from functools import cache

import msgspec

from comity.audit import Pins, Record, RootKeys, audit
from comity.audit.form import decode_header, decode_page
from comity.audit.statement import decode_statement
from comity.audit.wording import format_english, word_verdict
from fuzz.door import Door
from fuzz.pages import change_page, find_openings, find_world
from fuzz.vectors import SUITE, find_pins, find_secrets, find_seeds, read_common
from kit.second_opinion import find_audit_pins

__all__ = ["DOORS"]


def _decode_page(raw: bytes) -> None:
    decode_header(decode_page(raw).header)


@cache
def _pins() -> Pins:
    pins = find_pins()
    roots = {party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root) for party, root in pins.roots.items()}
    return Pins(pins.lineage, pins.realm, roots)


def _audit(raw: bytes) -> None:
    """A record of the vectors' pages with these bytes as page, statement and pact."""
    common = read_common()
    pages = (*(bytes.fromhex(page) for page in common["genesis"].values()), *find_seeds("page")[3:12], raw)
    record = Record(
        common["reader"]["party"], _pins().lineage, _pins().realm, pages, (raw,), (raw,), (), find_secrets()
    )
    report = audit([record], _pins(), SUITE)
    assert format_english(word_verdict(report.verdict))


def _audit_liar(raw: bytes) -> None:
    """A record of parties who lie, rightly signed."""
    world, pool = find_world()
    secrets = (world.parties["KOR"].secrets.receiving, world.parties["KOR"].recovery)
    record = Record("KOR", world.lineage, world.realm, (*pool, raw), receiving_secrets=secrets)
    report = audit([record], find_audit_pins(world.pins), world.suite)
    assert format_english(word_verdict(report.verdict))
    msgspec.json.encode([finding.code for finding in report.findings])


DOORS = (
    Door("audit-page", _decode_page, lambda: find_seeds("page")),
    Door("audit-statement", decode_statement, lambda: (*find_seeds("statement"), *find_openings())),
    Door("audit", _audit, lambda: find_seeds("page")),
    Door("audit-liar", _audit_liar, lambda: find_world()[1], change_page),
)
