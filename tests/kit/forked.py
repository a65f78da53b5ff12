"""Processes of the command `comity` without the seconds that each takes to load: forked from one that has loaded it.

A node is a process of its own as ever, with its own signals, environment and end; only its modules are there already.
Each worker has one process that loads them when it is first needed, runs nothing else, and has one thread, so that
nothing is held by another at the fork. What must be seen of a real start is tested with `subprocess`.
"""

import functools
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from multiprocessing.context import ForkServerContext
from multiprocessing.forkserver import ensure_running
from pathlib import Path
from typing import Any, Final

import pytest

from comity.crypto import vault

__all__ = ["DERIVED", "LANGUAGE", "ForkedProcess", "run_forked", "start"]

PRELOADED: Final = ("comity.cli.commands", "comity.cli.node", "comity.cli.serve", "comity.cli.asking", "comity.api.app",
                    "comity.console.app", "uvicorn")  # fmt: skip
"""Most of what a node loads; the rest, if any, it loads by itself."""
PROGRAM: Final = (sys.executable, "-m", "comity.cli")
DERIVED: Final[list[tuple[bytes, bytes]]] = []
"""Passphrases and salts of vaults whose keys need not be worked out once more: slow by design, and known here."""
LANGUAGE: Final = "en"
"""Texts of commands are translated as they are loaded: who asks for another language starts anew."""


@functools.cache
def _load() -> ForkServerContext:
    """Start this worker's process of loaded modules."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOADED))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COMITY_LANG", LANGUAGE)
        ensure_running()
    return context


def _become(
    arguments: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: tuple[str, str],
    derived: Mapping[tuple[bytes, bytes], bytes],
) -> None:
    """Be the command, with the streams, the folder and the environment that it was given."""
    for number, path in enumerate(streams, start=1):
        opened = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    derive = vault._derive
    vault._derive = lambda passphrase, salt: derived.get((passphrase, salt)) or derive(passphrase, salt)
    from comity.cli.entry import main

    main(list(arguments))


class ForkedProcess:
    """One such process, with as much of `subprocess.Popen` as tests use."""

    def __init__(
        self, arguments: Sequence[str], *, streams: tuple[Path, Path], env: Mapping[str, str], cwd: Path | None = None
    ) -> None:
        """Start it; both streams are appended to."""
        derived = {(passphrase, salt): vault._derive(passphrase, salt) for passphrase, salt in DERIVED}
        given = (list(arguments), dict(env), str(cwd or Path.cwd()), (str(streams[0]), str(streams[1])), derived)
        self._process = _load().Process(target=_become, args=given, daemon=True)
        self._process.start()
        assert self._process.pid is not None
        self.pid: int = self._process.pid

    def poll(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        self._process.join(timeout)
        if (code := self.poll()) is None:
            raise subprocess.TimeoutExpired(" ".join(PROGRAM), timeout or 0.0)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """Kill it."""
        self.send_signal(signal.SIGKILL)


def start(command: Sequence[str], *, stdout: Any, stderr: Any, env: Mapping[str, str]) -> Any:
    """What `subprocess.Popen` does with a command of `comity` that writes to files, or that itself for others."""
    size = len(PROGRAM)
    if tuple(command[:size]) != PROGRAM or env.get("COMITY_LANG") != LANGUAGE:
        return subprocess.Popen(command, stdout=stdout, stderr=stderr, env=env)
    return ForkedProcess(command[size:], streams=(Path(stdout.name), Path(stderr.name)), env=env)


def run_forked(
    arguments: Sequence[str], *, env: Mapping[str, str], cwd: Path | None, timeout_s: float
) -> subprocess.CompletedProcess[str]:
    """Run one to its end and return what it printed."""
    with tempfile.TemporaryDirectory(prefix="comity-forked-") as folder:
        streams = (Path(folder, "stdout"), Path(folder, "stderr"))
        process = ForkedProcess(arguments, streams=streams, env=env, cwd=cwd)
        try:
            code = process.wait(timeout_s)
        finally:
            process.kill()
        printed = [path.read_text(encoding="utf-8") for path in streams]
    return subprocess.CompletedProcess(list(arguments), code, *printed)
