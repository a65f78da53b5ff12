"""The pages *Exercises*: proposed from a ready list, signed, controlled in exercise time; what players do not see."""

from collections.abc import Iterator

import pytest

from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read_found, strip_tags
from kit.hotline import act, sign_in
from kit.officers import have_officers
from kit.talk import Play, marked

OTHERS = ("KOR", "USA")


@pytest.fixture(scope="module")
def kor(apis: Apis) -> Browser:
    """A browser at the console of South Korea, signed in."""
    return sign_in(Browser(apis, "KOR"))


def propose(apis: Apis, browser: Browser, name: str) -> str:
    """Propose an exercise by the list that ships; Japan and the United States control it."""
    return act(apis, browser, "/exercises", "/exercises/propose", list="lost-line", name=name,
               controllers=["JPN", "USA"])  # fmt: skip


@pytest.fixture
def agreed(apis: Apis, jpn: Browser, usa: Browser, kor: Browser) -> Iterator[str]:
    """The path of an exercise that all have signed; it is ended afterwards."""
    path = f"/exercises/{propose(apis, jpn, 'spring')}"
    for browser in (usa, kor):
        act(apis, browser, path, f"{path}/join")
    yield path
    if f"{path}/end" in find_forms(jpn.get(path).text):
        act(apis, jpn, path, f"{path}/end")


def test_an_exercise_from_its_proposal_to_its_end(
    apis: Apis, jpn: Browser, usa: Browser, kor: Browser, agreed: str
) -> None:
    """Each act by its form: signed by all, started, injects given and taken out, held by NO DUFF, ended."""
    assert "agreed by all" in read_found(usa.get("/exercises"))
    assert agreed in usa.get("/palette/rows", params={"q": "spring"}, headers={"HX-Request": "true"}).text
    text = read_found(kor.get(agreed))
    assert text.count("✓ takes part") == 3
    assert not [path for path in find_forms(kor.get(agreed).text) if path.endswith("/start")], "no controller"
    act(apis, jpn, agreed, f"{agreed}/start", opens="2027-03-01T00:00:00")
    text = read_found(usa.get(agreed))
    for shown in ("running", "Exercise time", "010000Z MAR 27", "0:10", "to come"):
        assert shown in text, shown
    assert find_forms(usa.get(f"{agreed}/now").text)[f"{agreed}/pause"]["back"] == agreed, "not to the piece alone"
    act(apis, usa, agreed, f"{agreed}/jump", to="0:10")
    assert "injects due: 1" in read_found(usa.get(agreed))
    asked = usa.submit(usa.get(agreed), f"{agreed}/fire", number="1")
    assert "The line between Tokyo and Seoul fails" in read_found(asked), "what will be given is shown"
    act(apis, usa, agreed, f"{agreed}/fire", number="1")
    text = read_found(jpn.get(agreed))
    assert "1 of" in text
    assert "given" in text
    act(apis, kor, agreed, f"{agreed}/breakout")
    text = read_found(jpn.get(agreed))
    assert "NO DUFF by South Korea holds the clock" in text
    act(apis, jpn, agreed, f"{agreed}/resume")
    assert "holds the clock" not in read_found(usa.get(agreed))
    act(apis, usa, agreed, f"{agreed}/end")
    text = read_found(jpn.get(agreed))
    assert "ENDEX" in text
    assert not [path for path in find_forms(jpn.get(agreed).text) if path.startswith(f"{agreed}/")]


def test_what_would_have_no_effect_is_refused_in_words(
    apis: Apis, jpn: Browser, usa: Browser, kor: Browser, agreed: str
) -> None:
    """Before anything is shown for signing: not begun, not in control, nothing to lift, decided before, backwards."""

    def refuse(browser: Browser, path: str, reason: str, **fields: str) -> None:
        given = {"form": find_forms(browser.get(agreed).text)["/lock"]["form"], **fields}
        answer = browser.post(f"{agreed}/{path}", given)
        assert answer.status_code == 409, answer.text
        assert reason in strip_tags(answer.text)

    refuse(jpn, "pause", "it had not begun")
    refuse(kor, "breakout", "it had not begun")
    act(apis, jpn, agreed, f"{agreed}/start", opens="2027-03-01T00:00:00")
    refuse(kor, "pause", "not by who controls")
    refuse(usa, "resume", "nothing stood that it knew of")
    refuse(usa, "start", "decided before", opens="2027-03-01T00:00:00")
    act(apis, usa, agreed, f"{agreed}/jump", to="1:00")
    refuse(usa, "jump", "the clock never runs back", to="0:30")
    act(apis, usa, agreed, f"{agreed}/skip", number="1")
    refuse(jpn, "fire", "decided before", number="1")


def test_a_list_is_shown_to_control_alone(apis: Apis, usa: Browser, jpn: Browser, agreed: str) -> None:
    """An officer on watch sees the clock and how many injects were given, never a word of what is to come."""
    roles = {"usa-c": ("exercise-controller",), "usa-p": ("watch-officer",)}
    with have_officers(apis.nodes["USA"], roles) as tokens:
        control, player = Browser(apis, like=usa), Browser(apis, like=usa)
        control.sign_in(tokens["usa-c"])
        player.sign_in(tokens["usa-p"])
        assert "The line between Tokyo and Seoul fails" in read_found(control.get(agreed))
        act(apis, jpn, agreed, f"{agreed}/start", opens="2027-03-01T00:00:00")
        act(apis, jpn, agreed, f"{agreed}/fire", number="2")
        by = {"exercise": agreed.rpartition("/")[2], "role": "exercise-controller", "officer": "ctl-1"}
        body = marked("JPN", en="A launch eastward.")
        Play(apis).say("JPN", "InjectTold", number="2", seat="adversary", body=body, **by)
        text = read_found(player.get(agreed))
        assert "1 injects were given" in text
        assert "ROLE-PLAY" in text
        assert "A launch eastward." in text, "what reached this party, and no other word of the list"
        assert "The line between" not in text
        assert "Lists of injects" not in read_found(player.get("/exercises"))
        forms = find_forms(player.get(agreed).text)
        assert f"{agreed}/breakout" in forms, "NO DUFF is for everybody"
        assert f"{agreed}/pause" not in forms
        given = {"form": forms["/lock"]["form"]}
        for name, fields in (("pause", {}), ("fire", {"number": "none"}), ("jump", {"to": "x"})):
            answer = player.post(f"{agreed}/{name}", {**given, **fields})
            assert answer.status_code == 403, "before any field is read"
            assert "for whoever controls an exercise" in strip_tags(answer.text)
        shown = control.submit(control.get(agreed), f"{agreed}/pause")
        assert "Exercise controller" in read_found(shown)


def test_nothing_in_the_pages_is_of_a_stranger(usa: Browser, agreed: str) -> None:
    """No script, no style, no foreign address in them."""
    for path in ("/exercises", "/exercises/now", agreed, f"{agreed}/now"):
        assert find_inline(usa.get(path).text) == []
