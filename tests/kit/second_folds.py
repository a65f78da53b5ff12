"""Statements made for the folds of `comity.procedure`, handed to the folds of `comity.audit` as well."""

from collections.abc import Iterable, Sequence

from comity.audit.procedures.known import decode_entry
from comity.audit.procedures.said import DISOWNED, DISPUTED, GOOD, Place, Said, Spot, keep_one_each
from comity.base.names import Party
from comity.pact.policy import Acknowledge, Lapse, LineTest, Position, Silence
from comity.procedure.policy import Policy
from comity.procedure.registry import encode_entry
from comity.procedure.stated import Standing, Stated, is_doubt_known, is_known_to

__all__ = ["Known", "find_policy", "say_again", "say_one"]

_STANDING = {Standing.GOOD: GOOD, Standing.DISPUTED: DISPUTED, Standing.DISOWNED: DISOWNED}


class Known:
    """Answers what an author knew from the cuts that the statements bear."""

    def __init__(self, statements: Iterable[Stated]) -> None:
        self._by_id = {(stated.id, stated.standing): stated for stated in statements}
        self._any = {stated.id: stated for stated in statements}

    def knows(self, later: Said, earlier: Said) -> bool:
        return is_known_to(self._any[earlier.id], when_stating=self._any[later.id])  # type: ignore[index]

    def knows_fault(self, later: Said, doubted: Said) -> bool:
        return is_doubt_known(self._any[doubted.id], when_stating=self._any[later.id])  # type: ignore[index]

    def is_confirmed(self, said: Said, party: Party) -> bool:
        return party == said.author


def say_again(statements: Sequence[Stated]) -> list[Said]:
    """The same statements in the audit's own form, each once."""
    return keep_one_each(map(say_one, statements))


def say_one(stated: Stated) -> Said:
    """One statement in the audit's own form."""
    entry = decode_entry(type(stated.entry).__name__, encode_entry(stated.entry))
    assert entry is not None, stated.entry
    spot = Spot(stated.journal, stated.journal + stated.page.to_bytes(8, "big"))
    place = Place(stated.incarnation, stated.page, stated.index)
    standing = _STANDING[stated.standing]
    return Said(entry, stated.id, stated.author, stated.audience, place, spot, stated.written_at, standing)


def find_policy(policy: Policy) -> tuple[Silence, Acknowledge, Position, LineTest, Lapse]:
    """The numbers of a policy as the pact holds them."""
    return (
        Silence(
            id=policy.silence_clause,
            window_ms_min=policy.silence_window_ms_min,
            skew_ms_max=policy.silence_skew_ms_max,
            kept_by_machine=policy.silence_kept_by_machine,
            hold_permitted=policy.silence_hold_permitted,
        ),
        Acknowledge(
            id=policy.acknowledge_clause,
            within_ms=policy.acknowledge_within_ms,
            roles=tuple(sorted(policy.acknowledge_roles)),
        ),
        Position(id=policy.position_clause, within_ms=policy.position_within_ms),
        LineTest(
            id=policy.line_test_clause,
            interval_ms=policy.line_test_interval_ms,
            answer_within_ms=policy.line_answer_within_ms,
            person_within_ms=policy.line_person_within_ms,
            miss_count_finding=policy.line_miss_count_finding,
        ),
        Lapse(id=policy.lapse_clause, after_ms=policy.lapse_after_ms),
    )
