"""The default profile, under which lists are checked."""

import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.rehearsal import read_profile


@pytest.fixture(scope="session")
def camp_david() -> Pact:
    """Parsed once."""
    return parse_pact(read_profile("camp-david"))
