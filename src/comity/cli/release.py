"""`comity release`: what may go to whom: preview and agreement graph, of a running node or of a pact file alone.

With `--pact` nothing is asked of a node: the agreements stand as the file has them at `--at`. Both ways print what the
same functions answer (`comity.api.release_view`).
"""

from pathlib import Path
from typing import Any

import click

from comity.api.release_view import show_graph, show_preview
from comity.api.story_view import show_story
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, parse_instant
from comity.base.names import Party
from comity.cli.act import Desk
from comity.cli.asking import home_option, realm_option
from comity.cli.help_page import CommandGroup
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.release_sheet import print_graph, print_preview
from comity.cli.terminal import emit, is_json, json_option
from comity.cli.what_if_sheet import print_story
from comity.node.bell import read_clock
from comity.pact.model import Pact
from comity.pact.parse import parse_pact
from comity.pact.profiles import DEFAULT_PROFILE
from comity.procedure.agreement import agreement_states
from comity.procedure.chain import NO_ITEM
from comity.procedure.entry import Marking
from comity.procedure.ground import Ground
from comity.procedure.release_terms import compile_terms
from comity.procedure.verdict import Subject

__all__ = ["COMMANDS", "find_file_ground"]


@click.group(cls=CommandGroup, help=say("What may go to whom: previews, who could see it by any chain, agreements."))
def release() -> None:
    """See `help` above."""


def source_options(command: Any) -> Any:
    """Add `--pact`, `--party` and `--at`, which together take the place of a node."""
    options = (
        click.option("--pact", "source", metavar=FILE_OR_PROFILE, default="",
                     help=say("Look at a pact file or profile alone, without a node.")),
        click.option("--party", "party", metavar="PARTY", default="", help=say("As which party to look.")),
        click.option("--at", metavar="DATE", default="", help=say("At which instant, with --pact; now if left out.")),
    )  # fmt: skip
    for option in options:
        command = option(command)
    return command


def find_file_ground(source: str, at: str = "") -> Ground:
    """Return the ground that a pact file alone gives at an instant: its rows, no statement and no consent."""
    pact = parse_pact(read_pact_file(source))
    instant = parse_instant(at) if at else Instant(read_clock())
    return Ground(compile_terms(pact), agreement_states(pact, (), as_of=instant), (), instant)


def find_party(pact: Pact, named: str) -> Party:
    """Return the party that is named.

    Raises:
        UsageError: `release.no-party`.
    """
    party = named.upper()
    if party not in pact.audience:
        raise UsageError("release.no-party", party=named[:40], parties=", ".join(pact.audience))
    return party


@release.command("preview", help=say("Show what each party would be told, and who could come to see it by any chain."))
@click.option("--level", default="", help=say("Its level in your own scheme; the lowest if left out."))
@click.option("--topic", "topics", multiple=True, help=say("A topic of the pact that it is about; repeatable."))
@click.option("--caveat", "caveats", multiple=True,
              help=say("A caveat, such as `ONLY UNDER tisa-2014`; repeatable."))  # fmt: skip
@click.option("--item", "item_id", default="", metavar="ID", help=say("An item that you hold, instead of a marking."))
@source_options
@home_option
@realm_option
@json_option
def preview(
    home: Path, realm: str, source: str, party: str, at: str, item_id: str, level: str, topics: tuple[str, ...],
    caveats: tuple[str, ...],
) -> None:  # fmt: skip
    """See `help` above."""
    if source:
        ground = find_file_ground(source, at)
        holder = find_party(ground.terms.pact, party)
        chosen = level or _find_lowest(ground, holder)
        marking = Marking(holder, holder, chosen, tuple(sorted(set(topics))), tuple(sorted(set(caveats))))
        found = show_preview(Subject((marking,), NO_ITEM), holder=holder, ground=ground)
    else:
        desk = Desk(home, realm)
        wish: dict[str, object] = {"level": level or desk.find_open_level(), "topics": topics, "caveats": caveats}
        if item_id:
            wish = {"item": desk.find("item", item_id)["item"]}
        found = desk.client.post("/v1/release/preview", wish)
    if is_json():
        emit(found)
    else:
        print_preview(found)


@release.command("graph", help=say("Show the agreements and routes of a party: topics, ceilings, states, legal basis."))
@source_options
@home_option
@realm_option
@json_option
def graph(home: Path, realm: str, source: str, party: str, at: str) -> None:
    """See `help` above."""
    if source:
        ground = find_file_ground(source, at)
        found = show_graph(ground, party=find_party(ground.terms.pact, party))
    else:
        found = Desk(home, realm).client.get("/v1/release/graph", party=party.upper())
    if is_json():
        emit(found)
    else:
        print_graph(found)


@release.command("story", help=say("Show what could pass as an agreement changed, and had its notice run out."))
@click.option(
    "--pact",
    "source",
    metavar=FILE_OR_PROFILE,
    default=DEFAULT_PROFILE,
    help=say("Look at a pact file or profile alone, without a node."),
)
@click.option("--agreement", default="jpn-kor-gsomia", show_default=True, help=say("Of which agreement."))
@click.option("--from", "giver", default="KOR", show_default=True, metavar="PARTY", help=say("From which party."))
@click.option("--to", "receiver", default="JPN", show_default=True, metavar="PARTY", help=say("To which party."))
@click.option(
    "--at",
    "dates",
    multiple=True,
    metavar="DATE",
    help=say("At which dates; repeatable. The turning points of the agreement if left out."),
)
@json_option
def story(source: str, agreement: str, giver: str, receiver: str, dates: tuple[str, ...]) -> None:  # fmt: skip
    """See `help` above."""
    pact = parse_pact(read_pact_file(source))
    ends = {"giver": find_party(pact, giver), "receiver": find_party(pact, receiver)}
    found = show_story(pact, agreement=agreement, instants=[parse_instant(date) for date in dates], **ends)
    if is_json():
        emit(found)
    else:
        print_story(found)


def _find_lowest(ground: Ground, party: Party) -> str:
    """Return the lowest level of a party's scheme; what is worse than open says so itself."""
    own = [(rank, id_) for id_, (of, rank) in ground.terms.ranks.items() if of == party]
    return min(own)[1] if own else ""


COMMANDS = (release,)
