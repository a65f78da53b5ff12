"""Tasks end even where one cancellation was lost."""

import asyncio

import pytest

from comity.node import ending
from comity.node.ending import end_tasks


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
