"""What neighbouring systems sent: files that nobody here wrote, found through COMITY_TEST_DATA."""

import os
from pathlib import Path

DATA = Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[3] / "shared" / "data"))
NO_DATA = f"NO TEST DATA at {DATA}: set COMITY_TEST_DATA"
"""Why a test is skipped, loudly."""


def list_files(folder: str) -> list[Path]:
    """Return the files of a folder of the data, sorted; none where there is no data."""
    return sorted(path for path in (DATA / folder).glob("*") if path.is_file())
