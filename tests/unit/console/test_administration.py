"""The pages *Administration*: who may see and do what, and each act by its form."""

import logging
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.instants import HOUR_MS
from comity.console.moments import format_moment
from comity.console.session import Sessions
from comity.crypto.passkey import Passkey
from comity.pact.offices import Act
from kit.api import Apis
from kit.console import Browser, Clock, find_forms, find_inline, read, read_found
from kit.officers import have_officers

PATH = "/administration"
OFFICERS = f"{PATH}/officers"
ROSTER = f"{PATH}/roster"


@pytest.fixture
def tokens(apis: Apis) -> Iterator[dict[str, str]]:
    """An administrator, two watch officers and an auditor of the USA, with their tokens; gone after the test."""
    node = apis.nodes["USA"]
    terms = node.machine.versions.find_offices(node.machine.parties)
    assert terms is not None
    keeper = min(terms.offices.find_permitted(Act.ADMINISTER)[1])
    watch = ("watch-officer",)
    with have_officers(node, {"usa-a": (keeper,), "usa-w": watch, "usa-x": watch, "usa-v": ("auditor",)}) as found:
        yield found


@pytest.fixture
def keeper(apis: Apis, tokens: dict[str, str]) -> Browser:
    """The administrator's browser, signed in."""
    browser = Browser(apis).end_all()
    browser.sign_in(tokens["usa-a"])
    return browser


def _act(browser: Browser, name: str, /, page: str = OFFICERS, **fields: Any) -> httpx.Response:
    """Fill a form of a page, confirm what is shown; return the last answer."""
    form = find_forms(browser.get(page).text)[f"{PATH}/{name}"]
    shown = browser.post(f"{PATH}/{name}", form | fields)
    if shown.status_code != 200:
        return shown
    return browser.submit(shown, f"{PATH}/{name}")


def _read_secret(browser: Browser, answer: httpx.Response) -> str:
    """Return what the page shows to which an act led."""
    assert answer.status_code == 303, answer.text
    page = browser.get(answer.headers["location"])
    assert page.headers["cache-control"] == "no-store"
    (secret,) = re.findall(r'<p class="secret"[^>]*><code>([^<]+)</code>', page.text)
    return str(secret)


def test_only_whoever_may_keep_officers_sees_them(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """An auditor sees how the node stands, and neither names nor sessions; nor does he act."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-v"])
    assert "pages stored" in read_found(other.get(PATH))
    for page in (PATH, OFFICERS, ROSTER):
        text = read_found(other.get(page))
        assert "usa-x" not in text
        assert "usa-a" not in text
    assert {"usa-a", "usa-w", "usa-x"} <= set(read_found(keeper.get(OFFICERS)).split())
    own = find_forms(other.get("/").text)["/lock"]["form"]
    for name in ("revoke", "add", "token", "code", "end"):
        form = find_forms(keeper.get(OFFICERS).text)[f"{PATH}/{name}"] | {"officer": "usa-x", "form": own}
        refused = other.post(f"{PATH}/{name}", form | {"name": "usa-n", "on_role": "watch-officer"})
        assert refused.status_code == 403, name
        assert "officer.wrong-role" in refused.text


def test_an_officer_is_added_and_the_token_is_shown_once(
    apis: Apis, keeper: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """The token signs in; the page that showed it is empty the next time, and no log and no page has it."""
    wish: dict[str, Any] = {"name": "usa-new", "on_role": ["watch-officer", "duty-officer"]}
    with caplog.at_level(logging.WARNING, logger="comity"):
        answer = _act(keeper, "add", **wish)
        token = _read_secret(keeper, answer)
    assert token.startswith("usa-new.")
    again = keeper.get(answer.headers["location"])
    assert again.status_code == 410
    assert "console.shown-once" in again.text
    secret = token.partition(".")[2]
    assert secret not in again.text + keeper.get(OFFICERS).text
    (noted,) = (row for row in caplog.records if getattr(row, "comity_event", "") == "administered")
    assert noted.__dict__["comity_fields"] == {"act": "officer.add", "about": "usa-new", "by": "usa-a"}
    assert all(secret not in str(vars(row)) for row in caplog.records)
    officer = apis.nodes["USA"].officers.read().get("usa-new")
    assert officer.roles == ("watch-officer", "duty-officer")
    fresh = Browser(apis, like=keeper)
    assert fresh.sign_in(token).status_code == 303
    assert "officer.exists" in _act(keeper, "add", **wish).text


def test_a_token_belongs_to_the_session_that_drew_it(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """Whoever else has the address sees nothing; it waits for its own."""
    answer = _act(keeper, "token", officer="usa-w")
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-v"])
    assert other.get(answer.headers["location"]).status_code == 410
    assert _read_secret(keeper, answer).startswith("usa-w.")


def test_two_presses_draw_one_token(apis: Apis, keeper: Browser) -> None:
    """The second leads to what the first drew, and after that draws nothing."""
    form = find_forms(keeper.get(OFFICERS).text)[f"{PATH}/token"] | {"officer": "usa-w"}
    shown = keeper.post(f"{PATH}/token", form)
    first, second = (keeper.submit(shown, f"{PATH}/token") for _ in range(2))
    kept = apis.nodes["USA"].officers.read().get("usa-w").kept
    assert first.headers["location"] == second.headers["location"]
    _read_secret(keeper, second)
    third = keeper.submit(shown, f"{PATH}/token")
    assert keeper.get(third.headers["location"]).status_code == 410
    assert apis.nodes["USA"].officers.read().get("usa-w").kept == kept


def test_a_renewed_token_ends_the_old_one(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """With the session that it opened."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-w"])
    token = _read_secret(keeper, _act(keeper, "token", officer="usa-w"))
    assert other.get("/").headers["location"].startswith("/sign-in")
    assert other.sign_in(tokens["usa-w"]).status_code == 403
    assert other.sign_in(token).status_code == 303


def test_a_code_lets_its_officer_make_a_passkey(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """It is good at the console where it was drawn, with the officer's token, and for nobody else."""
    code = _read_secret(keeper, _act(keeper, "code", officer="usa-w"))
    at = apis.nodes["USA"].now()
    assert keeper.passkeys.is_code("usa-w", code, at=at)
    assert not keeper.passkeys.is_code("usa-x", code, at=at)
    other = Browser(apis, like=keeper)
    page = other.submit(other.get("/enrol"), "/enrol", token=tokens["usa-w"], code=code)
    assert page.status_code == 200
    assert "officer.unknown" in _act(keeper, "code", officer="nobody").text


def test_what_changes_who_acts_wants_a_fresh_proof(apis: Apis, tokens: dict[str, str]) -> None:
    """Six minutes after the last one it leads round it, and nothing is drawn."""
    clock = Clock()
    browser = Browser(apis, sessions=Sessions(clock=clock))
    browser.sign_in(tokens["usa-a"])
    clock.now_s += 360
    kept = apis.nodes["USA"].officers.read().get("usa-w").kept
    form = find_forms(browser.get(OFFICERS).text)[f"{PATH}/token"] | {"officer": "usa-w"}
    shown = browser.post(f"{PATH}/token", form)
    assert "Prove who you are" in read(shown)
    assert apis.nodes["USA"].officers.read().get("usa-w").kept == kept


def test_the_last_who_keeps_officers_is_told_so(keeper: Browser) -> None:
    """Before it is confirmed; of another officer nothing is said."""
    form = find_forms(keeper.get(OFFICERS).text)[f"{PATH}/revoke"]
    assert "Nobody else may keep officers" in read(keeper.post(f"{PATH}/revoke", form | {"officer": "usa-a"}))
    assert "Nobody else may keep officers" not in read(keeper.post(f"{PATH}/revoke", form | {"officer": "usa-w"}))


@pytest.mark.usefixtures("tokens")
def test_the_realms_own_token_keeps_officers(apis: Apis) -> None:
    """It administers and says nothing."""
    browser = Browser(apis)
    browser.sign_in()
    assert {"usa-a", "usa-w"} <= set(read_found(browser.get(OFFICERS)).split())
    assert _read_secret(browser, _act(browser, "token", officer="usa-w")).startswith("usa-w.")


def test_a_session_is_ended(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """That one and no other, at once."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-w"])
    (seat,) = (row for row in keeper.sessions.list() if row.officer == "usa-w")
    assert _act(keeper, "end", seat=seat.mark).status_code == 303
    assert other.get("/").headers["location"].startswith("/sign-in")
    assert keeper.get("/").status_code == 200
    assert _act(keeper, "end", seat=seat.mark).status_code == 404


def test_a_passkey_is_taken_away(apis: Apis, keeper: Browser) -> None:
    """It is gone from the file, and the page."""
    key = Passkey(credential="ab" * 16, public_key="cd" * 40, count=0)
    keeper.passkeys.add("usa-w", key, at=apis.nodes["USA"].now())
    assert "abababababab" in read_found(keeper.get(OFFICERS))
    assert _act(keeper, "unkey", passkey=key.credential).status_code == 303
    assert keeper.passkeys.read().find_all("usa-w") == ()


def test_an_officers_power_ends(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """With his session, and not before it was confirmed."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-w"])
    form = find_forms(keeper.get(OFFICERS).text)[f"{PATH}/revoke"] | {"officer": "usa-w"}
    shown = keeper.post(f"{PATH}/revoke", form)
    assert "usa-w acts no more" in read_found(shown)
    assert other.get("/").status_code == 200
    assert keeper.submit(shown, f"{PATH}/revoke").status_code == 303
    assert other.get("/").headers["location"].startswith("/sign-in")
    assert "Officers who act no more" in read_found(keeper.get(OFFICERS))


def test_a_roster_and_a_delegation_are_kept(apis: Apis, keeper: Browser) -> None:
    """As the command line keeps them, with the same refusals."""
    node = apis.nodes["USA"]
    until = format_moment(node.now() + HOUR_MS)
    shift = {"page": ROSTER, "officer": "usa-w", "on_role": "watch-officer", "until": until}
    assert _act(keeper, "shift", **shift).status_code == 303
    (row,) = node.officers.read().shifts
    assert (row.officer, row.role) == ("usa-w", "watch-officer")
    assert "on duty" in read_found(keeper.get(ROSTER))
    assert _act(keeper, "hand-over", ROSTER, officer="usa-w", taker="usa-x").status_code == 303
    assert node.officers.read().shifts[-1].officer == "usa-x"
    offices = node.machine.pact.offices
    assert offices is not None
    assert offices.delegation is not None
    act = offices.delegation.acts[0].value
    given = {"page": ROSTER, "officer": "usa-w", "taker": "usa-x", "on_role": "watch-officer", "act": act}
    assert _act(keeper, "delegate", **given, until=until).status_code == 303
    (handed,) = node.officers.read().delegated
    assert (handed.giver, handed.taker) == ("usa-w", "usa-x")
    late = format_moment(node.now() + 10_000 * HOUR_MS)
    assert "officer.too-long" in _act(keeper, "delegate", **given, until=late).text
    assert "officer.no-role" in _act(keeper, "shift", **shift | {"on_role": "director"}).text
    assert "console.field-malformed" in _act(keeper, "shift", **shift | {"until": "soon"}).text


@pytest.mark.parametrize("page", [PATH, OFFICERS, ROSTER])
def test_it_is_read_in_each_language(keeper: Browser, page: str) -> None:
    """No field is left open, nothing inline."""
    for language in ("en", "ja", "ko"):
        keeper.submit(keeper.get(page), "/preferences", language=language, back=page)
        answer = keeper.get(page)
        assert f'<html lang="{language}"' in answer.text
        assert find_inline(answer.text) == []
        assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text))
