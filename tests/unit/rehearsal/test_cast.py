"""Who takes part in a rehearsal."""

import pytest

from comity.base.errors import UsageError
from comity.base.instants import DAY_MS, Instant, parse_instant
from comity.pact.profiles import PROFILES
from comity.rehearsal.cast import OTHER_REALM, REHEARSAL_REALM, make_cast, read_profile
from comity.rehearsal.evidence import Evidence
from comity.rehearsal.standin import StandInSuite

BORN_AT = Instant(1_702_855_440_000)


@pytest.mark.parametrize("profile", PROFILES)
def test_every_party_of_a_shipped_pact_gets_a_setup_in_the_exercise_realm(profile: str) -> None:
    """Nothing is wired to three parties, and nothing invented is ever in realm `real`."""
    cast = make_cast(read_profile(profile), not_before_at=BORN_AT)
    assert tuple(sorted(cast.setups)) == cast.parties == cast.pact.audience
    assert {setup.pins.realm for setup in cast.setups.values()} == {REHEARSAL_REALM}
    assert len({setup.secrets.node for setup in cast.setups.values()}) == len(cast.parties)


def test_the_stray_page_is_of_the_same_pact_and_of_another_realm() -> None:
    """Only its realm keeps it out: that is what the checker for realms is about."""
    cast = make_cast(read_profile("camp-david"), not_before_at=BORN_AT)
    header = Evidence(StandInSuite()).read(cast.stray).header
    assert (header.journal.lineage, header.journal.realm) == (cast.pins.lineage, OTHER_REALM)


def test_an_unknown_profile_is_refused_with_a_code() -> None:
    """Names are looked up in the list of profiles, never in the file system."""
    with pytest.raises(UsageError) as caught:
        read_profile("../camp-david")
    assert caught.value.code == "rehearsal.profile-unknown"


def test_a_run_opens_when_the_pacts_agreements_are_in_force() -> None:
    """The day after adoption, or when the play wants it, whichever is later; at the time of day that the play wants."""
    early = make_cast(read_profile("harbour-aid"), not_before_at=BORN_AT)
    assert early.opens_at % DAY_MS == BORN_AT % DAY_MS
    assert early.opens_at == parse_instant("2025-03-02T23:24Z")
    assert make_cast(read_profile("camp-david"), not_before_at=BORN_AT).opens_at == BORN_AT
