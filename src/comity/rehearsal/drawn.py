"""A drawn play: who reports, calls, drafts, offers and shares what, and when, for any pact.

Everything comes from the pact's own rows (topics, roles, lines, agreements), so that nothing is hard-wired to three
parties or to states. Reactions are not here: see `habit`.
"""

import random
from collections.abc import Callable
from typing import Final

from comity.base.instants import HOUR_MS, MINUTE_MS, SECOND_MS
from comity.base.names import Audience, Party
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.measure import Instrument, MeasureOffered, Terms
from comity.procedure.national import ActionStage, NationalActionStated
from comity.rehearsal import acts
from comity.rehearsal.chance import split
from comity.rehearsal.desk import Cue, Desk, Wish
from comity.rehearsal.draw import Draw
from comity.rehearsal.drawn_floor import draw_floor, draw_second_thoughts
from comity.rehearsal.drawn_items import draw_items
from comity.rehearsal.parcel import Parcels
from comity.rehearsal.phrase import Phrases, circle
from comity.rehearsal.stage import Stage

__all__ = ["draw_cues", "draw_terms"]

LEADERS_SHARE: Final = 0.25
"""Of the calls, how many are made at leaders' level: that takes two officers."""


def draw_cues(
    stage: Stage, seed: int, *, phrases: Phrases, parcels: Parcels, plan: Callable[[Cue], None], share: float = 1.0
) -> None:
    """Draw a play and plan its cues; `share` below 1 is a shorter one, in which less happens."""
    cued: dict[str, Cue] = {}

    def note(cue: Cue) -> None:
        cued[cue.name] = cue
        plan(cue)

    draw = Draw(split(seed, "play"), stage, phrases, parcels, note, share)
    _report(draw)
    caller = draw.someone()
    level = Level.LEADERS if split(seed, "level").random() < LEADERS_SHARE else Level.ADVISERS
    draw.cue("call", caller, draw.when(0.02, 0.15), acts.call(stage.cast.pact.commitments[0].id, level=level))
    draw.cue("convene", caller, draw.when(0.15, 0.3), acts.convene)
    for number in range(draw.count(1.4)):
        _draw_text(draw, f"text-{number}")
    for number in range(draw.count(2.2)):
        _draw_measure(draw, f"measure-{number}")
    draw_items(Draw(split(seed, "play-of-items"), stage, phrases, parcels, plan, share))
    _draw_asides(draw)
    for party in draw.everyone:
        if draw.chance.random() < 0.8:
            draw.cue("conclude", party, draw.when(0.8, 1.0), acts.conclude())
    draw_floor(Draw(split(seed, "play-of-the-floor"), stage, phrases, parcels, plan, share))
    later = Draw(split(seed, "second-thoughts"), stage, phrases, parcels, plan, share)
    draw_second_thoughts(later, cued, _draw_other_terms)


def _report(draw: Draw) -> None:
    for number in range(1 + draw.count(1.5)):
        party = draw.someone()
        to = draw.everyone if number == 0 else draw.audience(party)
        name, at = f"report-{number}", draw.when(0.0, 0.3)
        draw.cue(name, party, at, acts.report(draw.phrases, "Seen on our screens.", to=to))
        if draw.chance.random() < 0.3:
            draw.cue(f"correct-{name}", party, at + 3 * MINUTE_MS, acts.correct_report(draw.phrases, name, to=to))


def _draw_text(draw: Draw, name: str) -> None:
    """One text: opened, put, silence asked; perhaps changed, extended or handed over on the way."""
    party, at = draw.someone(), draw.when(0.05, 0.5)
    to = draw.everyone if draw.chance.random() < 0.8 else draw.audience(party)
    window_ms = draw.stage.cast.pact.policy.silence.window_ms_min + draw.chance.randint(1, 4) * MINUTE_MS
    draw.cue(name, party, at, acts.open_text(to))
    _draw_version(draw, name, party, at + 10 * SECOND_MS, number=1, to=to, window_ms=window_ms)
    mood = draw.chance.random()
    later_at = at + int(window_ms * draw.chance.uniform(0.1, 0.9))
    if mood < 0.3:
        _draw_version(draw, name, party, later_at, number=2, to=to, window_ms=window_ms)
    elif mood < 0.52:
        draw.cue(f"{name}/extend", party, later_at, acts.extend_silence(name, to=to, by_ms=3 * MINUTE_MS))
    elif mood < 0.64 and len(to) > 1:
        taker = draw.chance.choice([other for other in to if other != party])
        draw.cue(f"{name}/hand-over", party, later_at, acts.hand_over(name, to=to, taker=taker))


def _draw_version(draw: Draw, name: str, party: Party, at: int, *, number: int, to: Audience, window_ms: int) -> None:
    words = f"The parties stand together ({number})."
    put = acts.put_version(draw.phrases, name, words, to=to, follows=number - 1)
    draw.cue(f"{name}/v{number}", party, at, put)
    ask = acts.ask_silence(name, number, to=to, window_ms=window_ms)
    draw.cue(f"{name}/v{number}/silence", party, at + 10 * SECOND_MS, ask)


def draw_terms(chance: random.Random, phrases: Phrases, party: Party, *, audience: Audience, at: int) -> Terms:
    """Draw terms from few places and targets, so that some collide."""
    starts_at = at + chance.randint(1, 6) * HOUR_MS
    spot = chance.choice(((37_000_000, 131_000_000), (37_300_000, 131_200_000), (30_000_000, 140_000_000)))
    return Terms(
        instrument=chance.choice((Instrument.PATROL, Instrument.SURVEILLANCE, Instrument.PUBLIC_STATEMENT)),
        actor=chance.choice(("unit-1", "unit-2")),
        areas=(circle(latitude_udeg=spot[0], longitude_udeg=spot[1], radius_m=40_000),),
        starts_at=starts_at,
        ends_at=starts_at + 4 * HOUR_MS,
        announce_at=0,
        target=chance.choice(((), ("target-1",))),
        depends_on=(),
        description=phrases.open_text(party, "What we do.", to=audience),
        caveats=(),
    )


def _draw_other_terms(draw: Draw, party: Party, at: int) -> Terms:
    return draw_terms(draw.chance, draw.phrases, party, audience=draw.everyone, at=at)


def _draw_measure(draw: Draw, name: str) -> None:
    party, at = draw.someone(), draw.when(0.2, 0.8)
    others = [other for other in draw.everyone if other != party]
    asked = tuple(sorted(draw.chance.sample(others, draw.chance.randint(0, len(others)))))
    terms = draw_terms(draw.chance, draw.phrases, party, audience=draw.everyone, at=at)
    is_own = draw.chance.random() < 0.25

    def act(desk: Desk) -> Wish:
        call = desk.first(ConsultationCalled)
        cited = () if call is None else (call.id,)
        if is_own:
            return Wish(draw.everyone, (NationalActionStated(cited, ActionStage.INTENDED, terms),))
        return Wish(draw.everyone, (MeasureOffered(cited, asked, terms),))

    draw.cue(name, party, at, act)


def _draw_asides(draw: Draw) -> None:
    """What happens beside the main line: words to one party, messages, a slip of the hand, a suspended agreement."""
    pact = draw.stage.cast.pact
    pair = tuple(sorted(draw.chance.sample(draw.everyone, 2)))
    draw.cue("aside", pair[0], draw.when(), acts.report(draw.phrases, "Between us two.", to=pair))
    for number in range(draw.count(0.7) if pact.hotlines else 0):
        line = draw.chance.choice(pact.hotlines)
        party, to = draw.chance.choice(line.parties), tuple(sorted(line.parties))
        message = acts.send_message(draw.phrases, line.id, "Can you see it too?", to=to)
        draw.cue(f"message-{number}", party, draw.when(), message)
    if len(draw.everyone) > 2:
        draw.cue("slip", draw.someone(), draw.when(), acts.slip(draw.phrases))
    if pact.agreements and draw.chance.random() < 0.12:
        agreement = draw.chance.choice(pact.agreements)
        draw.cue("suspend", draw.chance.choice(agreement.parties), draw.when(), acts.suspend(agreement.id))
