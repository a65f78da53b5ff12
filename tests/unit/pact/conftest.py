import importlib.resources

import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE, PROFILE_SUFFIX


def read_profile(name: str) -> bytes:
    """Read a shipped profile."""
    return (importlib.resources.files(PROFILE_PACKAGE) / (name + PROFILE_SUFFIX)).read_bytes()


@pytest.fixture(scope="session")
def camp_david_raw() -> bytes:
    """The default profile as it ships."""
    return read_profile("camp-david")


@pytest.fixture(scope="session")
def harbour_raw() -> bytes:
    """The profile of four parties as it ships."""
    return read_profile("harbour-aid")


@pytest.fixture(scope="session")
def camp_david(camp_david_raw: bytes) -> Pact:
    """The default profile, parsed."""
    return parse_pact(camp_david_raw)


@pytest.fixture(scope="session")
def harbour(harbour_raw: bytes) -> Pact:
    """The profile of four parties, parsed."""
    return parse_pact(harbour_raw)
