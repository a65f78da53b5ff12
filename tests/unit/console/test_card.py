"""The call-down card: what the pact and the party's own file say, and empty lines for what neither does."""

import re
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.node.contacts import CONTACT_COUNT_MAX, SIZE_BYTES_MAX, Contacts, ContactsFile
from kit.api import Apis
from kit.console import Browser, find_inline, strip_tags

FILE = """
[[contact]]
party = "KOR"
office = "watch-officer"
channel = "hotline.nsc"
reach = "<b>+82 0 000 0000</b>"
note = "ask for the watch"

[challenge]
en = "By the blue list."
ja = "青い表による。"
"""


def _open(apis: Apis, file: Path | None) -> Browser:
    """Open a browser at a console whose party keeps its contacts in this file."""
    browser = Browser(apis, contacts=ContactsFile(file))
    browser.sign_in()
    return browser


def _sheets(browser: Browser, path: str = "/card") -> dict[str, str]:
    """Return what each sheet says, by its language."""
    page = browser.get(path)
    assert page.status_code == 200, page.text
    assert find_inline(page.text) == []
    rows = re.findall(r'<article class="sheet" lang="(..)">(.*?)</article>', page.text, re.DOTALL)
    return {language: strip_tags(text) for language, text in rows}


def test_a_sheet_in_each_language_says_what_the_pact_says(apis: Apis) -> None:
    """Parties, channels, precedence, phrases under numbers that are the same on each sheet; and which pact."""
    sheets = _sheets(_open(apis, None))
    assert list(sheets) == ["en", "ja", "ko"]
    assert "Launch detected at ‹time 1›" in sheets["en"]
    assert "‹時刻1›に発射を探知" in sheets["ja"]
    assert "Launch detected" in sheets["ja"]
    assert "특별긴급" in sheets["ko"] or "FLASH" in sheets["ko"]
    assert "대한민국" in sheets["ko"]
    assert "NSC line hotline.nsc" in sheets["en"]
    digest = apis.nodes["USA"].machine.versions.current.digest.hex()[:16]
    assert all(digest in text for text in sheets.values())
    assert "演習 演習 演習" in sheets["ja"]


def test_nothing_is_invented(apis: Apis) -> None:
    """Without a file there is no number on it, but lines to write on, and the page says where numbers come from."""
    browser = _open(apis, None)
    page = browser.get("/card/en")
    assert "No numbers are known here" in page.text
    assert page.text.count('class="blank"') == 4
    assert not re.search(r"\+\d{2}", page.text)


def test_numbers_are_those_of_the_partys_own_file(apis: Apis, tmp_path: Path) -> None:
    """Letter for letter, with offices and channels by their titles; what was written last is read."""
    file = tmp_path / "contacts.toml"
    file.write_text(FILE, encoding="utf-8")
    browser = _open(apis, file)
    sheets = _sheets(browser)
    assert "Watch officer NSC line <b>+82 0 000 0000</b> ask for the watch" in sheets["en"]
    assert "当直士官 NSC回線" in sheets["ja"]
    assert "By the blue list." in sheets["en"]
    assert "青い表による。" in sheets["ja"]
    assert "By the blue list." in sheets["ko"]
    file.write_text('[[contact]]\nparty = "JPN"\nreach = "other"\n', encoding="utf-8")
    assert "other" in _sheets(browser, "/card/en")["en"]


@pytest.mark.parametrize(
    "text",
    [
        "[[contact]]\nparty = 'KOR'\n",
        "[[contact]]\nparty = 'KOR'\nreach = 'x'\nsecret = 'y'\n",
        "not toml",
        "[[contact]]\nparty = 'KOR'\nreach = 'x'\n" * (CONTACT_COUNT_MAX + 1),
        "#" * (SIZE_BYTES_MAX + 1),
        "\udcff",
    ],
)
def test_a_file_that_is_none_is_said_and_the_card_printed_without_it(apis: Apis, tmp_path: Path, text: str) -> None:
    """Bounded, of known fields, in UTF-8: anything else has a code, and never stops a card."""
    file = tmp_path / "contacts.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(UsageError, match=r"contacts\.malformed"):
        ContactsFile(file).read()
    page = _open(apis, file).get("/card/en")
    assert page.status_code == 200
    assert 'role="alert"' in page.text
    assert page.text.count('class="blank"') == 4


def test_no_file_is_a_card_without_contacts(tmp_path: Path) -> None:
    """Whether none was named or none is there."""
    assert ContactsFile().read() == ContactsFile(tmp_path / "contacts.toml").read() == Contacts()


def test_another_language_than_ours_is_all_of_them(apis: Apis) -> None:
    """The page round the sheets stays in the reader's language."""
    browser = _open(apis, None)
    assert list(_sheets(browser, "/card/fr")) == ["en", "ja", "ko"]
    page = browser.get("/card/ja").text
    assert '<html lang="en"' in page
    assert "Call-down card" in page
