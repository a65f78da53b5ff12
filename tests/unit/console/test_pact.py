"""The page *Pact*: everything that was agreed, who signed it, which ways follow and how they stand; what if."""

import re
from itertools import pairwise

from comity.console.drawing import DRAWN_COUNT_MAX, RADIUS, Way, draw
from comity.pact.model import walk_rules
from kit.api import Apis
from kit.console import Browser, find_inline, read_found


def test_every_clause_is_on_the_page(apis: Apis, browser: Browser) -> None:
    """Whatever has a clause id can be linked to, and its text stands there."""
    pact = apis.nodes["USA"].machine.pact
    answer = browser.get("/pact")
    page, text = answer.text, read_found(answer)
    anchors = set(re.findall(r'id="c-([^"]*)"', page))
    rules = [rule for _, rule in walk_rules(pact)]
    assert {rule.id for rule in rules} - anchors == set()
    assert [rule.id for rule in rules if re.sub(r"\s+", " ", rule.text) not in text] == []
    assert len(anchors) == len(re.findall(r'id="c-', page))
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(re.findall(r'id="([^"]*)"', page))


def test_it_is_read_in_each_language(browser: Browser) -> None:
    """Titles, states and fields; no field is left open, nothing inline."""
    for language, shown in (("en", "in force"), ("ja", "日本"), ("ko", "대한민국")):
        browser.submit(browser.get("/pact"), "/preferences", language=language, back="/pact")
        for path in ("/pact", "/pact/what-if"):
            answer = browser.get(path)
            assert f'<html lang="{language}"' in answer.text
            assert find_inline(answer.text) == []
            assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text))
        assert shown in read_found(browser.get("/pact"))


def test_who_signed_it_is_shown_with_digest(apis: Apis, browser: Browser) -> None:
    """Each party's acceptance with a link to the entry; the file with the bytes that were signed."""
    machine = apis.nodes["USA"].machine
    answer = browser.get("/pact")
    digest = machine.versions.current.digest.hex()
    assert digest in answer.text
    assert read_found(answer).count("✓ signed") == 3
    entry = re.findall(r'href="/record/([0-9a-f]{64})" class="good-text"', answer.text)[0]
    assert "accepted the pact" in read_found(browser.get(f"/record/{entry}"))
    file = browser.get("/pact/file")
    assert machine.setup.suite.hash(file.content).hex() == digest
    assert file.headers["content-disposition"].endswith('.toml"')


def _find_ways(page: str) -> dict[int, str]:
    """Return the rows of the table of ways, by number."""
    rows = re.findall(r'<th role="rowheader" scope="row" class="figures">(\d+)</th>(.*?)</tr>', page, re.DOTALL)
    return {int(number): re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)) for number, row in rows}


def test_the_drawing_and_the_table_say_the_same(apis: Apis, browser: Browser) -> None:
    """One numbered line for each row, open or closed as the row is; and what was suspended is closed in both."""
    page = browser.get("/pact").text
    ways, drawn = _find_ways(page), re.findall(r'<g class="badge (open|shut)">.*?<text[^>]*>(\d+)<', page)
    assert {int(number): state == "open" for state, number in drawn} == {
        number: "✓ the way is open" in row for number, row in ways.items()
    }
    assert len(re.findall(r'<g class="way ', page)) == len(ways) > 6
    before = {number for number, row in ways.items() if "✓ the way is open" in row}
    for party in ("JPN", "KOR"):
        (id_,) = apis.state(
            {"type": "AgreementStateStated", "agreement": "jpn-kor-gsomia", "state": "suspended", "reason": "unstated",
             "effective_at": 0, "notice_ends_at": []}, party=party,
        )  # fmt: skip
        apis.reaches(id_, "USA")
    page = browser.get("/pact").text
    after = {number for number, row in _find_ways(page).items() if "✓ the way is open" in row}
    assert after < before
    shut = re.findall(r'<g class="badge shut">.*?<text[^>]*>(\d+)<', page)
    assert {int(number) for number in shut} == set(ways) - after
    assert "suspended" in read_found(browser.get("/pact")).partition("Agreements")[2]


def test_what_if_says_what_closes(browser: Browser) -> None:
    """What no longer goes directly and what goes instead; asking states nothing."""
    text = read_found(browser.get("/pact/what-if?agreement=usa-kor-1987&then=ended"))
    assert int(re.findall(r"would go instead (\d+)", text)[0]) > 0
    assert "in force → ended" in text
    assert "Nothing was given under it." in text
    assert browser.get("/pact/what-if?agreement=nowhere").status_code == 404
    assert browser.get("/pact/what-if?then=nowhere").status_code == 400
    assert "in force" in read_found(browser.get("/pact")).partition("Agreements")[2]


def test_what_is_proved_is_shown(apis: Apis, browser: Browser) -> None:
    """Every statement that the API proves."""
    proved = apis.get("/v1/pact/proofs")
    answer = browser.get("/pact/proofs")
    assert answer.text.count('<tr role="row"><th role="rowheader" scope="row">') == len(proved["statements"]) > 0
    assert read_found(answer).count("✓ proved") == sum(row["is_proved"] for row in proved["statements"])


def test_lines_of_a_drawing_do_not_lie_on_one_another() -> None:
    """Ways between two parties are beside each other, there and back; each has a badge outside the circles."""
    parties = ("A", "B", "C", "D")
    between = [(one, other) for pair in (*pairwise(parties), ("A", "C")) for one, other in (pair, pair[::-1]) * 2]
    ways = [Way(*pair, "", is_open=True, number=number) for number, pair in enumerate(between, 1)]
    drawing = draw(parties, ways)
    badges = [(edge.x, edge.y) for edge in drawing.edges]
    assert len(drawing.edges) == len(ways)
    assert len({edge.path for edge in drawing.edges}) == len(ways)
    for at, (x, y) in enumerate(badges):
        assert 0 < x < drawing.width
        assert 0 < y < drawing.height
        assert all((x - node.x) ** 2 + (y - node.y) ** 2 > RADIUS**2 for node in drawing.nodes)
        assert all((x - a) ** 2 + (y - b) ** 2 > 4 * drawing.badge for a, b in badges[at + 1 :])
    assert draw([f"P{number}" for number in range(DRAWN_COUNT_MAX + 1)], []).nodes == ()
    assert draw(["A"], []).nodes == ()
