"""`comity officer oidc`: the identity provider is put in use only where everybody whom it names is somebody."""

from pathlib import Path

import pytest

from comity.node.provider import PROVIDER_FILE, SIZE_BYTES_MAX
from kit.command import Json, Run
from kit.nodes import AllAccepted, copy_homes

GOOD = """issuer = "https://id.example"
client = "c"
role_claim = "groups"
[officers]
"s-1" = "usa-w"
[roles]
floor = "watch-officer"
"""


@pytest.fixture
def home(accepted_with_offices: AllAccepted, tmp_path: Path, comity: Run) -> Path:
    """A home with one officer."""
    path = copy_homes(accepted_with_offices, tmp_path) / "USA"
    assert comity("officer", "add", "usa-w", "--role", "watch-officer", "--home", path)[0] == 0
    return path


def test_a_provider_is_put_in_use_shown_and_ended(home: Path, comity: Run, comity_json: Json, tmp_path: Path) -> None:
    """What is in use lies in the realm's folder, for its owner alone."""
    file = tmp_path / "mine.toml"
    file.write_text(GOOD)
    status, out, _ = comity("officer", "oidc", file, "--home", home)
    assert (status, "https://id.example" in out, "usa-w" in out, "watch-officer" in out) == (0, True, True, True)
    (kept,) = home.rglob(PROVIDER_FILE)
    assert kept.stat().st_mode & 0o077 == 0
    assert comity_json("officer", "oidc", "--home", home)[1]["provider"]["client"] == "c"
    assert comity_json("officer", "oidc", "--off", "--home", home) == (0, {"provider": None})
    assert list(home.rglob(PROVIDER_FILE)) == []


@pytest.mark.parametrize(("old", "new", "code"), [
    ("usa-w", "usa-x", "officer.unknown"),
    ("watch-officer", "janitor", "officer.no-role"),
    ("https://id.example", "http://id.example", "oidc.malformed"),
    ("https://id.example", "https://id.example?x", "oidc.malformed"),
    ('role_claim = "groups"\n', "", "oidc.malformed"),
    ("client", "clients", "oidc.malformed"),
    ("[officers]", "[officers", "oidc.malformed"),
    ('client = "c"', 'client = "c"\nskew_s = 301', "oidc.malformed"),
    ('client = "c"', 'client = "c"\nscopes = ["groups"]', "oidc.malformed"),
])  # fmt: skip
def test_what_is_wrong_is_not_put_in_use(home: Path, comity: Run, old: str, new: str, code: str) -> None:
    """And nothing of what was in use is lost by trying."""
    file = home.parent / "mine.toml"
    assert old in GOOD
    file.write_text(GOOD.replace(old, new))
    status, _, err = comity("officer", "oidc", file, "--home", home)
    assert (status, code in err) == (2, True)
    assert list(home.rglob(PROVIDER_FILE)) == []


def test_a_file_that_is_too_large_is_not_put_in_use(home: Path, comity: Run) -> None:
    """Though what is left of it at the limit would be good."""
    file = home.parent / "mine.toml"
    file.write_text(GOOD + "#" * SIZE_BYTES_MAX)
    status, _, err = comity("officer", "oidc", file, "--home", home)
    assert (status, "oidc.malformed" in err) == (2, True)
    assert list(home.rglob(PROVIDER_FILE)) == []
