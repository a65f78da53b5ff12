"""What was set for the exchange is held against the pact, row by row, each with its line and code."""

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.exchange.consumer import Adding, Consumer, Format
from comity.exchange.misp_table import read_table
from comity.exchange.standing_check import check_register, check_table
from comity.pact.model import Pact

ORG = "00000000-0000-4000-8000-00000000000"
SOUND = f"""[[organisation]]
uuid = "{ORG}1"
party = "JPN"

[[group]]
uuid = "{ORG}2"
parties = ["JPN"]

[[distribution]]
value = 1
parties = ["JPN", "USA"]
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (SOUND, []),
        ("", []),
        (SOUND.replace('party = "JPN"', 'party = "FRA"'),
         [(1, "misp.table-party", "FRA"), (5, "misp.table-organisation", "JPN")]),
        (SOUND.replace('["JPN", "USA"]', '["XXX", "AAA"]'),
         [(9, "misp.table-party", "AAA"), (9, "misp.table-party", "XXX")]),
        (SOUND.replace('["JPN"]', '["JPN", "KOR", "USA"]'),
         [(5, "misp.table-organisation", "KOR"), (5, "misp.table-organisation", "USA")]),
        (SOUND + "[[distribution]]\nvalue = 1\nparties = []\n", [(12, "misp.table-twice", "1")]),
        (SOUND.replace("value = 1", "value = 5"), [(9, "misp.table-malformed", "Expected `int` <= 3 - at `$.value`")]),
        (SOUND + "[other]\n", [(12, "misp.table-malformed", "no such rows")]),
        ("group = 7\n", [(1, "misp.table-malformed", "no list of rows")]),
        ("x = " + "[" * 5000, [(1, "misp.table-malformed", "depth")]),
        ("#" * 2_000_000, [(1, "misp.table-malformed", "size")]),
    ],
    ids=range(11),
)  # fmt: skip
def test_each_row_that_does_not_fit_is_named(camp_david: Pact, text: str, found: list[tuple[int, str, str]]) -> None:
    """And a table is sound here if, and only if, an import can follow it; a missing organisation stops no other row."""
    faults = check_table(text.encode(), camp_david)
    assert [(fault.line, fault.code, fault.why) for fault in faults] == found
    stops = [code for _, code, _ in found if code != "misp.table-organisation"]
    if stops:
        with pytest.raises(UsageError) as caught:
            read_table(text.encode(), camp_david)
        assert caught.value.code == "misp.table-malformed"
    else:
        read_table(text.encode(), camp_david)


@pytest.mark.parametrize("text", ["[[group", "x\n", "\udcff"])
def test_what_is_no_table_at_all(camp_david: Pact, text: str) -> None:
    """One fault, with what the reader said."""
    (fault,) = check_table(text.encode("utf-8", "surrogatepass"), camp_david)
    assert (fault.code, fault.file) == ("misp.table-malformed", "misp.toml")


def test_a_consumer_that_the_pact_no_longer_knows_is_named(camp_david: Pact) -> None:
    """By what it is about; one that fits is not."""
    sound = Consumer("a", "USA", (Format.TAXII,), "", 0, "USA-CUI", ("cyber",), Adding(("JPN",), ("cyber",)))
    replace = msgspec.structs.replace
    odd = [sound, replace(sound, name="b", topics=("gone",)), replace(sound, name="c", party="FRA", adding=None),
           replace(sound, name="d", adding=Adding(("FRA",), ("cyber",)))]  # fmt: skip
    faults = check_register(odd, pact=camp_david, own="USA")
    assert [(fault.row, fault.code, fault.why) for fault in faults] == [
        ("b", "consumer.outdated", "topics"), ("c", "consumer.outdated", "party"),
        ("d", "consumer.outdated", "add-to")]  # fmt: skip
