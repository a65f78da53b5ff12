"""Three nodes as an operator has them: nothing that was said is in a log or a metric, and tools work on a live node.

Texts, keys, tokens and the names of audiences are planted; everything that could be shipped elsewhere is searched.
"""

import base64
import contextlib
import json
import re
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest

from comity.audit.finding import Severity
from comity.cli.audit import judge_realms
from comity.cli.demo.stage import REALM, Stage
from comity.crypto.vault import open_vault
from comity.node.feed.door_socket import SOCKET_FILE
from kit.command import start_comity
from kit.patience import wait
from kit.stage import CALL, WITHOUT_FEED, Teller, words

pytestmark = pytest.mark.server

TEXT = "the heron stands at the north gate"
HIDDEN = ("JPN", "KOR")
STRANGER = "HERON"
PAIR = re.compile(r"JPN\W+KOR\b(?!\W+USA)")
"""The name of the hidden audience, in whatever form, and not of the one of all three."""


def _say_everything(stage: Stage, teller: Teller) -> None:
    """Say the text by every door, and have every door refuse something that holds it."""
    teller.insist("JPN", "KOR", text=TEXT)
    everybody = teller.insist("USA")
    for party in stage.parties:
        wait(lambda party=party: teller.is_at(party, everybody))  # type: ignore[misc]
    with contextlib.closing(stage.connect("JPN")) as client:
        portion = {"marking": {"level": "JPN-HI", "topics": ["dprk-missile"]}, "text": TEXT}
        client.post("/v1/items", {"to": ["KOR"], "portions": [portion]})
        headers, base = dict(client._http.headers), client._http.base_url
        for path, body in (
            ("/v1/statements", {"to": [STRANGER], "statements": [CALL]}),
            ("/v1/statements", {"to": ["KOR"], "statements": [{"type": TEXT}]}),
            ("/v1/statements", {"to": ["KOR"], "statements": [{"type": "MessageSent", "body": words("JPN", TEXT)}]}),
            ("/v1/statements", {"to": ["KOR"], "statements": [CALL | {"level": TEXT}]}),
        ):
            assert httpx.post(f"{base}{path}", json=body, headers=headers).status_code >= 400
        for raw in (TEXT.encode(), b"COMITYB1" + TEXT.encode()):
            assert httpx.post(f"{base}/v1/bundle", content=raw, headers=headers).status_code == 422
        assert httpx.get(f"{base}/v1/{TEXT}", headers=headers).status_code == 404
        assert httpx.get(f"{base}/v1/status", headers={"Authorization": f"Bearer {TEXT}"}).status_code == 401


def _find_secrets(stage: Stage) -> list[bytes]:
    """Every secret of every home, in the forms in which one could be written down."""
    found = []
    for party in stage.parties:
        home = stage.home(party)
        key = (home / "unlock.key").read_bytes()
        found.append(key)
        found += [path.read_bytes().strip() for path in stage.realm_path(party).glob("*token")]
        for vault in ("node.vault", "root.vault"):
            for name, secret in open_vault((home / vault).read_bytes(), passphrase=key).items():
                if not name.endswith("-public"):
                    found += [secret, secret.hex().encode(), base64.b64encode(secret), repr(secret)[2:-1].encode()]
    return found


def _collect(stage: Stage, party: str) -> dict[str, str]:
    """Everything of a node that may leave the machine: logs, metrics, what the doctor says, errors that others get."""
    with contextlib.closing(stage.connect(party)) as client:
        shown = {
            "metrics": client.get_bytes("/metrics").decode(),
            "doctor": json.dumps(client.get("/v1/doctor")),
        }
        for path in ("/v1/timeline/00", f"/v1/timeline/{'00' * 32}", f"/v1/items/{'00' * 32}", "/v1/nothing"):
            shown[path] = httpx.get(f"{client._http.base_url}{path}", headers=dict(client._http.headers)).text
    for log in (stage.realm_path(party) / "node.log", *(stage.realm_path(party) / "outbox").glob("*.log*")):
        shown[log.name] = log.read_text(errors="replace")
    return shown


def test_nothing_that_was_said_is_in_any_log_metric_or_error(stage: Stage) -> None:
    """No text, no key, no token anywhere; no name of an audience at a party that is not in it."""
    stage.options = ("--log-format", "json", "--log-level", "debug")
    teller = Teller(stage)
    with stage.running():
        _say_everything(stage, teller)
        shown = {party: _collect(stage, party) for party in stage.parties}
    for party in stage.parties:
        shown[party]["node.log"] = (stage.realm_path(party) / "node.log").read_text()
    secrets = _find_secrets(stage)
    assert len(secrets) > 60
    for party, files in shown.items():
        for name, text in files.items():
            assert TEXT not in text, f"{name} of {party} quotes what was said"
            assert STRANGER not in text, f"{name} of {party} names whom a statement was refused for"
            assert not [secret for secret in secrets if secret in text.encode()], f"{name} of {party} holds a key"
            if party not in HIDDEN:
                assert not PAIR.search(text), f"{name} of {party} tells of an audience that it is not in"
    # The search finds what is there: else it would find nothing of anything.
    assert PAIR.search(shown["JPN"]["metrics"])
    events = [json.loads(line)["event"] for line in shown["JPN"]["node.log"].splitlines() if line.startswith("{")]
    assert {"node.started", "link.up", "node.ended"} <= set(events)


def _comity(*arguments: object) -> Any:
    done = start_comity(*arguments, "--json")
    return done.returncode, json.loads(done.stdout)


def test_an_operators_tools_work_on_a_running_node(stage: Stage, tmp_path: Path) -> None:
    """Backup, verify, doctor and the monitor's port, while it takes statements; then the home is restored."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home = stage.home("JPN")
    (home / "root.vault").rename(tmp_path / "root.vault")
    with contextlib.ExitStack() as held:
        held.callback(stage.stop)
        (tmp_path / "kept").write_text("0123456789abcdef0123456789abcdef\n")
        stage.options = ("--metrics-port", str(port), "--metrics-token-file", str(tmp_path / "kept"), *WITHOUT_FEED)
        stage.start("JPN")
        stage.options = WITHOUT_FEED
        for party in ("KOR", "USA"):
            stage.start(party)
        clients = stage.connect_all()
        for client in clients.values():
            held.callback(client.close)
        ids = clients["JPN"].state(("KOR", "USA"), CALL)
        monitor = httpx.get(f"http://127.0.0.1:{port}/v1/health/ready")
        assert (monitor.status_code, monitor.json()) == (200, {"ready": True})
        token = (tmp_path / "kept").read_text().strip()
        assert not (stage.realm_path("JPN") / "metrics.token").exists()
        assert (stage.realm_path("KOR") / "metrics.token").exists()
        assert not (stage.realm_path("JPN") / SOCKET_FILE).exists(), "it runs without a warning process"
        metrics = httpx.get(f"http://127.0.0.1:{port}/metrics", headers={"Authorization": f"Bearer {token}"})
        assert 'comity_pages_appended_total{audience="JPN KOR USA",feed="record"}' in metrics.text
        assert "comity_disk_free_bytes " in metrics.text
        status, made = _comity("backup", tmp_path / "b", "--home", home)
        assert (status, made["opens_with"]) == (0, ["recovery"])
        assert made["stores"][0]["page_count"] > 5
        (tmp_path / "unlock.key").write_bytes((home / "unlock.key").read_bytes())
        assert _comity("backup", "verify", tmp_path / "b", "--root-vault", tmp_path / "root.vault")[0] == 0
        wait(lambda: clients["USA"].find_row(ids[0]) is not None)
        wait(lambda: _comity("doctor", "--home", home, "--fix")[1]["is_sound"])
        status, found = _comity("doctor", "--home", home)
        assert (status, found["is_sound"]) == (0, True)
        assert {row["code"] for row in found["findings"]} <= {"doctor.unattended", "doctor.epoch-awaited"}
        assert found["nodes"][REALM.replace("/", "-")]["pact_version"] == 1
        stage.stop()
        assert _comity("doctor", "--home", home, "--deep")[0] == 0
        restored = tmp_path / "restored"
        assert _comity("restore", tmp_path / "b", "--home", restored, "--root-vault", tmp_path / "root.vault")[0] == 0
        status, found = _comity("doctor", "--home", restored, "--deep")
        assert (status, {row["code"] for row in found["findings"]}) == (
            0, {"doctor.unattended", "doctor.store-old", "doctor.node-silent"},
        )  # fmt: skip


def test_a_supervisor_hears_when_a_node_is_ready_and_when_it_stops(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """READY=1 once it takes statements, STOPPING=1 before it goes (sd_notify(3))."""
    heard: list[bytes] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(str(tmp_path / "notify"))
        channel.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        stage.start("JPN")
        try:
            heard.append(channel.recv(4096))
            stage.connect("JPN").close()
        finally:
            stage.stop()
        heard.append(channel.recv(4096))
    assert heard == [b"READY=1", b"STOPPING=1"]


def test_a_home_restored_from_its_backup_goes_on_without_a_fork(stage: Stage, tmp_path: Path) -> None:
    """What was said after the backup comes back from the readers; then the node speaks, and the audit is clean."""
    teller = Teller(stage)
    home = stage.home("JPN")
    (tmp_path / "words").write_text("kept in another building")
    words_option = ("--passphrase-file", tmp_path / "words")
    with stage.running():
        teller.insist("JPN")
        assert _comity("backup", tmp_path / "b", "--home", home, *words_option)[0] == 0
        later = [teller.insist("JPN"), teller.insist("JPN", "KOR", text=TEXT)]
        wait(lambda: teller.is_at("KOR", *later) and teller.is_at("USA", later[0]))
    home.rename(tmp_path / "lost")
    assert _comity("restore", tmp_path / "b", "--home", home, *words_option)[0] == 0
    with stage.running():
        wait(lambda: not teller.status("JPN")["closed"])
        after = teller.insist("JPN")
        wait(lambda: teller.is_at("JPN", *later))
        wait(lambda: teller.is_at("KOR", after) and teller.is_at("USA", after))
    for party in stage.parties:
        assert not [alarm for alarm in _read_alarms(stage, party) if "fork" in alarm]
    report, _ = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    grave = [finding.code for finding in report.findings if finding.severity is Severity.BREACH]
    assert grave == []


def _read_alarms(stage: Stage, party: str) -> list[str]:
    """What the log of a node says of alarms."""
    log = (stage.realm_path(party) / "node.log").read_text()
    return [line for line in log.splitlines() if "alarm" in line]
