"""Garbage at any door: accepted, or a verdict or refusal with a code of the catalogue, never anything else."""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.catalogue import CODES
from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.crypto.label import u32
from comity.journal.bundle import BundleHead, read_bundle, seal_bundle, unseal_bundle, write_bundle
from comity.journal.card import parse_card
from comity.journal.disclosure import check_disclosure, disclose
from comity.journal.header import Kind, parse_page
from comity.journal.ledger import Verdict
from comity.journal.statement import parse_statement
from comity.journal.writer import sign_checkpoint
from kit.forgery import forge, genesis_of, restore, take_all
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"
NESTED = st.recursive(
    st.integers(0, 2**64 - 1) | st.binary(max_size=64) | st.text(max_size=20) | st.none() | st.booleans() | st.floats(),
    lambda inner: st.lists(inner, max_size=16) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=30,
)
GARBAGE = st.binary(max_size=400) | NESTED.map(encode)


@cache
def _world() -> tuple[World, dict[Kind, bytes]]:
    """One world, never changed by a test: USA wrote to JPN a page of every kind; JPN holds only the genesis pages."""
    world = World()
    world.meet()
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    journal = usa.journal("JPN")
    keys, said = usa.say(journal, WORDS)
    receipt = restore(jpn, [*jpn.raws, keys, said]).see("USA")
    assert receipt is not None
    usa.take(receipt)
    statement = usa.writer.find_checkpoint_statement(journal)
    body = sign_checkpoint(
        journal=journal, statement=statement, checkpoint_secret=usa.secrets.checkpoint, ceremony=world.ceremony
    )
    checkpoint = usa.writer.build_checkpoint(usa.draft(journal), body)
    pages = {
        Kind.OPEN: genesis_of(usa),
        Kind.KEYS: keys,
        Kind.ENTRIES: said,
        Kind.HEADS_SEEN: receipt,
        Kind.CHECKPOINT: checkpoint,
    }
    return world, pages


@cache
def _doors() -> dict[str, tuple[Callable[[bytes], Any], bytes]]:
    """Every way in, each with bytes that it accepts."""
    world, pages = _world()
    usa, suite = world.parties["USA"], world.suite
    said = usa.parse(pages[Kind.ENTRIES])
    head = BundleHead(1, world.lineage, world.realm, "USA", 1)
    bundle = write_bundle(suite, head, pacts=(b"pact",), pages=tuple(pages.values()), statements=(usa.certificate,))
    secret = world.ceremony.generate_receiving()
    sealed = seal_bundle(bundle, public=suite.public_of_receiving(secret), suite=suite, ceremony=world.ceremony)
    shown = disclose(said, index=0, epoch_key=usa.epochs[said.journal][1], suite=suite)
    keys = usa.ledger.trust.find_node_keys("USA")
    return {
        "page": (lambda raw: parse_page(raw, suite), pages[Kind.ENTRIES]),
        "statement": (parse_statement, usa.certificate),
        "bundle": (lambda raw: read_bundle(raw, suite), bundle),
        "sealed bundle": (lambda raw: unseal_bundle(raw, secret=secret, suite=suite), sealed),
        "card": (lambda raw: parse_card(raw, suite), b"\x93"),
        "disclosure": (lambda raw: check_disclosure(raw, node_keys=keys, suite=suite), shown),
    }


def _check(door: Callable[[bytes], object], raw: bytes) -> None:
    try:
        door(raw)
    except RemoteError as error:
        assert error.code in CODES  # noqa: PT017


DOORS = ["page", "statement", "bundle", "sealed bundle", "card", "disclosure"]


@pytest.mark.parametrize("name", DOORS)
@given(raw=GARBAGE)
def test_any_bytes_are_refused_with_a_code(name: str, raw: bytes) -> None:
    """Noise, and arrays of anything."""
    door, good = _doors()[name]
    for garbage in (raw, good[:8] + raw, good[:8] + u32(len(raw)) + raw):
        _check(door, garbage)


@pytest.mark.parametrize("name", DOORS)
@given(at=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255), how=st.sampled_from(["flip", "cut", "insert"]))
def test_good_bytes_with_one_fault_are_accepted_or_refused_with_a_code(
    name: str, at: float, bits: int, how: str
) -> None:
    """The faults that real bytes have: one flipped, some lost, one too many."""
    door, good = _doors()[name]
    place = int(at * len(good))
    middle = {"flip": bytes([good[place] ^ bits]), "cut": b"", "insert": bytes([bits, good[place]])}[how]
    _check(door, good[:place] + middle + good[place + 1 :])


def _judged(member: Member, raw: bytes) -> list[Verdict]:
    judgements = member.ledger.accept(raw)
    for judgement in judgements:
        assert (judgement.verdict in (Verdict.ACCEPTED, Verdict.DUPLICATE)) == (judgement.code == "")
        assert not judgement.code or judgement.code in CODES
    return [judgement.verdict for judgement in judgements]


@given(raw=GARBAGE)
def test_a_ledger_answers_any_bytes_with_a_verdict(raw: bytes) -> None:
    """And is none the worse for it: the next good page is accepted."""
    world, pages = _world()
    jpn = restore(world.parties["JPN"], world.parties["JPN"].raws)
    assert _judged(jpn, raw) == [Verdict.REFUSED]
    assert take_all(jpn, [pages[Kind.KEYS], pages[Kind.ENTRIES]]) == ["accepted"] * 2


@pytest.mark.parametrize("kind", list(Kind))
@given(at=st.floats(0, 1, exclude_max=True), bits=st.integers(1, 255))
def test_a_page_with_one_byte_flipped_is_never_accepted(kind: Kind, at: float, bits: int) -> None:
    """Header, signature, body: every byte is under the signature or is the signature."""
    world, pages = _world()
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    reader = Member(world, "JPN", jpn.root) if kind is Kind.OPEN else restore(jpn, jpn.raws)
    if kind in (Kind.ENTRIES, Kind.CHECKPOINT):
        take_all(reader, [pages[Kind.KEYS]])
    if kind is Kind.CHECKPOINT:
        take_all(reader, [pages[Kind.ENTRIES]])
    author = restore(usa, usa.raws[:3]) if kind is Kind.HEADS_SEEN else reader
    raw = pages[kind]
    place = int(at * len(raw))
    flipped = raw[:place] + bytes([raw[place] ^ bits]) + raw[place + 1 :]
    assert Verdict.ACCEPTED not in _judged(author, flipped)
    assert take_all(author, [raw]) == ["accepted"]


HEADER_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "format": st.integers(0, 3),
    "suite": st.integers(0, 3),
    "kind": st.sampled_from(Kind),
    "number": st.integers(0, 4),
    "previous": st.binary(min_size=32, max_size=32),
    "written_at": st.integers(0, 2**50),
    "epoch": st.integers(0, 3),
    "entry_count": st.integers(0, 5),
    "entries_root": st.binary(min_size=32, max_size=32),
    "opening": st.lists(st.binary(max_size=40), max_size=3).map(tuple),
    "body": st.binary(max_size=60) | NESTED.map(encode),
}


@given(kind=st.sampled_from(Kind), fields=st.fixed_dictionaries({}, optional=HEADER_FIELDS))
def test_whatever_a_certified_author_signs_ends_as_a_verdict(kind: Kind, fields: dict[str, Any]) -> None:
    """The liar has a true key: form, kinds, openings and bodies are his choice, and no choice raises at a reader."""
    world, pages = _world()
    jpn = restore(world.parties["JPN"], [*world.parties["JPN"].raws, pages[Kind.KEYS]])
    author = world.parties[world.parties["USA"].parse(pages[kind]).header.journal.author]
    raw = forge(author, pages[kind], **fields)
    for judgement in jpn.ledger.accept(raw):
        assert not judgement.code or judgement.code in CODES
        if judgement.verdict is Verdict.ACCEPTED and judgement.page is not None:
            _read(jpn, judgement.raw)


def _read(member: Member, raw: bytes) -> None:
    """Do with an accepted page what a reader does."""
    page = member.parse(raw)
    try:
        if page.header.kind is Kind.KEYS:
            member.keyring.learn(page)
        elif page.header.kind.has_entries:
            member.keyring.open(page)
    except RemoteError as error:
        assert error.code in CODES  # noqa: PT017


@given(
    wraps=st.lists(st.tuples(st.sampled_from(["JPN", "KOR"]), st.booleans(), st.binary(min_size=1168, max_size=1168)))
)
def test_any_wraps_are_keys_or_evidence(wraps: list[tuple[str, bool, bytes]]) -> None:
    """An author may put anything into a key page of the right shape."""
    world, pages = _world()
    usa, jpn = world.parties["USA"], world.parties["JPN"]
    keys = usa.parse(pages[Kind.KEYS])
    body = msgspec.msgpack.decode(keys.body)
    own = next(wrap[1] for wrap in body[4] if wrap[0] == "JPN")
    body[4] = [[party, own if is_own else bytes(32), wrapped] for party, is_own, wrapped in wraps]
    reader = restore(jpn, jpn.raws)
    _read(reader, forge(usa, pages[Kind.KEYS], body=encode(body)))
