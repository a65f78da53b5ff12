"""The client asks again without doing anything twice, raises the node's codes, and reads lists to their end."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import OutageError, UsageError
from comity.client import Client


class _Flaky:
    """A node that fails so many times before it answers."""

    def __init__(self, *faults: Exception | httpx.Response) -> None:
        self.faults = list(faults)
        self.keys: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.keys.append(request.headers.get("idempotency-key", ""))
        if not self.faults:
            return httpx.Response(201, json={"ids": ["aa"]})
        fault = self.faults.pop(0)
        if isinstance(fault, Exception):
            raise fault
        return fault


def _problem(code: str, status: int, **details: Any) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "details": details})


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_an_act_whose_answer_did_not_come_is_asked_for_again_with_its_key() -> None:
    """Whatever was lost: the connection, the answer, the node for a while; and another act has another key."""
    node = _Flaky(
        httpx.ReadError("cut"), httpx.ReadTimeout("late"), _problem("api.key-under-way", 409),
        httpx.ConnectError("down"), httpx.RemoteProtocolError("half an answer"),
    )  # fmt: skip
    with Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client:
        assert client.state(["JPN"], {"type": "x"}) == ["aa"]
        assert len(node.keys) == 6
        assert len(set(node.keys)) == 1
        client.state(["JPN"], {"type": "x"}, key="a-key-of-the-caller")
        assert node.keys[-1] == "a-key-of-the-caller"
        client.state(["JPN"], {"type": "x"})
        assert len(set(node.keys)) == 3


def test_a_node_that_is_not_there_is_said_to_be_so_at_once() -> None:
    """Nothing of the act can have reached it."""
    node = _Flaky(httpx.ConnectError("refused"))
    with (
        Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client,
        pytest.raises(OutageError, match=r"api\.unreachable"),
    ):
        client.show_status()
    assert len(node.keys) == 1


def test_patience_ends() -> None:
    """With the outage that it was."""
    node = _Flaky(*[httpx.ReadError("cut")] * 3)
    with (
        Client("http://node.test", "t", patience_s=0, transport=httpx.MockTransport(node)) as client,
        pytest.raises(OutageError, match=r"api\.unreachable"),
    ):
        client.show_status()
    assert len(node.keys) == 1


@pytest.mark.parametrize(
    ("answer", "code", "kind"),
    [
        (_problem("release.withheld", 403, to="KOR", clause="policy.release"), "release.withheld", UsageError),
        (_problem("api.too-often", 429, window_s=1), "api.too-often", UsageError),
        (_problem("store.full", 503), "store.full", OutageError),
        (_problem("of.a-later-version", 400), "api.unreachable", OutageError),
        (httpx.Response(502, text="<html>a proxy"), "api.unreachable", OutageError),
        (httpx.Response(500, json=[]), "api.unreachable", OutageError),
    ],
)
def test_a_refusal_is_an_error_with_the_node_s_code(answer: httpx.Response, code: str, kind: type[Exception]) -> None:
    """And its details, so that a script decides by them; it is not asked for again."""
    node = _Flaky(answer, AssertionError())
    with Client("http://node.test", "t", patience_s=0, transport=httpx.MockTransport(node)) as client:
        with pytest.raises(kind) as raised:
            client.show_status()
        assert raised.value.code == code  # type: ignore[attr-defined]
    assert len(node.keys) == 1


def _pages() -> Iterator[httpx.Response]:
    yield httpx.Response(
        200, json={"a": [1], "b": [], "c": 7}, headers={"Link": '</x?cursor=1>; rel="next"; lists="a b"'}
    )
    yield httpx.Response(
        200, json={"a": [2], "b": [3], "c": 7}, headers={"Link": '</x?cursor=2>; rel="next"; lists="a b"'}
    )
    yield httpx.Response(200, json={"a": [], "b": [4], "c": 7})


def test_a_list_is_read_to_its_last_page() -> None:
    """Arrays, and the arrays in an object."""
    node = _Flaky(*_pages())
    with Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client:
        assert client.get("/x") == {"a": [1, 2], "b": [3, 4], "c": 7}
        node.faults = [httpx.Response(200, json=[1], headers={"Link": '</x?cursor=1>; rel="next"'}),
                       httpx.Response(200, json=[2])]  # fmt: skip
        assert client.get("/x") == [1, 2]
