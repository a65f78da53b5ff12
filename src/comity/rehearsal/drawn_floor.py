"""What is drawn of a watch floor besides the main line: see `floor_acts`. Reactions are in `floor_habit`.

Each draw has a purpose of its own, so that none of it moves what `drawn` draws.
"""

from collections.abc import Callable, Mapping
from typing import Final

from comity.base.instants import MINUTE_MS, SECOND_MS
from comity.base.names import Party
from comity.procedure.hotline import Precedence
from comity.procedure.measure import Terms
from comity.rehearsal import floor_acts
from comity.rehearsal.desk import Cue
from comity.rehearsal.draw import Draw

__all__ = ["OFFICER", "RELIEF", "draw_floor", "draw_second_thoughts"]

OFFICER: Final = "duty-1"
RELIEF: Final = "duty-2"
_PRECEDENCES: Final = (Precedence.FLASH, Precedence.FLASH, Precedence.IMMEDIATE, Precedence.ROUTINE)


def draw_floor(draw: Draw) -> None:
    """Draw handovers, meetings held and planned, plans, phrases, calls by voice and indicators, and plan their cues."""
    for party in draw.everyone:
        if draw.chance.random() < 0.5:
            _draw_handover(draw, party)
    for number in range(draw.count(0.7)):
        _draw_meeting(draw, f"meeting-{number}")
    for number in range(draw.count(0.8)):
        _draw_appointment(draw, f"appointment-{number}")
    for number in range(draw.count(0.8)):
        _draw_plan(draw, f"plan-{number}")
    _draw_lines(draw)
    _draw_indicators(draw)
    if draw.chance.random() < 0.1:
        party, at = draw.someone(), draw.when(0.2, 0.8)
        draw.cue("notice", party, at, floor_acts.give_notice)
        draw.cue("notice/revoked", party, at + 3 * MINUTE_MS, floor_acts.revoke_notice("notice"))


def _draw_handover(draw: Draw, party: Party) -> None:
    role = draw.chance.choice(draw.stage.cast.pact.policy.acknowledge.roles)
    at = draw.when()
    draw.cue("handover", party, at, floor_acts.hand_over_watch(draw.phrases, role=role, officer=OFFICER))
    if draw.chance.random() < 0.8:
        relieve = floor_acts.relieve_watch("handover", role=role, officer=RELIEF)
        draw.cue("relief", party, at + draw.chance.randint(5, 120) * SECOND_MS, relieve)


def _draw_meeting(draw: Draw, name: str) -> None:
    party, at = draw.someone(), draw.when()
    draw.cue(name, party, at, floor_acts.hold_meeting(draw.stage.cast.pact.commitments[0].id))
    if draw.chance.random() < 0.7:
        draw.cue(f"{name}/evidence", party, at + MINUTE_MS, floor_acts.give_evidence(draw.phrases, name))
    if draw.chance.random() < 0.2:
        draw.cue(f"{name}/mistaken", party, at + 3 * MINUTE_MS, floor_acts.withdraw_entry(name))


def _draw_appointment(draw: Draw, name: str) -> None:
    party, at, mood = draw.someone(), draw.when(0.0, 0.6), draw.chance.random()
    commitment = draw.stage.cast.pact.commitments[0].id
    draw.cue(name, party, at, floor_acts.plan_meeting(commitment))
    if mood < 0.4:
        draw.cue(f"{name}/moved", party, at + 3 * MINUTE_MS, floor_acts.move_meeting(name))
    if 0.2 < mood < 0.6:
        draw.cue(f"{name}/off", party, at + 5 * MINUTE_MS, floor_acts.call_meeting_off(name))
    elif mood > 0.7:
        draw.cue(f"{name}/held", party, at + 8 * MINUTE_MS, floor_acts.hold_planned_meeting(name, commitment))


def _draw_plan(draw: Draw, name: str) -> None:
    party, at = draw.someone(), draw.when(0.0, 0.6)
    by = draw.chance.choice(((), (draw.someone(),)))
    draw.cue(name, party, at, floor_acts.open_plan(name))
    draw.cue(f"{name}/v1", party, at + 5 * SECOND_MS, floor_acts.put_plan(draw.phrases, name, by=by))
    go_at = at + draw.chance.randint(1, 8) * MINUTE_MS
    if draw.chance.random() < 0.8:
        draw.cue(f"{name}/go", party, go_at, floor_acts.activate_plan(name))
        if draw.chance.random() < 0.6:
            draw.cue(f"{name}/over", party, go_at + 4 * MINUTE_MS, floor_acts.stand_plan_down(name))
    if draw.chance.random() < 0.4:
        draw.cue(f"{name}/retired", party, go_at + 6 * MINUTE_MS, floor_acts.retire_plan(name))


def _draw_lines(draw: Draw) -> None:
    pact = draw.stage.cast.pact
    role = pact.policy.acknowledge.roles[0]
    for number in range(draw.count(1.2) if pact.hotlines else 0):
        line = draw.chance.choice(pact.hotlines)
        party, to = draw.chance.choice(line.parties), tuple(sorted(line.parties))
        at, precedence = draw.when(), draw.chance.choice(_PRECEDENCES)
        if pact.phrases:
            phrase = draw.chance.choice(pact.phrases)
            draw.cue(f"phrase-{number}", party, at, floor_acts.send_phrase(line.id, phrase, precedence, to=to))
            if draw.chance.random() < 0.25:
                draw.cue(f"phrase-{number}/mistaken", party, at + 2 * MINUTE_MS,
                         floor_acts.withdraw_entry(f"phrase-{number}"))  # fmt: skip
        if draw.chance.random() < 0.6:
            called = floor_acts.log_voice_call(line.id, to=to, role=role, officer=OFFICER)
            draw.cue(f"voice-{number}", party, draw.when(), called)


def _draw_indicators(draw: Draw) -> None:
    rows = draw.stage.cast.pact.indicators
    for number in range(draw.count(0.6) if rows else 0):
        row = draw.chance.choice(rows)
        value = draw.chance.choice((row.watch_at, row.warning_at, "0"))
        reported = floor_acts.report_indicator(draw.phrases, row, value)
        draw.cue(f"indicator-{number}", draw.chance.choice(row.reported_by), draw.when(), reported)


def draw_second_thoughts(draw: Draw, cues: Mapping[str, Cue], make_terms: Callable[[Draw, Party, int], Terms]) -> None:
    """Draw what is amended or taken back of what these cues of the main line begin."""
    for name, cue in sorted(cues.items()):
        later_at, mood = cue.at + draw.chance.randint(60, 900) * SECOND_MS, draw.chance.random()
        if "/" in name:
            continue
        if name.startswith("text-") and mood < 0.12:
            draw.cue(f"{name}/off", cue.party, later_at, floor_acts.withdraw_text(name))
        elif name.startswith("measure-") and mood < 0.15:
            draw.cue(f"{name}/back", cue.party, later_at, floor_acts.withdraw_measure(name))
        elif name.startswith("measure-") and mood < 0.3:
            terms = make_terms(draw, cue.party, later_at)
            draw.cue(f"{name}/other", cue.party, later_at, floor_acts.amend_measure(name, terms))
        elif name.startswith(("report-", "message-")) and mood < 0.15:
            draw.cue(f"{name}/mistaken", cue.party, later_at, floor_acts.withdraw_entry(name))
