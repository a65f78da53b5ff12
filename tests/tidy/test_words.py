"""Everything that a person reads is there in every language, with the same fields, and nothing is left over."""

import enum
import importlib
import pkgutil

import pytest

import comity.pact
import comity.procedure
from comity.api.terms import SHOWN, iterate_terms
from tidy.message_ids import LANGUAGES, find_fields, find_messages, find_mismatched, find_missing, find_unused

NOT_SHOWN = {"comity.pact.shape._Nothing", "comity.pact.titles.Titled"}
"""Enums that never leave the code, or as names that programs read."""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_message_is_translated(language: str) -> None:
    """`python tests/tidy/message_ids.py` lists what is missing."""
    assert find_missing(language) == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_translation_has_the_fields_of_its_message(language: str) -> None:
    """A field that a translation leaves out is a fact that its reader is not told."""
    assert find_mismatched(language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_row_is_left_over(language: str) -> None:
    """A row whose message is gone would be kept right for nobody."""
    assert find_unused(language) == []


def test_every_enum_of_the_pact_and_the_procedures_has_words() -> None:
    """An enum that is added cannot be shown before it is in the list of those that are."""
    found: set[type[enum.Enum]] = set()
    for package in (comity.pact, comity.procedure):
        for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(info.name)
            found |= {
                value
                for value in vars(module).values()
                if isinstance(value, type) and issubclass(value, enum.Enum) and value.__module__ == info.name
            }
    named = {f"{shown.__module__}.{shown.__qualname__}" for shown in found}
    known = {f"{shown.__module__}.{shown.__qualname__}" for shown in SHOWN}
    assert named - NOT_SHOWN <= known
    assert len(SHOWN) == len(set(SHOWN))


def test_the_extraction_finds_what_is_known_to_be_said() -> None:
    """One of each kind: a literal, a table's head, a help text, a finding's word, a table's row, an enum."""
    messages = find_messages()
    for message in (
        "findings: {count}; `comity explain CODE` says what to do",
        "evidence that counts",
        "Check a pact file or profile and name everything that is wrong with it.",
        "ranks ascend",
        "an earlier page of this journal is not here yet",
        "notice suspended",
        "they agree up to {agreed_at}",
    ):
        assert message in messages, message
    assert set(iterate_terms()) <= set(messages) | {"UTC"}
    assert find_fields("{a} of {b}") == {"a", "b"}
