"""What a page's own bytes decide (docs/spec/journal.md, J1 to J9): one change each, one code each."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.base.limits import INSTANT_MS_MAX, PAGE_SIZE_BYTES_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.base.names import Digest
from comity.journal.header import EMPTY_ROOT, Kind, Page, SeenHead, encode_page, parse_page
from kit.forgery import forge, head_of
from kit.world import Member, World

WORDS = b"\x92\xa4Said\xa5words"


@pytest.fixture
def usa(world: World) -> Member:
    """The author of the pages here."""
    return world.parties["USA"]


def _page(usa: Member) -> bytes:
    return usa.say(usa.journal("JPN"), WORDS)[-1]


def _refusal(raw: bytes, usa: Member) -> str:
    with pytest.raises(RemoteError) as caught:
        parse_page(raw, usa.world.suite)
    return caught.value.code


def test_a_page_is_parsed_and_keeps_the_bytes_that_arrived(usa: Member) -> None:
    """Signatures are checked over arrived bytes, so they are kept beside what was read of them."""
    raw = _page(usa)
    page = parse_page(raw, usa.world.suite)
    assert page.raw == raw
    assert encode(page.header) == page.header_raw
    assert encode_page(header_raw=page.header_raw, signature=page.signature, body=page.body) == raw
    assert page.header.kind.has_entries
    assert not Kind.KEYS.has_entries


def test_receipts_and_checkpoints_oblige_no_receipt() -> None:
    """J15: otherwise two idle nodes would answer each other for ever."""
    assert {kind for kind in Kind if not kind.obliges_receipt} == {Kind.HEADS_SEEN, Kind.CHECKPOINT}


def _replace_journal(**fields: object) -> Callable[[Page], dict[str, Any]]:
    return lambda page: {"journal": msgspec.structs.replace(page.header.journal, **fields)}


def _own_head(page: Page) -> dict[str, Any]:
    return {"seen": (SeenHead(page.journal, 0, page.header.previous),)}


HEAD_A = SeenHead(Digest(b"\x01" * 32), 0, Digest(bytes(32)))
HEAD_B = SeenHead(Digest(b"\x02" * 32), 0, Digest(bytes(32)))
CASES: dict[str, tuple[Callable[[Page], dict[str, Any]], str]] = {
    "format": (lambda _: {"format": 2}, "page.format-unknown"),
    "suite": (lambda _: {"suite": 2}, "page.format-unknown"),
    "kind unknown": (lambda _: {"kind": 5}, "page.kind"),
    "kind too large": (lambda _: {"kind": 2**53 + 1}, "page.malformed"),
    "kind unknown and own head": (lambda page: {"kind": 5, **_own_head(page)}, "page.malformed"),
    "pact too short": (lambda _: {"pact": bytes(31)}, "page.malformed"),
    "number too large": (lambda _: {"number": 2**53 + 1}, "page.malformed"),
    "number negative": (lambda _: {"number": -1}, "page.malformed"),
    "clock past the year 9999": (lambda _: {"written_at": INSTANT_MS_MAX + 1}, "page.malformed"),
    "too many entries": (lambda _: {"entry_count": 4097}, "page.kind"),
    "heads out of order": (lambda _: {"seen": (HEAD_B, HEAD_A)}, "page.malformed"),
    "head named twice": (lambda _: {"seen": (HEAD_A, HEAD_A)}, "page.malformed"),
    "too many heads": (
        lambda _: {"seen": tuple(SeenHead(Digest(n.to_bytes(32, "big")), 0, Digest(bytes(32))) for n in range(513))},
        "page.malformed",
    ),
    "own journal among the heads": (_own_head, "page.malformed"),
    "statement too large": (lambda _: {"opening": (bytes(STATEMENT_SIZE_BYTES_MAX + 1),)}, "page.malformed"),
    "too many statements": (lambda _: {"opening": (b"",) * 9}, "page.malformed"),
    "realm": (_replace_journal(realm="Real"), "page.malformed"),
    "feed": (_replace_journal(feed="gossip"), "page.malformed"),
    "author outside the audience": (_replace_journal(author="KOR"), "page.malformed"),
    "audience unsorted": (_replace_journal(audience=("USA", "JPN")), "page.malformed"),
    "audience empty": (_replace_journal(audience=()), "page.malformed"),
    "incarnation": (_replace_journal(incarnation=1_000_001), "page.malformed"),
    "open page outside genesis": (lambda _: {"kind": 0, "epoch": 0}, "page.kind"),
    "sealed page in genesis": (_replace_journal(feed="genesis"), "page.kind"),
    "entries without a count": (lambda _: {"entry_count": 0}, "page.kind"),
    "entries without an epoch": (lambda _: {"epoch": 0}, "page.kind"),
    "receipt with a body": (
        lambda _: {"kind": 3, "epoch": 0, "entry_count": 0, "entries_root": EMPTY_ROOT, "seen": (HEAD_A,)},
        "page.kind",
    ),
    "key page with entries": (lambda _: {"kind": 1, "entries_root": EMPTY_ROOT}, "page.kind"),
    "key page with a root": (lambda _: {"kind": 1, "entry_count": 0}, "page.kind"),
    "body digest": (lambda _: {"body_digest": bytes(32)}, "page.body-digest"),
}


@pytest.mark.parametrize("case", CASES)
def test_one_wrong_field_has_its_code(case: str, usa: Member) -> None:
    """Signed by the author's true key or not: the form is judged first."""
    change, code = CASES[case]
    raw = _page(usa)
    assert _refusal(forge(usa, raw, **change(usa.parse(raw))), usa) == code


def test_a_receipt_that_names_nothing_is_no_receipt(usa: Member) -> None:
    """J9: a page of kind 3 is there for its heads."""
    usa.take(usa.world.parties["JPN"].see("USA") or b"")
    raw = usa.see("JPN")
    assert raw is not None
    assert _refusal(forge(usa, raw, seen=()), usa) == "page.kind"


def test_a_checkpoint_covers_something(usa: Member) -> None:
    """J9: number 0 has nothing before it."""
    fields: dict[str, Any] = {"kind": 4, "epoch": 0, "entry_count": 0, "entries_root": EMPTY_ROOT, "number": 0}
    assert _refusal(forge(usa, _page(usa), **fields), usa) == "page.kind"


def test_a_record_page_is_small_and_a_bulk_page_may_be_larger(usa: Member) -> None:
    """J6: a lone statement never waits behind a long transfer."""
    raw, body = _page(usa), bytes(PAGE_SIZE_BYTES_MAX)
    assert _refusal(forge(usa, raw, body=body), usa) == "bytes.too-large"
    bulk = forge(usa, raw, body=body, journal=msgspec.structs.replace(usa.parse(raw).header.journal, feed="bulk"))
    assert parse_page(bulk, usa.world.suite).header.journal.feed == "bulk"
    assert _refusal(bytes(512 * 1024 + 1), usa) == "bytes.too-large"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda _: b"", "page.malformed"),
        (lambda raw: raw[:-1], "page.malformed"),
        (lambda raw: raw + b"\x00", "page.malformed"),
        (lambda _: encode((b"", bytes(64), b"")), "page.malformed"),
        (lambda _: encode((b"\x91\x01", bytes(64), b"")), "page.malformed"),
        (lambda _: encode((b"\x92\x01\x01", bytes(64), b"")), "page.malformed"),
        (lambda _: encode((b"\x92\x01\xa11", bytes(64), b"")), "page.malformed"),
        (lambda _: encode((b"\x92\x02\x01", bytes(64), b"")), "page.format-unknown"),
        (lambda _: encode((b"header", bytes(63), b"")), "page.malformed"),
        (lambda raw: b"\xdc\x00\x03" + raw[1:], "bytes.not-canonical"),
    ],
    ids=["empty", "cut", "longer", "no-header", "one-field", "two-fields", "text-for-suite", "newer", "signature-size",
         "long-array"],
)  # fmt: skip
def test_bytes_that_are_no_page_have_their_code(change: Callable[[bytes], bytes], code: str, usa: Member) -> None:
    """A newer format is told from damage even where the rest has another shape (J7)."""
    assert _refusal(change(_page(usa)), usa) == code


def test_a_header_that_is_not_in_its_one_form_is_refused(usa: Member) -> None:
    """Even if its signature were right over the longer form: two nodes must compute one digest."""
    page = usa.parse(_page(usa))
    assert page.header_raw[:3] == b"\x9f\x01\x01"
    longer = page.header_raw[:1] + b"\xcc\x01" + page.header_raw[2:]
    raw = encode_page(header_raw=longer, signature=page.signature, body=page.body)
    assert _refusal(raw, usa) == "bytes.not-canonical"


def test_both_branches_of_a_fork_may_be_named_in_one_page(usa: Member) -> None:
    """J12: two heads of one journal and number, ascending by digest."""
    raw = _page(usa)
    heads = (HEAD_A, SeenHead(HEAD_A.journal, 0, Digest(b"\x09" * 32)), head_of(usa, raw))
    named = tuple(sorted(heads[:2], key=lambda head: head.order))
    assert parse_page(forge(usa, raw, seen=named), usa.world.suite).header.seen == named
