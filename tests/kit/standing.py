"""What a test must leave as it found it: of its process, and of nodes that other tests of its module or session use.

Tests come in any order, on floors that stand for a whole session: an officer, a passkey, a plan of alarms or a cut link
that one leaves behind is what another stumbles over, and only now and then.
"""

import os
import signal
import time
from collections.abc import Mapping
from pathlib import Path

from comity.api import words
from kit.api import Apis
from kit.floor import Floor

__all__ = ["check_standing", "find_standing"]

OF_PYTEST = "PYTEST_CURRENT_TEST"
HOUR_S = 3600


def find_standing(apis: Apis | None) -> Mapping[str, object]:
    """Return how all of this stands now, by what it is called."""
    found: dict[str, object] = {
        **{f"the variable {name}": hash(value) for name, value in os.environ.items() if name != OF_PYTEST},
        "the folder worked in": Path.cwd(),
        "the language spoken": words._chosen,
        "what ends this process": [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)],
    }
    if apis is None:
        return found
    found |= {"cut links": frozenset(apis.nodes.cut), "parties whose nodes run": sorted(apis.nodes.nodes)}
    for party, node in apis.nodes.nodes.items():
        found |= {
            f"officers of {party}": node.officers.read(),
            f"the alarm plan of {party}": node.alarm_plan.read(),
            f"how many hours the clock of {party} is wrong": round((node._clock() / 1000 - time.time()) / HOUR_S),
        }
        if isinstance(apis, Floor):
            found[f"passkeys of {party}"] = apis.passkeys[party].read()
    return found


def check_standing(before: Mapping[str, object], after: Mapping[str, object]) -> None:
    """Fail if something is not as it was."""
    left = {
        name: (before.get(name), after.get(name)) for name in {**before, **after} if before.get(name) != after.get(name)
    }
    assert not left, f"this test left changed, for whoever comes next: {left}"
