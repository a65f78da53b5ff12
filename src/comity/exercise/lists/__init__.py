"""Lists of injects that ship, one file each, under the name by which a command finds it."""

from collections.abc import Mapping
from typing import Final

__all__ = ["LISTS", "LIST_PACKAGE", "LIST_SUFFIX", "PACT_OF"]

LIST_PACKAGE: Final = __name__
LIST_SUFFIX: Final = ".toml"
PACT_OF: Final[Mapping[str, str]] = {
    "grey-zone": "camp-david",
    "lost-line": "camp-david",
    "port-attack": "csirt-aid",
}
"""The profile that each was written for."""
LISTS: Final = tuple(PACT_OF)
