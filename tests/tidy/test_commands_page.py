"""The reference of commands is what the commands say of themselves."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_the_page_of_commands_is_true() -> None:
    """`make commands` writes it anew."""
    command = [sys.executable, str(HERE / "write_commands.py"), "--show"]
    page = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert "`comity backup make FILE|FOLDER`" in page
    written = HERE.parents[1] / "docs" / "guide" / "commands.md"
    assert written.read_text(encoding="utf-8") == page, "run `make commands`"
