"""`comity pact what-if`: what would pass if an agreement were in another state.

With a pact file or profile nothing is asked of a node. Over a node the agreements stand as its record has them, and
what has already crossed is listed: it stays protected, whatever becomes of the agreement.
"""

from pathlib import Path

import click

from comity.api.release_view import show_supposed
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import Instant, parse_instant
from comity.cli.act import Desk
from comity.cli.asking import home_option, realm_option
from comity.cli.pact_files import pact
from comity.cli.pact_source import FILE_OR_PROFILE
from comity.cli.release import find_file_ground
from comity.cli.terminal import emit, is_json, json_option
from comity.cli.what_if_sheet import print_supposed
from comity.node.bell import read_clock
from comity.pact.agreement import AgreementState

__all__ = ["what_if"]


@pact.command("what-if", help=say("Show what would pass if an agreement were suspended or ended: which routes close."))
@click.argument("source", metavar=f"[{FILE_OR_PROFILE}]", default="")
@click.option("--suspend", default="", metavar="AGREEMENT", help=say("Suppose that it is suspended."))
@click.option("--end", default="", metavar="AGREEMENT", help=say("Suppose that it has ended."))
@click.option("--notice-ends", default="", metavar="AGREEMENT",
              help=say("Suppose that its notice ends at that instant."))  # fmt: skip
@click.option("--at", default="", metavar="DATE", help=say("At which instant; now if left out."))
@home_option
@realm_option
@json_option
def what_if(source: str, suspend: str, end: str, notice_ends: str, at: str, home: Path, realm: str) -> None:
    """See `help` above. Without a file a running node is asked."""
    chosen = [(name, state) for name, state in (
        (suspend, AgreementState.SUSPENDED), (end, AgreementState.ENDED), (notice_ends, AgreementState.NOTICE_GIVEN),
    ) if name]  # fmt: skip
    if len(chosen) != 1:
        raise UsageError("release.one-supposition")
    name, state = chosen[0]
    instant = parse_instant(at) if at else Instant(read_clock())
    ends_at = instant if state is AgreementState.NOTICE_GIVEN else None
    if source:
        ground = find_file_ground(source, at)
        found = show_supposed(ground, agreement=name, state=state, notice_ends_at=ends_at)
    else:
        wish = {"agreement": name, "state": state.value, "at": instant, "notice_ends_at": ends_at}
        found = Desk(home, realm).client.post("/v1/release/what-if", wish)
    if is_json():
        emit(found)
    else:
        print_supposed(found)
