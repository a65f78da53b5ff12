"""Plays the story of the Japan-ROK agreement: once from the pact file's rows, once from its parties' statements."""

import functools
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from comity.base.instants import Instant, parse_instant
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementStateStated, agreement_states
from comity.procedure.ground import Ground
from comity.procedure.release import decide
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.stated import Stated
from comity.procedure.verdict import Permit
from kit.releasing import camp_david_terms, item_of, marking, state_entry, stated

SCENES = tomllib.loads(Path(__file__).with_name("release_gsomia.toml").read_text(encoding="utf-8"))["scene"]
NOTICE = state_entry(AgreementState.NOTICE_GIVEN, "2019-08-22", notice_ends="2019-11-22T15:00Z")
SUSPENDED = state_entry(AgreementState.NOTICE_SUSPENDED, "2019-11-22T09:00Z")
WITHDRAWN = state_entry(AgreementState.IN_FORCE, "2023-03-21")


@functools.cache
def terms_of_signature() -> ReleaseTerms:
    """The pact as if only the first row of the agreement's history had been written down."""
    pact = camp_david_terms().pact
    agreements = tuple(
        msgspec.structs.replace(agreement, states=agreement.states[:1])
        if agreement.id == "jpn-kor-gsomia"
        else agreement
        for agreement in pact.agreements
    )
    return compile_terms(msgspec.structs.replace(pact, agreements=agreements))


def seoul_says(*entries: AgreementStateStated) -> list[Stated]:
    """Its statements to all parties, each written at the instant from which it holds."""
    return [
        stated(entry, author="KOR", page=page, at=entry.effective_at) for page, entry in enumerate(entries, start=1)
    ]


def play(terms: ReleaseTerms, told: list[Stated], at: Instant) -> tuple[str, bool]:
    """The funnel's answer at an instant, and whether the state is contested."""
    states = agreement_states(terms.pact, told, as_of=at)
    on = Ground(terms, states, (), at)
    decided = decide(item_of(marking(topics=["cyber"])), holder="JPN", to="KOR", ground=on)
    return "permit" if isinstance(decided, Permit) else "withheld", states["jpn-kor-gsomia"].contested


@pytest.mark.parametrize("scene", SCENES, ids=[scene["at"] for scene in SCENES])
def test_scene(scene: dict[str, Any]) -> None:
    """At each date the funnel answers as the story tells, from file and from statements alike."""
    at = parse_instant(scene["at"])
    assert play(camp_david_terms(), [], at)[0] == scene["file_alone"], scene["story"]
    said, contested = play(terms_of_signature(), seoul_says(NOTICE, SUSPENDED, WITHDRAWN), at)
    assert said == scene["stated"], scene["story"]
    if "contested" in scene:
        assert contested is scene["contested"], scene["story"]
    if "without_suspension" in scene:
        assert play(terms_of_signature(), seoul_says(NOTICE), at)[0] == scene["without_suspension"], scene["story"]
