"""The demo at a terminal, and without one: who is asked to press what, and how it ends."""

import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time

import pytest

from kit.patience import PATIENCE_S

HOLD = "from comity.cli.demo.watching import hold; hold(); print('ended')"
TURN = "from comity.cli.demo.watching import is_watched, wait_for_enter; wait_for_enter(); print('on', is_watched())"


def _watch(program: str, *keys: bytes) -> tuple[int, str]:
    """Run a program at a terminal, press keys again and again until it ends; return its status and what it printed."""
    master, terminal = pty.openpty()
    settings = termios.tcgetattr(terminal)
    settings[3] &= ~termios.ECHO  # or the keys would stand in the midst of what is printed
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
    command = [sys.executable, "-c", program]
    running = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True)
    os.close(terminal)
    printed, until = b"", time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if b"." in printed:  # it has said what it waits for
            for key in keys:
                os.write(master, key)
        if not select.select([master], [], [], 0.1)[0]:
            continue
        try:
            printed += os.read(master, 4096)
        except OSError:  # nobody is at the other end any more
            break
    os.close(master)
    return running.wait(timeout=PATIENCE_S), printed.decode()


def test_ctrl_c_ends_the_hold_and_the_audit_goes_on() -> None:
    """At a terminal; any other key leaves the consoles open."""
    status, printed = _watch(HOLD, b"x", b"\r", b"\x03")
    assert (status, "The consoles stay open" in printed, "ended" in printed) == (0, True, True)


@pytest.mark.parametrize("key", [b"\r", b" "])
def test_a_chapter_waits_for_enter(key: bytes) -> None:
    """Or the space bar; any other key is none."""
    status, printed = _watch(TURN, b"x", key)
    assert (status, "on True" in printed) == (0, True)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=["interrupted", "told to end"])
def test_without_a_terminal_a_signal_ends_the_hold(end: int) -> None:
    """What `--keep-running` waits for in a script."""
    command = [sys.executable, "-u", "-c", HOLD]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as running:
        stdout = running.stdout
        assert stdout is not None
        assert b"The consoles stay open" in stdout.readline()
        running.send_signal(end)
        assert (running.wait(timeout=PATIENCE_S), stdout.read().strip()) == (0, b"ended")
