"""The page *Administration*: who may see and do what, and each act by its form."""

import re
from collections.abc import Iterator

import httpx
import pytest

from comity.base.instants import HOUR_MS
from comity.console.moments import format_moment
from comity.crypto.passkey import Passkey
from comity.pact.offices import Act
from kit.api import Apis
from kit.console import Browser, find_forms, find_inline, read_found
from kit.officers import have_officers

PATH = "/administration"


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
    browser = Browser(apis)
    browser.sign_in(tokens["usa-a"])
    return browser


def _act(browser: Browser, name: str, /, **fields: str) -> httpx.Response:
    """Fill a form of the page, confirm what is shown; return the last answer."""
    form = find_forms(browser.get(PATH).text)[f"{PATH}/{name}"]
    shown = browser.post(f"{PATH}/{name}", form | fields)
    if shown.status_code != 200:
        return shown
    return browser.submit(shown, f"{PATH}/{name}")


def test_only_whoever_may_keep_officers_sees_them(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """An auditor sees how the node stands, and neither names nor sessions; nor does he act."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-v"])
    text = read_found(other.get(PATH))
    assert "pages stored" in text
    assert "usa-x" not in text
    assert "usa-a" not in text
    assert {"usa-a", "usa-w", "usa-x"} <= set(read_found(keeper.get(PATH)).split())
    form = find_forms(keeper.get(PATH).text)[f"{PATH}/revoke"] | {"officer": "usa-x"}
    own = find_forms(other.get("/").text)["/lock"]["form"]
    refused = other.post(f"{PATH}/revoke", form | {"form": own})
    assert refused.status_code == 403
    assert "officer.wrong-role" in refused.text


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
    assert "abababababab" in read_found(keeper.get(PATH))
    assert _act(keeper, "unkey", passkey=key.credential).status_code == 303
    assert keeper.passkeys.read().find_all("usa-w") == ()


def test_an_officers_power_ends(apis: Apis, keeper: Browser, tokens: dict[str, str]) -> None:
    """With his session, and not before it was confirmed."""
    other = Browser(apis, like=keeper)
    other.sign_in(tokens["usa-w"])
    form = find_forms(keeper.get(PATH).text)[f"{PATH}/revoke"] | {"officer": "usa-w"}
    shown = keeper.post(f"{PATH}/revoke", form)
    assert "usa-w acts no more" in read_found(shown)
    assert other.get("/").status_code == 200
    assert keeper.submit(shown, f"{PATH}/revoke").status_code == 303
    assert other.get("/").headers["location"].startswith("/sign-in")


def test_a_roster_and_a_delegation_are_kept(apis: Apis, keeper: Browser) -> None:
    """As the command line keeps them, with the same refusals."""
    node = apis.nodes["USA"]
    until = format_moment(node.now() + HOUR_MS)
    assert _act(keeper, "shift", officer="usa-w", on_role="watch-officer", until=until).status_code == 303
    (shift,) = node.officers.read().shifts
    assert (shift.officer, shift.role) == ("usa-w", "watch-officer")
    assert "on duty" in read_found(keeper.get(PATH))
    offices = node.machine.pact.offices
    assert offices is not None
    assert offices.delegation is not None
    act = offices.delegation.acts[0].value
    given = {"officer": "usa-w", "taker": "usa-x", "on_role": "watch-officer", "act": act}
    assert _act(keeper, "delegate", **given, until=until).status_code == 303
    (row,) = node.officers.read().delegated
    assert (row.giver, row.taker) == ("usa-w", "usa-x")
    late = format_moment(node.now() + 10_000 * HOUR_MS)
    assert "officer.too-long" in _act(keeper, "delegate", **given, until=late).text
    assert "officer.no-role" in _act(keeper, "shift", officer="usa-w", on_role="director", until=until).text
    assert "console.field-malformed" in _act(keeper, "shift", officer="usa-w", until="soon").text


def test_it_is_read_in_each_language(keeper: Browser) -> None:
    """No field is left open, nothing inline."""
    for language in ("en", "ja", "ko"):
        keeper.submit(keeper.get(PATH), "/preferences", language=language, back=PATH)
        answer = keeper.get(PATH)
        assert f'<html lang="{language}"' in answer.text
        assert find_inline(answer.text) == []
        assert not re.search(r"\{[a-z_]+\}", re.sub(r'content="[^"]*"', "", answer.text))
