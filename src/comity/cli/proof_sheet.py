"""What `comity pact check --prove` prints: every statement, what proves it, or the chain that breaks it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from comity.api.proof_view import show_statement
from comity.api.terms import say_term
from comity.api.words import say
from comity.cli.terminal import print_heading, print_line, print_text
from comity.procedure.proof import Claim, Statement
from comity.procedure.release_terms import ReleaseTerms
from comity.procedure.verdict import Reason

__all__ = ["list_steps", "print_proof", "say_refusal"]

_HEADINGS: Final = (
    ("What this file promises about its own releases", (Claim.PROMISE,)),
    ("What is never exchanged, nor by a detour", (Claim.CEILING,)),
    ("What is never passed on", (Claim.PROHIBITED,)),
    ("How far each party's information can ever get, by any chain of releases", (Claim.REACH, Claim.OTHERS_HANDS)),
)


def print_proof(statements: Sequence[Statement], terms: ReleaseTerms) -> None:
    """Print all statements by kind, then how many are proved."""
    for heading, claims in _HEADINGS:
        rows = [statement for statement in statements if statement.claim in claims]
        if rows:
            print_heading(heading)
        for statement in rows:
            _print_statement(statement, terms)
    broken = sum(not statement.is_proved for statement in statements)
    count, visited = len(statements), sum(statement.visited for statement in statements)
    print_line()
    if broken:
        print_line("{broken} of {count} statements are broken; each shows the chain that breaks it.", style="bold red",
                   broken=broken, count=count)  # fmt: skip
    else:
        print_line("All {count} statements are proved: every chain was searched, {visited} states, none breaks one.",
                   style="bold green", count=count, visited=visited)  # fmt: skip
    print_line("Every agreement was taken to be in force unless it says otherwise: no stricter state opens more (R11).")


def _print_statement(statement: Statement, terms: ReleaseTerms) -> None:
    view = show_statement(statement, terms)
    verdict = say("proved") if statement.is_proved else say("broken")
    clause = f" [{statement.clause}]" if statement.clause else ""
    print_text(
        f"{verdict}  {statement.originator} → {statement.recipient}: {_say_claim(view)}{clause}",
        style="" if statement.is_proved else "bold red",
    )
    if statement.is_proved:
        print_line("    {states} states visited, {decisions} decisions; stopped by: {barriers}",
                   states=statement.visited, decisions=statement.decision_count,
                   barriers=_say_barriers(view["barriers"]))  # fmt: skip
    found = view["counter_example"] or view["highest"]
    if found is None:
        return
    marking = found["marking"]
    fields = {"level": marking["level"], "topics": ", ".join(marking["topics"])}
    if statement.is_proved:
        print_line("    the highest that gets there: {level} ({topics})", **fields)
    else:
        print_line("    counter-example: {level} ({topics})", style="bold red", **fields)
    for step in list_steps(found["chain"]):
        print_text(f"      {step}")


def _say_claim(view: Mapping[str, Any]) -> str:
    topics = say("all topics") if view["is_every_topic"] else ", ".join(view["topics"])
    parts = [
        say("nothing above {levels}", levels=", ".join(view["above_levels"]) or view["above_rank"])
        if view["above_rank"] is not None
        else say("nothing at all"),
        topics,
    ]
    if view["holder"]:
        parts.append(say("by the hands of {holder}", holder=view["holder"]))
    if view["claim"] == Claim.OTHERS_HANDS.value:
        parts.append(say("through another's hands"))
    if view["with_consents"]:
        parts.append(say("even with every consent"))
    else:
        parts.append(say("while {originator} consents to nothing", originator=view["originator"]))
    if view["without"]:
        parts.append(say("without {agreements}", agreements=", ".join(view["without"])))
    return "; ".join(parts)


def _say_barriers(barriers: Iterable[Mapping[str, Any]]) -> str:
    said = [f"{row['giver']}: {row['clause']} ({say_refusal(row)})" for row in barriers]
    return "; ".join(said) or say("nothing: there is no higher level")


def say_refusal(row: Mapping[str, Any]) -> str:
    """Say why a step is not open: whose consent it needs, or the reason for withholding."""
    if row["answer"] == "needs-consent":
        return say("needs the consent of {party}", party=row["of"])
    return say_term(Reason(row["reason"]))


def list_steps(chain: Mapping[str, Any]) -> list[str]:
    """Say each step of a chain: from whom to whom, under which clauses, handled as what, with whose consent."""
    lines = []
    for step in chain["steps"]:
        fields = {"giver": step["giver"], "receiver": step["receiver"], "level": step["handled_as"] or "–",
                  "clauses": ", ".join([step["clause"], *step["rests_on"]])}  # fmt: skip
        if step["consents_of"]:
            parties = ", ".join(step["consents_of"])
            said = say("{giver} → {receiver} under {clauses}, as {level}, with the consent of {parties}",
                       parties=parties, **fields)  # fmt: skip
        else:
            said = say("{giver} → {receiver} under {clauses}, as {level}", **fields)
        lines.append(said)
    return lines
