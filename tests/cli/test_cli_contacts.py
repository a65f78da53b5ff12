"""`comity contacts check` as a person types it, before the night when the card is needed."""

from pathlib import Path

import pytest

from comity.node.contacts import CONTACTS_FILE
from kit.command import Json, Run
from kit.nodes import AllAccepted, copy_homes

GOOD = '[[contact]]\nparty = "KOR"\nreach = "+00 0"\n'


@pytest.fixture(scope="module")
def home(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Japan's home, with a pact accepted."""
    return copy_homes(accepted, tmp_path_factory.mktemp("homes")) / "JPN"


def test_what_no_card_would_print_is_named(comity: Run, comity_json: Json, home: Path, tmp_path: Path) -> None:
    """With exit status 1; a party with nobody to reach is said and is no fault; where there is no file nothing is."""
    file = tmp_path / CONTACTS_FILE
    file.write_text(GOOD + '[[contact]]\nparty = "ROK"\nreach = "1"\n[challenge]\nfr = "x"\n')
    file.chmod(0o600)
    status, out, _ = comity("contacts", "check", file, "--home", home)
    assert status == 1
    assert "Contact 2: ROK is no party of the pact" in out
    assert "no card is in the language fr" in out
    file.write_text(GOOD)
    status, out, _ = comity("contacts", "check", file, "--home", home)
    assert (status, "contacts: 1" in out, "USA: nobody to reach" in out) == (0, True, True)
    file.chmod(0o644)
    assert comity_json("contacts", "check", file, "--home", home) == (
        1,
        {"contact_count": 1, "faults": [{"why": "open", "row": 0, "what": CONTACTS_FILE}], "without": ["USA"]},
    )
    assert comity_json("contacts", "check", "--home", home)[0] == 0


def test_what_is_no_such_file_is_refused(comity: Run, home: Path, tmp_path: Path) -> None:
    """With what is wrong, and its code."""
    file = tmp_path / "other.toml"
    file.write_text("[[contact]]\nparty = 7\n")
    status, _, err = comity("contacts", "check", file, "--home", home)
    assert status == 2
    assert "contacts.malformed" in err
