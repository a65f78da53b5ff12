"""Stock pytak at a running node's port: another party's client sees what it may, until the agreement is suspended."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.cli.demo.stage import REALM, Stage
from comity.node.home import find_free_port
from kit.command import start_comity
from kit.patience import until, wait
from kit.tak import TakClient, pytak, write_login

pytestmark = pytest.mark.server

BALLISTIC, SURFACE = "policy.track.ballistic", "policy.track.surface"


@contextlib.contextmanager
def _serving(stage: Stage, party: str) -> Iterator[int]:
    """Serve TAK clients beside a party's node, as its operator would; give the port."""
    port = find_free_port("127.0.0.1")
    options = [
        "--home",
        str(stage.home(party)),
        "--realm",
        REALM,
        "--listen",
        f"127.0.0.1:{find_free_port('127.0.0.1')}",
    ]
    command = [sys.executable, "-m", "comity.cli", "warning", "cot", "--plain", f"127.0.0.1:{port}", *options]
    log = (stage.realm_path(party) / "cot.log").open("ab")
    process = subprocess.Popen(command, stdout=log, stderr=log)
    log.close()
    try:
        yield port
    finally:
        process.terminate()
        assert process.wait(60) == 0


def _report(**changes: object) -> str:
    line: dict[str, object] = {
        "at": int(time.time() * 1000), "track": 1, "latitude": 39.1, "longitude": 127.1, "altitude": 12_000,
        "covariance": [[400, 0, 0], [0, 400, 0], [0, 0, 900]],
    }  # fmt: skip
    return json.dumps(line | changes) + "\n"


def _suspend(stage: Stage, party: str, agreement: str) -> None:
    with contextlib.closing(stage.connect(party)) as client:
        client.state(stage.parties, {
            "type": "AgreementStateStated", "agreement": agreement, "state": "suspended",
            "effective_at": int(time.time() * 1000), "reason": "breach-alleged", "notice_ends_at": [],
        })  # fmt: skip


def test_a_suspended_agreement_takes_tracks_from_another_partys_client(stage: Stage, tmp_path: Path) -> None:
    """Its marking came whole; then it goes from the map; the own system goes on, and its report is in the picture."""
    stage.options = ()
    place = ("--home", stage.home("JPN"), "--realm", REALM)
    with stage.running(), contextlib.closing(stage.connect("JPN")) as client:
        seoul = client.post("/v1/consumers", {"name": "seoul", "party": "KOR", "formats": ["cot"]})
        reporting = {"classes": [SURFACE], "ce_m": 50.0, "levels": [{"word": "", "level": "JPN-CHUI"}]}
        own = {"name": "tokyo", "party": "JPN", "formats": ["cot"], "level": "JPN-HI", "reporting": reporting,
               "topics": ["dprk-missile", "maritime"]}  # fmt: skip
        tokyo = client.post("/v1/consumers", own)
        file = tmp_path / "reports"

        def send() -> bool:
            file.write_text(_report())
            return start_comity("warning", "send", file, "--class", BALLISTIC, *place).returncode == 0

        wait(send)

        async def scene(port: int) -> None:
            theirs, ours = (TakClient(f"tcp://127.0.0.1:{port}") for _ in range(2))
            await theirs.connect(write_login("seoul", seoul["token"]))
            await ours.connect(write_login("tokyo", tokyo["token"]))
            await until(lambda: bool(theirs.shown) and bool(ours.shown))
            assert theirs.find("releasableTo", "") == ["JPN, KOR"]
            assert theirs.find("access", "") == ["KOR-III"]
            event = pytak.gen_cot(lat=35.0, lon=130.5, ce=30, hae=0, le=9_999_999, uid="SHIP", stale=60,
                                  cot_type="a-f-S-X-M-C")  # fmt: skip
            assert event is not None
            opex = f'<event opex="e-{REALM.partition("/")[2]}" '.encode()
            await ours.say(event.replace(b"<event ", opex, 1))
            await until(lambda: ours.find("type", "a-u-S-X-M-C") != [])
            for agreement in ("jpn-kor-gsomia", "tisa-2014"):
                await asyncio.to_thread(_suspend, stage, "JPN", agreement)
            await until(lambda: theirs.find("type", "t-x-d-d") != [])
            assert ours.find("type", "t-x-d-d") == []
            await theirs.leave()
            await ours.leave()

        with _serving(stage, "JPN") as port:
            wait(lambda: "127.0.0.1" in (stage.realm_path("JPN") / "cot.log").read_text())
            asyncio.run(scene(port))
