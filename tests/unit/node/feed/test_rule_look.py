"""The look of the rules at each picture: what goes wrong in one is said, and the next picture is looked at (W15)."""

import asyncio

import pytest

from comity.base.instants import Instant
from comity.crypto.production import ProductionSuite
from comity.node.feed.frames import Detected
from comity.node.feed.rule_look import RuleLook
from comity.procedure.detected import ThreatDrafted
from comity.warning.picture import make_situation
from comity.warning.situation import Situation


def test_a_look_that_fails_is_said_and_the_next_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is told of the picture that it failed at, and no task is lost."""
    failures: list[BaseException] = []
    told: list[Detected] = []
    look = RuleLook("JPN", ProductionSuite(), tell=told.append)
    look.on_failed = failures.append

    def fail(_: Situation) -> tuple[ThreatDrafted, ...]:
        raise ValueError

    async def play() -> None:
        situation = make_situation({}, (), Instant(1))
        with monkeypatch.context() as patch:
            patch.setattr(look, "find", fail)
            look.hand(situation)
            assert look.looking is not None
            await look.looking
        assert (len(failures), told) == (1, [])
        look.hand(situation)
        await look.looking
        assert (len(failures), told) == (1, [])

    asyncio.run(play())
