"""Indicators: grades digit by digit, histories of what stands, and who owes a report; to the audit alike."""

import msgspec
import pytest

from comity.audit.procedures.indicator import list_owed_reports
from comity.base.errors import RemoteError, UsageError
from comity.base.instants import DAY_MS, Instant
from comity.pact.indicator import Direction, Indicator, find_scaled
from comity.pact.parse import check_pact, parse_pact
from comity.procedure.correction import CorrectionReason, EntryWithdrawn
from comity.procedure.duty import DutyVerdict
from comity.procedure.genesis import PactAccepted
from comity.procedure.indicator import (
    Grade,
    IndicatorReported,
    IndicatorState,
    find_grade,
    judge_duties_of_indicators,
    list_readings,
)
from comity.procedure.record import Record
from comity.procedure.registry import decode_entry, encode_entry
from comity.procedure.stated import Standing
from kit.loop import read_profile
from kit.second_folds import say_again
from kit.stating import ALL, POLICY, Room, words

RAW = read_profile("camp-david")
PACT = parse_pact(RAW)
ROWS = {row.id.rpartition(".")[2]: row for row in PACT.indicators}
CHIPS, STOCK, CUSTOMS = ROWS["chip-lead-time"], ROWS["graphite-stock"], ROWS["customs-refusals"]
WEEK = CUSTOMS.every_ms
VERSION = b"\x07" * 32
START = Instant(2800 * WEEK)


def _report(value: str, *, row: Indicator = CUSTOMS, at: int = START) -> IndicatorReported:
    return IndicatorReported(row.id, at, value, words("as counted"))


@pytest.mark.parametrize(
    ("row", "value", "grade"),
    [
        (CHIPS, "25.999999999", Grade.NORMAL), (CHIPS, "26", Grade.WATCH), (CHIPS, "39.9", Grade.WATCH),
        (CHIPS, "40", Grade.WARNING), (CHIPS, "-40", Grade.NORMAL),
        (STOCK, "60.000000001", Grade.NORMAL), (STOCK, "60", Grade.WATCH), (STOCK, "30.1", Grade.WATCH),
        (STOCK, "30", Grade.WARNING), (STOCK, "-1", Grade.WARNING),
        (CUSTOMS, "2.49", Grade.NORMAL), (CUSTOMS, "2.5", Grade.WATCH), (CUSTOMS, "10", Grade.WARNING),
    ],
)  # fmt: skip
def test_a_value_at_its_threshold_has_crossed_it(row: Indicator, value: str, grade: Grade) -> None:
    """On the side that the pact names, by whole billionths."""
    assert find_grade(row, value) is grade


def test_numbers_have_one_form() -> None:
    """What could be written in two ways is refused in one of them; the rest reads back as the same bytes."""
    for value in ("0", "-1", "0.5", "-0.000000001", "999999999999999.999999999"):
        assert decode_entry(encode_entry(_report(value))) == _report(value)
    for value in ("00", "-0", "1.0", "1.", ".5", "+1", "1e3", "0.0000000001", "1000000000000000", "١", "1\n", ""):
        with pytest.raises(UsageError):
            encode_entry(_report(value))
    raw = encode_entry(_report("1")).replace(b"\xa11", b"\xa1x")
    with pytest.raises(RemoteError):
        decode_entry(raw)
    assert [find_scaled(value) for value in ("-0.5", "12", "-0.000000001")] == [-500_000_000, 12 * 10**9, -1]


def _room() -> Room:
    room = Room()
    for party in ALL:
        room.say(party, PactAccepted(VERSION), START)
    return room


def _read(room: Room) -> tuple[list[IndicatorState], Record]:
    record = Record(POLICY)
    record.take(room.said)
    states = [record.get_state(scope) for scope in record.list_scopes("indicator")]
    return [state for state in states if isinstance(state, IndicatorState)], record


def test_a_history_is_in_order_and_without_what_does_not_stand() -> None:
    """By observation, not by arrival; withdrawn and disputed reports are left out; an unknown indicator is shown."""
    room = _room()
    late = room.say("JPN", _report("3", at=START + 2), Instant(START + 10))
    early = room.say("JPN", _report("2", at=START + 1), Instant(START + 20))
    gone = room.say("JPN", _report("9", at=START + 3), Instant(START + 30))
    room.say("JPN", EntryWithdrawn(gone.id, CorrectionReason.MISTAKE), Instant(START + 40))
    room.say("JPN", _report("9", at=START + 4), Instant(START + 50), standing=Standing.DISPUTED)
    other = room.say("USA", IndicatorReported("policy.none", START, "1", words("?")), Instant(START + 60))
    foreign = room.say("USA", _report("99", row=STOCK), Instant(START + 70))
    readings = list_readings(_read(room)[0], PACT)
    assert [(one.stated.id, one.grade, one.by_policy) for one in readings] == [
        (early.id, Grade.NORMAL, True),
        (late.id, Grade.WATCH, True),
        (foreign.id, Grade.NORMAL, False),
        (other.id, Grade.UNKNOWN_INDICATOR, False),
    ]


def _judge(room: Room, at: int) -> dict[tuple[str, str, int], tuple[DutyVerdict, bytes | None]]:
    readings = list_readings(_read(room)[0], PACT)
    duties = judge_duties_of_indicators(PACT, readings, room.said, version=VERSION, as_of=Instant(at))  # type: ignore[arg-type]
    theirs = list(list_owed_reports(PACT, VERSION, say_again(room.said), as_of=at))
    ours = [(one.party, one.due_at, one.verdict.value, one.met_by or b"", one.clause, one.subject) for one in duties]
    assert ours == [(one.party, one.due_at, one.verdict.value, one.met_by, one.clause, one.subject) for one in theirs]
    assert {one.policy for one in duties} <= {row.id for row in PACT.indicators}
    found: dict[tuple[str, str, int], tuple[DutyVerdict, bytes | None]] = {}
    for one in duties:
        if one.policy == CUSTOMS.id:
            found[one.party, CUSTOMS.id, (one.due_at - START) // WEEK] = (one.verdict, one.met_by)
    return found


def test_a_report_is_owed_in_each_interval_after_the_acceptance() -> None:
    """None before it; met by a report within it, by the clock of its page; overdue once it is over, never earlier."""
    room = _room()
    key = ("JPN", CUSTOMS.id)
    first = _judge(room, START + DAY_MS)
    assert set(first) == {(party, CUSTOMS.id, 1) for party in ALL}
    assert first[(*key, 1)] == (DutyVerdict.OPEN, None)
    told = room.say("JPN", _report("1", at=START - 50 * DAY_MS), Instant(START + 2 * DAY_MS))
    assert _judge(room, START + 3 * DAY_MS)[(*key, 1)] == (DutyVerdict.MET, told.id)
    later = _judge(room, START + WEEK)
    assert later[(*key, 1)] == (DutyVerdict.MET, told.id)
    assert later[(*key, 2)] == (DutyVerdict.OPEN, None)
    assert later[("KOR", CUSTOMS.id, 1)] == (DutyVerdict.OVERDUE, None)
    assert _judge(room, START + 2 * WEEK)[(*key, 2)] == (DutyVerdict.OVERDUE, None)
    room.say("JPN", EntryWithdrawn(told.id, CorrectionReason.MISTAKE), Instant(START + WEEK + 1))
    assert _judge(room, START + WEEK)[(*key, 1)] == (DutyVerdict.OVERDUE, None)


def test_who_accepted_within_an_interval_owes_from_the_next_one_on() -> None:
    """And who accepted another version, or in a page that is disputed, owes nothing."""
    room = Room()
    room.say("JPN", PactAccepted(VERSION), Instant(START + 1))
    room.say("KOR", PactAccepted(b"\x08" * 32), START)
    room.say("USA", PactAccepted(VERSION), START, standing=Standing.DISPUTED)
    assert set(_judge(room, START + DAY_MS)) == set()
    assert set(_judge(room, START + WEEK + DAY_MS)) == {("JPN", CUSTOMS.id, 2)}


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('watch_at = "26"', 'watch_at = "41"', "pact.indicator"),
        ('watch_at = "60"', 'watch_at = "29"', "pact.indicator"),
        ('levels = ["JPN-OPEN", "KOR-OPEN"]\ncommitment', 'levels = ["JPN-OPEN"]\ncommitment', "pact.indicator"),
        ('reported_by = ["JPN", "KOR"]', 'reported_by = ["JPN", "PRK"]', "pact.reference"),
        ('watch_at = "2.5"', 'watch_at = "2.50"', "pact.value"),
        ('watch_at = "2.5"', "watch_at = 2.5", "pact.type"),
        ('watch_at = "45"', 'watch_at = "45"\nurgent = true', "pact.key-unknown"),
    ],
)
def test_a_row_that_contradicts_itself_is_found(old: str, new: str, code: str) -> None:
    """A warning before the watch, on either side; a party without a level; a number of another form, or a float."""
    text = RAW.decode()
    assert old in text
    assert code in {finding.code for finding in check_pact(text.replace(old, new, 1).encode())}


def test_the_profiles_say_that_their_numbers_are_their_own() -> None:
    """No threshold is read into a text of the parties."""
    assert len(PACT.indicators) == 4
    assert {row.sources for row in PACT.indicators} == {("deployment",)}
    assert {row.direction for row in PACT.indicators} == set(Direction)
    harbour = parse_pact(read_profile("harbour-aid"))
    assert [row.sources for row in harbour.indicators] == [("invented",)]
    assert msgspec.structs.replace(harbour, indicators=()).indicators == ()
