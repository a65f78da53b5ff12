"""`comity rehearse`: all parties of a pact on virtual time, with faults, checked from outside.

Exit status: 0 every run is clean (or, with --canary, its checker fired), 1 not. With a scenario it is the lean
rehearsal that runs (`rehearse_scenario`): figures and plots instead of checkers.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import click

from comity.api.row_words import BY_MACHINE, say_row
from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import format_dtg, parse_instant
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.rehearse_many import run_many
from comity.cli.rehearse_scenario import Wanted, rehearse_scenario
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text
from comity.pact.profiles import DEFAULT_PROFILE
from comity.procedure.timeline import SAYS
from comity.rehearsal.canary import CANARIES, CANARY_SEEDS, get_canary
from comity.rehearsal.log import Row
from comity.rehearsal.outcome import Outcome, total
from comity.rehearsal.play import CAMP_DAVID, DRAWN
from comity.rehearsal.rehearse import play_case, rehearse

__all__ = ["COMMANDS"]

DEFAULT_SCENARIO: Final = "camp-david"


@click.command("rehearse", help=say("Rehearse a pact on virtual time, with faults, and check it from outside."))
@click.argument("source", metavar=FILE_OR_PROFILE, required=False, default=DEFAULT_PROFILE)
@click.argument("scenario", metavar="SCENARIO", required=False)
@click.option("--seeds", type=click.IntRange(1, 10_000_000), help=say("How many runs; each seed draws its own faults."))
@click.option(
    "--from",
    "--from-seed",
    "from_",
    default="0",
    metavar="SEED|DATE",
    help=say("The first seed of several; of a scenario, the day on which it begins."),
)
@click.option("--runs", type=click.IntRange(1, 100_000), help=say("How many runs of a scenario."))
@click.option(
    "--catalogue",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=say("A table of real launches or provocations for the scenario to draw from."),
)
@click.option("--against", multiple=True, help=say("Another pact, or several joined by +, under the same history."))
@click.option(
    "--sweep",
    default="",
    metavar="NAME=N,N",
    help=say("Run once for each value: acknowledge, position, silence, parties."),
)
@click.option(
    "--plots",
    type=click.Path(file_okay=False, path_type=Path),
    help=say("Write the plots of a scenario into this folder."),
)
@click.option("--seed", type=click.IntRange(min=0), help=say("One run, by its seed."))
@click.option("--case", "is_case", is_flag=True, help=say("Play the case of 17 December 2023 and show its timeline."))
@click.option(
    "--canary", type=click.Choice(sorted(CANARIES)), help=say("Break one rule on purpose; its checker must fire.")
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help=say("Processes; as many as there are cores."))
@click.option(
    "--log",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help=say("Write a page about several runs to this file: what was run, each seed that failed, the counts."),
)
@click.option("--trace", is_flag=True, help=say("Print each event as a line, on standard error."))
@json_option
def command(
    source: str,
    scenario: str | None,
    seeds: int | None,
    from_: str,
    runs: int | None,
    catalogue: Path | None,
    against: tuple[str, ...],
    sweep: str,
    plots: Path | None,
    seed: int | None,
    is_case: bool,
    canary: str | None,
    workers: int | None,
    log: Path | None,
    trace: bool,
) -> int:
    """See `help` above."""
    if scenario is not None or runs is not None or catalogue is not None or against or sweep or plots is not None:
        if seeds is not None or is_case or canary is not None or log is not None or trace:
            raise click.UsageError(
                say("A scenario has --runs; --seeds, --case, --canary, --log and --trace are without one.")
            )
        rehearse_scenario(
            Wanted(
                pacts=(source, *against),
                scenario=scenario or DEFAULT_SCENARIO,
                catalogue=catalogue,
                from_at=None if from_ == "0" else parse_instant(from_),
                runs=runs or 1,
                seed=seed or 0,
                workers=workers or os.cpu_count() or 1,
                sweep=sweep,
                plots=plots,
            )
        )
        return 0
    from_seed = _read_seed(from_)
    profile = read_pact_file(source)
    write = (lambda line: click.echo(line, err=True)) if trace else None
    if is_case:
        return _show_case(profile, seed, write)
    if canary is not None:
        return _sing(profile, canary, CANARY_SEEDS if seed is None else (seed,))
    if seeds is None:
        outcome = rehearse(profile, seed if seed is not None else from_seed, play=DRAWN, trace=write)
        return _report(outcome)
    return _run_seeds(
        profile, Path(source).name, range(from_seed, from_seed + seeds), workers or os.cpu_count() or 1, log
    )


def _run_seeds(profile: bytes, pact: str, seeds: range, workers: int, log: Path | None) -> int:
    many = run_many(profile, seeds, pact=pact, workers=workers, log=log)
    if is_json():
        emit({"runs": len(seeds), "counts": many.counts, "absent": many.absent, "not_clean": many.faulty})
        return 1 if many.faulty else 0
    print_table(("what happened", "how often"), sorted(many.counts.items()))
    for outcome in many.faulty:
        _print_faults(outcome)
    if many.absent:
        print_line("Never occurred in these runs: {names}", names=", ".join(many.absent), style="yellow")
    print_line("Digest over the digests of all runs: {digest}", digest=many.digest)
    return _conclude(len(many.faulty), len(seeds))


def _read_seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise UsageError("rehearsal.seed", text=text[:40])
    return int(text)


def _report(outcome: Outcome) -> int:
    if is_json():
        emit(outcome)
        return 0 if outcome.is_clean else 1
    print_table(("what happened", "how often"), sorted(total([outcome]).items()))
    _print_faults(outcome)
    print_line("Digest over all stored pages and effects: {digest}", digest=outcome.digest)
    return _conclude(0 if outcome.is_clean else 1, 1)


def _conclude(faulty_count: int, runs: int) -> int:
    if faulty_count:
        print_line("{count} of {runs} runs were not clean.", count=faulty_count, runs=runs, style="bold red")
    else:
        print_line("{runs} runs, all clean.", runs=runs, style="bold green")
    return 1 if faulty_count else 0


def _print_faults(outcome: Outcome) -> None:
    for violation in outcome.violations:
        print_line("Seed {seed}: {code} {details}", seed=outcome.seed, code=violation.code,
                   details=_format(violation.arguments.items()), style="red")  # fmt: skip
    for stuck in outcome.stuck:
        print_line("Seed {seed}: stuck: {what}", seed=outcome.seed, what=str(stuck), style="red")


def _format(pairs: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _sing(profile: bytes, name: str, seeds: Sequence[int]) -> int:
    """Play with a broken rule, until a run gives its checker occasion to fire: not every run has one."""
    canary = get_canary(name)
    for seed in seeds:
        outcome = rehearse(profile, seed, play=DRAWN, canary=canary)
        if has_fired := canary.check in outcome.fired:
            break
    if is_json():
        emit({"canary": name, "check": canary.check, "story": canary.story, "seed": seed,
              "fired": sorted(outcome.fired)})  # fmt: skip
    else:
        print_line("{name}: {story}", name=name, story=say(canary.story))
        print_line(
            "The checker {check} must fire; fired: {fired}.",
            check=canary.check,
            fired=", ".join(sorted(outcome.fired)) or "–",
            style="green" if has_fired else "bold red",
        )
    return 0 if has_fired else 1


def _show_case(profile: bytes, seed: int | None, write: object) -> int:
    assert write is None or callable(write)
    play = play_case(profile, play=CAMP_DAVID, seed=seed, trace=write)
    while True:
        try:
            row = next(play)
        except StopIteration as end:
            outcome: Outcome = end.value
            break
        if not is_json() and row.code not in BY_MACHINE:
            print_text(f"{format_dtg(row.at)}  {_say(row)}")
    return _report(outcome)


def _say(row: Row) -> str:
    """Say a statement in the reader's language; what befell a link or a machine is told by its code."""
    if row.code in SAYS:
        return say_row({"code": row.code, "arguments": row.arguments, "party": row.party})
    return f"{row.party} {row.code} {_format(row.arguments.items())}".strip()


COMMANDS = (command,)
