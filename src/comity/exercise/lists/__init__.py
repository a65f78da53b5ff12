"""Lists of injects that ship, one file each, under the name by which a command finds it."""

from typing import Final

__all__ = ["LISTS", "LIST_PACKAGE", "LIST_SUFFIX"]

LIST_PACKAGE: Final = __name__
LIST_SUFFIX: Final = ".toml"
LISTS: Final = ("grey-zone", "lost-line")
