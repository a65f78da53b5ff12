"""Two readings of docs/spec/procedure.md agree: the folds, and the audit that shares no code with them.

Both are given the same statements: of every kind, about the wrong objects too, from pages of any standing, by parties
that are cut off. Where they differ, one of them misreads the clause, or the clause can be read in two ways.
"""

import importlib.resources
import random

import msgspec
from hypothesis import event, example, given
from hypothesis import strategies as st

from comity.audit.procedures.judge import Procedures, judge_statements
from comity.base.instants import Instant
from comity.crypto.production import ProductionSuite
from comity.pact.duty import compile_duties
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.procedure.adoption import fold_text
from comity.procedure.plan_gap import find_gaps
from comity.procedure.policy import read_policy
from comity.procedure.receipt import NO_LINKS
from comity.procedure.record import Record
from comity.procedure.scope import Scope
from comity.procedure.stated import Standing, Stated
from comity.procedure.text_view import find_clock_doubts
from comity.rehearsal.checks.shown import show_duties, show_misses, show_objects
from kit.chatter import Chatter
from kit.second_folds import Known, say_again
from kit.stating import ALL, POLICY, minute
from kit.text_play import MOVES, Move, Play

SUITE = ProductionSuite()
CAMP_DAVID = parse_pact((importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_bytes())
LINE = CAMP_DAVID.hotlines[0].id


def ask(stated: list[Stated], pact: Pact, as_of: Instant) -> Procedures:
    """The audit's opinion."""
    return judge_statements(
        say_again(stated),
        policy=pact.policy,
        rules=compile_duties(pact),
        knowing=Known(stated),
        suite=SUITE,
        as_of=as_of,
    )


def check(stated: list[Stated], pact: Pact, as_of: Instant) -> Procedures:
    """Hold the folds against the audit: each object, duty and miss."""
    policy, rules = read_policy(pact), compile_duties(pact)
    record, opinion = Record(policy), ask(stated, pact, as_of)
    record.take(stated)
    shown = show_objects(record, policy, lambda _: NO_LINKS, as_of=as_of)
    judged = {view.scope: view for view in opinion.objects}
    for scope in sorted({*shown, *judged}):
        assert shown.get(scope) == judged.get(scope)
    duties = show_duties(record, rules, policy, lambda _: NO_LINKS, as_of=as_of)
    assert sorted(duties, key=repr) == sorted(opinion.duties, key=repr)
    assert set(show_misses(record, policy, as_of=as_of)) == set(opinion.misses)
    gaps = {(bytes(gap.activation), gap.line.id) for gap in find_gaps(record)}
    assert gaps == set(opinion.gaps)
    if gaps:
        event("a gap")
    return opinion


@given(st.integers(0, 2**32))
@example(594000)  # a message is read back, corrected and withdrawn
def test_both_read_calls_measures_messages_lines_and_corrections_alike(seed: int) -> None:
    """Cells, phases, receipts, positions, terms, answers, misses, duties, at instants before and after each clock."""
    chatter = Chatter(seed, channel=LINE)
    opinion = check(chatter.said, CAMP_DAVID, chatter.pick_instant())
    for kind in sorted({view.scope.kind for view in opinion.objects if view.state != "awaiting"}):
        event(kind)


def with_silence(*, is_hold_permitted: bool) -> Pact:
    """The pact with the windows that the plays are written for."""
    silence = msgspec.structs.replace(
        CAMP_DAVID.policy.silence,
        window_ms_min=POLICY.silence_window_ms_min,
        skew_ms_max=POLICY.silence_skew_ms_max,
        hold_permitted=is_hold_permitted,
    )
    return msgspec.structs.replace(CAMP_DAVID, policy=msgspec.structs.replace(CAMP_DAVID.policy, silence=silence))


@given(MOVES, st.integers(0, 2**32), st.booleans(), st.sampled_from((0, 40, 65, 90, 400)))
def test_both_read_texts_alike(moves: tuple[Move, ...], seed: int, is_hold_permitted: bool, after: int) -> None:
    """Pen, rounds, cells, receipts, adoption, witness and what is shown; also where pages turn out to be disputed."""
    draw, play = random.Random(seed), Play(moves)
    pact = with_silence(is_hold_permitted=is_hold_permitted)
    check(play.room.said, pact, minute(after))
    for row in draw.sample(play.room.said, min(len(play.room.said), draw.randint(0, 3))):
        if row.id != play.opened.id or draw.random() < 0.2:
            play.room.dispute(row, draw.choice((Standing.DISPUTED, Standing.DISOWNED)))
    check(play.room.said, pact, minute(after))
    opinion = check(list(play.room.arrived), pact, minute(after))
    state = fold_text(Scope("text", play.opened.id, ALL), play.room.arrived, read_policy(pact))
    doubts = {(doubt.party, doubt.witness, doubt.early_ms) for doubt in find_clock_doubts(state)}
    assert doubts == {(one.kept.author, one.other.author, one.early_ms) for one in opinion.clock_doubts}
    for view in opinion.objects:
        event(view.state)
