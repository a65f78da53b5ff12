"""The warning feed of three running nodes, as their operators use it (docs/spec/warning.md, W20 to W36)."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from comity.base.instants import format_iso
from comity.cli.asking import Client
from comity.cli.demo.stage import REALM, Stage
from comity.exchange.cap import Alert
from comity.exchange.cap_read import parse_alert
from comity.node.bell import read_clock
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
    stage.options = ()
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
    _prove_day(stage, tmp_path)


def _prove_day(stage: Stage, folder: Path) -> None:
    """The day of two homes as bundles, proved; its table equal to it; what differs between the two by its clause."""
    at = format_iso(read_clock())
    kept = [folder / f"{party}.comity" for party in ("JPN", "KOR")]
    for party, file in zip(("JPN", "KOR"), kept, strict=True):
        done = start_comity("warning", "archive", "--day", at[:10], "--out", file, *_place(stage, party))
        assert done.returncode == 0, done.stderr + done.stdout
    here, table = [kept[0], stage.home("JPN"), "--realm", REALM], folder / "day.parquet"
    done = start_comity("warning", "export", *here, "--day", at[:10], "--out", table, "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    wrote = json.loads(done.stdout)
    assert (wrote["is_equal"], "exercise" in Path(wrote["file"]).name) == (True, True)
    judged = json.loads(start_comity("audit", *here, "--open", "--parquet", wrote["file"], "--json").stdout)
    assert judged["table"] == {"equal_count": wrote["rows"], "unlike": None}
    assert sum(row["row_count"] for row in judged["tracks"]) == wrote["rows"] > 10_000
    assert {one["severity"] for one in judged["findings"] if one["code"].startswith("warning.")} <= {"note"}
    sides = [stage.home("JPN"), kept[0], stage.home("KOR"), kept[1], "--realm", REALM]
    done = start_comity("warning", "difference", *sides, "--of", "JPN", "--and", "KOR", "--at", at, "--json")
    found = [row for row in json.loads(done.stdout)["reports"] if row["class"] == AIR]
    assert [(row["lacks"], row["why"], row["clause"]) for row in found] == [("KOR", "coarsened", f"{AIR}-jpn-kor")]


def _list_reports(stage: Stage, party: str) -> list[str]:
    """The words of each report that a node said by itself, as a party holds it."""
    with contextlib.closing(Client(stage.home(party), REALM)) as client:
        rows = client.get("/v1/threats")
    return [row["id"] for row in rows]


def _list_proposed(stage: Stage) -> dict[str, str]:
    """What Japan's officers may issue, by report."""
    done = start_comity("warning", "public", "--json", *_place(stage, "JPN"))
    return {row["report"]: row["proposed"] for row in json.loads(done.stdout or "[]")}


def _issue(stage: Stage, report: str) -> Alert:
    """What Japan's officer issues for Japan's own people, as CAP."""
    done = start_comity("warning", "warn", report, "--json", *_place(stage, "JPN"))
    (id_,) = json.loads(done.stdout)["ids"]
    done = start_comity("warning", "cap", id_, *_place(stage, "JPN"))
    return parse_alert(done.stdout.encode())


def _is_reported(stage: Stage, file: Path) -> bool:
    """Send it again until somebody looked before it was stale, on a slow machine; tell whether it was reported."""
    if not _list_reports(stage, "USA"):
        _send_missile(stage, file)
    return len(_list_reports(stage, "USA")) == 1


def _send_missile(stage: Stage, file: Path) -> None:
    """Japan's radar has seen one come down on Tokyo four minutes ago: a minute more, and it is over."""
    at = int(time.time() * 1000)
    impact = {"at": at - 240_000, "sigma_at_ms": 5_000, "latitude": 35.69, "longitude": 139.69,
              "semi_major_m": 9_000.0, "semi_minor_m": 4_000.0, "bearing": 40.0}  # fmt: skip
    line = _report(at=at, track=9, latitude=38.0, longitude=135.0, kind="mrbm", impact=impact)
    _send(stage, "JPN", BALLISTIC, file, line)


def test_a_sensor_line_becomes_one_report_at_the_peers_whatever_is_killed(stage: Stage, tmp_path: Path) -> None:
    """By the rule of the pact, said by the node; not again after both processes were killed; an audit counts it."""
    file = tmp_path / "reports"
    stage.options = ()
    with stage.running():
        wait(lambda: all(len(_ask(stage, party)["links"]) == 2 for party in stage.parties))
        wait(lambda: _is_reported(stage, file))
        (said,) = _list_reports(stage, "USA")
        alert = _issue(stage, said)
        assert (alert.message_type, alert.status, alert.references) == ("Alert", "Exercise", "")
        assert [block.language for block in alert.blocks] == ["ja", "en"]
        assert "演習" in alert.blocks[0].headline
        assert "JPN-0" not in repr(alert)
        stage.kill("JPN")
        stage.start("JPN")
        stage.connect("JPN").close()
        wait(lambda: len(_ask(stage, "JPN")["links"]) == 2)
        wait(lambda: ("policy.rule.impact-japan", [said]) in _list_drafts(stage, "KOR"))
        wait(lambda: _list_proposed(stage)[said] == "all-clear")
        clear = _issue(stage, said)
        assert (clear.message_type, clear.references) == ("Update", alert.reference)
        assert {block.responses for block in clear.blocks} == {("AllClear",)}
        assert _list_proposed(stage)[said] == ""
        assert _list_reports(stage, "USA") == [said]
    done = start_comity("audit", stage.home("USA"), "--realm", REALM, "--open", "--json")
    found = json.loads(done.stdout)
    assert found["coverage"]["entry_counts"]["ThreatDetected"] == 1
    assert not [row for row in found["findings"] if row["code"] == "warning.not-by-rule"]


def _list_drafts(stage: Stage, party: str) -> list[tuple[str, list[str]]]:
    done = start_comity("warning", "drafts", "--json", *_place(stage, party))
    return [(row["evidence"]["rule"], [one["id"] for one in row["offered"]]) for row in json.loads(done.stdout or "[]")]
