"""CAP alerts for warning areas (docs/spec/warning.md, W55 to W57)."""

import msgspec
import pytest

from comity.base.instants import HOUR_MS, MINUTE_MS, Instant
from comity.exchange.cap import Certainty, Urgency
from comity.exchange.cap_areas import (
    find_expiry,
    judge_certainty,
    judge_urgency,
    make_area_alert,
    make_block,
    make_ring,
)
from comity.exchange.cap_read import find_references, parse_alert
from comity.exchange.cap_write import format_alert
from comity.pact.area import TrackEvent
from comity.pact.parse import parse_pact
from comity.procedure.detected import Evidence, spot
from comity.procedure.fields import Precedence
from comity.procedure.public_warning import PublicWarned, WarningStep, fold_public_warnings
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind
from kit.loop import read_profile
from kit.stating import BEGIN, Room, minute

PACT = parse_pact(read_profile("camp-david"))
AREA = PACT.find_warning_area("policy.area.japan")
SPOT = spot(BEGIN, latitude=356_900_000, longitude=1_396_900_000, semi_major_dm=9, semi_minor_dm=9, bearing=0)
REPORT = bytes(32)


def _evidence(after_ms: int = 5 * MINUTE_MS, event: TrackEvent = TrackEvent.IMPACT_IN) -> Evidence:
    impact = () if event is TrackEvent.ENTERS else (msgspec.structs.replace(SPOT, at=BEGIN + after_ms),)
    return Evidence(
        "policy.rule.impact-japan", "policy.track.ballistic", "policy.area.japan", event, Precedence.FLASH, 60,
        ("JPN-0042",), BEGIN, SPOT, (), impact, bytes(32),
    )  # fmt: skip


def _issue(*steps: WarningStep) -> list[Stated]:
    room = Room(("JPN",))
    kind, evidence = ThreatKind.MISSILE_LAUNCH, _evidence()
    return [
        room.say(
            "JPN", PublicWarned(REPORT, "policy.area.japan", step, kind, evidence, find_expiry(evidence)), minute(n)
        )
        for n, step in enumerate(steps)
    ]


def _make(messages: list[Stated]) -> bytes:
    assert AREA is not None
    words = ("event", "headline", "description", "instruction")
    blocks = [make_block(messages[-1], AREA, language=language, words=words, pact=PACT) for language in ("en", "ja")]
    alert = make_area_alert(messages, blocks=blocks, pact=PACT, lineage=bytes(32), realm="exercise/a", note="EXERCISE")
    return format_alert(alert)


@pytest.mark.parametrize(
    ("after_ms", "urgency"),
    [
        (-MINUTE_MS, Urgency.IMMEDIATE),
        (14 * MINUTE_MS, Urgency.IMMEDIATE),
        (15 * MINUTE_MS, Urgency.EXPECTED),
        (HOUR_MS, Urgency.FUTURE),
    ],
)
def test_urgency_is_the_time_that_is_left(after_ms: int, urgency: Urgency) -> None:
    """Until the estimated impact."""
    assert judge_urgency(_evidence(after_ms), at=BEGIN) is urgency


def test_what_is_there_is_observed_and_what_is_estimated_likely_at_most() -> None:
    """By the percentage of the area."""
    here = _evidence(event=TrackEvent.ENTERS)
    assert judge_urgency(here, at=Instant(BEGIN + HOUR_MS)) is Urgency.IMMEDIATE
    assert [judge_certainty(here, percent=percent) for percent in (90, 89)] == [Certainty.OBSERVED, Certainty.LIKELY]
    found = [judge_certainty(_evidence(), percent=percent) for percent in (99, 51, 50, 10, 9)]
    assert found == [
        Certainty.LIKELY, Certainty.LIKELY, Certainty.POSSIBLE, Certainty.POSSIBLE, Certainty.UNLIKELY,
    ]  # fmt: skip
    assert find_expiry(here) == BEGIN + HOUR_MS
    assert find_expiry(_evidence()) == BEGIN + 35 * MINUTE_MS


def test_an_alert_its_update_and_the_all_clear_name_all_before_them() -> None:
    """Each reads back, in every language of the area, with its ring; the last says that it is over."""
    issued = _issue(WarningStep.ALERT, WarningStep.UPDATE, WarningStep.ALL_CLEAR)
    (chain,) = fold_public_warnings(issued[::-1], "JPN").values()
    assert (chain.messages, chain.is_ended) == (tuple(issued), True)
    alerts = [parse_alert(_make(issued[: number + 1])) for number in range(3)]
    assert [alert.message_type for alert in alerts] == ["Alert", "Update", "Update"]
    assert [len(find_references(alert)) for alert in alerts] == [0, 1, 2]
    assert alerts[2].references.split() == [alerts[0].reference, alerts[1].reference]
    assert [block.responses for block in alerts[1].blocks] == [("Shelter",)] * 2
    assert [(block.responses, block.urgency) for block in alerts[2].blocks] == [(("AllClear",), "Past")] * 2
    assert AREA is not None
    (area,) = alerts[0].blocks[1].areas
    assert (area.description, area.polygons) == (AREA.title.in_language("ja"), (make_ring(AREA),))
    assert alerts[0].status == "Exercise"


def test_a_cancel_has_references_and_says_nothing_else() -> None:
    """The warning was wrong."""
    alert = parse_alert(_make(_issue(WarningStep.ALERT, WarningStep.CANCEL)))
    assert (alert.message_type, alert.blocks, len(find_references(alert))) == ("Cancel", (), 1)


def test_what_was_said_to_others_warned_of_nothing() -> None:
    """These are notes of a party to itself."""
    entry = _issue(WarningStep.ALERT)[0].entry
    stated = Room(("JPN", "USA")).say("JPN", entry, minute(0))
    assert fold_public_warnings([stated], "JPN") == {}
