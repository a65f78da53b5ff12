"""`comity rehearse`: all parties of a pact on virtual time, with faults, checked from outside.

Exit status: 0 every run is clean (or, with --canary, its checker fired), 1 not.
"""

import os
from collections.abc import Iterable, Iterator

import click

from comity.api.words import say
from comity.base.instants import format_dtg
from comity.cli.look import BY_MACHINE, say_row
from comity.cli.pact_source import FILE_OR_PROFILE, read_pact_file
from comity.cli.terminal import emit, is_json, json_option, print_line, print_table, print_text, progress
from comity.pact.profiles import DEFAULT_PROFILE
from comity.procedure.timeline import SAYS
from comity.rehearsal.canary import CANARIES, get_canary
from comity.rehearsal.log import Row
from comity.rehearsal.outcome import Outcome, total
from comity.rehearsal.play import CAMP_DAVID, DRAWN
from comity.rehearsal.rehearse import play_case, rehearse, rehearse_many

__all__ = ["COMMANDS"]


@click.command("rehearse", help=say("Rehearse a pact on virtual time, with faults, and check it from outside."))
@click.argument("source", metavar=FILE_OR_PROFILE, required=False, default=DEFAULT_PROFILE)
@click.option("--seeds", type=click.IntRange(1, 10_000_000), help=say("How many runs; each seed draws its own faults."))
@click.option("--from-seed", type=click.IntRange(min=0), default=0, help=say("The first seed of several."))
@click.option("--seed", type=click.IntRange(min=0), help=say("One run, by its seed."))
@click.option("--case", "is_case", is_flag=True, help=say("Play the case of 17 December 2023 and show its timeline."))
@click.option(
    "--canary", type=click.Choice(sorted(CANARIES)), help=say("Break one rule on purpose; its checker must fire.")
)
@click.option("--workers", type=click.IntRange(1, 64), default=None, help=say("Processes; as many as there are cores."))
@click.option("--trace", is_flag=True, help=say("Print each event as a line, on standard error."))
@json_option
def command(
    source: str,
    seeds: int | None,
    from_seed: int,
    seed: int | None,
    is_case: bool,
    canary: str | None,
    workers: int | None,
    trace: bool,
) -> int:
    """See `help` above."""
    profile = read_pact_file(source)
    write = (lambda line: click.echo(line, err=True)) if trace else None
    if is_case:
        return _show_case(profile, seed, write)
    if canary is not None:
        return _sing(profile, canary, seed if seed is not None else 1)
    if seeds is None:
        outcome = rehearse(profile, seed if seed is not None else from_seed, play=DRAWN, trace=write)
        return _report([outcome], is_one=True)
    runs = rehearse_many(profile, range(from_seed, from_seed + seeds), workers=workers or os.cpu_count() or 1)
    with progress("rehearsing", total=seeds) as step:
        return _report(list(_count(runs, step)), is_one=False)


def _count(runs: Iterator[Outcome], step: object) -> Iterator[Outcome]:
    assert callable(step)
    for number, outcome in enumerate(runs, start=1):
        step(number)
        yield outcome


def _report(outcomes: list[Outcome], *, is_one: bool) -> int:
    faulty = [outcome for outcome in outcomes if not outcome.is_clean]
    if is_json():
        emit(outcomes[0] if is_one else {"runs": len(outcomes), "counts": total(outcomes), "not_clean": faulty})
        return 1 if faulty else 0
    print_table(("what happened", "how often"), sorted(total(outcomes).items()))
    for outcome in faulty:
        _print_faults(outcome)
    if is_one:
        print_line("Digest over all stored pages and effects: {digest}", digest=outcomes[0].digest)
    if faulty:
        print_line("{count} of {runs} runs were not clean.", count=len(faulty), runs=len(outcomes), style="bold red")
    else:
        print_line("{runs} runs, all clean.", runs=len(outcomes), style="bold green")
    return 1 if faulty else 0


def _print_faults(outcome: Outcome) -> None:
    for violation in outcome.violations:
        print_line("Seed {seed}: {code} {details}", seed=outcome.seed, code=violation.code,
                   details=_format(violation.arguments.items()), style="red")  # fmt: skip
    for stuck in outcome.stuck:
        print_line("Seed {seed}: stuck: {what}", seed=outcome.seed, what=str(stuck), style="red")


def _format(pairs: Iterable[tuple[str, object]]) -> str:
    return ", ".join(f"{name} {value}" for name, value in pairs)


def _sing(profile: bytes, name: str, seed: int) -> int:
    canary = get_canary(name)
    outcome = rehearse(profile, seed, play=DRAWN, canary=canary)
    has_fired = canary.check in outcome.fired
    if is_json():
        emit({"canary": name, "check": canary.check, "story": canary.story, "fired": sorted(outcome.fired)})
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
    return _report([outcome], is_one=True)


def _say(row: Row) -> str:
    """Say a statement in the reader's language; what befell a link or a machine is told by its code."""
    if row.code in SAYS:
        return say_row({"code": row.code, "arguments": row.arguments, "party": row.party})
    return f"{row.party} {row.code} {_format(row.arguments.items())}".strip()


COMMANDS = (command,)
