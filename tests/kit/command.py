"""Running the real command line: in this process, or as a script would."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.forked import LANGUAGE, run_forked
from kit.patience import PATIENCE_S

__all__ = ["Json", "Run", "start_comity"]

Run = Callable[..., tuple[int, str, str]]
"""Exit status, standard output, standard error."""

Json = Callable[..., tuple[int, Any]]
"""Exit status, and what was printed as JSON."""


def start_comity(*arguments: object, language: str = "", cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own; `language` is set as the environment sets it."""
    environment = {**os.environ, "COMITY_LANG": language or LANGUAGE, "COLUMNS": "200"}
    given = list(map(str, arguments))
    if environment["COMITY_LANG"] == LANGUAGE:
        return run_forked(given, env=environment, cwd=cwd, timeout_s=PATIENCE_S)
    return subprocess.run(
        [sys.executable, "-c", "from comity.cli import main; main()", *given],
        env=environment,
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=PATIENCE_S,
    )
