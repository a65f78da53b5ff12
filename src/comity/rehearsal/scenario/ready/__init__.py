"""Scenarios that ship, one file each, under the name by which a command finds it."""

from typing import Final

__all__ = ["SCENARIOS", "SCENARIO_PACKAGE", "SCENARIO_SUFFIX"]

SCENARIO_PACKAGE: Final = __name__
SCENARIO_SUFFIX: Final = ".toml"
SCENARIOS: Final = ("camp-david",)
