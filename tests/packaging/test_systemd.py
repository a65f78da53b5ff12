"""The unit files are what systemd reads, they are closed as far as a node can be, and they name commands that exist."""

import configparser
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import click
import pytest

from comity.base.instants import Instant
from comity.cli.backup import find_backup_file
from comity.cli.commands import comity

UNITS = Path(__file__).parents[2] / "packaging" / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))
EXPOSURE_MAX = 1.5
"""Of ten; what remains is the network, which is what a node is for."""
ANALYZE = shutil.which("systemd-analyze")


def _read(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=False, comment_prefixes=("#",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """Copies whose program is one that this host has, as the check wants to see it."""
    for path in UNITS.iterdir():
        text = path.read_text(encoding="utf-8").replace("/opt/comity/bin/comity", "/bin/true")
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze on this host: the unit files were not verified")
def test_systemd_reads_every_unit_without_a_word(units: Path) -> None:
    """`systemd-analyze verify` names every directive that it does not know."""
    assert ANALYZE is not None
    for path in sorted(units.iterdir()):
        instance = path.with_name(path.name.replace("@.", "@exercise-first."))
        path.rename(instance)
    found = subprocess.run([ANALYZE, "verify", "--man=no", *map(str, sorted(units.iterdir()))],
                           capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    said = [line for line in found.stderr.splitlines() if "comity" in line]
    assert (found.returncode, said) == (0, [])


@pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze on this host: the exposure was not judged")
@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_is_closed_as_far_as_it_can_be(units: Path, service: Path) -> None:
    """The overall exposure that `systemd-analyze security` gives stays below the bound."""
    assert ANALYZE is not None
    unit = (units / service.name).rename(units / service.name.replace("@.", "@exercise-first."))
    found = subprocess.run([ANALYZE, "security", "--offline=yes", "--no-pager", str(unit)],
                           capture_output=True, text=True, check=False, timeout=60)  # fmt: skip
    judged = re.search(r"Overall exposure level for .*: ([0-9.]+)", found.stdout)
    assert judged is not None, found.stdout + found.stderr
    assert float(judged[1]) <= EXPOSURE_MAX


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_a_service_runs_a_command_that_exists(service: Path) -> None:
    """With options that it has."""
    program, *words = _read(service)["Service"]["ExecStart"].split()
    assert program == "/opt/comity/bin/comity"
    command: click.Command = comity
    while isinstance(command, click.Group):
        context = click.Context(command)
        name = words.pop(0) if words[0] in command.list_commands(context) else "make"
        found = command.get_command(context, name)
        assert found is not None
        command = found
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_the_passphrase_is_a_credential(service: Path) -> None:
    """Never a line in the unit, never in the environment, where other programs of the account could read it."""
    text = service.read_text(encoding="utf-8")
    assert "LoadCredentialEncrypted=passphrase:" in text
    assert "COMITY_PASSPHRASE=" not in text
    assert _read(service)["Service"]["NoNewPrivileges"] == "yes"


def test_a_node_that_refuses_to_start_is_not_started_again_and_again() -> None:
    """Exit status 2 and 3 need a person; a crash does not."""
    service = _read(UNITS / "comity-node@.service")["Service"]
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"].split() == ["2", "3"]


def test_the_nightly_backup_deletes_old_backups_and_nothing_else(tmp_path: Path) -> None:
    """What the unit runs after a whole backup, run on a folder: as old as the guide says, and only what it made."""
    words = _read(UNITS / "comity-backup@.service")["Service"]["ExecStartPost"].replace("%S", str(tmp_path)).split()
    folder = tmp_path / "comity" / "backups"
    (folder / "deeper").mkdir(parents=True)
    now = int(time.time())
    for name, days in (("old", 32), ("new", 20)):
        made = find_backup_file(folder, party="JPN", at=Instant((now - days * 86_400) * 1000))
        for path in (made, folder / f"{name}.note", folder / "deeper" / made.name):
            path.write_bytes(b"x")
            os.utime(path, (now - days * 86_400,) * 2)
    subprocess.run(words, check=True, timeout=60)
    left = sorted(path.relative_to(folder).parts[0] for path in folder.rglob("*") if path.is_file())
    assert len(left) == 5
    assert left.count("deeper") == 2
    assert {"old.note", "new.note"} <= set(left)
    assert [name for name in left if name.endswith("backup")] == [
        find_backup_file(folder, party="JPN", at=Instant((now - 20 * 86_400) * 1000)).name
    ]
