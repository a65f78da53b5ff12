"""Who read what: a party's note to itself, which no clause lets out (docs/spec/procedure.md, P48)."""

import pytest

from comity.audit.procedures.known import decode_entry as decode_second
from comity.base.errors import RemoteError, UsageError
from comity.machine.funnel import decode_known
from comity.procedure.entry import Entry
from comity.procedure.judgement import judge_received
from comity.procedure.reading import ItemRead, ReaderKind, find_reads
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.verdict import FUNNEL, Reason, Withheld
from kit.releasing import NOW, camp_david_terms, consent_check, stated

ITEM = bytes(32)
READ = ItemRead(ITEM, (), ReaderKind.OFFICER, "usa-7f3a", ("watch-officer",), NOW)


def test_only_a_note_to_oneself_counts() -> None:
    """What another party tells of its readers, or tells others, is nothing that anybody reads."""
    own = stated(READ, author="USA", audience=("USA",))
    told = stated(READ, author="USA", audience=("JPN", "USA"))
    assert [one.id for one, _ in find_reads([told, own])] == [own.id]


@pytest.mark.parametrize("audience", [("JPN", "USA"), ("JPN", "KOR", "USA")])
def test_it_leaves_by_no_clause(audience: tuple[str, ...]) -> None:
    """To each other party: it has no marking."""
    leaked = stated(READ, author="USA", audience=audience)
    flags = judge_received(leaked, stated=[], terms=camp_david_terms(), check=consent_check(), decode=decode_known)
    assert [flag.party for flag in flags] == [party for party in audience if party != "USA"]
    assert {flag.decision for flag in flags} == {Withheld(FUNNEL, Reason.UNMARKED)}


@pytest.mark.parametrize(
    "read",
    [
        READ,
        ItemRead(ITEM, (255,), ReaderKind.CONSUMER, "radar", (), NOW),
        ItemRead(ITEM, (1,), ReaderKind.OPERATOR, "usa-operator", (), NOW),
    ],
)
def test_it_is_read_twice_alike(read: ItemRead) -> None:
    """By the node and by the audit, with the same fields."""
    raw = encode_entry(read)
    assert decode_entry(raw) == read
    second = decode_second("ItemRead", raw)
    assert second is not None
    assert (second.item, second.portion, second.kind, second.reader, second.role, second.read_at) == (  # type: ignore[attr-defined]
        read.item, read.portion, read.kind.value, read.reader, read.role, read.read_at,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "role", "portion"),
    [
        (ReaderKind.OFFICER, (), ()),
        (ReaderKind.CONSUMER, ("auditor",), ()),
        (ReaderKind.OPERATOR, ("auditor",), ()),
        (ReaderKind.CONSUMER, (), (0,)),
        (ReaderKind.CONSUMER, (), (256,)),
        (ReaderKind.CONSUMER, (), (1, 2)),
    ],
)
def test_another_form_is_none(kind: ReaderKind, role: tuple[str, ...], portion: tuple[int, ...]) -> None:
    """An officer has a role and nobody else; a portion is one of 1 to 255. Both readers refuse the rest."""
    raw = _encode_any(kind, role, portion)
    with pytest.raises((UsageError, RemoteError)):
        decode_entry(raw)
    assert decode_second("ItemRead", raw) is None


def _encode_any(kind: ReaderKind, role: tuple[str, ...], portion: tuple[int, ...]) -> bytes:
    from comity.base.encoding import encode

    return encode(["ItemRead", ITEM, list(portion), kind.value, "reader", list(role), int(NOW)])


def test_it_can_be_neither_corrected_nor_taken_back() -> None:
    """What was looked at was looked at (P4)."""
    assert ItemRead.binding
    assert not ItemRead.procedural
    assert issubclass(ItemRead, Entry)
