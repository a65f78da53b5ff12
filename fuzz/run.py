"""Drives doors with atheris, which looks at the branches that it reaches: `run.py all|DOOR… [--runs N] [--seconds N]`.

Each door runs in a process of its own, with a corpus that begins with its seeds. What makes a door raise anything but
a refusal is left in `fuzz/findings/` and named; the status is then 1. Where atheris is not there that is said, loudly,
and the status is 2: nothing was tried.
"""

import argparse
import importlib.util
import random
import subprocess
import sys
import tempfile
from pathlib import Path

FINDINGS = Path(__file__).parent / "findings"
INPUT_SECONDS_MAX, MEMORY_MB_MAX = 20, 2048


def main() -> int:
    """Run the doors named, one after the other; with `--here`, one door in this process."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="+", help="doors, or all")
    parser.add_argument("--runs", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if importlib.util.find_spec("atheris") is None:
        print("fuzz: atheris is not installed (pip install '.[fuzz]'; it has wheels for Linux). NOTHING was tried.")
        return 2
    if asked.here:
        _run_here(asked.names[0], asked.runs, asked.seconds)
        return 0
    from fuzz.doors import DOORS

    found = [name for name in (DOORS if asked.names == ["all"] else asked.names) if _run_apart(name, asked)]
    print(f"fuzz: findings at {', '.join(found)}; see {FINDINGS}" if found else "fuzz: no door raised but refusals")
    return bool(found)


def _run_apart(name: str, asked: argparse.Namespace) -> bool:
    """Tell whether a door raised something, or went on for too long, or ate too much memory."""
    print(f"fuzz: {name}", flush=True)
    command = [
        sys.executable,
        "-m",
        "fuzz.run",
        name,
        "--here",
        "--runs",
        str(asked.runs),
        "--seconds",
        str(asked.seconds),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- this very file
    rows = [row for row in done.stderr.splitlines() if row[:1] == "#" and row[1:2].isdigit()]
    print(f"fuzz: {name}: {rows[-1] if rows else 'no run'}", flush=True)
    if done.returncode:
        print(done.stdout[-4000:], done.stderr[-4000:], sep="\n", flush=True)
    return done.returncode != 0


def _run_here(name: str, runs: int, seconds: int) -> None:
    import atheris  # type: ignore[import-untyped, import-not-found, unused-ignore]

    with atheris.instrument_imports(include=["comity"], enable_loader_override=False):
        from fuzz.door import knock
        from fuzz.doors import DOORS
    door = DOORS[name]
    FINDINGS.mkdir(exist_ok=True)
    corpus = Path(tempfile.mkdtemp(prefix=f"fuzz-{name}-"))
    for index, raw in enumerate(door.seeds()):
        (corpus / f"seed-{index}").write_bytes(raw)

    def change(raw: bytes, size_bytes_max: int, seed: int) -> bytes:
        draw = random.Random(seed)
        changed = door.change(raw, draw) if draw.randrange(4) else atheris.Mutate(raw, size_bytes_max)
        return bytes(changed[:size_bytes_max])

    options = [
        f"-atheris_runs={runs}",
        f"-max_total_time={seconds}",
        f"-max_len={door.size_bytes_max}",
        f"-timeout={INPUT_SECONDS_MAX}",
        f"-rss_limit_mb={MEMORY_MB_MAX}",
        f"-artifact_prefix={FINDINGS}/{name}-",
        "-verbosity=1",
        str(corpus),
    ]

    def enter(raw: bytes) -> None:
        knock(door, raw)

    atheris.Setup([sys.argv[0], *options], enter, custom_mutator=change)
    atheris.Fuzz()


if __name__ == "__main__":
    raise SystemExit(main())
