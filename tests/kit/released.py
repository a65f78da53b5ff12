"""Homes that released versions wrote, as they are kept in `tests/fixtures/formats`."""

import tarfile
from pathlib import Path
from typing import Final

__all__ = ["PARTY", "PASSPHRASE", "REALM", "REALM_FOLDER", "find_page_count", "unpack_home"]

FORMATS: Final = Path(__file__).parents[1] / "fixtures" / "formats"
PARTY: Final = "JPN"
PASSPHRASE: Final = "played, and known to everybody"
REALM: Final = "exercise/kit"
REALM_FOLDER: Final = "realms/exercise-kit"
PAGE_COUNTS: Final = {1: 25}


def unpack_home(folder: Path, *, format_: int = 1) -> Path:
    """Put the home of a released format into a folder; return its path."""
    with tarfile.open(FORMATS / str(format_) / "home.tar.xz") as archive:
        archive.extraction_filter = getattr(tarfile, "tar_filter", None)  # before Python 3.11.4 there is none
        archive.extractall(folder)
    (folder / PARTY).chmod(0o700)
    return folder / PARTY


def find_page_count(format_: int = 1) -> int:
    """How many pages its store has."""
    return PAGE_COUNTS[format_]
