"""Looking through the record: what is found, in which order, a page at a time (ADR 0062)."""

import asyncio
from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from comity.api import record_index
from comity.api.record_index import RecordIndex, Wish
from comity.api.record_text import fold_text
from comity.api.row_words import BY_MACHINE
from comity.base.instants import Instant
from comity.base.names import Digest
from comity.procedure.call import ConsultationCalled
from comity.procedure.own import shown_order
from comity.procedure.reading import ItemRead, ReaderKind
from comity.procedure.scope import find_scope
from comity.procedure.stated import Stated
from comity.procedure.timeline import find_code
from kit.chatter import Chatter


class Machine:
    """What an index reads of a machine; statements come by and by, as they do."""

    def __init__(self, stated: Sequence[Stated]) -> None:
        self.statements = SimpleNamespace(all=tuple(stated))
        self.record = SimpleNamespace(find_scope_of=lambda _: None)


@pytest.fixture(scope="module")
def said() -> list[Stated]:
    """Some hundred statements of three parties, of every kind, in an order of arrival that is not that of clocks."""
    return [row for seed in range(4) for row in Chatter(seed, channel="hotline.nsc").said]


def _index(stated: Sequence[Stated]) -> tuple[RecordIndex, Machine]:
    machine: Any = Machine(stated)
    index = RecordIndex(machine)
    asyncio.run(index.catch_up())
    return index, machine


def _read_all(index: RecordIndex, wish: Wish, *, count: int = 7) -> list[bytes]:
    rows: list[bytes] = []
    before = ""
    while True:
        found = index.find(wish, before=before, count=count)
        rows += [row.id for row in found.rows]
        if not found.older:
            return rows
        before = found.older


def _is_wanted(row: Stated, wish: Wish) -> bool:
    code = find_code(row.entry)
    return (
        (not wish.author or row.author == wish.author)
        and (not wish.type or type(row.entry).__name__ == wish.type)
        and (not wish.from_at or row.written_at >= wish.from_at)
        and (not wish.until_at or row.written_at <= wish.until_at)
        and (wish.has_machines or bool(wish.type) or code not in BY_MACHINE)
    )


def _list_wishes(said: list[Stated]) -> Iterator[Wish]:
    clocks = sorted(row.written_at for row in said)
    middle, late = clocks[len(clocks) // 3], clocks[2 * len(clocks) // 3]
    yield Wish(has_machines=True)
    yield Wish()
    for author in ("JPN", "USA", "XXX"):
        yield Wish(author=author, has_machines=True)
        yield Wish(author=author, from_at=middle)
        yield Wish(author=author, type="MessageSent", until_at=late)
    yield Wish(type="LineTestSent")
    yield Wish(from_at=middle, until_at=late, has_machines=True)
    yield Wish(from_at=late, until_at=middle, has_machines=True)


def test_pages_are_the_whole_in_the_order_shown(said: list[Stated]) -> None:
    """Whatever is asked for, page after page gives each statement once, the latest first, and no other."""
    index, _ = _index(said)
    own = {row.id: row for row in said}
    for wish in _list_wishes(said):
        wanted = sorted((row for row in own.values() if _is_wanted(row, wish)), key=shown_order, reverse=True)
        assert _read_all(index, wish) == [row.id for row in wanted], wish


def test_a_page_back_is_the_page_that_was(said: list[Stated]) -> None:
    """Older, and newer again; and the same page while others come."""
    index, machine = _index(said[: len(said) // 2])
    wish = Wish(has_machines=True)
    first = index.find(wish, count=10)
    second = index.find(wish, before=first.older, count=10)
    assert not first.newer
    assert index.find(wish, after=second.newer, count=10).rows == first.rows
    machine.statements.all = tuple(said)
    asyncio.run(index.catch_up())
    cursor = first.rows[-1]
    later = index.find(wish, before=first.older, count=len(said)).rows
    assert all(shown_order(row) < shown_order(cursor) for row in later)
    assert {row.id for row in later} >= {row.id for row in second.rows}
    assert _read_all(index, wish) == [row.id for row in sorted({row.id: row for row in said}.values(),
                                                              key=shown_order, reverse=True)]  # fmt: skip
    for nobody in ("00" * 32, "zz", "0"):
        assert index.find(wish, before=nobody, count=10) == index.find(wish, count=10)


def _call(said: list[Stated]) -> Stated:
    return next(row for row in said if isinstance(row.entry, ConsultationCalled))


def test_words_are_found_in_any_language_and_width(said: list[Stated]) -> None:
    """Codes by what they are called in each language, ids by their beginning, all words of a search."""
    index, _ = _index(said)
    call = _call(said)
    assert isinstance(call.entry, ConsultationCalled)
    clause, id_ = call.entry.commitment, call.id.hex()
    for text in ("called for consultation", "協議を要請", id_[:12], id_.upper(), clause, f"{call.author} {clause}"):
        assert call.id in _read_all(index, Wish(text=text)), text
    assert call.id not in _read_all(index, Wish(text=f"{clause} no-such-word"))
    assert _read_all(index, Wish(text="no-such-word")) == []
    assert fold_text("ＭＳＧ 発射") == fold_text("msg 発射")


def test_readings_are_in_no_list_and_no_count(said: list[Stated]) -> None:
    """Not everybody at a party may see who read what."""
    index, _ = _index(said)
    entry = ItemRead(bytes(32), (), ReaderKind.OPERATOR, "usa-operator", (), Instant(1))
    reading = msgspec.structs.replace(said[0], entry=entry, id=Digest(b"\x07" * 32))
    with_it, _ = _index([*said, reading])
    assert with_it.count == index.count
    assert "ItemRead" not in with_it.types
    wish = Wish(has_machines=True)
    assert _read_all(with_it, wish) == _read_all(index, wish)
    assert _read_all(with_it, Wish(type="ItemRead")) == []
    assert with_it.find(wish, before=(b"\x07" * 32).hex()) == with_it.find(wish)


def test_objects_and_the_time_between(said: list[Stated]) -> None:
    """What belongs to one object; the first and last of it; what comes next after an instant."""
    index, _ = _index(said)
    call = _call(said)
    wish = Wish(objects=frozenset({call.id}), has_machines=True)
    rows = _read_all(index, wish)
    own = {row.id: row for row in said if find_scope(row).ref == call.id}
    assert rows == [row.id for row in sorted(own.values(), key=shown_order, reverse=True)]
    clocks = sorted(row.written_at for row in own.values())
    assert index.find_span(wish) == (clocks[0], clocks[-1])
    assert index.find_next(wish, Instant(clocks[0] - 1)) == clocks[0]
    assert index.find_next(wish, clocks[-1]) == 0
    assert _read_all(index, Wish(objects=frozenset({b"?"}))) == []


@pytest.mark.parametrize("text", ["jpn", "played", "usa watch", "hotline 訓練", "consultation", "jpn usa kor"])
def test_common_words_are_found_as_rare_ones_are(
    said: list[Stated], monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Whether the places of a word are listed, or looked up as rows are passed: the same rows in the same order."""
    index, _ = _index(said)
    wishes = [Wish(text=text, has_machines=True), Wish(text=text, author="JPN"), Wish(text=text, type="MessageSent")]
    few = [_read_all(index, wish) for wish in wishes]
    monkeypatch.setattr(record_index, "SORTED_COUNT_MAX", 0)
    assert [_read_all(index, wish) for wish in wishes] == few


def test_words_stand_in_their_own_statement() -> None:
    """Over the ends of blocks too: each place by its own words, and none by those of its neighbours."""
    said = [msgspec.structs.replace(row, id=Digest(number.to_bytes(8) * 4))
            for number, row in enumerate(Chatter(1, channel="hotline.nsc").said * 120)]  # fmt: skip
    index, _ = _index(said)
    assert len(said) > 2 * 512
    for number in (0, 1, 511, 512, 513, len(said) - 1):
        assert _read_all(index, Wish(text=said[number].id.hex(), has_machines=True)) == [said[number].id]
