"""The rows of an agreement: its words, its states over time, the end of a notice (docs/spec/release.md, R12, R29)."""

import datetime as dt
import enum

import msgspec
import pytest

from comity.pact.agreement import (
    Agreement,
    AgreementClause,
    AgreementState,
    Binding,
    Direction,
    Path,
    Renewal,
    StateSince,
    ThirdParty,
)
from comity.pact.model import Pact

ROW = {"state": "in-force", "since": "2016-11-23", "sources": ["1"], "confidence": "OK"}


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (Binding, ["treaty", "political", "no"]),
        (Path, ["direct", "hub"]),
        (Direction, ["mutual", "one-way"]),
        (ThirdParty, ["originator-consent", "prohibited", "free", "unspecified"]),
        (AgreementState, ["in-force", "notice-given", "notice-suspended", "suspended", "ended"]),
        (Renewal, ["yearly", "indefinite", "unspecified"]),
    ],
)
def test_the_words_of_the_file(kind: type[enum.Enum], words: list[str]) -> None:
    """None may be lost or spelt anew: pact files say them, and their digest is signed."""
    assert [one.value for one in kind] == words


def test_what_a_row_leaves_out() -> None:
    """A state is not contested, has no end and no note unless the row says so; nor has a clause an article."""
    row = msgspec.convert(ROW, StateSince)
    assert (row.contested, row.note, row.notice_ends_at, row.notice_end) == (False, "", None, None)
    defaults = {field.name: field.default for field in msgspec.structs.fields(AgreementClause)}
    assert defaults["article"] == ""
    defaults = {field.name: field.default for field in msgspec.structs.fields(Agreement)}
    assert (defaults["signed_by"], defaults["hub"], defaults["direction"]) == ("", None, Direction.MUTUAL)
    assert (defaults["legs"], defaults["givers"], defaults["clauses"]) == ((), (), ())


def test_the_end_of_a_notice_is_an_instant() -> None:
    """Counted in milliseconds from 1970, in whatever zone it is written."""
    row = msgspec.convert({**ROW, "notice_ends_at": "1970-01-02T09:00:00.005+09:00"}, StateSince)
    assert row.notice_end == 86_400_005


def test_the_state_on_a_day(camp_david: Pact) -> None:
    """That of the last row that has begun, on its first day too; before the first row there is none."""
    first, second, third = (
        msgspec.convert({**ROW, "since": since, "state": state}, StateSince)
        for since, state in (("2016-11-23", "in-force"), ("2019-08-22", "notice-given"), ("2019-11-22", "ended"))
    )
    agreement = msgspec.structs.replace(camp_david.agreements[0], states=(first, second, third))
    for day, row in (
        (dt.date(2016, 11, 22), None),
        (dt.date(2016, 11, 23), first),
        (dt.date(2019, 8, 21), first),
        (dt.date(2019, 8, 22), second),
        (dt.date(2019, 11, 21), second),
        (dt.date(2019, 11, 22), third),
        (dt.date(2099, 1, 1), third),
    ):
        assert agreement.find_state(day) is row
