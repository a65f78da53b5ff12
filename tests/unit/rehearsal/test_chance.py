"""Chance by purpose: what keeps an old seed's faults where they were."""

from comity.rehearsal.chance import draw_count, draw_rates, split


def test_a_purpose_draws_the_same_whatever_else_is_drawn() -> None:
    """Draws for one purpose depend on the seed and the purpose's name, and on no other purpose's draws."""
    alone = [split(5, "links").random() for _ in range(3)]
    disks = split(5, "disks")
    for _ in range(1000):
        disks.random()
    assert [split(5, "links").random() for _ in range(3)] == alone
    assert split(5, "links").random() != split(5, "disks").random()
    assert split(5, "links").random() != split(6, "links").random()


def test_each_kind_of_fault_is_absent_from_some_seeds_and_present_in_others() -> None:
    """A fault that is always there would hide what only its absence shows."""
    drawn = [draw_rates(seed) for seed in range(60)]
    for name in (
        "drop_share",
        "duplicate_share",
        "ack_loss_share",
        "cuts_per_link",
        "isolations",
        "crashes_per_node",
        "crash_at_commit_share",
        "outages_per_outbox",
        "stalls_per_disk",
        "wrong_clocks",
        "clock_steps",
        "strays",
        "rots_per_disk",
        "full_per_disk",
        "clock_drift_ppm",
        "clock_jumps",
        "lies",
        "restores",
        "is_upgrading",
        "has_thief",
    ):
        values = [getattr(rates, name) for rates in drawn]
        assert 0 in values, name
        assert any(values), name


def test_a_count_is_its_mean_over_many_draws() -> None:
    """The whole part always, one more as often as the rest asks."""
    chance = split(1, "test")
    counts = [draw_count(chance, 2.25) for _ in range(4000)]
    assert set(counts) == {2, 3}
    assert abs(sum(counts) / len(counts) - 2.25) < 0.05
