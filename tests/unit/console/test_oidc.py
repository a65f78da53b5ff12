"""Signing in by the party's own identity provider, and every answer of one that must let nobody in (ADR 0064)."""

import html
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from comity.base.instants import Instant
from comity.console.session import Sessions
from comity.node.provider import ProviderFile
from kit.api import Apis
from kit.console import Browser, find_inline
from kit.patience import PATIENCE_S
from kit.provider import IdentityProvider

pytestmark = pytest.mark.server

ROLES = """
role_claim = "groups"
[roles]
floor = "watch-officer"
"""


@pytest.fixture(scope="module")
def running() -> Iterator[IdentityProvider]:
    """A provider on loopback."""
    with IdentityProvider() as opened:
        yield opened


@pytest.fixture
def provider(running: IdentityProvider, monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityProvider]:
    """The provider as it should be, waited for with patience; what a test changes is put back."""
    monkeypatch.setattr("comity.console.provider.TIMEOUT_S", PATIENCE_S)
    kept = dict(running.__dict__)
    running.metadata, running.asked, running.codes = dict(running.metadata), [], {}
    yield running
    running.__dict__.update(kept)


def _configure(provider: IdentityProvider, more: str = "", **fields: str) -> ProviderFile:
    named = {"issuer": provider.issuer, "client": provider.client, "name": "House ID", **fields}
    text = "".join(f'{name} = "{value}"\n' for name, value in named.items()) + more
    file = ProviderFile()
    file.write((text + '\n[officers]\n"s-1" = "usa-w"\n"s-2" = "usa-x"\n"s-3" = "usa-gone"\n').encode())
    return file


@pytest.fixture
def browser(apis: Apis, tokens: dict[str, str], provider: IdentityProvider) -> Browser:
    """A browser at a console whose party has a provider."""
    assert tokens
    return Browser(apis, provider=_configure(provider))


def _go(browser: Browser, to: str = "/") -> str:
    """Follow the entrance's link; return where it leads."""
    answer = browser.get("/oidc/begin", params={"next": to})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def _come(browser: Browser, brought: dict[str, str]) -> httpx.Response:
    """Arrive from the provider, and go where the page of arrival leads."""
    page = browser.get("/oidc/back", params=brought)
    onward = html.unescape(re.findall(r'http-equiv="refresh" content="0;url=([^"]*)"', page.text)[0])
    assert "set-cookie" not in page.headers
    return browser.get(onward)


def _sign_in(browser: Browser, provider: IdentityProvider, subject: str = "s-1", **claims: Any) -> httpx.Response:
    return _come(browser, provider.enter(_go(browser), subject, **claims))


def _is_out(browser: Browser) -> bool:
    return str(browser.get("/").headers.get("location", "")).startswith("/sign-in")


def test_an_officer_signs_in_and_is_where_he_was_going(browser: Browser, provider: IdentityProvider) -> None:
    """The entrance offers it by name; who is who says the party's own file."""
    page = browser.get("/sign-in?next=/shortcuts")
    assert "Sign in with House ID" in page.text
    done = _come(browser, provider.enter(_go(browser, "/shortcuts"), "s-1"))
    assert (done.status_code, done.headers["location"]) == (303, "/shortcuts")
    assert "usa-w" in browser.get("/").text


def test_the_page_of_arrival_holds_nothing_of_others(browser: Browser) -> None:
    """What somebody puts into the address stays text, and nothing that a policy would stop is in the page."""
    page = browser.get("/oidc/back", params={"state": '"><script>', "code": "x'\"", "more": "evil"})
    assert "<script" not in page.text
    assert "evil" not in page.text
    assert find_inline(page.text) == []


def _without(name: str) -> Any:
    return lambda claims: claims.pop(name)


def _with(**changed: Any) -> Any:
    return lambda claims: claims.update(changed)


NOW = int(time.time())


@pytest.mark.parametrize("twist", [
    _with(nonce="another"), _without("nonce"), _with(nonce=7),
    _with(aud="another"), _with(aud=[]), _without("aud"), _with(aud=["comity-console", "another"]),
    _with(aud=["comity-console", "another"], azp="another"), _with(azp="another"),
    _with(iss="https://evil.test"), _without("iss"),
    _with(exp=NOW - 3600), _without("exp"), _with(exp="soon"), _with(exp=True),
    _with(iat=NOW + 7200), _with(iat=NOW - 90_000), _without("iat"), _with(nbf=NOW + 7200), _with(auth_time=NOW + 7200),
])  # fmt: skip
def test_a_token_for_somebody_or_somewhen_else_lets_nobody_in(
    browser: Browser, provider: IdentityProvider, twist: Any
) -> None:
    """Another answer's, another client's, another issuer's, out of its hours: one refusal."""
    provider.twist = twist
    answer = _sign_in(browser, provider)
    assert (answer.status_code, "oidc.refused" in answer.text) == (403, True)
    assert _is_out(browser)


@pytest.mark.parametrize("how", ["sign_nothing", "sign_by_public_key", "sign_by_another"])
def test_a_token_that_the_provider_did_not_sign_lets_nobody_in(
    browser: Browser, provider: IdentityProvider, how: str
) -> None:
    """Unsigned, by the public key as if it were a secret, by another key under the same name."""
    provider.sign = getattr(provider, how)
    answer = _sign_in(browser, provider)
    assert (answer.status_code, "oidc.refused" in answer.text) == (403, True)
    assert _is_out(browser)


def test_a_token_for_several_is_good_if_it_says_that_it_is_ours(browser: Browser, provider: IdentityProvider) -> None:
    """The authorised party settles it; a clock that differs a little harms nobody."""
    now_s = int(time.time())
    provider.twist = _with(aud=["another", "comity-console"], azp="comity-console", iat=now_s + 30, exp=now_s - 30)
    assert _sign_in(browser, provider).status_code == 303


def test_what_a_browser_brought_is_good_once(browser: Browser, provider: IdentityProvider) -> None:
    """Neither the same address again nor a code that was redeemed in an answer of its own."""
    brought = provider.enter(_go(browser), "s-1")
    assert _come(browser, brought).status_code == 303
    browser.submit(browser.get("/"), "/sign-out")
    asked = provider.asked.count("/token")
    assert _come(browser, brought).status_code == 403
    assert provider.asked.count("/token") == asked
    fresh = provider.enter(_go(browser), "s-1") | {"code": brought["code"]}
    assert _come(browser, fresh).status_code == 403
    assert _is_out(browser)


def test_a_state_of_another_browser_is_none(apis: Apis, browser: Browser, provider: IdentityProvider) -> None:
    """Whoever plants his own answer in somebody's browser signs nobody in as himself; no code is looked at."""
    mallory = Browser(apis, like=browser)
    mallory.get("/sign-in")
    planted = provider.enter(_go(mallory), "s-2")
    browser.get("/sign-in")
    for state in (planted["state"], "", "zz", planted["state"] + "x", "00" * 56 + ".Lw"):
        assert _come(browser, planted | {"state": state}).status_code == 403
    assert "/token" not in provider.asked
    assert _is_out(browser)


def test_a_code_injected_into_ones_own_answer_is_of_no_use(
    apis: Apis, browser: Browser, provider: IdentityProvider
) -> None:
    """The provider wants the verifier of whoever asked for it (PKCE)."""
    victim = Browser(apis, like=browser)
    victim.get("/sign-in")
    stolen = provider.enter(_go(victim), "s-2")
    browser.get("/sign-in")
    own = provider.enter(_go(browser), "s-1")
    assert _come(browser, own | {"code": stolen["code"]}).status_code == 403
    assert _is_out(browser)


def test_an_answer_says_from_which_issuer_it_comes(browser: Browser, provider: IdentityProvider) -> None:
    """Where it says so it must be ours; where the provider always says so it must say so (RFC 9207)."""
    provider.metadata["authorization_response_iss_parameter_supported"] = True
    assert _come(browser, provider.enter(_go(browser), "s-1") | {"iss": "https://evil.test"}).status_code == 403
    assert _come(browser, provider.enter(_go(browser), "s-1")).status_code == 403
    assert _come(browser, provider.enter(_go(browser), "s-1") | {"iss": provider.issuer}).status_code == 303


def test_only_an_officer_of_this_node_is_let_in(apis: Apis, browser: Browser, provider: IdentityProvider) -> None:
    """Nobody's subject, one that the file gives to no officer of ours, one whose officer was revoked."""
    node = apis.nodes["USA"]
    node.officers.revoke("usa-x", at=Instant(node.now()))
    for subject in ("stranger", "s-2", "s-3"):
        answer = _sign_in(browser, provider, subject)
        assert (answer.status_code, "oidc.no-officer" in answer.text) == (403, True)
    assert _is_out(browser)


@pytest.mark.parametrize(("groups", "status"), [
    (["floor", "bowling"], 303), ("floor", 303), (["bowling"], 403), ([], 403), (None, 403), ([["floor"]], 403),
])  # fmt: skip
def test_the_provider_must_give_the_officers_roles(
    apis: Apis, tokens: dict[str, str], provider: IdentityProvider, groups: Any, status: int
) -> None:
    """Where the party's file maps groups to roles of the pact, who left the group does not get in as what he was."""
    assert tokens
    browser = Browser(apis, provider=_configure(provider, ROLES))
    assert _sign_in(browser, provider, groups=groups).status_code == status


def test_a_sign_in_is_as_fresh_as_the_provider_says(
    apis: Apis, tokens: dict[str, str], provider: IdentityProvider
) -> None:
    """Somebody whom the provider has known since the morning is signed in, and proves again before he releases."""
    assert tokens
    sessions = Sessions()
    browser = Browser(apis, sessions=sessions, provider=_configure(provider))
    for ago_s, is_fresh in ((0, True), (3600, False)):
        provider.auth_time_ago_s = ago_s
        assert _sign_in(browser, provider).status_code == 303
        (session,) = sessions._sessions.values()
        assert sessions.is_fresh(session) is is_fresh
        browser.submit(browser.get("/"), "/sign-out")
    provider.auth_time_ago_s, provider.twist = 0, _without("auth_time")
    _sign_in(browser, provider)
    (session,) = sessions._sessions.values()
    assert not sessions.is_fresh(session)


def test_proving_again_asks_the_provider_to_ask(browser: Browser, provider: IdentityProvider) -> None:
    """It must have asked just now, and have found the same officer; then the lock opens where one was."""
    _sign_in(browser, provider)
    browser.submit(browser.get("/"), "/lock")
    assert "Sign in with House ID" in browser.get("/prove").text
    address = _go(browser, "/shortcuts")
    assert {"prompt=login", "max_age=0"} <= set(address.partition("?")[2].split("&"))
    provider.auth_time_ago_s = 3600
    assert _come(browser, provider.enter(address, "s-1")).status_code == 403
    provider.auth_time_ago_s = 0
    assert _come(browser, provider.enter(_go(browser), "s-2")).status_code == 403
    assert browser.get("/").headers["location"] == "/prove?next=/"
    assert _come(browser, provider.enter(_go(browser, "/shortcuts"), "s-1")).headers["location"] == "/shortcuts"
    assert browser.get("/").status_code == 200


def test_signing_out_offers_to_sign_out_there_too(browser: Browser, provider: IdentityProvider) -> None:
    """Here at once; there by its own page, which leads back to ours."""
    _sign_in(browser, provider)
    assert browser.submit(browser.get("/"), "/sign-out").headers["location"] == "/oidc/left"
    assert "Sign out of House ID too" in browser.get("/oidc/left").text
    leads = browser.get("/oidc/leave").headers["location"]
    assert leads.startswith(f"{provider.issuer}/end?client_id=comity-console&post_logout_redirect_uri=")
    assert _is_out(browser)


@pytest.mark.parametrize("answer", [
    (500, b"{}"), (302, b""), (200, b"x" * 600_000),
], ids=["broken", "elsewhere", "endless"])  # fmt: skip
def test_other_ways_go_on_while_the_provider_does_not(
    apis: Apis, tokens: dict[str, str], provider: IdentityProvider, answer: tuple[int, bytes]
) -> None:
    """It is said which it is, and what to do; the token signs in."""
    provider.answer = lambda _: answer
    browser = Browser(apis, provider=_configure(provider))
    said = browser.get("/oidc/begin")
    assert (said.status_code, "oidc.unreachable" in said.text) == (503, True)
    assert browser.sign_in(tokens["usa-w"]).status_code == 303


def test_a_provider_that_is_down_is_said_to_be(apis: Apis, tokens: dict[str, str]) -> None:
    """Nobody listens there at all."""
    file, down = ProviderFile(), IdentityProvider()
    file.write(f'issuer = "{down.issuer}"\nclient = "c"\n[officers]\n"s-1" = "usa-w"\n'.encode())
    browser = Browser(apis, provider=file)
    assert browser.get("/oidc/begin").status_code == 503
    assert browser.sign_in(tokens["usa-w"]).status_code == 303


@pytest.mark.parametrize("changed", [
    {"issuer": "https://evil.test"}, {"authorization_endpoint": "javascript:alert(1)"},
    {"token_endpoint": "http://192.0.2.1/token"}, {"jwks_uri": 7}, {"code_challenge_methods_supported": ["plain"]},
    {"authorization_endpoint": None},
])  # fmt: skip
def test_a_description_that_is_not_the_issuers_own_is_not_followed(
    apis: Apis, tokens: dict[str, str], provider: IdentityProvider, changed: dict[str, Any]
) -> None:
    """Another issuer's, addresses that are none or go out in the clear, no S256."""
    assert tokens
    provider.metadata |= changed
    assert Browser(apis, provider=_configure(provider)).get("/oidc/begin").status_code == 403


def test_all_can_lie_in_files(apis: Apis, tokens: dict[str, str], provider: IdentityProvider, tmp_path: Path) -> None:
    """Description, keys, secret: then the provider is asked for the token alone, by a client that has a secret."""
    assert tokens
    provider.secret = "a secret/with signs"
    names = {"discovery": "d.json", "keys": "k.json", "secret": "s"}
    (tmp_path / "d.json").write_text(json.dumps(provider.metadata))
    (tmp_path / "k.json").write_text(json.dumps({"keys": [provider.key.as_dict(private=False)]}))
    (tmp_path / "s").write_text("a secret/with signs\n")
    head = {"issuer": provider.issuer, "client": provider.client, **names}
    text = "".join(f'{name} = "{value}"\n' for name, value in head.items()) + '[officers]\n"s-1" = "usa-w"\n'
    (tmp_path / "oidc.toml").write_text(text)
    provider.secret = "a+secret%2Fwith+signs"
    browser = Browser(apis, provider=ProviderFile(tmp_path / "oidc.toml"))
    assert _sign_in(browser, provider).status_code == 303
    assert provider.asked == ["/token"]


def test_a_new_key_of_the_provider_is_fetched(browser: Browser, provider: IdentityProvider, monkeypatch: Any) -> None:
    """A token names a key that is not known here: the keys are asked for again, not more often than every so often."""
    assert _sign_in(browser, provider).status_code == 303
    browser.submit(browser.get("/"), "/sign-out")
    provider.key = RSAKey.generate_key(2048, {"kid": "two", "use": "sig", "alg": "RS256"})
    provider.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "two"}, claims, provider.key)
    assert _sign_in(browser, provider).status_code == 403
    assert provider.asked.count("/keys") == 1
    monkeypatch.setattr("comity.console.provider.ASKED_AGAIN_S", 0.0)
    assert _sign_in(browser, provider).status_code == 303


@pytest.mark.parametrize("path", ["/oidc/begin", "/oidc/done", "/oidc/left", "/oidc/leave"])
def test_without_a_provider_there_is_none_of_this(apis: Apis, path: str) -> None:
    """No link, no page, nobody asked."""
    browser = Browser(apis)
    assert browser.get(path).status_code == 404
    assert "/oidc" not in browser.get("/sign-in").text
