"""Errors by whose move is next, and their one catalogue."""

import re

import pytest

from comity.base.catalogue import CODES, Fault
from comity.base.errors import ComityError, OutageError, RemoteError, UsageError, get_code, make_error


def test_every_code_is_named_by_room_and_fault() -> None:
    """Codes are API: lower case, one dot, hyphens; their wording never ends in a full stop, so it can be composed."""
    for name, row in CODES.items():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9-]+", name), name
        assert name == row.name
        assert row.says, name
        assert row.hint, name
        assert not row.says.endswith("."), name


def test_exit_status_follows_from_the_fault() -> None:
    """A script sees by the exit status alone whose move is next."""
    expected = {Fault.USAGE: 2, Fault.REMOTE: 3, Fault.OUTAGE: 4}
    assert all(row.exit_status == expected[row.fault] for row in CODES.values())
    assert all(400 <= row.http_status < 600 for row in CODES.values())


@pytest.mark.parametrize(
    ("family", "code"),
    [(UsageError, "instant.malformed"), (RemoteError, "page.kind"), (OutageError, "store.locked")],
)
def test_an_error_says_its_row_and_its_details(family: type[ComityError], code: str) -> None:
    """In logs the code stands first, then English wording, then the details."""
    error = family(code, number=3)
    assert str(error) == f"[{code}] {CODES[code].says} (number=3)"
    assert str(family(code)) == f"[{code}] {CODES[code].says}"
    assert error.row is CODES[code]
    assert error.details == {"number": 3}


def test_a_code_raised_under_another_family_is_our_own_bug() -> None:
    """Whose move is next must not depend on who raised it."""
    with pytest.raises(AssertionError, match="is a remote code"):
        UsageError("page.kind")


def test_a_code_that_comes_as_a_value_is_raised_under_its_own_family() -> None:
    """Each code of the catalogue: whoever answers with it need not know whose move is next."""
    for name, row in CODES.items():
        error = make_error(name, number=3)
        assert (error.code, error.fault, error.details) == (name, row.fault, {"number": 3})


def test_a_code_outside_the_catalogue_is_our_own_bug() -> None:
    """Nobody could explain it."""
    with pytest.raises(AssertionError, match="not in the catalogue"):
        get_code("no.such-code")


def test_evidence_is_no_detail() -> None:
    """Bytes from outside are kept, and never printed."""
    error = RemoteError("page.kind", evidence=b"secret words")
    assert error.evidence == b"secret words"
    assert "secret" not in str(error)
