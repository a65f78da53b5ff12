"""Bytes that are not pages, or not what their kind allows: each with the code of the clause that it breaks."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.audit import Finding, Severity, audit
from kit.audit_keys import ALL, PAIR, SUITE, nodes, pins
from kit.audit_writer import CHECKPOINT, HEADS_SEEN, KEYS, OPEN, Pen, Story, Written, heads

encode = msgspec.msgpack.encode


def judge(story: Story, *more: bytes) -> list[Finding]:
    """Audit USA's record with further bytes; return all but notes."""
    report = audit([story.record_of("USA", more=more)], pins(), SUITE)
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


def check(story: Story, page: Written, code: str) -> None:
    """Assert that this page, and nothing else in the story, is refused with `code`."""
    found = judge(story, *([] if page.raw in story.pages_for("USA") else [page.raw]))
    assert [finding.code for finding in found] == [code]


BAD_HEADERS = [
    ({"format": 2}, "page.format-unknown"),
    ({"suite": 2}, "page.format-unknown"),
    ({"kind": 5}, "page.kind"),
    ({"kind": OPEN}, "page.kind"),
    ({"kind": KEYS}, "page.kind"),
    ({"kind": CHECKPOINT}, "page.kind"),
    ({"epoch": 0}, "page.kind"),
    ({"epoch": 2}, "page.kind"),
    ({"entry_count": 0}, "page.kind"),
    ({"entry_count": 4097}, "page.kind"),
    ({"written_at": 253_402_300_800_000}, "page.malformed"),
    ({"number": -1}, "page.malformed"),
    ({"pact": b"short"}, "page.malformed"),
    ({"salt": b"\x00" * 33}, "page.malformed"),
    ({"opening": [b"\x00" * 16_385]}, "page.malformed"),
    ({"opening": [b""]}, "statement.malformed"),
    ({"opening": [b""] * 9}, "page.malformed"),
    ({"kind": 2**53 + 1}, "page.malformed"),
    ({"body_digest": b"\x00" * 32}, "page.body-digest"),
    ({"seen": [[b"\x02" * 32, 0, b"\x02" * 32], [b"\x01" * 32, 0, b"\x02" * 32]]}, "page.malformed"),
    ({"seen": [[b"\x02" * 32, 0, b"\x02" * 32], [b"\x02" * 32, 0, b"\x02" * 32]]}, "page.malformed"),
    ({"seen": [[bytes([i // 256, i % 256]) + b"\x00" * 30, 0, b"\x02" * 32] for i in range(513)]}, "page.malformed"),
]


@pytest.mark.parametrize(("changes", "code"), BAD_HEADERS)
def test_a_header_out_of_form_is_named(changes: dict[str, object], code: str) -> None:
    """A page of entries whose header breaks J7, J9 or J12 in one place, though rightly signed, bears that code."""
    story = Story()
    check(story, story.record["USA"].branch(4).entries(["Note", 1], at=40, **changes), code)  # type: ignore[arg-type]


def test_a_page_may_not_name_its_own_journal() -> None:
    """Heads are of other journals (J12)."""
    story = Story()
    page = story.record["USA"].entries(["Note", 1], at=40, seen=heads(story.record["USA"].last))
    check(story, page, "page.malformed")


@pytest.mark.parametrize(
    ("kind", "body", "changes"),
    [
        (HEADS_SEEN, b"", {"seen": []}),
        (HEADS_SEEN, b"x", {"seen": [[b"\x02" * 32, 0, b"\x02" * 32]]}),
        (HEADS_SEEN, b"", {"seen": [[b"\x02" * 32, 0, b"\x02" * 32]], "epoch": 1}),
        (HEADS_SEEN, b"", {"seen": [[b"\x02" * 32, 0, b"\x02" * 32]], "entries_root": b"\x00" * 32}),
        (KEYS, encode([2, b"\x00" * 32, 0, 1, []]), {"epoch": 3}),
        (KEYS, encode([3, b"\x00" * 32, 1, 1, []]), {"epoch": 3}),
        (OPEN, encode([encode(["Note"])]), {"entry_count": 1}),
    ],
)
def test_a_body_that_its_kind_does_not_allow_is_named(kind: int, body: bytes, changes: dict[str, object]) -> None:
    """Each kind has its body; another one is `page.kind` (J9)."""
    story = Story()
    check(story, story.record["USA"].build(kind, body, at=40, **changes), "page.kind")


@pytest.mark.parametrize("seen", [[[b"\x02" * 32, 0, b"\x02" * 32]] * 2, "own", 7])
def test_a_checkpoint_statement_of_another_shape_does_not_hold(seen: object) -> None:
    """What a checkpoint states has J13's shape, its heads are J12's, and its own journal is not among them."""
    story = Story()
    pen = story.record["USA"]
    stated = heads(story.record["USA"].pages[1]) if seen == "own" else seen
    check(story, pen.checkpoint(at=40, statement=[pen.last.number, pen.last.digest, stated]), "page.checkpoint")


def test_a_checkpoint_body_of_another_shape_does_not_hold() -> None:
    """J13 has one code for whatever is wrong with a checkpoint's body, at step 7."""
    story = Story()
    check(story, story.record["USA"].build(CHECKPOINT, b"", at=40), "page.checkpoint")


@pytest.mark.parametrize(
    "body",
    [
        encode([1]),
        encode([1, b"\x00" * 32, 0, 1, [["JPN", b"\x00" * 32, b"\x00" * 1167]]]),
        encode([1, b"\x00" * 32, 0, 1, [["JPN", b"\x00" * 31, b"\x00" * 1168]]]),
    ],
)
def test_a_key_page_of_another_shape_is_malformed(body: bytes) -> None:
    """S9 names the shape of a key page's body, sizes too, and the code for any other."""
    story = Story()
    check(story, story.record["USA"].build(KEYS, body, at=40, epoch=1), "page.malformed")


def test_entries_may_not_stand_open_outside_genesis_nor_sealed_in_it() -> None:
    """Genesis is the only unsealed feed, and it has nothing sealed (J5)."""
    story = Story()
    pen = Pen(nodes()["USA"], ALL, "genesis", pages=list(story.genesis["USA"].pages), epoch_keys={1: b"\x01" * 32})
    check(story, pen.entries(["Note", 1], at=40), "page.kind")


def test_entries_before_any_key_page_are_refused() -> None:
    """The epoch must have been announced by an earlier page of the chain (J9)."""
    story = Story()
    pen = Pen(nodes()["USA"], ("KOR", "USA"))
    check(story, pen.entries(["Note", 1], at=40), "page.kind")


@pytest.mark.parametrize(
    ("place", "value"),
    [(1, "real/x"), (2, "news"), (3, "FRA"), (4, ["USA", "JPN"]), (4, []), (4, ["usa"]), (5, 1_000_001)],
)
def test_a_journal_id_out_of_form_is_malformed(place: int, value: object) -> None:
    """Names have their forms, audiences their order, and the author reads his own journal (J3, J4)."""
    story = Story()
    pen = story.record["USA"].branch(4)
    id_ = [*pen.id]
    id_[place] = value
    check(story, pen.entries(["Note", 1], at=40, journal=id_), "page.malformed")


@pytest.mark.parametrize(
    ("place", "value", "code"), [(0, b"\x00" * 32, "page.other-lineage"), (1, "real", "page.other-realm")]
)
def test_a_page_of_another_pact_or_realm_is_named(place: int, value: object, code: str) -> None:
    """Pages of another lineage or realm never count here, whoever signed them (J11 step 2)."""
    story = Story()
    pen = story.record["USA"].branch(4)
    id_ = [*pen.id]
    id_[place] = value
    check(story, pen.entries(["Note", 1], at=40, journal=id_), code)


def test_a_record_page_above_its_limit_is_too_large_and_a_bulk_page_of_that_size_is_not() -> None:
    """Record pages have 65,536 bytes at most, bulk pages 524,288 (J6)."""
    story = Story()
    entries = [["Blob", bytes([i]) * 40_000] for i in range(2)]
    check(story, story.record["USA"].entries(*entries, at=40), "bytes.too-large")
    bulk = Pen(nodes()["USA"], PAIR, "bulk")
    pages = [bulk.keys(at=40), bulk.entries(*entries, at=41)]
    assert judge(Story(), *(page.raw for page in pages)) == []
    (finding,) = judge(Story(), b"\x00" * 524_289)
    assert finding.code == "bytes.too-large"


def test_bytes_that_decode_but_are_not_canonical_are_named() -> None:
    """The array's length in five bytes instead of one says the same, and is refused (J1)."""
    story = Story()
    raw = story.record["USA"].pages[4].raw
    found = judge(story, b"\xdd\x00\x00\x00\x03" + raw[1:])
    assert [finding.code for finding in found] == ["bytes.not-canonical"]


def test_a_newer_format_of_unknown_shape_is_told_from_damage() -> None:
    """A header that begins with another format number is newer, not malformed: a doubt, not a breach."""
    (finding,) = judge(Story(), encode([encode([2, "something", None]), bytes(64), b""]))
    assert (finding.code, finding.severity) == ("page.format-unknown", Severity.DOUBT)


@settings(max_examples=60, deadline=None)
@given(junk=st.lists(st.binary(max_size=400), max_size=5), statements=st.lists(st.binary(max_size=200), max_size=3))
def test_any_bytes_as_pages_or_statements_are_findings_and_never_raise(
    junk: list[bytes], statements: list[bytes]
) -> None:
    """Whatever lies in a record, the report comes, names each piece, and the good pages still count."""
    story = Story()
    record = replace(story.record_of("USA", more=junk), statements=tuple(statements))
    report = audit([record], pins(), SUITE)
    places = {f.arguments.get("index") for f in report.findings if f.severity is not Severity.NOTE}
    first = len(record.pages) - len(junk)
    distinct = {record.pages.index(piece) for piece in junk}
    assert distinct <= places
    assert all(index >= first for index in distinct)
    assert report.coverage.accepted_page_count == first
