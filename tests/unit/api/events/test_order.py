"""Positions: which statements lie before one, in whatever order they came; what is kept from some is not counted."""

import hashlib
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from comity.api.events.order import MARK_COUNT, Order, Position, parse_position
from comity.procedure.call import Acknowledged
from comity.procedure.officer import ActedBy
from comity.procedure.reading import ItemRead, ReaderKind


class _Held:
    """Statements as a machine has them."""

    def __init__(self, entries: list[Any]) -> None:
        self.rows = [
            SimpleNamespace(id=hashlib.sha256(str(number).encode()).digest(), entry=entry)
            for number, entry in enumerate(entries)
        ]

    def list_from(self, index: int, count_max: int | None = None) -> tuple[Any, ...]:
        return tuple(self.rows[index:][:count_max])


ACK = Acknowledged(bytes(32), "watch-officer", "o1")
UNTOLD = (ItemRead(bytes(32), (), ReaderKind.OFFICER, "o1", ("r",), 5), ActedBy((), 1))


def _order(held: _Held) -> Order:
    order = Order(held)  # type: ignore[arg-type]
    while order.take_new():
        pass
    return order


def test_what_some_may_not_see_is_neither_told_nor_counted() -> None:
    """Readings of secrets and who acted leave no gap in the numbers."""
    with_, without = _Held([ACK, *UNTOLD, ACK, UNTOLD[0]]), _Held([ACK, ACK])
    without.rows[1].id = with_.rows[3].id
    order = Order(with_)  # type: ignore[arg-type]
    assert [position.told_count for _, position in order.take_new()] == [1, 2]
    assert order.end == _order(without).end


def test_a_position_is_found_again_whatever_order_its_statements_came_in() -> None:
    """And is none where one of them is another."""
    held = _Held([ACK] * 9)
    fifth = Position(*_order(_Held([ACK] * 5)).end)
    held.rows[:5] = reversed(held.rows[:5])
    assert _order(held).holds(fifth)
    held.rows[4], held.rows[5] = held.rows[5], held.rows[4]
    assert not _order(held).holds(fifth)
    assert not _order(held).holds(Position(10, 0))


@given(count=st.integers(0, 3 * MARK_COUNT), after=st.integers(0, 3 * MARK_COUNT), take=st.integers(1, 70))
def test_what_is_read_from_any_position_is_what_was_told(count: int, after: int, take: int) -> None:
    """Across the marks too, and not a statement more than there is."""
    held = _Held([UNTOLD[number % 2] if number % 7 == 3 else ACK for number in range(count)])
    order = Order(held)  # type: ignore[arg-type]
    told: list[Any] = []
    while held.list_from(len(told), 1) and (new := order.take_new(500)):
        told += new
    assert order.read(after, take) == told[after : after + take]
    assert all(order.holds(position) for _, position in told[:: max(1, len(told) // 5)])


def test_a_position_is_written_in_one_form() -> None:
    """What is not of it is none."""
    assert parse_position(str(Position(7, 12))) == Position(7, 12)
    for wrong in ("", "7", "7-12", "+7-" + "0" * 32, "7-" + "0" * 32 + "\n", "٧-" + "0" * 32):
        assert parse_position(wrong) is None
