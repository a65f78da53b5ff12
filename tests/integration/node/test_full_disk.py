"""A node as a process of its own whose files may not grow: it says so, waits, and goes on once there is room (T25)."""

import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from comity.base.errors import OutageError
from comity.base.names import Party
from comity.cli.asking import Client
from comity.cli.demo.stage import REALM, Stage
from kit.patience import PATIENCE_S, wait
from kit.stage import Teller, kill_server, words

pytestmark = pytest.mark.server


@contextlib.contextmanager
def _no_room(stage: Stage, party: Party) -> Iterator[None]:
    """Let no file of a running node grow; its server is another process and has room."""
    pid = stage.find_pid(party)
    before = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, before)


def _state(stage: Stage, party: Party, *, key: str) -> str:
    """State something long once; return the code of why not, or its id."""
    statement: dict[str, object] = {
        "type": "MessageSent", "channel": "test", "level": "watch", "precedence": "flash", "consultation": [],
        "answers": [], "body": words(party, "no room left " * 1_000),
    }  # fmt: skip
    with contextlib.closing(Client(stage.home(party), REALM)) as client:
        try:
            (id_,) = client.state(stage.parties, statement, key=key)
        except OutageError as error:
            return error.code
        return id_


def test_a_disk_that_is_full_while_the_node_runs_is_named_and_waited_for(stage: Stage) -> None:
    """Statements are refused with `store.full`, no peer's page is lost; the server, killed meanwhile, comes back."""
    teller = Teller(stage)
    with stage.running():
        teller.insist("USA")
        with _no_room(stage, "USA"):
            tried = [f"fill-to-the-brim-{number}" for number in range(400)]
            heard = next((key for key in tried if _state(stage, "USA", key=key) == "store.full"), "")
            assert heard, "the disk is full, and every statement was answered"
            assert teller.status("USA")["store"]["is_full"]
            assert "alarm.store-full" in [alarm["code"] for alarm in teller.status("USA")["alarms"]]
            assert kill_server(stage, "USA")
            from_jpn = teller.insist("JPN")
            assert not teller.is_at("USA", from_jpn)
            assert _state(stage, "USA", key=heard) == "store.full"
        wait(lambda: teller.is_at("USA", from_jpn))
        wait(lambda: len(_state(stage, "USA", key=heard)) == 64)
        last = teller.insist("USA")
        for party in stage.parties:
            wait(lambda party=party: teller.is_at(party, last))  # type: ignore[misc]
            assert teller.status(party)["stopped_by"] == ""
        assert not teller.status("USA")["store"]["is_full"]
        assert _state(stage, "USA", key=heard) == _state(stage, "USA", key=heard), "the act was done twice"


def _start_without_room(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "comity.cli", *map(str, arguments)]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_S,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY)),
    )


def _check_said(done: subprocess.CompletedProcess[str]) -> None:
    error, hint = done.stderr.splitlines()
    assert (done.returncode, error.startswith("comity: error: the store cannot be written")) == (4, True)
    assert hint.endswith("[store.full]")


@pytest.mark.parametrize("is_first", [True, False])
def test_a_start_without_room_says_so_and_the_next_start_goes_on(stage: Stage, *, is_first: bool) -> None:
    """The code and exit status of an outage, with or without a store that is there already; nothing is broken."""
    teller = Teller(stage)
    if not is_first:
        with stage.running():
            teller.insist("USA")
    done = _start_without_room("node", "run", "--home", stage.home("USA"), "--realm", REALM)
    _check_said(done)
    with stage.running():
        teller.insist("USA")


def test_any_file_without_room_is_said_in_two_lines(tmp_path: Path) -> None:
    """A ceremony that cannot write its files is an outage too, and no fault of ours."""
    done = _start_without_room("init", "USA", "--home", tmp_path / "home", "--unattended")
    _check_said(done)
