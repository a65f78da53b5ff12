"""Secrets that let somebody in."""

import pytest

from comity.crypto.password import (
    _NOTHING,
    SECRET_SIZE_BYTES_MAX,
    draw_secret,
    hash_password,
    is_password_form,
    verify_nothing,
    verify_password,
)

SECRET = b"correct horse battery staple"
KEPT = hash_password(SECRET)
OTHERS = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHRzYWx0c2FsdA$opK/12lewr2z5YpUKucJCUXASikIGYN+qjR3vL2e8go"
"""Made of the same secret by argon2-cffi 25.1.0, which wraps the reference implementation."""


def test_only_the_secret_itself_is_let_in() -> None:
    """One letter more, one less, none, or far too many are not the secret; the secret is."""
    assert verify_password(SECRET, KEPT)
    for other in (b"", SECRET[:-1], SECRET + b"x", b"x" * (SECRET_SIZE_BYTES_MAX + 1)):
        assert not verify_password(other, KEPT)


def test_a_guess_costs_memory_and_two_passes() -> None:
    """As RFC 9106 and those who count guesses ask for; the check of nothing costs as much."""
    for kept in (KEPT, _NOTHING):
        assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_the_same_secret_is_never_kept_alike() -> None:
    """Who copies the file does not see that two have the same secret, nor the secret."""
    assert hash_password(SECRET) != KEPT
    assert SECRET.decode() not in KEPT


def test_what_another_implementation_wrote_is_read() -> None:
    """The form is that of RFC 9106 and the PHC: this was made by the reference implementation, with more memory."""
    assert is_password_form(OTHERS)
    assert verify_password(SECRET, OTHERS)
    assert not verify_password(SECRET + b"x", OTHERS)


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "plain",
        OTHERS[:-1],
        OTHERS.replace("argon2id", "argon2i"),
        OTHERS.replace("m=65536", "m=9999999"),
        OTHERS.replace("t=3", "t=99"),
        OTHERS.replace("m=65536", "m=7"),
        OTHERS.replace("p=4", "p=9"),
    ],
)
def test_a_damaged_form_lets_nobody_in(damaged: str) -> None:
    """What is cut off, of another kind, or asks for more work than we would ever ask opens to nothing."""
    assert not is_password_form(damaged)
    assert not verify_password(SECRET, damaged)


def test_a_name_that_nobody_has_costs_the_same_check() -> None:
    """The check of nothing is a check of a form like any other, and nothing passes it."""
    assert not verify_nothing(SECRET)
    assert not verify_nothing(b"")


def test_a_drawn_secret_has_256_bits() -> None:
    """It is of letters for headers and files, and never the same twice."""
    drawn = {draw_secret() for _ in range(64)}
    assert len(drawn) == 64
    assert all(len(secret) == 43 and secret.isascii() for secret in drawn)
