"""Values from a file: CSV and JSON alike, digits and never floats, each fault with its row."""

import json

import pytest

from comity.base.errors import UsageError
from comity.exchange.indicator_table import parse_number, parse_values

CSV = 'indicator,observed_at,value,note\nx.y,2026-11-01,2.50,"a, b"\nx.y,2026-11-02T12:00Z,+10,\n'


def test_both_forms_read_alike() -> None:
    """A byte-order mark, quotes, columns in another order, JSON numbers with more digits than a float holds."""
    rows = [
        {"indicator": "x.y", "observed_at": "2026-11-01", "value": "2.50", "note": "a, b"},
        {"value": "+10", "indicator": "x.y", "observed_at": "2026-11-02T12:00Z"},
    ]
    assert parse_values(CSV.encode()) == parse_values(b"\xef\xbb\xbf" + CSV.encode()) == parse_values(
        json.dumps(rows).encode()
    )  # fmt: skip
    assert [(row.value, row.note) for row in parse_values(CSV.encode())] == [("2.5", "a, b"), ("10", "")]
    raw = b'[{"indicator": "x", "observed_at": "2026-11-01", "value": 123456789012345.123456789}]'
    assert parse_values(raw)[0].value == "123456789012345.123456789"
    assert parse_values(b"[]") == parse_values(b"indicator,observed_at,value\n") == ()


def test_numbers_keep_their_digits() -> None:
    """Trailing zeros and a plus say nothing; exponents, commas, leading zeros and words are no numbers here."""
    given = ("1.10", "+0", "-0.0", "-2.000", "0.000000001")
    assert [parse_number(text) for text in given] == ["1.1", "0", "0", "-2", "0.000000001"]
    wrong = ("1e3", "1,5", "007", "NaN", "0.0000000001", "--1", "1 000", "", "١")
    assert {text: parse_number(text) for text in wrong} == dict.fromkeys(wrong)


@pytest.mark.parametrize(
    ("raw", "row", "rule"),
    [
        (b"\xff", 0, "text"),
        (b"x" * 1_048_577, 0, "size"),
        (b"[", 0, "form"),
        (b"[" * 50_000, 0, "form"),
        (b"[1]", 1, "form"),
        (b'[{"indicator": "x", "observed_at": "2026-11-01", "value": [1]}]', 1, "form"),
        (b'[{"indicator": "x", "observed_at": "2026-11-01", "value": true}]', 1, "form"),
        (b'[{"indicator": "x", "observed_at": "2026-11-01", "value": 1e3}]', 1, "number"),
        (b'[{"indicator": "x", "observed_at": "2026-11-01", "value": 1, "colour": "red"}]', 1, "key"),
        (b"indicator,observed_at,value\nx,2026-11-01\n", 1, "form"),
        (b"indicator,observed_at,value\nx,2026-11-01,1,more\n", 1, "key"),
        (b"indicator,observed_at\nx,2026-11-01\n", 1, "missing"),
        (b"indicator,observed_at,value\nx,2026-11-01,1\nx,2026-11-02, \n", 2, "missing"),
        (b"indicator,observed_at,value\nx,yesterday,1\n", 1, "instant"),
        (b"indicator,observed_at,value\nx,2026-11-01,1.5.5\n", 1, "number"),
        (b'indicator,observed_at,value\nx,2026-11-01,"1\n', 1, "form"),
        (b"indicator,observed_at,value\n" + b"x,2026-11-01,1\n" * 2001, 2001, "rows"),
        (b"indicator,observed_at,value,note\nx,2026-11-01,1," + b"y" * 4097, 1, "form"),
    ],
)
def test_each_fault_is_named_with_its_row(raw: bytes, row: int, rule: str) -> None:
    """Nothing of a table is taken if one row is wrong."""
    with pytest.raises(UsageError) as caught:
        parse_values(raw)
    assert (caught.value.code, caught.value.details["row"], caught.value.details["rule"]) == (
        "indicator.table-malformed", row, rule)  # fmt: skip
