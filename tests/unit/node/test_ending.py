"""Tasks end even where one cancellation was lost."""

import asyncio
import sys

import pytest

from comity.node import ending
from comity.node.ending import end_child, end_tasks
from kit.patience import PATIENCE_S


def test_a_task_that_loses_its_cancellation_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one is lost inside `asyncio.wait_for`: the loop around it has to hear another."""
    monkeypatch.setattr(ending, "AGAIN_S", 0.001)
    lost = 0

    async def go_on() -> None:
        nonlocal lost
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if lost == 2:
                    raise
                lost += 1

    async def fail() -> None:
        raise ValueError

    async def run() -> None:
        tasks = [asyncio.create_task(go_on()), asyncio.create_task(fail())]
        await asyncio.sleep(0)
        await end_tasks(*tasks)
        assert all(task.done() for task in tasks)
        await end_tasks(*tasks)
        await end_tasks()

    asyncio.run(run())
    assert lost == 2


@pytest.mark.parametrize(("program", "status"), [("input()", 0), ("import time; time.sleep(3600)", -9)])
def test_a_child_ends_by_itself_or_is_killed(program: str, status: int) -> None:
    """One whose pipe is closed goes by itself, if it heeds that."""

    async def run() -> int | None:
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE)
        assert child.stdin is not None
        child.stdin.write(b"\n")
        child.stdin.close()
        await end_child(child, patience_s=PATIENCE_S if status == 0 else 0.001)
        return child.returncode

    assert asyncio.run(run()) == status
