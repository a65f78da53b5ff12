"""The process that shows the picture to TAK clients, started with a node and ended with it."""

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from comity.node.ending import end_child
from comity.node.log import note

__all__ = ["CotPlace", "keep_cot"]

RESTART_S: Final = 2.0
END_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class CotPlace:
    """Where TAK clients connect, with TLS and without, and what they call this machine."""

    tls: tuple[str, ...] = ()
    plain: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tls or self.plain)


async def keep_cot(home: Path, realm: str, place: CotPlace) -> None:
    """Run the process, again and again; cancelled with the node. It ends too where the node is killed."""
    given = [("--listen", place.tls), ("--plain", place.plain), ("--name", place.names)]
    options = [word for name, values in given for value in values for word in (name, value)]
    while True:
        with contextlib.suppress(OSError):  # no room for another process just now
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", "from comity.cli import main; main()", "warning", "cot", "--with-parent",
                "--home", str(home), "--realm", realm, *options, stdin=asyncio.subprocess.PIPE,
            )  # fmt: skip
            try:
                await child.wait()
            finally:
                assert child.stdin is not None
                child.stdin.close()
                await end_child(child, patience_s=END_S)
        note("cot.ended")
        await asyncio.sleep(RESTART_S)
