"""The items of a drawn play: given along routes of the pact, torn, expiring, given by mistake, or against the pact by a
party that lies; and what is asked of the others. What comes of them is in `item_habit`.
"""

from collections.abc import Sequence
from functools import partial
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.base.names import Party
from comity.pact.agreement import AgreementState, Path
from comity.pact.release import Leg, Route, routes
from comity.procedure.assessment import NOT_ASSESSED, Assessment, Confidence, Likelihood
from comity.procedure.caveat import write_listed
from comity.procedure.entry import Marking
from comity.procedure.inquiry import InformationRequestClosed
from comity.procedure.item import Portion, PortionKind
from comity.procedure.threat import Credibility, Reliability
from comity.rehearsal import item_acts
from comity.rehearsal.desk import Desk, Wish
from comity.rehearsal.draw import Draw

__all__ = ["draw_items"]

WITHHELD: Final = ("release.withheld",)


def draw_items(draw: Draw) -> None:
    """Draw everything of items that somebody begins by himself."""
    for number in range(draw.count(0.9)):
        _draw_item(draw, f"item-{number}")
    for number in range(draw.count(0.4)):
        _draw_torn(draw, f"draft-{number}")
    if draw.chance.random() < 0.3 * draw.share:
        _draw_slip(draw)
    for number in range(draw.count(0.4)):
        _draw_inquiry(draw, f"inquiry-{number}")
    for liar in sorted(draw.stage.liars):
        _draw_overstep(draw, liar)


def _list_levels(draw: Draw, party: Party, rank_max: int) -> list[str]:
    scheme = next(scheme for scheme in draw.stage.cast.pact.schemes if scheme.party == party)
    return [level.id for level in scheme.levels if level.rank <= rank_max]


def _draw_portion(draw: Draw, marking: Marking, *, is_plain: bool) -> Portion:
    """Return a portion whose text is tagged with the only parties that its marking lets read it at all."""
    readers = draw.everyone
    for caveat in marking.caveats:
        if caveat.startswith("REL TO "):
            readers = tuple(sorted({*caveat.removeprefix("REL TO ").split(", "), marking.originator}))
        elif caveat == "NOFORN":
            readers = (marking.originator,)
    words = f"Played, not history. {draw.phrases.write_tag(readers)}"
    if is_plain:
        return Portion(marking, "text/plain", "en", words.encode())
    kind = draw.chance.choice((PortionKind.TEXT, PortionKind.TEXT, PortionKind.ATTRIBUTION, PortionKind.OBJECT))
    media = "application/json" if kind is PortionKind.OBJECT else "text/plain"
    content = f'{{"said": "{words}"}}' if kind is PortionKind.OBJECT else words
    draw.stage.log.count(f"portions-{kind.value}")
    return Portion(marking, media, "en", content.encode(), kind, _draw_assessment(draw))


def _draw_assessment(draw: Draw) -> Assessment:
    chance = draw.chance
    if chance.random() < 0.3:
        return NOT_ASSESSED
    draw.stage.log.count("portions-assessed")
    return Assessment(
        likelihood=(chance.choice(list(Likelihood)),) if chance.random() < 0.6 else (),
        confidence=(chance.choice(list(Confidence)),) if chance.random() < 0.6 else (),
        reliability=(chance.choice(list(Reliability)),) if chance.random() < 0.6 else (),
        credibility=(chance.choice(list(Credibility)),) if chance.random() < 0.6 else (),
    )


def _draw_marking(draw: Draw, route: Route, *, caveats: Sequence[str] = ()) -> Marking:
    level = draw.chance.choice(_list_levels(draw, route.giver, route.ceiling_rank))
    topic = draw.chance.choice(route.topics)
    return Marking(route.giver, route.giver, level, (topic,), tuple(sorted(caveats)))


def _list_ways(draw: Draw) -> list[Route]:
    return [route for route in routes(draw.stage.cast.pact) if route.leg is not Leg.BY_HUB]


def _keep(portions: Sequence[Portion], _desk: Desk) -> Sequence[Portion]:
    return portions


def _draw_item(draw: Draw, name: str) -> None:
    """An item along a drawn route of the pact: direct, or to a hub that is to pass it on; of either format."""
    ways = _list_ways(draw)
    if not ways:
        return
    route = draw.chance.choice(ways)
    is_plain = draw.chance.random() < 0.4
    marking = _draw_marking(draw, route, caveats=("ORCON",) if draw.chance.random() < 0.2 else ())
    count = 1 if is_plain else draw.chance.randint(1, 3)
    portions = [_draw_portion(draw, marking, is_plain=is_plain) for _ in range(count)]
    lasts_ms = 0
    if not is_plain and draw.chance.random() < 0.3:
        lasts_ms = draw.chance.randint(2, 20) * MINUTE_MS
        draw.stage.log.count("items-that-expire")
    audience = tuple(sorted((route.giver, route.receiver)))
    given = item_acts.give(draw.parcels, partial(_keep, portions), audience, lasts_ms=lasts_ms)
    draw.cue(name, route.giver, draw.when(0.05, 0.6), given)


def _draw_torn(draw: Draw, name: str) -> None:
    """A draft for everybody, of which some may have more than others."""
    ways = _list_ways(draw)
    if len(draw.everyone) < 3 or not ways:
        return
    route = draw.chance.choice(ways)
    party, others = route.giver, [other for other in draw.everyone if other != route.giver]
    lowest = Marking(party, party, _list_levels(draw, party, 0)[0], (draw.chance.choice(route.topics),), ())
    listed = write_listed(frozenset({party, route.receiver}))
    markings = [lowest, _draw_marking(draw, route), _draw_marking(draw, route, caveats=(listed,))]
    is_plain = draw.chance.random() < 0.3
    portions = [_draw_portion(draw, marking, is_plain=is_plain) for marking in markings]
    torn = item_acts.give_torn(draw.parcels, name, partial(_keep, portions), others)
    draw.cue(name, party, draw.when(0.05, 0.6), torn)


def _draw_slip(draw: Draw) -> None:
    """An item given by mistake: too high, for nobody else, for others, or expired; it must not leave."""
    party = draw.someone()
    to = draw.chance.choice([other for other in draw.everyone if other != party])
    topic = draw.chance.choice(draw.stage.cast.pact.topics).id
    low, high = (_list_levels(draw, party, 255)[place] for place in (0, -1))
    third = write_listed(frozenset(other for other in draw.everyone if other not in (party, to)) or frozenset({party}))
    marking, lasts_ms = draw.chance.choice(
        (
            (Marking(party, party, low, (topic,), ("NOFORN",)), 0),
            (Marking(party, party, low, (topic,), (third,)), 0),
            (Marking(party, party, high, (draw.chance.choice(draw.stage.cast.pact.topics).id,), ("NOFORN",)), 0),
            (Marking(party, party, low, (topic,), ()), -SECOND_MS),
        )
    )
    portions = [_draw_portion(draw, marking, is_plain=not lasts_ms)]
    audience = tuple(sorted((party, to)))
    given = item_acts.give(draw.parcels, partial(_keep, portions), audience, lasts_ms=lasts_ms, refusals=WITHHELD)
    draw.cue("item-slip", party, draw.when(0.1, 0.9), given)


def _draw_inquiry(draw: Draw, name: str) -> None:
    """A request for information, to all or to one; perhaps closed later."""
    party, at = draw.someone(), draw.when(0.05, 0.6)
    others = [other for other in draw.everyone if other != party]
    to = draw.everyone if draw.chance.random() < 0.6 else tuple(sorted((party, draw.chance.choice(others))))
    topic = draw.chance.choice(draw.stage.cast.pact.consultation.trigger.topics)
    level = draw.chance.choice(_list_levels(draw, party, 20))
    draw.cue(name, party, at, item_acts.ask_for_information(draw.phrases, topic, level=level, to=to))

    def close(desk: Desk) -> Wish | None:
        return Wish(to, (InformationRequestClosed(desk.said[name][0]),)) if name in desk.said else None

    if draw.chance.random() < 0.5:
        draw.cue(f"{name}/close", party, at + draw.chance.randint(2, 9) * MINUTE_MS, close)


def _draw_overstep(draw: Draw, liar: Party) -> None:
    """A liar's node gives what no clause lets: for ever, or while an agreement is suspended that is resumed later."""
    pact, mood = draw.stage.cast.pact, draw.chance.random()
    direct = [one for one in pact.agreements if one.path is Path.DIRECT and liar in (one.givers or one.parties)]
    if not direct or mood < 0.2:
        return
    agreement = draw.chance.choice(sorted(direct, key=lambda one: (-one.ceiling_rank, one.id))[:2])
    other = draw.chance.choice([party for party in agreement.parties if party != liar])
    at, audience = draw.when(0.1, 0.4), tuple(sorted((liar, other)))
    level, topic = _list_levels(draw, liar, agreement.ceiling_rank)[-1], draw.chance.choice(agreement.topics)
    caveats: tuple[str, ...] = ("NOFORN",)
    if mood >= 0.5 and agreement.ceiling_rank:
        caveats = ()
        for state, later_ms in ((AgreementState.SUSPENDED, -2 * MINUTE_MS), (AgreementState.IN_FORCE, 90 * SECOND_MS)):
            stated = item_acts.state_agreement(agreement.id, state)
            draw.cue(f"agreement-{state.value}", other, max(draw.stage.now, at + later_ms), stated)
    portion = _draw_portion(draw, Marking(liar, liar, level, (topic,), caveats), is_plain=draw.chance.random() < 0.5)
    given = item_acts.give(draw.parcels, partial(_keep, [portion]), audience, is_forced=True)
    draw.cue("overstep", liar, at, given)
    draw.stage.log.count("lies-overstepped")
