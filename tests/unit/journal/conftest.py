"""Parties who have met: each holds the genesis page of the others."""

import pytest

from kit.world import World


@pytest.fixture
def world() -> World:
    """Three parties in one exercise realm, on the stand-in cryptography."""
    met = World()
    met.meet()
    return met
