"""An act with a key is done once, however often it is asked for and whatever happens in between."""

import asyncio
from collections import deque

import pytest

from comity.base.errors import OutageError, UsageError
from comity.base.names import Digest
from comity.journal.header import Feed, JournalId
from comity.machine.effect import Commit
from comity.machine.outgoing import OwnJournal, Waiting
from comity.node import act_rows
from comity.node.steps import Steps
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.nodes import PARTIES, Nodes, play

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
OTHER = ConsultationCalled("C1", Level.WORKING, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))


def _count(nodes: Nodes) -> int:
    return len(nodes["USA"].machine.statements.find(ConsultationCalled))


def test_the_same_key_gives_the_same_answer_and_says_it_once(nodes: Nodes) -> None:
    """One after the other, at the same time, and after a restart; without a key a thing is said as often as asked."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        first = await nodes["USA"].say(PARTIES, (CALL, OTHER), key="k")
        assert len(first) == 2
        assert await nodes["USA"].say(PARTIES, (CALL, OTHER), key="k") == first
        both = await asyncio.gather(*(nodes["USA"].say(PARTIES, (CALL,), key="at once") for _ in range(3)))
        assert len(set(both)) == 1
        await nodes.stop("USA")
        await nodes.start("USA")
        assert await nodes["USA"].say(PARTIES, (CALL, OTHER), key="k") == first
        assert _count(nodes) == 3
        await nodes["USA"].say(PARTIES, (CALL,))
        await nodes["USA"].say(PARTIES, (CALL,))
        assert _count(nodes) == 5

    play(nodes, scene)


def test_a_key_is_for_one_act(nodes: Nodes) -> None:
    """Another statement or another audience under it is refused; a refused act leaves its key free."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        await nodes["USA"].say(PARTIES, (CALL,), key="k")
        for audience, entry in ((PARTIES, OTHER), (("JPN", "USA"), CALL)):
            with pytest.raises(UsageError, match=r"statement\.key-taken"):
                await nodes["USA"].say(audience, (entry,), key="k")
        with pytest.raises(UsageError) as refused:
            await nodes["USA"].say(("JPN", "USA", "XXX"), (CALL,), key="free")
        assert refused.value.code != "statement.key-taken"
        assert await nodes["USA"].say(PARTIES, (OTHER,), key="free")
        assert _count(nodes) == 2

    play(nodes, scene)


def test_a_kill_between_the_commit_and_its_answer_does_not_say_it_twice(
    nodes: Nodes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is durable with the pages, or neither is."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        commit = Steps._commit

        def commit_and_die(steps: Steps, effect: Commit) -> None:
            if effect.answers and steps is nodes["USA"]._steps:
                acts = steps.acts.find_stored(effect.answers)
                steps._store.commit(effect.pages, effect.refusals, at=nodes["USA"].now(), acts=acts)
                raise OutageError("store.damaged")
            commit(steps, effect)

        monkeypatch.setattr(Steps, "_commit", commit_and_die)
        with pytest.raises(OutageError, match=r"node\.stopped"):
            await nodes["USA"].say(PARTIES, (CALL,), key="k")
        monkeypatch.undo()
        await nodes.stop("USA")
        await nodes.start("USA")
        (id_,) = await nodes["USA"].say(PARTIES, (CALL,), key="k")
        assert _count(nodes) == 1
        await nodes.reaches(id_, *PARTIES)

    play(nodes, scene)


def test_what_came_with_one_command_goes_on_one_page_if_it_fits() -> None:
    """So that it is stored whole or not at all; what is too long for any page is cut, and gets no key."""
    own = OwnJournal(JournalId(bytes(32), "exercise/kit", Feed.RECORD, "USA", PARTIES, 0), Digest(bytes(32)))
    own.queue = deque([Waiting(bytes(20_000), 1), Waiting(bytes(20_000), 2), Waiting(bytes(20_000), 2)])
    assert [waiting.command for waiting in own.take_batch()] == [1]
    assert [waiting.command for waiting in own.take_batch()] == [2, 2]
    own.queue = deque([Waiting(bytes(20_000), 3)] * 4)
    assert len(own.take_batch()) == 2
    assert len(own.take_batch()) == 2
    assert OwnJournal.fits_one_page([bytes(20_000)] * 2)
    assert not OwnJournal.fits_one_page([bytes(20_000)] * 3)


def test_old_keys_are_forgotten(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    """The list is bounded."""
    monkeypatch.setattr(act_rows, "ACT_COUNT_MAX", 2)

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        for key in "abc":
            await nodes["USA"].say(PARTIES, (CALL,), key=key)
        assert nodes["USA"].store.find_act("a") is None
        assert nodes["USA"].store.find_act("c") is not None

    play(nodes, scene)


def test_a_key_for_more_than_a_page_is_refused(nodes: Nodes) -> None:
    """It would be stored in two transactions."""

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()
        with pytest.raises(UsageError, match=r"statement\.key-too-large"):
            await nodes["USA"].say(PARTIES, (CALL,) * 5_000, key="k")

    play(nodes, scene)
