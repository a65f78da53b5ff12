"""(c) The audit of a long record: every chain, seal, name and standing re-derived by the second implementation.

The floor is the cryptography alone: one signature and one seal for each page, two hashes for each entry.
"""

import dataclasses
import hashlib
import hmac
import time

from bench.figure import Figure, Row, profiled, tell
from bench.history import SUITE, History, Parties, make_parties
from bench.pact import read_without_offices
from comity.audit import Pins, Record, RootKeys, audit
from comity.base.garbage import collecting_rarely
from comity.crypto.label import label
from comity.journal.header import Page

__all__ = ["measure_audit"]

ENTRY_COUNT = 64
PROFILED_COUNT = 1_000
"""Pages of the record that are audited once more, to see where the time goes."""


def measure_audit(*, entry_count: int, single_count: int) -> Figure:
    """Measure figure (c)."""
    parties = make_parties(read_without_offices("camp-david"))
    figure = Figure(
        "c",
        "The audit, with keys",
        f"A record of three parties: {entry_count} entries in pages of {ENTRY_COUNT}, then {single_count} pages of one "
        "entry. Floor: the signatures, seals and leaf hashes of the same pages and nothing else, on one core.",
    )
    _measure(figure, parties, f"entries in pages of {ENTRY_COUNT}", entry_count // ENTRY_COUNT, ENTRY_COUNT)
    _measure(figure, parties, "entries in pages of one", single_count, 1)
    return figure


def _measure(figure: Figure, parties: Parties, what: str, page_count: int, entry_count: int) -> None:
    tell(f"    writing {page_count * entry_count} {what}")
    pages = list(History(parties, entry_count=entry_count).write(page_count))
    roots = {
        party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root)
        for party, root in parties.pins.roots.items()
    }
    pins = Pins(parties.pins.lineage, parties.pins.realm, roots)
    holder = parties.names[0]
    record = Record(
        holder=holder,
        lineage=pins.lineage,
        realm=pins.realm,
        pages=tuple(page.raw for page in pages),
        pacts=(parties.pact_raw,),
        receiving_secrets=parties.setups[holder].receiving_secrets,
    )
    tell("    auditing them")
    with collecting_rarely():  # as the command does
        began = time.perf_counter()
        result = audit([record], pins, SUITE)
        per_s = page_count * entry_count / (time.perf_counter() - began)
    assert result is not None
    floor_per_s = page_count * entry_count / _measure_floor(pages, parties, entry_count)
    is_met = per_s >= 100_000 if entry_count > 1 else None
    figure.rows.append(Row(what, per_s, "/s", floor_per_s, "at least 100,000 /s" if entry_count > 1 else "", is_met))
    if is_met is False:
        with profiled(lambda text: setattr(figure, "profile", text)):
            audit([dataclasses.replace(record, pages=record.pages[:PROFILED_COUNT])], pins, SUITE)


def _measure_floor(pages: list[Page], parties: Parties, entry_count: int) -> float:
    """Return the seconds that the cryptography of these pages takes."""
    keys = {party: SUITE.public_of_signing(setup.secrets.node) for party, setup in parties.setups.items()}
    key, what = bytes(32), label("leaf")
    sealed = SUITE.seal(key=key, plaintext=bytes(70 * entry_count), aad=b"")
    began = time.perf_counter()
    for page in pages:
        message = label("page") + page.header_raw
        SUITE.verify(public=keys[page.header.journal.author], message=message, signature=page.signature)
        SUITE.open(key=key, sealed=sealed, aad=b"")
        for index in range(entry_count):
            hashlib.sha256(hmac.digest(key, what + index.to_bytes(4, "big"), "sha256") + sealed[:70]).digest()
    return time.perf_counter() - began
