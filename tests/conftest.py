"""How hard the property tests look: 60 examples each, always the same in CI, many more with HYPOTHESIS_PROFILE=deep.

Homes that accepted the default pact are made once; nodes run on stores of a module's own. A log that a test opened ends
with it: the next one reads what its own command writes. And what others share is after each test as it was before it.
"""

import functools
import logging
import os
import secrets
import subprocess
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, settings

from comity.cli.demo import stage
from comity.crypto import password, vault
from comity.node import home
from kit import forked
from kit.api import Apis
from kit.nodes import AllAccepted, Nodes, accept_all, make_homes
from kit.standing import check_standing, find_standing
from kit.turns import take_turns

WORKER_COUNT_MAX = 16
"""Workers that have ports of their own."""
_SLOW_IS_FINE = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture)

_COST = f"m={password._MEMORY_KIB},t={password._PASSES},p={password._LANES}"

settings.register_profile("default", max_examples=60, deadline=None, suppress_health_check=_SLOW_IS_FINE)
settings.register_profile("ci", parent=settings.get_profile("default"), derandomize=True, print_blob=True)
settings.register_profile("deep", parent=settings.get_profile("default"), max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))


def pytest_xdist_auto_num_workers() -> int | None:
    """One more than there are cores: a test of nodes and servers waits for a good part of its time."""
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 1


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deal the long tests out to all workers, before the others."""
    items[:] = take_turns(items, getattr(config, "workerinput", {}).get("workercount", 1))


@pytest.fixture(scope="session", autouse=True)
def _nobody_guesses() -> Iterator[None]:
    """What is slow by design, so that guesses are few, is done once or lightly.

    A vault's key follows from passphrase and salt alone, and is worked out once: all vaults that this process seals
    have one salt, and nonces of their own. What is kept of a token says itself how it was made. That salts are drawn
    and the numbers of use have tests of their own.
    """
    salt = secrets.token_bytes(vault.SALT_SIZE)
    drawn = SimpleNamespace(token_bytes=lambda size: salt if size == vault.SALT_SIZE else secrets.token_bytes(size))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vault, "secrets", drawn)
        patch.setattr(vault, "_derive", functools.lru_cache(maxsize=512)(vault._derive))
        patch.setattr(forked, "DERIVED", [(b"", salt)])
        patch.setattr(password, "_NOTHING", password._NOTHING.replace(_COST, "m=8,t=1,p=1"))
        patch.setattr(password, "_MEMORY_KIB", 8)
        patch.setattr(password, "_PASSES", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def _ports_of_its_own(worker_id: str) -> Iterator[None]:
    """A home announces its port before its server listens there: no two workers draw the same one meanwhile."""
    number = int(worker_id.removeprefix("gw")) % WORKER_COUNT_MAX if worker_id != "master" else 0
    count = len(home.KEPT_PORTS) // WORKER_COUNT_MAX
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(home, "KEPT_PORTS", home.KEPT_PORTS[number * count : (number + 1) * count])
        yield


@pytest.fixture(scope="session", autouse=True)
def _loaded_once() -> Iterator[None]:
    """A node of a stage is forked from a process that has loaded what all of them load."""
    with pytest.MonkeyPatch.context() as patch:
        starts = SimpleNamespace(Popen=forked.start, TimeoutExpired=subprocess.TimeoutExpired)
        patch.setattr(stage, "subprocess", starts)
        yield


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = [sink for sink in root.handlers if sink in handlers]
    root.setLevel(level)


@pytest.fixture(autouse=True)
def _nothing_left_changed(request: pytest.FixtureRequest) -> Iterator[None]:
    """The order of tests is drawn anew each time: each leaves to the others what it found."""
    shared = next((name for name in ("floor", "apis") if name in request.fixturenames), "")
    apis = request.getfixturevalue(shared) if shared else None
    before = find_standing(apis)
    yield
    check_standing(before, find_standing(apis))


@pytest.fixture(scope="session")
def accepted(tmp_path_factory: pytest.TempPathFactory) -> AllAccepted:
    """Three homes that accepted the default pact; made once, never changed."""
    return accept_all(make_homes(tmp_path_factory.mktemp("accepted")))


@pytest.fixture(scope="session")
def accepted_with_offices(tmp_path_factory: pytest.TempPathFactory) -> AllAccepted:
    """Three homes that accepted it with its officers; made once, never changed."""
    return accept_all(make_homes(tmp_path_factory.mktemp("accepted")), has_offices=True)


@pytest.fixture(scope="module")
def apis(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """The APIs of three running nodes under the default pact; tests add statements and take nothing away."""
    with Apis(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened


@pytest.fixture(scope="module")
def apis_with_offices(accepted_with_offices: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Apis]:
    """The same under a pact that asks for officers."""
    with Apis(Nodes(accepted_with_offices, tmp_path_factory.mktemp("stores"))) as opened:
        yield opened
