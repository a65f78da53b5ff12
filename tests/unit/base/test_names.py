"""Forms of names (docs/spec/journal.md, J3)."""

import pytest

from comity.base import limits
from comity.base.names import format_digest, is_audience, is_party, is_realm


@pytest.mark.parametrize("name", ["USA", "J", "CERT-EE", "A2345678901B"])
def test_a_party_name_is_short_capitals(name: str) -> None:
    """One to twelve: a capital, then capitals, digits, hyphens."""
    assert is_party(name)


@pytest.mark.parametrize("name", ["", "usa", "1A", "-A", "ABCDEFGHIJKLM", "US A", "USA\n", "ÜSA", "US_A"])
def test_other_party_names_are_not(name: str) -> None:
    """No case, no space, no letters that look alike."""
    assert not is_party(name)


@pytest.mark.parametrize(
    ("realm", "is_one"),
    [
        ("real", True),
        ("exercise/tide-24", True),
        ("exercise/" + "a" * 39, True),
        ("exercise/" + "a" * 40, False),
        ("exercise/", False),
        ("exercise/-a", False),
        ("exercise/A", False),
        ("Real", False),
        ("real/x", False),
        ("real\n", False),
        ("", False),
    ],
)
def test_a_realm_is_real_or_a_named_exercise(realm: str, is_one: bool) -> None:
    """Nothing can look like `real` and not be it (law 5)."""
    assert is_realm(realm) is is_one


@pytest.mark.parametrize(
    ("names", "is_one"),
    [
        (("USA",), True),
        (("JPN", "USA"), True),
        (("CERT-EE", "CERT0"), True),
        ((), False),
        (("USA", "JPN"), False),
        (("USA", "USA"), False),
        (("usa",), False),
        (tuple(f"P{n:03}" for n in range(256)), True),
        (tuple(f"P{n:03}" for n in range(257)), False),
    ],
)
def test_an_audience_is_ascending_and_never_empty(names: tuple[str, ...], is_one: bool) -> None:
    """One audience has one form; nobody is nobody, not everybody."""
    assert is_audience(names) is is_one


def test_a_digest_is_shortened_for_people() -> None:
    """Sixteen hexadecimal digits are enough to compare on a screen."""
    assert format_digest(bytes(range(32))) == "0001020304050607"


def test_limits_fit_into_one_another() -> None:
    """An entry fits its page with a header, a page its pull, a bundle frame the largest page, each with room."""
    assert limits.ENTRY_SIZE_BYTES_MAX + 8 * 1024 < limits.PAGE_SIZE_BYTES_MAX < limits.BULK_PAGE_SIZE_BYTES_MAX
    assert limits.BULK_PAGE_SIZE_BYTES_MAX < limits.LINK_MESSAGE_SIZE_BYTES_MAX
    assert limits.BULK_PAGE_SIZE_BYTES_MAX < limits.PULL_SIZE_BYTES_MAX
    assert limits.PACT_SIZE_BYTES_MAX + 1024 < limits.BUNDLE_FRAME_SIZE_BYTES_MAX
    assert limits.SEEN_COUNT_MAX * 80 + 8 * 1024 < limits.PAGE_SIZE_BYTES_MAX
