"""`comity demo`: builds the stage, plays the case, audits the three records offline, says what to try next."""

import shutil
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from statistics import median

import click

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import format_dtg
from comity.cli.audit import is_clean, judge_realms
from comity.cli.audit_sheet import print_report
from comity.cli.demo.case import play_case
from comity.cli.demo.floor import Floor, appoint
from comity.cli.demo.script import LAUNCH
from comity.cli.demo.show import Show
from comity.cli.demo.stage import Stage
from comity.cli.demo.tamper import show_tampering
from comity.cli.demo.watching import PACE_S, WATCHED_PACE_S, hold, is_watched, print_consoles, wait_for_enter
from comity.cli.terminal import OUT, print_line, print_text

__all__ = ["COMMANDS"]

MARKER = ".comity-demo"
"""Lies in a folder that the demo made, so that it never deletes one that somebody else did."""


@click.command(help=say("Play the launch of 17 December 2023 on three nodes of this machine, then audit the record."))
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    default=Path("demo-homes"),
    show_default=True,
    help=say("Where the homes are made; an earlier demo's are replaced."),
)
@click.option(
    "--pace",
    type=click.FloatRange(min=0),
    help=say(
        "Seconds between two statements; if left out, a chapter waits for Enter where somebody is at the terminal."
    ),
)
@click.option(
    "--keep-running", is_flag=True, help=say("Leave the nodes up until you stop them, without a terminal too.")
)
def demo(folder: Path, pace: float | None, keep_running: bool) -> int:
    """See `help` above."""
    _clear(folder)
    stage = Stage(folder)
    stage.options = ("--demo",)
    print_line("Comity: three sovereign nodes, one pact, nobody in the centre.", style="bold")
    print_line("Making three homes; each has its own root, keys, store and outbox.")
    digest = stage.build()
    print_line("Each drafted the pact apart from the cards, and all got the same bytes: {digest}", digest=digest[:32])
    appoint(stage)
    print_line(
        "Each has a watch, a release officer, a director and more, with a token each: who acted is on the record."
    )
    with stage.running() as clients, closing(Floor(stage, clients)) as floor:
        print_consoles(stage)
        waits = pace is None and is_watched()
        show = Show(clients, turn=wait_for_enter if waits else lambda: None)
        show.panel(
            "{missile}, {at}, from {site}: apogee {apogee} km, distance {distance} km, bearing {bearing}°.\n"
            "The launch is a fact (CNS North Korea Missile Test Database, NTI). "
            "Every word said below is played, not history.",
            title="EXERCISE EXERCISE EXERCISE", style="yellow", missile=LAUNCH.missile, at=format_dtg(LAUNCH.at),
            site=LAUNCH.site, apogee=LAUNCH.apogee_km, distance=LAUNCH.distance_km, bearing=LAUNCH.bearing_deg,
        )  # fmt: skip
        if waits:
            print_line("Sign in, then watch the case unfold there; or leave it, and raise one of your own.")
        started = time.monotonic()
        try:
            play_case(floor, show, pace_s=(WATCHED_PACE_S if waits else PACE_S) if pace is None else pace)
        except KeyboardInterrupt:
            if not waits:
                raise
            OUT.print()  # whoever watches has raised a case of his own, or seen enough: both are audited
        else:
            _say_played(round(time.monotonic() - started), show.delays_ms)
            if keep_running or is_watched():
                _keep_running(stage)
    return _audit(stage)


def _say_played(seconds: int, delays_ms: Sequence[float]) -> None:
    OUT.print()
    print_line(
        "Played in {seconds} s. From an officer's word to both readers' screens: median {ms} ms.",
        seconds=seconds,
        ms=round(median(delays_ms)),
    )
    time.sleep(RECEIPTS_S)


RECEIPTS_S = 2.5
"""Long enough for every reader to sign the last heads."""


def _keep_running(stage: Stage) -> None:
    print_line("The nodes are running. Try, from another terminal:")
    for command in (
        f"comity status --home {stage.home('KOR')}",
        f"comity timeline --home {stage.home('JPN')}",
        f"comity measure show --home {stage.home('USA')}",
        f"comity threat report --kind other --text 'Played.' --home {stage.home('JPN')} --as duty-j",
    ):
        print_line("  " + command)
    print_consoles(stage)
    hold()


def _audit(stage: Stage) -> int:
    OUT.print()
    print_line(
        "The nodes are stopped. What if somebody tampers with the record? On copies of the stores:",
        style="bold underline",
    )
    show_tampering(stage)
    OUT.print()
    print_line("And the record itself, offline, from the three stores alone:", style="bold underline")
    report, pact = judge_realms([stage.realm_path(party) for party in stage.parties], is_open=True)
    print_report(report, pact=pact, is_pact_chosen=False)
    OUT.print()
    program = find_program()
    print_line("The homes are in {folder}. What to try next:", folder=str(stage.folder))
    for party in stage.parties[:1]:
        print_line(
            "  {program} node run --home {home}   # then, elsewhere: {program} timeline --home {home}",
            program=program,
            home=str(stage.home(party)),
        )
    for words in ("pact show", "account", "rehearse --seeds 20"):
        print_text(f"  {program} {words}")
    return 0 if is_clean(report) else 1


def find_program() -> str:
    """Return how this program is typed here: by its name where a shell finds it, else by its path from this folder."""
    if shutil.which("comity") is not None:
        return "comity"
    path = Path(sys.argv[0]).absolute()
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _clear(folder: Path) -> None:
    if folder.exists() and not (folder / MARKER).exists() and any(folder.iterdir()):
        raise UsageError("demo.folder-taken", path=str(folder))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / MARKER).touch()


COMMANDS = (demo,)
