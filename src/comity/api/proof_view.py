"""What was proved about a pact's releases, as JSON and in words: the same for the command line and for scripts."""

from typing import Any

from comity.api.views.release import (
    ChainShown,
    CounterShown,
    MarkingTried,
    ProofBarrier,
    ProofShown,
    Refusal,
    StepShown,
)
from comity.procedure.chain import Barrier, Chain, Step
from comity.procedure.proof import Counter, Statement
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import NeedsConsent

__all__ = ["show_chain", "show_refusal", "show_statement"]


def show_statement(statement: Statement, terms: ReleaseTerms) -> ProofShown:
    """Return one statement with what proves it or the chain against it."""
    return {
        "claim": statement.claim.value,
        "clause": statement.clause,
        "originator": statement.originator,
        "recipient": statement.recipient,
        "topics": list(statement.topics),
        "is_every_topic": len(statement.topics) == len(terms.topics),
        "above_rank": statement.above,
        "above_levels": _find_levels(statement, terms),
        "with_consents": statement.with_consents,
        "without": list(statement.without),
        "holder": statement.holder,
        "is_proved": statement.is_proved,
        "states_visited": statement.visited,
        "decision_count": statement.decision_count,
        "barriers": [_show_barrier(barrier) for barrier in statement.barriers],
        "highest": _show_counter(statement.highest),
        "counter_example": _show_counter(statement.counter),
    }


def show_chain(chain: Chain) -> ChainShown:
    """Return a chain with each step's clauses, and who must consent to it."""
    return {
        "path": list(chain.path),
        "consent_count": chain.consent_count,
        "steps": [_show_step(step) for step in chain.steps],
    }


def show_refusal(refusal: Any) -> Refusal:
    """Return a refusal: whose consent is lacking, or why it is withheld."""
    if isinstance(refusal, NeedsConsent):
        return {"answer": "needs-consent", "of": refusal.of, "clause": refusal.clause}
    return {"answer": "withheld", "reason": refusal.reason.value, "clause": refusal.clause, "hub": refusal.hub}


def _show_step(step: Step) -> StepShown:
    handled = step.permit.handled_as
    return {
        "giver": step.giver,
        "receiver": step.receiver,
        "clause": step.permit.clause,
        "rests_on": list(step.permit.rests_on),
        "handled_as": None if handled is None else handled.level,
        "consents_of": list(step.consents_of),
    }


def _show_barrier(barrier: Barrier) -> ProofBarrier:
    return {"giver": barrier.giver, "receiver": barrier.receiver, **show_refusal(barrier.refusal)}


def _show_counter(found: Counter | None) -> CounterShown | None:
    if found is None:
        return None
    marking = found.marking
    shown: MarkingTried = {"level": marking.level, "topics": list(marking.topics), "caveats": list(marking.caveats)}
    return {"marking": shown, "chain": show_chain(found.chain)}


def _find_levels(statement: Statement, terms: ReleaseTerms) -> list[str]:
    """The originator's levels at the rank above which nothing goes."""
    return [
        id_ for id_, (party, rank) in terms.ranks.items() if (party, rank) == (statement.originator, statement.above)
    ]
