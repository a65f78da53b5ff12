"""What `comity release` prints: for each party permit, consent or the clause against; chains; agreements and routes."""

from collections.abc import Mapping
from typing import Any

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import Instant, format_dtg
from comity.cli.proof_sheet import list_steps, say_refusal
from comity.cli.terminal import print_heading, print_line, print_table, print_text
from comity.pact.agreement import AgreementState, Binding, ThirdParty
from comity.pact.release import Leg

__all__ = ["print_graph", "print_preview", "say_level", "say_standing"]

NOT_BEGUN = "not-begun"


def print_preview(view: Mapping[str, Any]) -> None:
    """Print the marking, the answer for each party, and who could come to see it by any chain."""
    for marking in view["markings"]:
        print_line("{originator}  {level}  {topics}  {caveats}", style="bold", originator=marking["originator"],
                   level=say_level(marking), topics=", ".join(marking["topics"]) or say("no topic"),
                   caveats=" / ".join(marking["caveats"]))  # fmt: skip
    print_line("held by {holder}, as of {at}", holder=view["holder"], at=format_dtg(Instant(view["at"])))
    print_heading("If it were given now")
    print_table(("party", "answer", "clause", "handled as, or why"), [_lay_answer(row) for row in view["by_party"]])
    print_heading("Who could come to see it, by any chain of releases")
    for row in view["by_party"]:
        _print_chain(row)


def say_level(level: dict[str, Any]) -> str:
    """Write a level as its party does, in its own script and in Latin letters, after its id."""
    words = [level["local"]] if level["local"] == level["romanised"] else [level["local"], f"({level['romanised']})"]
    return " ".join(filter(None, [level["level"], *words])) if level["local"] else level["level"]


def say_standing(view: dict[str, Any]) -> str:
    """Say a state: since it may differ, whether it is contested, and when notice ends."""
    state = say("not begun") if view["state"] == NOT_BEGUN else say_term(AgreementState(view["state"]))
    parts = [state]
    if view["notice_ends_at"] is not None and view["state"] == AgreementState.NOTICE_GIVEN.value:
        parts.append(say("ends {at}", at=format_dtg(Instant(view["notice_ends_at"]))))
    if view["is_contested"]:
        parts.append(say("contested"))
    return ", ".join(parts)


def _lay_answer(row: dict[str, Any]) -> tuple[str, ...]:
    if row["answer"] == "permit":
        handled = "" if row["handled_as"] is None else say_level(row["handled_as"])
        return row["party"], say("permit"), ", ".join([row["clause"], *row["rests_on"]]), handled
    answer = say("needs consent") if row["answer"] == "needs-consent" else say("withheld")
    hub = f" ({row['hub']})" if row.get("hub") else ""
    return row["party"], answer, row["clause"], say_refusal(row) + hub


def _print_chain(row: dict[str, Any]) -> None:
    party, chain = row["party"], row["chain"]
    if row["is_holder"]:
        print_line("{party} is known to have it", party=party)
    elif chain is None:
        print_line("{party} cannot", party=party, style="green")
        for barrier in row["barriers"]:
            print_text(f"    {barrier['giver']}: {barrier['clause']} ({say_refusal(barrier)})")
    else:
        path = " → ".join(chain["path"])
        if chain["consent_count"]:
            print_line("{party} could, with consent: {path}", party=party, path=path, style="yellow")
        else:
            print_line("{party} could: {path}", party=party, path=path, style="bold yellow")
        for step in list_steps(chain):
            print_text(f"    {step}")


def print_graph(view: Mapping[str, Any]) -> None:
    """Print a party's agreements with their law and state, then every route from it and to it."""
    print_line("{party}, as of {at}", party=view["party"], at=format_dtg(Instant(view["at"])), style="bold")
    print_heading("Agreements: the bases on which information may pass")
    for row in view["agreements"]:
        title = row["title"].get(get_language()) or row["title"]["en"]
        print_text(f"{row['agreement']}  {title}", style="bold")
        print_line("    {parties}; {state}", parties=", ".join(row["parties"]), state=say_standing(row))
        if row["is_contested"]:
            print_text("    " + ", ".join(f"{party}: {_say_state(state)}" for party, state in row["cells"].items()))
        print_line("    {binding}; towards third parties: {rule}", binding=say_term(Binding(row["binding"])),
                   rule=say_term(ThirdParty(row["third_party"])))  # fmt: skip
        print_text(f"    {row['legal_basis']}")
    print_heading("Routes that follow from them")
    for row in view["routes"]:
        _print_route(row)


def _print_route(row: dict[str, Any]) -> None:
    level = say("nothing") if row["ceiling_level"] is None else say_level(row["ceiling_level"])
    closed = [f"{id_}: {_say_state(state)}" for id_, state in row["states"].items() if state not in _OPERATIVE]
    fields = {"giver": row["giver"], "receiver": row["receiver"], "level": level,
              "way": say_term(Leg(row["leg"])) + (f" {row['hub']}" if row["hub"] else "")}  # fmt: skip
    if closed:
        print_line("{giver} → {receiver}  {way}, up to {level}: closed ({why})", style="red", why="; ".join(closed),
                   **fields)  # fmt: skip
    else:
        print_line("{giver} → {receiver}  {way}, up to {level}: open", **fields)
    print_text(f"    {', '.join(row['topics'])}")
    print_text(f"    {', '.join(row['clauses'])}")


_OPERATIVE = ("in-force", "notice-suspended", "notice-given")


def _say_state(state: str) -> str:
    return say("not begun") if state == NOT_BEGUN else say_term(AgreementState(state))
