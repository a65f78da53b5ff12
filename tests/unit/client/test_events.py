"""Listening goes on over cuts, new starts and a reader that was too slow; nothing is lost, and it ends when told to."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from comity.base.errors import OutageError, UsageError
from comity.client import Client
from comity.client.events import read_events


def _write(name: str, position: str = "", **content: Any) -> bytes:
    id_ = f"id: {position}\n" if position else ""
    return f"event: {name}\n{id_}data: {json.dumps({'event': name, **content})}\n\n".encode()


class _Node:
    """Answers each request for events with the next of its streams."""

    def __init__(self, *streams: Any) -> None:
        self.streams = list(streams)
        self.after: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.after.append(request.headers.get("last-event-id", ""))
        stream = self.streams.pop(0) if self.streams else UsageError("api.no-access")
        if isinstance(stream, UsageError):
            return httpx.Response(401, json={"code": stream.code, "details": {}})
        if isinstance(stream, Exception):
            raise stream
        if isinstance(stream, httpx.Response):
            return stream
        return httpx.Response(200, stream=_Cut(stream))


class _Cut(httpx.SyncByteStream):
    """What comes, and then the cut."""

    def __init__(self, parts: list[Any]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        for part in self._parts:
            if isinstance(part, Exception):
                raise part
            yield part


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _: None)


def test_it_goes_on_after_what_was_dealt_with() -> None:
    """After a cut in the middle of an event, of a node that is down, is full, or ended a slow reader."""
    node = _Node(
        [_write("begun", "1-a"), _write("stated", "2-b"), b"event: stated\nid: 3-c\nda", httpx.ReadError("cut")],
        httpx.ConnectError("down"),
        httpx.Response(503, json={"code": "events.too-many", "details": {}}),
        [_write("begun", "2-b"), _write("stated", "3-c"), _write("heartbeat"), _write("ended", code="events.too-slow")],
        [_write("begun", "3-c"), _write("stated", "4-d")],
    )  # fmt: skip
    with Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client:
        listening, heard = client.listen(after="1-a"), list[str]()
        with pytest.raises(UsageError, match=r"api\.no-access"):
            heard.extend(event.position for event in listening if event.name == "stated")
    assert heard == ["2-b", "3-c", "4-d"]
    assert node.after == ["1-a", "2-b", "2-b", "2-b", "3-c", "4-d"]
    assert listening.position == "4-d"


def test_an_event_that_was_not_dealt_with_comes_again() -> None:
    """Whoever breaks off in the middle goes on with the same event."""
    stream = [_write("begun", "1-a"), _write("stated", "2-b"), _write("stated", "3-c")]
    node = _Node(stream, stream)
    with Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client:
        listening = client.listen()
        for event in listening:
            if event.position == "2-b":
                break
        assert listening.position == "1-a"


def test_patience_ends_with_what_kept_the_node_away() -> None:
    """Without any, at the first failure."""
    node = _Node(httpx.ConnectError("down"))
    with (
        Client("http://node.test", "t", transport=httpx.MockTransport(node)) as client,
        pytest.raises(OutageError, match=r"api\.unreachable"),
    ):
        next(iter(client.listen(patience_s=-1)))


@pytest.mark.parametrize("lines", [["data: {", ""], ["data: []", ""], ["data: " + "x" * 2_000_000, ""]])
def test_what_no_node_writes_is_an_outage(lines: list[str]) -> None:
    """Not JSON, not an object, without end: the stream is asked for anew."""
    with pytest.raises(OutageError, match=r"api\.unreachable"):
        list(read_events(iter(lines)))


def test_comments_and_empty_lines_are_none() -> None:
    """As the standard has it."""
    assert [event.name for event in read_events(iter([": hello", "", "", "event: a", "data: {}", ""]))] == ["a"]
