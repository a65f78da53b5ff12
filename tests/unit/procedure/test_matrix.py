"""The synchronisation matrix (docs/spec/procedure.md, P27)."""

from comity.base.instants import MINUTE_MS
from comity.base.names import Digest, Party
from comity.procedure.matrix import Act, Friction, FrictionKind, PlanLine, find_acts, find_frictions
from comity.procedure.measure import (
    Instrument,
    MeasureDeclined,
    MeasureOffered,
    MeasureReason,
    Terms,
    fold_measure,
)
from comity.procedure.national import ActionStage, NationalActionEnded, NationalActionStated, fold_national
from comity.procedure.scope import Scope
from kit.measuring import box, terms
from kit.stating import ALL, POLICY, Room, minute

GAP_MS = 15 * MINUTE_MS


def act(number: int, party: Party, stated: Terms) -> Act:
    """An act with a short id."""
    return Act(Digest(bytes([number]) * 32), party, stated)


def kinds(*acts: Act, plan: tuple[PlanLine, ...] = ()) -> list[FrictionKind]:
    """The kinds of friction among acts."""
    return [row.kind for row in find_frictions(acts, announcement_gap_ms=GAP_MS, plan=plan)]


def test_collision_needs_place_and_time() -> None:
    """Areas that touch collide only in overlapping windows; a window's end is outside it."""
    here = act(1, "JPN", terms(areas=(box(36, 130, 38, 132),)))
    there = {"areas": (box(37, 131, 39, 133),), "instrument": Instrument.EXERCISE}
    assert kinds(here, act(2, "KOR", terms(**there))) == [FrictionKind.PLACE]
    assert kinds(here, act(2, "KOR", terms(**there, starts_at=minute(120), ends_at=minute(180)))) == []
    assert kinds(here, act(2, "KOR", terms(areas=(box(50, 131, 51, 133),), instrument=Instrument.EXERCISE))) == []


def test_one_party_can_collide_with_itself() -> None:
    """Two acts of one party in one place and time are a collision, and no duplicate."""
    area = (box(36, 130, 38, 132),)
    assert kinds(act(1, "JPN", terms(areas=area)), act(2, "JPN", terms(areas=area))) == [FrictionKind.PLACE]


def test_same_target_and_duplicate() -> None:
    """The same target in one window is a friction; by the same instrument of two parties it is also a duplicate."""
    aimed = terms(target=("bank-7",), instrument=Instrument.SANCTIONS)
    other = terms(target=("bank-7",), instrument=Instrument.CYBER_DEFENCE)
    assert kinds(act(1, "JPN", aimed), act(2, "USA", other)) == [FrictionKind.TARGET]
    assert kinds(act(1, "JPN", aimed), act(2, "USA", aimed)) == [FrictionKind.DUPLICATE, FrictionKind.TARGET]
    assert kinds(act(1, "JPN", terms()), act(2, "USA", terms())) == [], "no target is not the same target"


def test_announcements_are_together_or_well_apart() -> None:
    """Joint is fine, a clear gap is fine, in between they clash; one party can't clash with itself."""
    first = act(1, "JPN", terms(announce_at=minute(30)))
    for at, found in ((30, []), (31, [FrictionKind.ANNOUNCEMENT]), (45, []), (44, [FrictionKind.ANNOUNCEMENT])):
        assert kinds(first, act(2, "USA", terms(announce_at=minute(at)))) == found
    assert kinds(first, act(2, "JPN", terms(announce_at=minute(31)))) == []


def test_dependencies_come_first() -> None:
    """What an act depends on must be there, begin no later, and be announced no later."""
    base = act(1, "JPN", terms(starts_at=minute(50), announce_at=minute(40)))
    needs = {"depends_on": (base.id,)}
    assert kinds(base, act(2, "USA", terms(**needs))) == []
    assert kinds(act(2, "USA", terms(**needs))) == [FrictionKind.DEPENDENCY]
    assert kinds(base, act(2, "USA", terms(**needs, starts_at=minute(49)))) == [FrictionKind.DEPENDENCY]
    assert kinds(base, act(2, "USA", terms(**needs, announce_at=minute(5)))) == [FrictionKind.ANNOUNCEMENT]


def test_gaps_against_a_plan() -> None:
    """A line that nothing meets is a gap; the right instrument, party, target and window meet it."""
    line = PlanLine("P-1", Instrument.PATROL, "JPN", None, minute(0), minute(90))
    assert find_frictions((), announcement_gap_ms=GAP_MS, plan=[line]) == (Friction(FrictionKind.GAP, (), "P-1"),)
    assert kinds(act(1, "JPN", terms()), plan=(line,)) == []
    for other in (
        act(1, "USA", terms()),
        act(1, "JPN", terms(instrument=Instrument.RELIEF)),
        act(1, "JPN", terms(starts_at=minute(90))),
    ):
        assert kinds(other, plan=(line,)) == [FrictionKind.GAP]


def test_what_was_declined_or_ended_stands_no_more() -> None:
    """Declined measures and ended national actions are out of the matrix; others are in it."""
    room = Room()
    measures = []
    for party in ("JPN", "KOR"):
        offered = room.say(party, MeasureOffered((), ("USA",), terms()), minute(0))
        if party == "KOR":
            room.say("USA", MeasureDeclined(offered.id, offered.id, MeasureReason.COLLIDES), minute(1))
        measures.append(Scope("measure", offered.id, ALL))
    actions = [room.say("USA", NationalActionStated((), ActionStage.INTENDED, terms()), minute(at)) for at in (2, 3)]
    room.say("USA", NationalActionEnded(actions[0].id), minute(4))
    acts = find_acts(
        [
            fold_measure(
                scope, [row for row in room.said if scope.ref in (row.id, getattr(row.entry, "measure", b""))], POLICY
            )
            for scope in measures
        ],
        [
            fold_national(
                Scope("national", action.id, ALL),
                [row for row in room.said if action.id in (row.id, getattr(row.entry, "action", b""))],
                POLICY,
            )
            for action in actions
        ],
    )
    assert {one.id for one in acts} == {measures[0].ref, actions[1].id}
