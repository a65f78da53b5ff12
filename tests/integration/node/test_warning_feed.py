"""The warning feed of three running nodes, as their operators use it (docs/spec/warning.md, W20 to W36)."""

import asyncio
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from comity.cli.demo.stage import REALM, Stage
from comity.node.feed.door_socket import connect
from kit.command import start_comity
from kit.patience import wait
from kit.stage import Teller

pytestmark = pytest.mark.server

BALLISTIC, AIR = "policy.track.ballistic", "policy.track.air"


def _report(**changes: object) -> str:
    """A line as a source writes it, of now."""
    line: dict[str, object] = {
        "at": int(time.time() * 1000),
        "track": 1,
        "latitude": 39.1,
        "longitude": 127.1,
        "altitude": 12_000,
        "covariance": [[400, 0, 0], [0, 400, 0], [0, 0, 900]],
    }
    return json.dumps(line | changes) + "\n"


def _place(stage: Stage, party: str) -> tuple[object, ...]:
    return ("--home", stage.home(party), "--realm", REALM)


def _ask(stage: Stage, party: str) -> dict[str, Any]:
    """The status of a party's feed; nothing while its process is being started."""

    async def ask() -> bytes:
        async with connect(stage.realm_path(party)) as (reader, writer):
            writer.write(b'{"do": "status"}\n')
            return await reader.readline()

    try:
        found: dict[str, Any] = json.loads(asyncio.run(ask()))
    except (OSError, ValueError):
        return {"in": [], "out": [], "links": {}}
    return found


def _picture(stage: Stage, party: str, at: int | None = None) -> dict[str, Any]:
    """The picture at a party; nothing while its process is being started."""

    async def ask() -> bytes:
        async with connect(stage.realm_path(party)) as (reader, writer):
            writer.write(json.dumps({"do": "picture", "at": at}).encode() + b"\n")
            return await reader.read()

    try:
        found: dict[str, Any] = json.loads(asyncio.run(ask()))
    except (OSError, ValueError):
        return {}
    return found


def _find_pid(stage: Stage, party: str) -> int:
    """The warning process of a party: who listens on its socket."""

    async def ask() -> bytes:
        async with connect(stage.realm_path(party)) as (_, writer):
            raw: bytes = writer.get_extra_info("socket").getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
            return raw

    return int.from_bytes(asyncio.run(ask())[:4], "little")


def _send(stage: Stage, party: str, class_: str, file: Path, lines: str) -> dict[str, int]:
    file.write_text(lines)
    done = start_comity("warning", "send", file, "--class", class_, "--json", *_place(stage, party))
    assert done.returncode == 0, done.stderr + done.stdout
    counts: dict[str, int] = json.loads(done.stdout)
    return counts


def _count_rows(stage: Stage, reader: str, author: str) -> dict[tuple[str, ...], int]:
    rows = [row for row in _ask(stage, reader)["in"] if row["author"] == author]
    return {tuple(row["audience"]): row["rows"] for row in rows}


def _flood(stage: Stage, party: str, is_over: threading.Event, sent: list[int]) -> None:
    """Hand in reports as fast as they are taken, until told to stop."""

    async def flood() -> None:
        async with connect(stage.realm_path(party)) as (_, writer):
            writer.write(json.dumps({"do": "send", "class": BALLISTIC, "source": "flood"}).encode() + b"\n")
            while not is_over.is_set():
                writer.write("".join(_report(track=track) for track in range(1, 400)).encode())
                await writer.drain()
                sent.append(399)

    asyncio.run(flood())


def test_tracks_reach_those_who_may_have_them_and_no_flood_starves_the_record(stage: Stage, tmp_path: Path) -> None:
    """In full to all; coarser by a clause to one alone; anchored in the record; and words get through a flood."""
    teller, file = Teller(stage), tmp_path / "reports"
    with stage.running():
        wait(lambda: all(len(_ask(stage, party)["links"]) == 2 for party in stage.parties))
        assert _send(stage, "USA", BALLISTIC, file, _report() + _report(track=2)) == {"taken": 2}
        wait(lambda: _count_rows(stage, "JPN", "USA") == {("JPN", "KOR", "USA"): 2})
        wait(lambda: _count_rows(stage, "KOR", "USA") == {("JPN", "KOR", "USA"): 2})
        at = int(time.time() * 1000)
        digest = _picture(stage, "USA", at)["digest"]
        assert _picture(stage, "KOR", at)["digest"] == digest, "the same reports are the same picture"
        for party in ("USA", "KOR"):
            os.kill(_find_pid(stage, party), signal.SIGKILL)
        wait(lambda: _picture(stage, "USA", at).get("digest") == _picture(stage, "KOR", at).get("digest") == digest)
        wait(lambda: len(_picture(stage, "KOR").get("objects", [])) == 2)
        assert _send(stage, "JPN", AIR, file, _report(track=7)) == {"taken": 1}
        wait(lambda: _count_rows(stage, "USA", "JPN").get(("JPN", "USA")) == 1)
        assert ("JPN", "USA") not in _count_rows(stage, "KOR", "JPN")
        is_over, sent = threading.Event(), list[int]()
        flooding = threading.Thread(target=_flood, args=(stage, "USA", is_over, sent))
        flooding.start()
        try:
            wait(lambda: sum(sent) > 10_000)
            said = teller.insist("USA")
            wait(lambda: teller.is_at("JPN", said) and teller.is_at("KOR", said))
            assert flooding.is_alive(), "the flood was on all the while"
        finally:
            is_over.set()
            flooding.join()
    done = start_comity("audit", stage.home("USA"), "--realm", REALM, "--open", "--json")
    assert json.loads(done.stdout)["coverage"]["entry_counts"]["WarningAnchored"] >= 1
