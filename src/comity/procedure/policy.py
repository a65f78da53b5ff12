"""The few numbers of the pact's policy that the folds read.

Each verdict that rests on one cites its clause. The values are the pact's; there is no default here, so that a
deployment's choice is always one that its parties signed.
"""

from dataclasses import dataclass

from comity.pact.model import Pact

__all__ = ["Policy", "read_policy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Clocks in milliseconds, roles as ids of the pact, and the clause that each group rests on."""

    acknowledge_within_ms: int
    acknowledge_roles: frozenset[str]
    acknowledge_clause: str
    position_within_ms: int
    position_clause: str
    silence_window_ms_min: int
    silence_skew_ms_max: int
    silence_kept_by_machine: bool
    silence_hold_permitted: bool
    silence_clause: str
    line_test_interval_ms: int
    line_answer_within_ms: int
    line_person_within_ms: int
    line_miss_count_finding: int
    line_test_clause: str
    lapse_after_ms: int
    lapse_clause: str


def read_policy(pact: Pact) -> Policy:
    """Take from a pact what the folds need."""
    policy = pact.policy
    return Policy(
        acknowledge_within_ms=policy.acknowledge.within_ms,
        acknowledge_roles=frozenset(policy.acknowledge.roles),
        acknowledge_clause=policy.acknowledge.id,
        position_within_ms=policy.position.within_ms,
        position_clause=policy.position.id,
        silence_window_ms_min=policy.silence.window_ms_min,
        silence_skew_ms_max=policy.silence.skew_ms_max,
        silence_kept_by_machine=policy.silence.kept_by_machine,
        silence_hold_permitted=policy.silence.hold_permitted,
        silence_clause=policy.silence.id,
        line_test_interval_ms=policy.line_test.interval_ms,
        line_answer_within_ms=policy.line_test.answer_within_ms,
        line_person_within_ms=policy.line_test.person_within_ms,
        line_miss_count_finding=policy.line_test.miss_count_finding,
        line_test_clause=policy.line_test.id,
        lapse_after_ms=policy.lapse.after_ms,
        lapse_clause=policy.lapse.id,
    )
