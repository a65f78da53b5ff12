"""Plays the table of bad input: whatever is missing, unknown or foreign gets a coded answer, and never a default."""

import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.base.errors import UsageError
from comity.machine.funnel import refuse_unless_permitted
from comity.procedure.banner import find_banner
from comity.procedure.entry import Marking
from comity.procedure.release import decide, decide_audience
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.verdict import FUNNEL, Reason, Subject, Withheld
from kit.releasing import ITEM, camp_david_terms, ground, marking

ROWS = tomllib.loads(Path(__file__).with_name("release_bad_input.toml").read_text(encoding="utf-8"))


def terms_for(row: dict[str, Any]) -> ReleaseTerms:
    """The default pact, without a row of equivalence if the story says so."""
    pact = camp_david_terms().pact
    rows = tuple(one for one in pact.equivalences if one.id != row.get("without_row"))
    assert len(rows) == len(pact.equivalences) - ("without_row" in row)
    return compile_terms(msgspec.structs.replace(pact, equivalences=rows))


def read_markings(rows: list[Any]) -> tuple[Marking, ...]:
    """The markings of a row."""
    return tuple(msgspec.convert(row, Marking) for row in rows)


@pytest.mark.parametrize("row", ROWS["withheld"], ids=[row["story"] for row in ROWS["withheld"]])
@pytest.mark.parametrize("item", [ITEM, None], ids=["item", "text"])
def test_withheld(row: dict[str, Any], item: bytes | None) -> None:
    """An item and a text alike, by the funnel's own clause; sending raises with the same."""
    on = ground(terms=terms_for(row))
    subject = Subject(read_markings(row["markings"]), item)  # type: ignore[arg-type]
    wanted = Withheld(FUNNEL, Reason(row["reason"]))
    assert decide(subject, holder="JPN", to=row.get("to", "KOR"), ground=on) == wanted
    if "to" not in row:
        decided = decide_audience(subject, holder="JPN", audience=("JPN", "KOR"), ground=on)
        with pytest.raises(UsageError) as refused:
            refuse_unless_permitted(decided)
        assert refused.value.code == "release.withheld"
        assert refused.value.details == {"to": "KOR", "clause": FUNNEL, "reason": row["reason"]}


@pytest.mark.parametrize("row", ROWS["audience"], ids=[row["story"] for row in ROWS["audience"]])
def test_audience(row: dict[str, Any]) -> None:
    """Nothing is decided for anybody; the fault is the answer."""
    decided = decide_audience(Subject((marking(),)), holder="JPN", audience=tuple(row["audience"]), ground=ground())
    assert decided.by_party == ()
    assert decided.audience_fault == Withheld(FUNNEL, Reason(row["reason"]))
    with pytest.raises(UsageError) as refused:
        refuse_unless_permitted(decided)
    assert refused.value.code == "release.withheld"
    assert refused.value.details == {"clause": FUNNEL, "reason": row["reason"]}


@pytest.mark.parametrize("row", ROWS["banner"], ids=[row["story"] for row in ROWS["banner"]])
def test_banner(row: dict[str, Any]) -> None:
    """Japan makes an item of these portions."""
    terms, portions = terms_for(row), read_markings(row["portions"])
    if "code" in row:
        with pytest.raises(UsageError) as refused:
            find_banner(terms, originator="JPN", markings=portions)
        assert refused.value.code == row["code"]
        return
    banner = find_banner(terms, originator="JPN", markings=portions)
    assert banner == marking("JPN", row["level"], topics=row["topics"], caveats=row.get("caveats", []))
