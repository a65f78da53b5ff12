"""The matched response of the written case: three offers, one collision seen and solved, acceptance by all."""

from collections.abc import Callable
from typing import Final

from comity.base.instants import HOUR_MS, SECOND_MS, parse_instant
from comity.base.names import Digest, Party
from comity.procedure.area import Area
from comity.procedure.call import ConsultationCalled
from comity.procedure.matrix import FrictionKind, find_acts, find_frictions
from comity.procedure.measure import (
    Instrument,
    MeasureAccepted,
    MeasureAmended,
    MeasureOffered,
    MeasureStarted,
    MeasureState,
    Terms,
)
from comity.rehearsal.desk import Act, Desk, Wish
from comity.rehearsal.phrase import Phrases, circle

__all__ = ["LAUNCHED_AT", "PARTIES", "PlanAct", "plan_measures"]

PARTIES: Final = ("JPN", "KOR", "USA")
LAUNCHED_AT: Final = parse_instant("2023-12-17T23:24Z")
PlanAct = Callable[[Party, float, str, Act], None]
"""Plans an act of a party, so many minutes after the launch, under a name."""


def plan_measures(at: PlanAct, phrases: Phrases) -> None:
    """Three offers; two would be in the same place at the same time, which Japan sees and solves."""
    sea = circle(latitude_udeg=37_400_000, longitude_udeg=133_000_000, radius_m=60_000)
    north = circle(latitude_udeg=39_200_000, longitude_udeg=135_500_000, radius_m=60_000)
    south = circle(latitude_udeg=33_900_000, longitude_udeg=128_600_000, radius_m=50_000)

    def terms(party: Party, instrument: Instrument, actor: str, area: Area, words: str) -> Terms:
        starts_at = LAUNCHED_AT + 12 * HOUR_MS
        text = phrases.open_text(party, words, to=PARTIES)
        return Terms(instrument, actor, (area,), starts_at, starts_at + 6 * HOUR_MS, 0, (), (), text, ())

    def offer(instrument: Instrument, actor: str, area: Area, words: str) -> Act:
        def act(desk: Desk) -> Wish | None:
            held = desk.first(ConsultationCalled)
            if held is None:
                return None
            others = tuple(party for party in PARTIES if party != desk.party)
            offered = MeasureOffered((held.id,), others, terms(desk.party, instrument, actor, area, words))
            return Wish(PARTIES, (offered,))

        return act

    def solve(desk: Desk) -> Wish | None:
        """Look at the matrix; if an own measure collides in place, amend it to another area."""
        own = desk.said.get("measure")
        found = [row for row in _find_place_frictions(desk) if own and own[0] in row]
        if not own or not found:
            return None
        desk.stage.log.count("collisions-found")
        desk.stage.log.row(desk.now, desk.party, "rehearsal.collision-found", count=len(found))
        moved = terms(desk.party, Instrument.PATROL, "patrol-2", north, "Patrol, moved to the north.")
        return Wish(PARTIES, (MeasureAmended(own[0], moved),))

    at("USA", 60, "measure", offer(Instrument.EXERCISE, "group-5", sea, "Exercise at sea."))
    at("JPN", 62, "measure", offer(Instrument.PATROL, "patrol-2", sea, "Patrol in the same waters."))
    at("KOR", 63, "measure", offer(Instrument.MISSILE_DEFENCE, "battery-1", south, "Missile defence drill."))
    at("JPN", 68, "solve", solve)
    for party, minutes in (("JPN", 75), ("KOR", 76), ("USA", 77)):
        at(party, minutes, "accept", _accept_all)
    at("USA", 100, "start", lambda desk: Wish(PARTIES, (MeasureStarted(desk.said["measure"][0]),)))


def _find_place_frictions(desk: Desk) -> list[tuple[Digest, ...]]:
    frictions = find_frictions(find_acts(_list_measures(desk)), announcement_gap_ms=5 * SECOND_MS)
    return [friction.acts for friction in frictions if friction.kind is FrictionKind.PLACE]


def _list_measures(desk: Desk) -> list[MeasureState]:
    record = desk.machine.record
    states = (record.get_state(scope) for scope in record.list_scopes("measure"))
    return [state for state in states if isinstance(state, MeasureState)]


def _accept_all(desk: Desk) -> Wish | None:
    """Accept what the others offer, once all three offers are here and nothing collides any more."""
    states = _list_measures(desk)
    if len(states) < len(PARTIES) or _find_place_frictions(desk):
        return None
    accepted = tuple(
        MeasureAccepted(state.offered.id, state.stated.id)
        for state in states
        if state.offered is not None and state.stated is not None and state.offered.author != desk.party
    )
    return Wish(PARTIES, accepted)
