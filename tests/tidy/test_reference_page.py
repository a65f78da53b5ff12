"""The reference of the API is what the application says of itself."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def test_the_page_of_paths_is_true() -> None:
    """`make reference` writes it anew."""
    command = [sys.executable, str(HERE / "write_reference.py"), "--show"]
    environment = {"PYTHONPATH": str(HERE.parent), "COMITY_LANG": "en", "PYTHONHASHSEED": "1"}
    page = subprocess.run(command, capture_output=True, check=True, env=environment).stdout.decode()
    assert "| `POST /v1/items` ⟳ |" in page
    written = HERE.parents[1] / "docs" / "guide" / "api-reference.md"
    assert written.read_text(encoding="utf-8") == page, "run `make reference`"
