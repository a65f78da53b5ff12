"""In which turn tests are run: nobody is forgotten, and no worker begins with what is short."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kit.turns import take_turns


def _item(folder: str, name: str, number: int) -> Any:
    path = f"tests/{folder}/test_{name}.py"
    return SimpleNamespace(nodeid=f"{path}::test_{number}", path=Path(path))


ITEMS = [
    _item(folder, name, number)
    for folder, name, count in (
        ("unit/base", "a", 20), ("integration/node", "b", 3), ("unit/rehearsal", "c", 9), ("rehearsal", "d", 2),
        ("integration", "e", 1), ("tidy", "f", 13),
    )
    for number in range(count)
]  # fmt: skip


@pytest.mark.parametrize("count", [1, 2, 3, 5, 48, 60])
def test_every_test_has_one_turn(count: int) -> None:
    """However many workers there are."""
    assert sorted(item.nodeid for item in take_turns(ITEMS, count)) == sorted(item.nodeid for item in ITEMS)


def test_every_worker_begins_with_a_long_module() -> None:
    """Whole modules, so that what they share is made once; then what is left."""
    turns = [item.nodeid.rpartition("::")[0] for item in take_turns(ITEMS, 3)]
    beginnings = [turns[len(turns) * at // 3] for at in range(3)]
    long = ["tests/integration/node/test_b.py", "tests/rehearsal/test_d.py", "tests/integration/test_e.py"]
    assert beginnings == long
    assert turns[:3] == 3 * long[:1]
    assert turns[3] == "tests/unit/base/test_a.py"
