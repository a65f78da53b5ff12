"""Runs of a scenario: who reaches what when, by whose rule, and what the figures make of it (R66 to R73)."""

import pickle
import xml.etree.ElementTree as ET

import msgspec
import pytest

from bench.course_cost import describe, measure, write_busy
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, MINUTE_MS, parse_instant
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.procedure.consultation import ConsultationState
from comity.rehearsal import read_profile
from comity.rehearsal.lean.course import Course, run_course
from comity.rehearsal.lean.judge import judge_course
from comity.rehearsal.lean.many import Plan, run_plan
from comity.rehearsal.lean.outcome import CourseOutcome
from comity.rehearsal.lean.plot import Line, Panel, Point, draw_panels
from comity.rehearsal.lean.summary import summarise
from comity.rehearsal.lean.variant import Variant, vary
from comity.rehearsal.scenario.luck import Luck
from comity.rehearsal.scenario.read import parse_scenario
from kit.scenarios import HEAD, write

PROFILE = read_profile("camp-david")
PACT = parse_pact(PROFILE)
FROM_AT = parse_instant("2024-01-01")
OTHER = 'kind = "other"\ntopic = "defence"\npercent = 100\ncall_percent = 0\n'
ANSWERS_TO_TEXTS = f"""
[adversary]
initial = "calm"
[[adversary.state]]
id = "calm"
[[adversary.state.change]]
on = "agreed"
to = "calm"
median_ms = 60000
{OTHER}
"""
CHAINS = f"""
[adversary]
initial = "calm"
[[adversary.state]]
id = "calm"
[[adversary.state.change]]
on = "time"
to = "angry"
median_ms = 86400000
{OTHER}
[[adversary.state]]
id = "angry"
[[adversary.state.change]]
on = "called"
to = "angry"
is_quiet = true
median_ms = 3600000
{OTHER}
[[adversary.state.change]]
on = "time"
to = "angry"
median_ms = 86400000
{OTHER}
"""


def run(raw: bytes, *pacts: Pact, number: int = 0) -> CourseOutcome:
    """Run a scenario once."""
    held = pacts or (PACT,)
    return run_course(held, parse_scenario(raw, held), from_at=FROM_AT, seed=0, run=number)


def test_times_follow_from_the_paces_and_the_pacts_clocks() -> None:
    """Call, answers, sitting, text and measures come when the rows and the pact's window for silence say."""
    answer = run(write()).answers[0]
    called, second = MINUTE_MS, 1000
    acknowledged = called + second + MINUTE_MS
    convened = acknowledged + second + MINUTE_MS
    silence = PACT.policy.silence
    kept = convened + MINUTE_MS + silence.window_ms_min + 5 * MINUTE_MS + silence.skew_ms_max + second
    # Positions a minute after acknowledging, offers a minute after that, answers a minute after they arrived.
    matched = acknowledged + MINUTE_MS + MINUTE_MS + second + MINUTE_MS
    assert answer.reached_ms == {
        "called": called,
        "acknowledged": acknowledged,
        "convened": convened,
        "agreed": kept,
        "matched": matched,
    }
    assert answer.phases == ("concluded",)


def test_duties_are_judged_by_the_pacts_clock() -> None:
    """Who takes twenty minutes under a clock of fifteen has met its duty late; under one of thirty, in time."""
    raw = write(acknowledge=20 * MINUTE_MS)
    assert run(raw).duties["acknowledgement/late"] == 2
    assert run(raw, vary(PACT, Variant("acknowledge", 30))).duties["acknowledgement/met"] == 2


def test_who_heeds_a_clock_is_in_time() -> None:
    """The same people are in time for the same clock if they heed it."""
    raw = write(habit="heed_percent = 100", acknowledge=20 * MINUTE_MS)
    assert run(raw).duties["acknowledgement/met"] == 2


def test_the_caller_convenes_when_the_clock_has_run_out() -> None:
    """Nobody is waited for longer than the pact gives."""
    answer = run(write(acknowledge=10 * 60 * MINUTE_MS)).answers[0]
    assert answer.reached_ms["convened"] == MINUTE_MS + PACT.policy.acknowledge.within_ms + 1000 + MINUTE_MS


def test_who_declines_owes_nothing_and_holds_nobody_up() -> None:
    """To decline is an answer: duties are excused, and the sitting is convened."""
    outcome = run(write(habit="decline_percent = 100"))
    assert outcome.duties["acknowledgement/excused"] == 2
    assert "convened" in outcome.answers[0].reached_ms
    assert "acknowledged" not in outcome.answers[0].reached_ms


def test_a_broken_silence_is_put_anew_and_then_given_up() -> None:
    """Each version is broken; after the last nobody agrees on a text, and the consultation is concluded without."""
    answer = run(write(habit="break_percent = 100")).answers[0]
    assert "agreed" not in answer.reached_ms
    assert answer.phases == ("concluded",)


def test_nobody_who_concludes_is_a_consultation_that_lapses() -> None:
    """The phase is the fold's own."""
    assert run(write(habit="conclude_percent = 0")).answers[0].phases == ("lapsed",)


def break_machine(reached_ms: int, span_ms: int) -> tuple[str, int]:
    """Return rows by which Japan's machine first fails so long after the launch, and when it does so exactly."""
    wanted_ms, large_ms = HOUR_MS + reached_ms, 10**9
    gap_ms = wanted_ms * large_ms // Luck(0, 0).gap_ms(large_ms, "failure", 0, "JPN", 0)
    row = f'[[failure]]\nof = "machine"\nparties = ["JPN"]\ngap_ms = {gap_ms}\nmedian_ms = {span_ms}\n'
    return row, Luck(0, 0).gap_ms(gap_ms, "failure", 0, "JPN", 0) - HOUR_MS


def test_a_machine_that_is_down_when_silence_ends_keeps_none_and_an_officer_agrees() -> None:
    """Silence is signed by who is up then; who is not has an officer look once its machine is up (P19, R67)."""
    kept_ms = run(write()).answers[0].reached_ms["agreed"]
    row, down_ms = break_machine(kept_ms - MINUTE_MS // 2, MINUTE_MS)
    assert down_ms < kept_ms < down_ms + MINUTE_MS, "only the instant at which silence is signed"
    assert run(write(HEAD + row)).answers[0].reached_ms["agreed"] == down_ms + 2 * MINUTE_MS


def test_who_gets_the_request_after_its_time_looks_when_it_is_there() -> None:
    """A machine that is down from before the request until after S-time is no reason never to agree (R67)."""
    asked_ms = run(write()).answers[0].reached_ms["convened"] + MINUTE_MS
    row, down_ms = break_machine(asked_ms - MINUTE_MS // 2, 120 * MINUTE_MS)
    assert run(write(HEAD + row)).answers[0].reached_ms["agreed"] >= down_ms + 121 * MINUTE_MS


@pytest.mark.parametrize(("review", "is_waited_for"), [(30 * MINUTE_MS, True), (5 * HOUR_MS, False)])
def test_a_late_agreement_is_one_for_everybody(review: int, *, is_waited_for: bool) -> None:
    """The adversary hears of it, once; and who is silent yet is waited for before anybody concludes, once."""
    kept_ms = run(write()).answers[0].reached_ms["agreed"]
    row, _ = break_machine(kept_ms - MINUTE_MS // 2, MINUTE_MS)
    raw = write(HEAD + row + ANSWERS_TO_TEXTS, review=review)
    course = Course((PACT,), parse_scenario(raw, (PACT,)), from_at=FROM_AT, luck=Luck(0, 0))
    course.play(())
    agreed = judge_course(course, 0).answers[0].reached_ms["agreed"] + HOUR_MS + FROM_AT
    assert course.uncalled_count == 1
    sitting = course.sittings[0][1][0]
    state = sitting.forum.record.get_state(sitting.scope)
    assert isinstance(state, ConsultationState)
    concluded = [cell.conclusion.written_at for cell in state.cells if cell.conclusion is not None]
    assert len(concluded) == 3
    assert all((at > agreed) is is_waited_for for at in concluded)


def test_a_hold_ends_in_a_break_as_often_as_the_scenario_says() -> None:
    """The chance is the hold's own, and not that of a text."""
    lifted = run(write(habit="hold_percent = 100\nbreak_percent = 100"))
    broken = run(write(habit="hold_percent = 100\nhold_break_percent = 100"))
    assert "agreed" in lifted.answers[0].reached_ms
    assert "agreed" not in broken.answers[0].reached_ms


def test_a_change_goes_on_by_time_only_while_nothing_else_changed_the_state() -> None:
    """What the adversary began before the call is not gone on with beside what it began upon it."""
    assert 18 <= run(write(HEAD + CHAINS)).uncalled_count <= 21, "one a day for twenty days"


def test_a_cut_link_is_gone_round_by_another_reader() -> None:
    """With every page of Japan and Korea cut off from each other, the third party passes it on."""
    cut = '[[failure]]\nof = "link"\nparties = ["JPN", "KOR"]\ngap_ms = 60000\nmedian_ms = 31536000000\n'
    answer = run(write(HEAD + cut)).answers[0]
    assert answer.reached_ms["acknowledged"] == MINUTE_MS + 2000 + MINUTE_MS


def test_what_may_not_pass_is_counted_by_its_clause() -> None:
    """The highest grade never goes from Seoul to Tokyo, and the clause says so."""
    row = '[[information]]\nid = "source"\ngiver = "KOR"\nlevel = "KOR-I"\n'
    outcome = run(write(HEAD + row))
    assert outcome.asked_count == 2
    assert sum(outcome.withheld.values()) == 2
    assert all(": " in clause for clause in outcome.withheld)


def test_lines_are_tested_and_answered() -> None:
    """Two slots in twenty days: each of three ends is answered by the two others, by machine and by person."""
    duties = run(write()).duties
    assert duties["line-answer-by-machine/met"] == duties["line-answer-by-person/met"] == 12


def test_an_outcome_depends_on_the_plan_and_the_number_alone() -> None:
    """In any order, in this process or in others, each run comes to the same (R70)."""
    plan = Plan((PROFILE,), write(habit="hold_percent = 40\nbreak_percent = 20"), b"", FROM_AT, seed=3)
    runs = list(run_plan(plan, range(4)))
    again = pickle.loads(pickle.dumps(plan))
    backwards = list(run_plan(again, [3, 2, 1, 0]))
    assert runs == backwards[::-1]
    assert list(run_plan(plan, [1, 2], workers=2)) == runs[1:3], "processes of their own"
    assert [outcome.run for outcome in runs] == [0, 1, 2, 3]
    assert len({msgspec.json.encode(outcome) for outcome in runs}) == 4


def test_a_pact_with_more_parties_is_run_by_all_of_them() -> None:
    """Five more parties acknowledge, keep silence and are asked for measures; the text may go to them."""
    outcome = run(write(), vary(PACT, Variant("parties", 8)))
    assert outcome.duties["acknowledgement/met"] == 7
    assert outcome.duties["silence-answer/met"] == 8
    assert not outcome.texts_withheld
    assert outcome.party_hours == 8 * 20 * 24


def test_a_copy_of_a_party_has_its_people() -> None:
    """Rows of one party are those of its copies too; without them the row of everybody is (R73)."""
    slow = '[[pace]]\nact = "acknowledge"\nparty = "JPN"\nmedian_ms = 1200000\n'
    refuses = '[[habit]]\nparty = "USA"\ndecline_percent = 100\n'
    duties = run(write(HEAD + slow + refuses), vary(PACT, Variant("parties", 6))).duties
    assert duties["acknowledgement/late"] == duties["acknowledgement/excused"] == 2


@pytest.mark.parametrize("variant", [Variant("parties", 2), Variant("parties", 201), Variant("acknowledge", 0)])
def test_a_sweep_has_bounds(variant: Variant) -> None:
    """Fewer parties than the pact has, more than are run, or no time at all are refused."""
    with pytest.raises(UsageError) as refused:
        vary(PACT, variant)
    assert refused.value.code == "scenario.sweep"


def test_figures_have_intervals_that_hold_them() -> None:
    """Of several runs each figure lies within its interval; a single run has none."""
    raw = write(habit="hold_percent = 40\nbreak_percent = 20\nno_instructions_percent = 50\noffer_percent = 50")
    outcomes = [run(raw, number=number) for number in range(12)]
    figures = {figure[:2]: figure for figure in summarise(outcomes)}
    for figure in figures.values():
        if figure.value is not None and figure.low is not None and figure.high is not None:
            assert figure.low <= figure.value <= figure.high
    assert figures["reached", "called"].value == 1.0
    low = figures["reached", "called"].low
    assert low is not None
    assert 0 < low < 1, "twelve of twelve runs prove no certainty"
    alone = {figure[:2]: figure for figure in summarise(outcomes[:1])}
    assert alone["median", "called"].low is None
    assert alone["median", "called"].value == 1.0


def test_a_plot_is_well_formed_and_the_same_for_the_same_figures() -> None:
    """Words are escaped, every line has its legend, and nothing else goes into the bytes."""
    lines = (Line("a < b", (Point(1, 0.1, 0.0, 0.2), Point(9, 0.9))), Line("둘", (Point(3, 0.5),), has_marks=True))
    panels = [Panel("日 & 韓", lines, ((1, "1"), (5, "5")), is_x_log=True, y_max=1, is_share=True), Panel("none", ())]
    drawn = draw_panels(panels, title="t")
    assert drawn == draw_panels(panels, title="t")
    root = ET.fromstring(drawn)
    words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a < b", "둘", "日 & 韓", "none"} <= set(words)


def test_the_cost_page_has_a_row_for_each_run() -> None:
    """Parties, consultations and milliseconds a party-hour, of a small day."""
    cost = measure("a day", write_busy(1, 2), 4)
    assert len(cost.outcome.answers) == 2
    assert cost.outcome.party_hours == 4 * 24
    page = describe([cost], "x.svg")
    assert "| a day | 4 | 2 | " in page
