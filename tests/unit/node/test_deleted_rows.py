"""Rows that are gone from a store without a trace: what they held comes back, and nobody is fenced (T19, J22)."""

import asyncio
import sqlite3

import pytest

from comity.base.names import Digest
from comity.machine.closed import ClosedWhy
from comity.node.doctor.at_rest import look_at_rest
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from kit.nodes import PARTIES, SUITE, Nodes, play
from kit.patience import until

CALL = ConsultationCalled("C1", Level.WATCH, ThreatKind.MISSILE_LAUNCH, (), ("JPN",))
IN_THE_MIDDLE = (
    "SELECT seq FROM pages WHERE author = ? AND feed = 'record' AND audience = 'JPN KOR USA' AND number BETWEEN 1 AND"
    " (SELECT MAX(number) - 2 FROM pages WHERE author = ? AND audience = 'JPN KOR USA' AND feed = 'record') LIMIT 1"
)


async def _speak_and_delete(nodes: Nodes, *authors: str) -> list[Digest]:
    """Delete a row of each author from the middle of what JPN holds, once all is out and known everywhere."""
    await nodes.be_in_force()
    said: list[Digest] = []
    for _ in range(4):
        for party in PARTIES:
            said += await nodes.say(party, CALL)
    for id_ in said:
        await nodes.reaches(id_, *PARTIES)
    await nodes.settle()
    await nodes.stop("JPN")
    db = sqlite3.connect(nodes.accepted["JPN"].path / "store.db", isolation_level=None)
    for author in authors:
        ((seq,),) = db.execute(IN_THE_MIDDLE, (author, author)).fetchall()
        db.execute("DELETE FROM pages WHERE seq = ?", (seq,))
    db.close()
    return said


async def _assert_whole(nodes: Nodes, said: list[Digest]) -> None:
    jpn = nodes["JPN"]
    await until(lambda: all(nodes.knows("JPN", id_) for id_ in said) or jpn.failure is not None)
    assert jpn.failure_code == ""

    def is_reckoning() -> bool:
        return any(row.why is ClosedWhy.RECKONING for row in jpn.machine.find_closed())

    await until(lambda: not is_reckoning() or jpn.failure is not None)
    for _ in range(2):
        await nodes.reaches((await nodes.say("JPN", CALL))[0], *PARTIES)
    outbox, stream = nodes.outboxes["JPN"], nodes.stream(*PARTIES)

    def is_in_order() -> bool:
        own = [raw for _, raw in jpn.store.read_stream("record", PARTIES)]
        return list(outbox._streams[stream.name].pages.values()) == own

    await until(lambda: is_in_order() or jpn.failure is not None)
    assert jpn.failure_code == ""
    assert not any(book.is_forked for node in nodes.nodes.values() for book in node.machine.ledger.books())


@pytest.mark.parametrize("has_mark", [True, False])
def test_rows_deleted_from_the_middle_come_back(nodes: Nodes, *, has_mark: bool) -> None:
    """One of its own and one of another's, with all peers up; with and without a mark that says so (J22)."""

    async def scene(nodes: Nodes) -> None:
        said = await _speak_and_delete(nodes, "JPN", "KOR")
        nodes.has_marks = has_mark
        await nodes.start("JPN")
        assert nodes["JPN"].machine.reckoning.is_reckoning
        await _assert_whole(nodes, said)

    play(nodes, scene)


def test_an_own_row_comes_back_from_the_outbox_while_nobody_is_reached(nodes: Nodes) -> None:
    """The outbox has it in the middle; the journal stays closed until its readers have answered, and the node runs."""

    async def scene(nodes: Nodes) -> None:
        said = await _speak_and_delete(nodes, "JPN")
        for other in ("KOR", "USA"):
            nodes.cut.add(frozenset(("JPN", other)))
        await nodes.start("JPN")
        await until(lambda: all(nodes.knows("JPN", id_) for id_ in said) or nodes["JPN"].failure is not None)
        await asyncio.sleep(2.5)  # a look after the streams
        assert nodes["JPN"].failure_code == ""
        assert PARTIES in [row.audience for row in nodes["JPN"].machine.find_closed()]
        for other in ("KOR", "USA"):
            nodes.set_cut("JPN", other, is_cut=False)
        await _assert_whole(nodes, said)

    play(nodes, scene)


def test_an_own_row_comes_back_where_the_outbox_is_gone_too(nodes: Nodes) -> None:
    """The readers give it, and it goes out as the last one."""

    async def scene(nodes: Nodes) -> None:
        said = await _speak_and_delete(nodes, "JPN")
        nodes.outboxes["JPN"].lose_all()
        await nodes.start("JPN")
        await _assert_whole(nodes, said)

    play(nodes, scene)


def test_the_doctor_sees_the_holes_before_the_start(nodes: Nodes) -> None:
    """One warning for each journal with numbers missing between those that are there."""

    async def scene(nodes: Nodes) -> None:
        await _speak_and_delete(nodes, "JPN", "KOR")
        found = look_at_rest(nodes.accepted["JPN"].path, is_running=False, is_deep=False, suite=SUITE)
        holes = [row.details for row in found if row.code == "doctor.hole"]
        where = {"realm": "JPN", "feed": "record", "audience": "JPN KOR USA", "count": 1}
        assert holes == [{"author": "JPN", **where}, {"author": "KOR", **where}]

    play(nodes, scene)
