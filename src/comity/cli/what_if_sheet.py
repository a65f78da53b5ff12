"""What `comity pact what-if` and `comity release story` print: what passes, what goes instead, what not at all."""

from collections.abc import Mapping
from typing import Any

from comity.api.terms import say_term
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.cli.proof_sheet import list_steps, say_refusal
from comity.cli.release_sheet import say_level, say_standing
from comity.cli.terminal import print_heading, print_line, print_table, print_text
from comity.procedure.recalls import CopyState

__all__ = ["print_story", "print_supposed"]


def print_supposed(view: Mapping[str, Any]) -> None:
    """Print which routes close, what else changes, and what has crossed already."""
    print_line("{agreement}: {before} → {after}, as of {at}", style="bold", agreement=view["agreement"],
               before=say_standing(view["before"]), after=say_standing(view["after"]),
               at=format_dtg(Instant(view["at"])))  # fmt: skip
    closing = [row for row in view["changes"] if row["is_closing"]]
    others = [row for row in view["changes"] if not row["is_closing"]]
    print_heading("What no longer goes directly, and what would go instead")
    for row in closing:
        _print_closing(row)
    if not closing:
        print_line("nothing")
    if others:
        print_heading("What else changes: ways by others, or more that goes directly")
    for row in others:
        _print_other(row)
    if "crossed" in view:
        _print_crossed(view["crossed"])


def _print_closing(row: dict[str, Any]) -> None:
    before = row["before"]["direct"]
    print_line("{giver} → {receiver}  {topics}: {level} no longer goes directly ({clause})", style="bold red",
               giver=row["giver"], receiver=row["receiver"], topics=", ".join(row["topics"]),
               level=_say_up_to(before), clause=before["chain"]["steps"][0]["clause"])  # fmt: skip
    _print_ways(row["after"], is_instead=True)
    if row["after"]["by_others"] is None:
        print_line("    instead: nothing")


def _print_other(row: dict[str, Any]) -> None:
    fields = {"giver": row["giver"], "receiver": row["receiver"], "topics": ", ".join(row["topics"])}
    print_line("{giver} → {receiver}  {topics}", style="bold", **fields)
    for side, ways in ((say("before"), row["before"]), (say("after"), row["after"])):
        print_line("    {side}: directly {direct}; by others {others}", side=side, direct=_say_way(ways["direct"]),
                   others=_say_way(ways["by_others"]))  # fmt: skip


def _print_ways(ways: dict[str, Any], *, is_instead: bool = False) -> None:
    """Print what goes directly, what by others with whose consent, and from which level on nothing goes."""
    direct, others = ways["direct"], ways["by_others"]
    if direct is None:
        why = "" if ways["refusal"] is None else f"{ways['refusal']['clause']}: {say_refusal(ways['refusal'])}"
        print_line("    directly: nothing ({why})", why=why)
    else:
        print_line("    directly: up to {level}, under {clause}", level=say_level(direct["level"]),
                   clause=direct["chain"]["steps"][0]["clause"])  # fmt: skip
    if others is not None:
        chain = others["chain"]
        consents = sorted({party for step in chain["steps"] for party in step["consents_of"]})
        fields = {"level": say_level(others["level"]), "path": " → ".join(chain["path"]),
                  "parties": ", ".join(consents) or say("nobody")}  # fmt: skip
        if is_instead:
            print_line("    instead: up to {level} by {path}, with the consent of {parties}", style="yellow", **fields)
            for step in list_steps(chain):
                print_text(f"        {step}")
        else:
            print_line("    by others: up to {level} by {path}, with the consent of {parties}", **fields)
    elif not is_instead:
        print_line("    by others: nothing")
    if ways["stopped_from"] is not None:
        print_line("    not at all: from {level} on", level=say_level(ways["stopped_from"]))


def _say_way(way: dict[str, Any] | None) -> str:
    if way is None:
        return say("nothing")
    return say("up to {level} by {path}", level=_say_up_to(way), path=" → ".join(way["chain"]["path"]))


def _say_up_to(way: dict[str, Any]) -> str:
    return say_level(way["level"])


def _print_crossed(rows: list[dict[str, Any]]) -> None:
    print_heading("What has crossed under it already, and stays protected")
    if not rows:
        print_line("nothing")
        return
    shown = [
        (row["item"][:16], row["giver"], row["recipient"], format_dtg(Instant(row["given_at"])),
         f"{row['originator']} {row['level']}", ", ".join(row["topics"]), row["clause"],
         say_term(CopyState(row["state"])))
        for row in rows
    ]  # fmt: skip
    print_table(("item", "given by", "recipient", "at", "marking", "topics", "clause", "state"), shown)


def print_story(view: Mapping[str, Any]) -> None:
    """Print the scenes as they were, then as they would have been."""
    print_line("{giver} → {receiver}: what may pass, by the states of {agreement}", style="bold", giver=view["giver"],
               receiver=view["receiver"], agreement=view["agreement"])  # fmt: skip
    print_heading("As it was")
    for scene in view["scenes"]:
        _print_scene(scene)
    if view["if_notice_ran_out"] is not None:
        print_heading("Had the notice run out")
        for scene in view["if_notice_ran_out"]:
            _print_scene(scene)


def _print_scene(scene: dict[str, Any]) -> None:
    print_text(f"{format_dtg(Instant(scene['at']))}  {say_standing(scene['standing'])}", style="bold")
    for passage in scene["passages"]:
        print_text(f"  {', '.join(passage['topics'])}")
        _print_ways(passage)
