"""Lists of injects (docs/spec/exercise.md, E1 to E6)."""

from importlib.resources import files

import pytest

from comity.exercise.check_msel import MselRefused, check_msel, parse_msel
from comity.exercise.lists import LIST_PACKAGE, LIST_SUFFIX, LISTS, PACT_OF
from comity.exercise.msel import Condition
from comity.exercise.offset import format_offset, parse_offset
from comity.exercise.write_msel import format_msel
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile

HEAD = 'id = "x"\ntitle = { en = "X" }\n[[cell]]\nid = "control"\nkind = "white"\ntitle = { en = "Control" }\n'
FIRST = (
    '[[inject]]\nnumber = "1"\nat = "0:10"\nfrom = "control"\nto = ["JPN"]\nmethod = "voice"\n'
    'text = { en = "A launch." }\nact = "report"\nby = ["KOR"]\nwithin = "0:05"\n'
)
SECOND = (
    '[[inject]]\nnumber = "2"\nat = "0:06"\nafter = "1"\nonly_if = "missed"\nfrom = "control"\nto = ["JPN"]\n'
    'method = "voice"\ntext = { en = "A call." }\n'
)
GOOD = HEAD + FIRST + SECOND


@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_ships_is_sound_in_three_languages_and_written_again_is_the_same(
    name: str,
) -> None:
    """Each of its texts is there for whoever plays, under the profile that it was written for."""
    pact = parse_pact(read_profile(PACT_OF[name]))
    raw = (files(LIST_PACKAGE) / (name + LIST_SUFFIX)).read_bytes()
    msel = parse_msel(raw, pact)
    words = [words for inject in msel.injects for words in (inject.text, inject.expected) if words is not None]
    assert all(one.ja and one.ko for one in (msel.title, *words))
    assert parse_msel(format_msel(msel).encode(), pact) == msel


def test_what_follows_comes_after_what_it_follows(camp_david: Pact) -> None:
    """The earliest time of each, through chains in any order."""
    text = GOOD + SECOND.replace('"2"', '"4"').replace('"1"', '"3"').replace("missed", "chosen")
    text += SECOND.replace('"2"', '"3"').replace('"1"', '"2"').replace("missed", "chosen")
    msel = parse_msel(text.encode(), camp_david)
    assert {number: format_offset(at) for number, at in msel.find_earliest().items()} == {
        "1": "0:10", "2": "0:16", "4": "0:28", "3": "0:22",
    }  # fmt: skip
    assert msel.by_number["2"].only_if is Condition.MISSED


@pytest.mark.parametrize(
    ("old", "new", "key", "code"),
    [
        ('at = "0:10"', 'at = "0:70"', "inject[1].at", "pact.value"),
        ('at = "0:10"', 'at = "00:10"', "", ""),
        ('number = "2"', 'number = "1"', "inject[2].number", "msel.row"),
        ('id = "control"', 'id = "JPN"', "cell[1].id", "msel.row"),
        (FIRST, FIRST.replace('from = "control"', 'from = "nobody"'), "inject[1].from", "msel.row"),
        (FIRST, FIRST.replace('to = ["JPN"]', 'to = ["CHE"]'), "inject[1].to", "msel.row"),
        ('by = ["KOR"]', 'by = ["CHE"]', "inject[1].by", "msel.row"),
        ('act = "report"', 'act = "report"\nobjective = ["none"]', "inject[1].objective", "msel.row"),
        ('act = "report"', 'act = "fly"', "inject[1].act", "pact.value"),
        ('within = "0:05"\n', "", "inject[1].act", "msel.row"),
        ('act = "report"\n', "", "inject[1]", "msel.row"),
        ('after = "1"\n', "", "inject[2].only_if", "msel.row"),
        ('after = "1"', 'after = "9"', "inject[2].after", "msel.row"),
        ('after = "1"', 'after = "2"', "inject[2].after", "msel.row"),
        ('at = "0:06"', 'at = "0:04"', "inject[2].at", "msel.row"),
        ('at = "0:06"\nafter = "1"\nonly_if = "missed"', 'at = "0:09"', "inject[2].at", "msel.row"),
        ("title = { en", 'colour = "red"\ntitle = { en', "colour", "pact.key-unknown"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_place(old: str, new: str, key: str, code: str, camp_david: Pact) -> None:
    """One change, and the first finding says where and what."""
    assert GOOD.count(old) >= 1
    found = check_msel(GOOD.replace(old, new, 1).encode(), camp_david)
    assert (key, code) in [(one.key, one.code) for one in found] if code else found == ()


def test_a_circle_is_found_however_long_it_is(camp_david: Pact) -> None:
    """Nothing in it ever comes; whatever hangs on it is not to blame twice."""
    rows = [
        SECOND.replace('"2"', f'"{n}"').replace('"1"', f'"{n + 1 if n < 2000 else 5}"').replace("missed", "chosen")
        for n in range(5, 2001)
    ]
    found = check_msel((HEAD + FIRST + "".join(rows)).encode(), camp_david)
    assert [(one.key, one.arguments["why"]) for one in found] == [
        ("inject[2].after", "injects follow each other in a circle")
    ]


def test_fifty_thousand_injects_are_refused(camp_david: Pact) -> None:
    """By their number or their size, before anything is made of them."""
    with pytest.raises(MselRefused) as refused:
        parse_msel((HEAD + FIRST * 50_000).encode(), camp_david)
    assert refused.value.findings[0].code == "pact.too-large"


def test_times_are_read_as_they_are_written() -> None:
    """Hours may be many; seconds are left out where there are none."""
    assert [format_offset(parse_offset(text)) for text in ("0:05", "26:30", "1:02:03", "9999:59")] == [
        "0:05", "26:30", "1:02:03", "9999:59",
    ]  # fmt: skip
