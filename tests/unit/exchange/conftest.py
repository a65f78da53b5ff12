import importlib.resources

import pytest

from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE, PROFILE_SUFFIX


@pytest.fixture(scope="session")
def camp_david() -> Pact:
    """The default profile, parsed."""
    return parse_pact((importlib.resources.files(PROFILE_PACKAGE) / ("camp-david" + PROFILE_SUFFIX)).read_bytes())


@pytest.fixture(scope="session")
def harbour() -> Pact:
    """The profile of four parties, parsed."""
    return parse_pact((importlib.resources.files(PROFILE_PACKAGE) / ("harbour-aid" + PROFILE_SUFFIX)).read_bytes())
