"""What two parties say to each other besides does not show to any other party, in anything."""

import pytest

from comity.rehearsal import CANARIES, read_profile
from comity.rehearsal.canary import NO_CANARY
from comity.rehearsal.play import get_play
from comity.rehearsal.twin import compare_twins


@pytest.mark.parametrize("profile", ["camp-david", "harbour-aid"])
def test_with_and_without_the_exchange_the_others_see_the_same_bytes_at_the_same_milliseconds(profile: str) -> None:
    """Pages, effects, answers, disks, and what one gets who asks for pages that he may not read."""
    cast = get_play("drawn").make_cast(read_profile(profile))
    assert [found for seed in range(4) for found in compare_twins(cast, seed, NO_CANARY)] == []


@pytest.mark.parametrize("name", ["talkative-node", "counting-node", "prying-outbox"])
def test_a_leak_of_one_head_one_byte_or_one_stream_is_found(name: str) -> None:
    """The comparison is of all bytes, so a leak need not look like one."""
    cast = get_play("drawn").make_cast(read_profile("camp-david"))
    ((party, told),) = compare_twins(cast, 1, CANARIES[name])
    assert party not in told["pair"]  # type: ignore[operator]
