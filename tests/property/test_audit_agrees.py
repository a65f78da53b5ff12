"""Two implementations of one specification agree: the ledger, and the audit that shares no code with it.

Histories are of several parties and audiences, with receipts, checkpoints, new keys, forks, new incarnations, lost and
held pages; some pages are a liar's, rightly signed and wrong. Where the two differ, one of them misreads docs/spec, or
docs/spec can be read in two ways.
"""

import random
from dataclasses import replace
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from comity.audit import Finding, audit
from comity.audit import read_bundle as read_as_audit
from comity.base.errors import RemoteError
from comity.base.names import Digest
from comity.journal.bundle import BundleHead, read_bundle, seal_bundle, unseal_bundle, write_bundle
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger
from comity.journal.statement import Certificate, sign_statement
from kit.forgery import forge
from kit.history import KINDS, Act, History, play
from kit.lies import LIES, draw_pool
from kit.second_opinion import (
    find_audit_opinion,
    find_audit_pins,
    find_differences,
    find_ledger_opinion,
    find_runs,
    is_rival,
    make_record,
    new_ledger,
)

ACTS = st.lists(
    st.builds(
        Act,
        st.sampled_from(("say", "deliver", "deliver", "see", "see", *KINDS)),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 40),
    ),
    min_size=8,
    max_size=24,
)
DRAWN_LIES = st.lists(st.tuples(st.sampled_from(LIES), st.integers(0, 400)), max_size=8)


@given(acts=ACTS, lies=DRAWN_LIES, seed=st.integers(0, 2**32), keep=st.floats(0.7, 1))
@settings(max_examples=3 * settings().max_examples)
def test_the_ledger_and_the_audit_agree_on_every_page(
    acts: list[Act], lies: list[tuple[str, int]], seed: int, keep: float
) -> None:
    """Which pages stand and why not, their standing, who confirmed what and when, what opens and to which entries."""
    history, pool = draw_pool(acts, lies, seed, keep)
    world = history.world
    reader = ("JPN", "KOR", "USA")[seed % 3]
    secrets = (world.parties[reader].secrets.receiving, world.parties[reader].recovery)
    keyring = Keyring(reader, secrets, world.suite)
    ours = find_ledger_opinion(new_ledger(world, None), pool, keyring, world)
    theirs = find_audit_opinion(make_record(world, reader, pool, secrets), world.pins, world)
    assert find_differences(ours, theirs) == []
    for code in sorted({code for code in ours.codes.values() if code}):
        event(code)
    for standing in sorted(set(ours.standing.values())):
        event(standing)


@given(acts=ACTS, seed=st.integers(0, 2**32), keep=st.floats(0.6, 1))
def test_the_ledger_and_the_audit_miss_the_same_pages(acts: list[Act], seed: int, keep: float) -> None:
    """What a reader knows only by name (J19), the audit finds missing from its record, with a witness that names it."""
    history, pool = draw_pool(acts, [], seed, keep)
    world = history.world
    reader = ("JPN", "KOR", "USA")[seed % 3]
    member = world.parties[reader]
    pages = [raw for raw in pool if reader in member.parse(raw).header.journal.audience]
    ledger = new_ledger(world, reader)
    for raw in pages:
        ledger.accept(raw)
    report = audit([make_record(world, reader, pages)], find_audit_pins(world.pins), world.suite)
    ours = {(head.journal, head.number, head.page) for head in (missing.head for missing in ledger.find_missing())}
    held = {(page.journal, page.header.number) for page, _ in ledger.held()}
    theirs = find_runs(report.findings, world.suite)
    for journal, number, page in ours:
        book = ledger.find_book(journal)
        if book is not None and number < len(book.by_number):
            assert any(is_rival(finding, number, page) for finding in report.findings)
        elif (journal, number) not in held:
            assert any(number in numbers for numbers, _ in theirs.get(journal, []))
    for lacking, runs in theirs.items():
        known = [number for name, number, _ in ours if name == lacking]
        known += [number for name, number in held if name == lacking]
        for numbers, finding in runs:
            assert max(known, default=-1) >= numbers.stop - 1
            assert finding.code == "page.dropped" or _names(ledger, finding, lacking, numbers.start)
    event(f"missing: {bool(ours)}, held: {bool(held)}")


def _names(ledger: Ledger, finding: Finding, journal: bytes, number: int) -> bool:
    """Whether the finding's witness is an accepted page that names this journal as far as this number."""
    if finding.witness is None:
        return finding.code == "tail.lost"
    placed = ledger.find_page(Digest(finding.witness.digest))
    return placed is not None and any(
        naming.earliest.journal == placed.journal and named >= number
        for (named, _), namings in ledger.witnesses._named[journal].items()
        for naming in namings.values()
    )


@given(acts=ACTS, seed=st.integers(0, 2**32))
@settings(max_examples=settings().max_examples // 2)
def test_a_record_reads_the_same_from_a_plain_and_a_sealed_bundle(acts: list[Act], seed: int) -> None:
    """What `journal.bundle` writes, both readers read alike, and the audit says of it what it says of the record."""
    history, pool = draw_pool(acts, [], seed, 0.9)
    world = history.world
    member = world.parties["KOR"]
    raw = write_bundle(
        world.suite,
        BundleHead(1, world.lineage, world.realm, "KOR", 7),
        pacts=(b"pact",),
        pages=pool,
        statements=(member.certificate,),
    )
    sealed = seal_bundle(
        raw,
        public=world.suite.public_of_receiving(member.recovery),
        suite=world.suite,
        ceremony=world.ceremony,
    )
    assert unseal_bundle(sealed, secret=member.recovery, suite=world.suite) == raw
    ours = read_bundle(raw, world.suite)
    plain, opened = read_as_audit(raw, world.suite), read_as_audit(sealed, world.suite, (member.recovery,))
    assert plain == opened
    assert (plain.pages, plain.statements, plain.pacts) == (ours.pages, ours.statements, ours.pacts)
    direct = replace(make_record(world, "KOR", pool), statements=(member.certificate,))
    pins = find_audit_pins(world.pins)
    assert audit([plain], pins, world.suite).rows == audit([direct], pins, world.suite).rows


def _read_both(raw: bytes, history: History) -> tuple[str, str]:
    """What the two readers of bundles make of bytes: the code, or nothing."""
    world, codes = history.world, []
    secret = world.parties["KOR"].recovery
    for is_audit in (False, True):
        try:
            if is_audit:
                read_as_audit(raw, world.suite, (secret,))
            elif raw.startswith(b"COMITYE1"):
                read_bundle(unseal_bundle(raw, secret=secret, suite=world.suite), world.suite)
            else:
                read_bundle(raw, world.suite)
            codes.append("")
        except RemoteError as error:
            codes.append(error.code)
    return codes[0], codes[1]


@given(
    is_sealed=st.booleans(),
    at=st.floats(0, 1, exclude_max=True),
    bits=st.integers(1, 255),
    how=st.sampled_from(["flip", "cut", "insert", "tail", "junk"]),
    junk=st.binary(max_size=40),
)
@settings(max_examples=3 * settings().max_examples)
def test_both_readers_refuse_a_broken_bundle_with_one_code(
    is_sealed: bool, at: float, bits: int, how: str, junk: bytes
) -> None:
    """One byte wrong, some lost, some too many, anywhere in the file."""
    history = _quiet()
    good = _bundles()[is_sealed]
    place = int(at * len(good))
    broken = {
        "flip": good[:place] + bytes([good[place] ^ bits]) + good[place + 1 :],
        "cut": good[:place],
        "insert": good[:place] + bytes([bits]) + good[place:],
        "tail": good + junk,
        "junk": good[:8] + junk,
    }[how]
    ours, theirs = _read_both(broken, history)
    assert theirs == ours
    event(ours or "read")


_KEPT: dict[str, Any] = {}


def _quiet() -> History:
    if "history" not in _KEPT:
        _KEPT["history"] = play([Act("say", 2, 2, 0), Act("see", 1, 2, 0)])
    kept = _KEPT["history"]
    assert isinstance(kept, History)
    return kept


def _bundles() -> tuple[bytes, bytes]:
    """One record in a plain and in a sealed bundle, the second of more than one chunk."""
    if "bundles" not in _KEPT:
        world = _quiet().world
        head = BundleHead(1, world.lineage, world.realm, "KOR", 7)
        plain = write_bundle(world.suite, head, pacts=(b"pact",), pages=_quiet().pool)
        large = write_bundle(world.suite, head, pacts=(bytes(40_000),), pages=_quiet().pool)
        public = world.suite.public_of_receiving(world.parties["KOR"].recovery)
        sealed = seal_bundle(large, public=public, suite=world.suite, ceremony=world.ceremony)
        _KEPT["bundles"] = (plain, sealed)
    plain, sealed = _KEPT["bundles"]
    return plain, sealed


def test_the_histories_show_what_there_is_to_agree_on() -> None:
    """So that agreement is known to be about something: every standing, waiting, refusals of each step."""
    found: set[str] = set()
    draw = random.Random(7)
    for _ in range(160):
        acts = [
            Act(draw.choice(("say", "see", "deliver", "deliver", *KINDS)), *(draw.randrange(41) for _ in range(3)))
            for _ in range(16)
        ]
        lies = [(draw.choice(LIES), draw.randrange(400)) for _ in range(8)]
        history, pool = draw_pool(acts, lies, draw.randrange(2**32), 0.9)
        record = make_record(history.world, "KOR", pool)
        opinion = find_audit_opinion(record, history.world.pins, history.world)
        found |= {*opinion.codes.values(), *opinion.standing.values(), *(code for code, _, _ in opinion.unbelieved)}
    assert found >= {
        "good", "disputed", "disowned", "page.gap", "page.previous", "page.kind", "page.signature", "page.opening",
        "page.malformed", "page.other-lineage", "page.other-realm", "page.unknown-party", "page.stranger",
        "page.body-digest", "page.format-unknown", "page.checkpoint", "statement.malformed", "statement.signature",
        "page.entries-root",
    }  # fmt: skip


def test_a_certificate_of_an_unknown_root_waits_alike() -> None:
    """A closure and a certificate that only a succession makes good: before it, and with it, in both rooms."""
    history = play([Act("say", 2, 2, 0)])
    world = history.world
    usa = world.parties["USA"]
    strange = sign_statement(
        Certificate(world.lineage, world.realm, "USA", 0, bytes(32), bytes(1952), bytes(1216), bytes(1216), 1),
        world.parties["KOR"].root,
        suite=world.suite,
        ceremony=world.ceremony,
    )
    page = forge(usa, history.pool[2], opening=(strange,))
    keyring = Keyring("KOR", (), world.suite)
    ours = find_ledger_opinion(new_ledger(world, None), [*history.pool, page], keyring, world)
    theirs = find_audit_opinion(make_record(world, "KOR", [*history.pool, page]), world.pins, world)
    assert ours.codes[page] == "statement.signature"
    assert find_differences(ours, theirs) == []
