"""Reading and writing caveats, form by form (docs/spec/release.md, R6)."""

import pytest

from comity.procedure.caveat import NO_CAVEATS, Narrowing, read_caveats, write_listed, write_under

PARTIES = frozenset({"JPN", "KOR", "USA"})
AGREEMENTS = frozenset({"a-1", "b-2", "c-3"})
MANY = tuple(f"P{number:02}" for number in range(30))


def read(*caveats: str) -> Narrowing | None:
    """What these caveats leave open among three parties and three agreements."""
    return read_caveats(caveats, parties=PARTIES, agreements=AGREEMENTS)


def test_without_caveats_nothing_is_narrowed() -> None:
    """Every way is open that the rest of the funnel opens."""
    assert read() == NO_CAVEATS == Narrowing(national_only=False, originator_controlled=False, listed=None, under=None)


@pytest.mark.parametrize("national", ["NATIONAL EYES ONLY", "NOFORN"])
def test_both_spellings_of_national_only(national: str) -> None:
    """Alone, and beside another caveat."""
    assert read(national) == Narrowing(national_only=True)
    both = sorted((national, "ORCON"))
    assert read(*both) == Narrowing(national_only=True, originator_controlled=True)


def test_lists_mean_their_intersection() -> None:
    """Two lists of parties, two of agreements; what is left may be nobody, and is not the same as no list."""
    assert read("REL TO JPN, KOR", "REL TO KOR, USA") == Narrowing(listed=frozenset({"KOR"}))
    assert read("REL TO JPN", "REL TO USA") == Narrowing(listed=frozenset())
    assert read("ONLY UNDER a-1, b-2", "ONLY UNDER b-2, c-3") == Narrowing(under=frozenset({"b-2"}))
    assert read("ONLY UNDER a-1", "ONLY UNDER c-3") == Narrowing(under=frozenset())


def test_what_follows_a_plain_caveat_is_read_too() -> None:
    """A list after it narrows, and an unknown one makes the whole unreadable."""
    assert read("NOFORN", "ORCON", "REL TO JPN, USA") == Narrowing(
        national_only=True, originator_controlled=True, listed=frozenset({"JPN", "USA"})
    )
    assert read("ORCON", "ODD") is None
    assert read("ORCON", "ZZZ") is None


@pytest.mark.parametrize(
    "caveats",
    [
        ("REL TO USA", "ORCON"),
        ("ORCON", "ORCON"),
        ("NOFORN", "REL TO JPN", "ORCON"),
        ("REL TO ",),
        ("REL TO KOR, JPN",),
        ("REL TO JPN, JPN",),
        ("REL TO JPN, AUS",),
        ("REL TO AUS",),
        ("REL TO JPN,KOR",),
        ("REL TO a-1",),
        ("ONLY UNDER ",),
        ("ONLY UNDER b-2, a-1",),
        ("ONLY UNDER z-9",),
        ("ONLY UNDER JPN",),
        ("JPN REL TO ",),
        ("JPN",),
        ("JPN, KOR",),
        ("a-1",),
        ("",),
    ],
)
def test_what_cannot_be_read(caveats: tuple[str, ...]) -> None:
    """Caveats or names out of order, twice, unknown, none at all, or in a form that is no form."""
    assert read(*caveats) is None


def test_what_is_written_is_read_again() -> None:
    """In the one permitted order, however many names there are."""
    assert write_listed(frozenset(MANY)) == "REL TO " + ", ".join(MANY)
    assert write_under(frozenset(MANY)) == "ONLY UNDER " + ", ".join(MANY)
    assert read(write_listed(PARTIES)) == Narrowing(listed=PARTIES)
    assert read(write_under(AGREEMENTS)) == Narrowing(under=AGREEMENTS)
