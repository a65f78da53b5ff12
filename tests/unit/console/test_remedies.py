"""What an error page tells an officer to do can be done at the console."""

import re

from comity.base.catalogue import CODES
from comity.console.remedies import OF_THE_MACHINE, REMEDIES, find_remedy
from kit.console import Browser

_COMMAND = re.compile(r"comity [a-z]|`comity| --[a-z]")


def test_no_remedy_of_an_officer_is_a_command() -> None:
    """A row of the catalogue that names one has another for the console, or is of the node's machine alone."""
    assert set(REMEDIES) <= set(CODES)
    for code, row in CODES.items():
        if not {code, code.partition(".")[0]} & OF_THE_MACHINE:
            assert not _COMMAND.search(find_remedy(row)), code
    assert [code for code in REMEDIES if not _COMMAND.search(CODES[code].hint)] == [], "the catalogue's own would do"


def test_a_page_says_it_in_the_readers_language(usa: Browser) -> None:
    """The terminal's words stay with the terminal."""
    page = usa.get(f"/approvals/{'0' * 64}").text
    assert "approval.none" in page
    assert "the page Watch shows what does" in page
    assert "comity approve" not in page
