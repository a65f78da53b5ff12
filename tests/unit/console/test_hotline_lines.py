"""The page *Hotline*: channels, line tests, the log of voice calls."""

import re
from typing import Any

import pytest

from kit.api import Apis
from kit.console import Browser, read
from kit.hotline import LINE, arrives, read_row, send, sign, wait


def test_a_voice_call_is_logged_and_accounts_stand_side_by_side(apis: Apis, usa: Browser, jpn: Browser) -> None:
    """Challenge and reply as they were spoken; another account that differs is shown, with its own codes."""
    shown, answer = sign(
        usa, f"/hotline/call/{LINE}", f"/hotline/voice/{LINE}", to=["JPN"], began="180900Z DEC 25",
        ended="180912Z DEC 25", challenge="7k", reply="q4",
    )  # fmt: skip
    assert "7K" in shown
    id_ = arrives(apis, answer, "JPN")
    assert "challenge 7K, reply Q4" in read_row(jpn, id_)
    assert "no account given" in read_row(jpn, id_)
    _, answer = sign(jpn, f"/hotline/confirm-call/{id_}", f"/hotline/account/{id_}", challenge="7K", reply="Q9")
    arrives(apis, answer, "USA")
    row = read_row(usa, id_)
    assert "its account differs" in row
    assert "challenge 7K, reply Q9" in row
    _, answer = sign(jpn, f"/hotline/confirm-call/{id_}", f"/hotline/account/{id_}", challenge="7K", reply="Q4")
    arrives(apis, answer, "USA")
    assert "its account agrees" in read_row(usa, id_)


@pytest.mark.parametrize(
    "changed", [{"to": []}, {"ended": "180800Z DEC 25"}, {"challenge": "with blanks"}, {"began": ""}]
)
def test_a_call_that_cannot_be_is_not_logged(usa: Browser, changed: dict[str, Any]) -> None:
    """Nobody to speak with, an end before its beginning, codes that are none."""
    page = usa.get(f"/hotline/call/{LINE}")
    given = {"to": ["JPN"], "began": "180900Z DEC 25", "ended": "180912Z DEC 25", "challenge": "7K", "reply": "Q4"}
    answer = usa.submit(page, f"/hotline/voice/{LINE}", **{**given, **changed})
    assert answer.status_code == 400, answer.text


def test_line_tests_are_answered_by_a_person_in_one_act(apis: Apis, usa: Browser) -> None:
    """Every open test of the latest slot, signed together; then the page says that a person answered."""
    wait(apis, lambda: _count_tests(apis) >= 2)
    page = usa.get("/hotline")
    assert f'href="/hotline/tests/{LINE}"' in page.text
    shown = usa.get(f"/hotline/tests/{LINE}")
    assert read(shown).count("answered the test") >= 2
    assert usa.submit(shown, f"/hotline/tests/{LINE}").status_code == 303
    after = usa.get("/hotline")
    assert "● person" in read(after)
    assert f'href="/hotline/tests/{LINE}"' not in after.text
    assert usa.get(f"/hotline/tests/{LINE}").status_code == 404


def _count_tests(apis: Apis) -> int:
    return sum(row["author"] != "USA" for row in apis.get("/v1/lines")["tests"])


def test_channels_say_how_their_lines_stand(usa: Browser) -> None:
    """By title, with each other end; one that the pact does not have says so and takes nothing new."""
    text = read(usa.get("/hotline"))
    assert "NSC line" in text
    for party in ("JPN", "KOR"):
        assert re.search(rf"{party} (line up|NO LINE) (last heard|not heard)", text)
    assert "USA line" not in text


def test_what_was_said_on_a_channel_that_the_pact_lacks_is_shown(apis: Apis, usa: Browser) -> None:
    """Nothing on the record is without a page; but no button says more there."""
    id_ = send(apis, "JPN", "On another line.", channel="old.line")
    page = usa.get("/hotline/on/old.line")
    assert "The pact in force has no such channel." in read(page)
    assert f'id="m-{id_[:16]}"' in page.text
    assert '/hotline/write/old.line"' not in page.text


def test_a_long_conversation_has_further_pages(apis: Apis, usa: Browser) -> None:
    """The latest stand first; what came before is led to, and nothing is on both."""
    for number in range(23):
        last = send(apis, "JPN", f"Number {number}.", channel="long.line")
    first = usa.get("/hotline/on/long.line").text
    assert f'id="m-{last[:16]}"' in first
    assert "Earlier: 3" in read(usa.get("/hotline/on/long.line"))
    more = usa.get("/hotline/on/long.line?skip=20").text
    ids = [re.findall(r'id="m-([0-9a-f]{16})"', page) for page in (first, more)]
    assert [len(rows) for rows in ids] == [20, 3]
    assert set(ids[0]).isdisjoint(ids[1])
