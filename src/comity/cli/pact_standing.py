"""How the pact stands, for `comity status`: the version in force, who has not accepted another, rivals, notices."""

from typing import Any

from comity.base.instants import Instant, format_dtg
from comity.cli.terminal import print_line

__all__ = ["print_pact_standing"]

DIGEST_LENGTH = 16
"""Digits of a digest that are shown."""


def print_pact_standing(view: dict[str, Any]) -> None:
    """Print what a node's status says of the pact's versions; of a pact that was never amended, nothing but notices."""
    if view["has_left"]:
        print_line("This party has left the pact.", style="bold red")
    if len(view["versions"]) > 1:
        print_line("Version {number} is what this party goes by.", number=view["version"])
    for row in view["versions"]:
        digest = row["digest"][:DIGEST_LENGTH]
        if row["number"] > 1 and not row["is_in_force"] and row["waits_for"]:
            print_line("Version {number} ({digest}) waits for {parties}.", number=row["number"], digest=digest,
                       parties=", ".join(row["waits_for"]), style="bold yellow")  # fmt: skip
        for rival in row["rivals"]:
            print_line("Version {number} ({digest}) has a rival: {rival}.", number=row["number"], digest=digest,
                       rival=rival[:DIGEST_LENGTH], style="bold yellow")  # fmt: skip
    for row in view["versions_waiting"]:
        print_line("Version {number} ({digest}) was accepted here. Restart the node to take it.", number=row["number"],
                   digest=row["digest"][:DIGEST_LENGTH], style="bold yellow")  # fmt: skip
    for digest in view["versions_not_held"]:
        print_line("Others go by a version that is not here: {digest}. Accept its file.", digest=digest,
                   style="bold red")  # fmt: skip
    for row in view["withdrawals"]:
        print_line("{party} has given notice that it leaves; the notice ends {at}.", party=row["party"],
                   at=format_dtg(Instant(row["ends_at"])), style="bold yellow")  # fmt: skip
