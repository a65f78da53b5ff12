"""Who lets consumers in: one answer to every wrong token, a right one remembered, floods bounded."""

import asyncio
import base64
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from litestar.exceptions import NotAuthorizedException, NotFoundException

from comity.api import doorkeeper
from comity.api.doorkeeper import Doorkeeper, get_consumer
from comity.base.errors import UsageError
from comity.crypto.password import hash_password
from comity.exchange import tokens as tested
from comity.exchange.consumer import Consumer, Format
from comity.exchange.register import Register
from kit.api import Apis

SECRET = "the-secret-of-this-test"
KEPT = hash_password(SECRET.encode())
SOC = Consumer("soc", "USA", (Format.TAXII,), KEPT, 1, "USA-CUI", ("cyber",))


class Door:
    """A doorkeeper with a clock that stands still until it is set, and a count of the checks that it makes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.register = Register()
        self.register.add(SOC)
        self.now_s, self.check_count = 0.0, 0
        self.keeper = Doorkeeper(self.register, clock=lambda: self.now_s)
        real: Callable[[bytes, str], bool] = tested._verify

        def verify(secret: bytes, kept: str) -> bool:
            self.check_count += 1
            return real(secret, kept)

        monkeypatch.setattr(tested, "_verify", verify)

    def ask(self, header: str, format_: Format | None = Format.TAXII) -> Consumer:
        """Ask to be let in."""
        connection: Any = SimpleNamespace(headers={"authorization": header}, scope={"state": {}})
        asyncio.run(self.keeper.let_in(connection, format_))
        return get_consumer(connection)


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> Door:
    """A doorkeeper who knows one consumer."""
    return Door(monkeypatch)


def basic(name: str, token: str) -> str:
    """Return the header of HTTP basic."""
    return "Basic " + base64.b64encode(f"{name}:{token}".encode()).decode()


def test_a_token_opens_in_three_ways(door: Door) -> None:
    """As a password, with or without the name before it, and as a bearer token."""
    for header in (basic("soc", SECRET), basic("soc", f"soc.{SECRET}"), f"Bearer soc.{SECRET}", f"bearer soc.{SECRET}"):
        assert door.ask(header) == SOC


@pytest.mark.parametrize(
    "header",
    ["", "Basic", "Basic ###", "Basic " + base64.b64encode(b"\xff:\xff").decode(), basic("soc", ""), "Bearer ",
     basic("soc", SECRET[:-1]), basic("nobody", SECRET), basic("", SECRET), f"Bearer {SECRET}", f"Bearer soc.{SECRET}x",
     f"Digest soc.{SECRET}", "Basic " + "A" * 9_000, "Bearer soc." + "x" * 9_000, "KEPT", "Bearer soc.KEPT"],
)  # fmt: skip
def test_whatever_else_opens_nothing(door: Door, header: str) -> None:
    """One answer, be there such a consumer or not, and it names the way in."""
    with pytest.raises(NotAuthorizedException) as caught:
        door.ask(header.replace("KEPT", KEPT))
    assert caught.value.headers == {"WWW-Authenticate": 'Basic realm="comity", charset="UTF-8"'}


def test_a_right_token_is_checked_once_in_a_while(door: Door) -> None:
    """The check is slow by design; what it found is remembered for a time, and for no other secret."""
    for _ in range(50):
        door.ask(basic("soc", SECRET))
    assert door.check_count == 1
    with pytest.raises(NotAuthorizedException):
        door.ask(basic("soc", SECRET + "x"))
    assert door.check_count == 2
    door.now_s = tested.REMEMBERED_S
    door.ask(basic("soc", SECRET))
    assert door.check_count == 3


def test_who_was_removed_is_let_in_no_more(door: Door) -> None:
    """At once, remembered or not; and one of the same name with another token is somebody else."""
    door.ask(basic("soc", SECRET))
    door.register.remove("soc")
    with pytest.raises(NotAuthorizedException):
        door.ask(basic("soc", SECRET))
    door.register.add(Consumer("soc", "JPN", (Format.TAXII,), hash_password(b"another"), 2))
    with pytest.raises(NotAuthorizedException):
        door.ask(basic("soc", SECRET))
    assert door.ask(basic("soc", "another")).party == "JPN"


def test_guessing_is_bounded(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the limit no token for that name is looked at for a while, right or wrong, known name or not."""
    monkeypatch.setattr(tested, "WRONG_COUNT_MAX", 3)
    for name in ("soc", "nobody"):
        for _ in range(3):
            with pytest.raises(NotAuthorizedException):
                door.ask(basic(name, "wrong"))
        with pytest.raises(UsageError) as caught:
            door.ask(basic(name, SECRET))
        assert caught.value.code == "consumer.too-often"
    assert door.check_count == 6
    door.now_s = tested.WINDOW_S
    assert door.ask(basic("soc", SECRET)) == SOC


def test_guessing_under_many_names_is_bounded_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """And whoever was let in before polls on meanwhile."""
    monkeypatch.setattr(tested, "WRONG_COUNT_ALL_MAX", 3)
    door.ask(basic("soc", SECRET))
    for name in ("a", "b", "c"):
        with pytest.raises(NotAuthorizedException):
            door.ask(basic(name, "wrong"))
    with pytest.raises(UsageError):
        door.ask(basic("d", "wrong"))
    assert door.ask(basic("soc", SECRET)) == SOC


def test_guessing_at_once_is_bounded_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd that comes before the first of it was found wrong gets no more checks than a queue."""
    monkeypatch.setattr(tested, "WRONG_COUNT_MAX", 3)

    async def crowd() -> list[BaseException | None]:
        wrong: Any = SimpleNamespace(headers={"authorization": basic("soc", "wrong")}, scope={"state": {}})
        asked = (door.keeper.let_in(wrong, Format.TAXII) for _ in range(40))
        return await asyncio.gather(*asked, return_exceptions=True)

    found = asyncio.run(crowd())
    assert {type(one) for one in found} == {NotAuthorizedException, UsageError}
    assert door.check_count < 3 + tested.CHECKS_AT_ONCE


def test_who_polls_is_remembered_while_others_guess(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long they go on: each poll counts anew."""
    monkeypatch.setattr(tested, "WRONG_COUNT_ALL_MAX", 1)
    for _ in range(3):
        door.ask(basic("soc", SECRET))
        with pytest.raises((NotAuthorizedException, UsageError)):
            door.ask(basic("nobody", "wrong"))
        door.now_s += tested.REMEMBERED_S - tested.WINDOW_S / 2
    assert door.check_count - 3 == 1


def test_names_that_were_tried_are_forgotten_in_time(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of names takes a bounded room."""
    monkeypatch.setattr(tested, "REMEMBERED_COUNT_MAX", 3)
    for number in range(6):
        with pytest.raises(NotAuthorizedException):
            door.ask(basic(f"name-{number}", "wrong"))
    assert len(door.keeper.tokens._wrong) == 3


def test_polling_is_bounded_for_each(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that asks without pause is told to wait."""
    monkeypatch.setattr(doorkeeper, "REQUEST_COUNT_MAX", 2)
    door.ask(basic("soc", SECRET))
    door.ask(basic("soc", SECRET))
    with pytest.raises(UsageError) as caught:
        door.ask(basic("soc", SECRET))
    assert caught.value.details == {"window_s": 60}


def test_another_format_is_not_there(door: Door) -> None:
    """A consumer of one format learns nothing of another: not that it exists either."""
    with pytest.raises(NotFoundException):
        door.ask(basic("soc", SECRET), Format.MISP)


def test_officers_add_list_and_remove_consumers(apis: Apis) -> None:
    """The token is in one answer and in no other; what it is compared with in none."""
    token = apis.add_consumer("feeds", level="USA-CUI", topics=["defence", "cyber"])
    name, _, secret = token.partition(".")
    assert (name, len(secret)) == ("feeds", 43)
    listed = apis.call("GET", "/v1/consumers")
    assert [row["name"] for row in listed.json()] == ["feeds"]
    assert listed.json()[0]["topics"] == ["cyber", "defence"]
    assert secret not in listed.text
    assert "argon2id" not in listed.text
    body = {"name": "feeds", "party": "USA", "formats": ["taxii"], "level": "USA-CUI", "topics": ["cyber"]}
    assert apis.call("POST", "/v1/consumers", json=body).json()["code"] == "consumer.exists"
    body["party"] = "FRA"
    assert apis.call("POST", "/v1/consumers", json=body).json()["code"] == "consumer.malformed"
    assert apis.call("GET", "/v1/consumers", token=token).status_code == 401
    assert apis.call("DELETE", "/v1/consumers/feeds").status_code == 200
    assert apis.call("DELETE", "/v1/consumers/feeds").json()["code"] == "consumer.unknown"
    assert apis.get("/v1/consumers") == []
