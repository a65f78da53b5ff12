"""`make mutants`: every small wrong change to the release funnel, and which test notices it.

    python tests/mutate.py [--only MODULE ...] [--list] [--from N] [--to N] [--quick | --whole] [--log FILE]

Each change is tried in a child process that has loaded nothing of Comity yet, first with the quick tests, then with the
whole table and the laws, drawn from a fixed seed. A change that no test notices is a *survivor*: it is argued, one line
each, in `tests/tables/mutants.toml`, or the exit status is 1.
"""

import argparse
import contextlib
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import os
import signal
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import CodeType, ModuleType

import pytest

from kit.mutation import Mutant, find_mutants, mutate

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "comity"
ARGUED = ROOT / "tests" / "tables" / "mutants.toml"
HEAD = """\
# Mutation log of the release funnel

`make mutants LOG=docs/mutation-log.md` makes every small wrong change to the modules that decide a release, one at a
time: a comparison turned, a condition dropped or always true, a name of an enum swapped, a number one off, an element
or a statement left out, a loop that never runs. For each it asks the tests of the funnel whether they notice: first
the quick ones (units, bad input, the story of the agreement, the laws from a fixed seed), then the table of the whole
product against its second model. A change that makes a test hang is noticed by that: after ten minutes its run is ended
from outside, and counted as such. Left alone are documentation,
annotations and names for types, imports, decorators, assertions, and arguments that a call cannot do without.

A change that nothing notices *survives*. Each survivor either got a test, or changes no answer: then the reason stands
in `tests/tables/mutants.toml`, and here. The program is the project's own, of two small files. mutmut changes code in
functions alone, from a copy of the tree, and much of a release decision stands in tables; cosmic-ray starts the test
runner anew for each change. Here a changed module is loaded in a child that has everything else loaded already.
"""
MODULES = (
    "procedure/release.py",
    "procedure/caveat.py",
    "procedure/release_terms.py",
    "procedure/ground.py",
    "procedure/rulings.py",
    "procedure/interning.py",
    "pact/release.py",
    "procedure/agreement.py",
    "pact/agreement.py",
    "procedure/judgement.py",
    "procedure/banner.py",
    "procedure/consent.py",
    "procedure/expiry.py",
    "procedure/tearline.py",
    "procedure/chain.py",
    "procedure/passage.py",
)
NEAR = (
    "tests/unit/procedure/test_release_funnel.py",
    "tests/unit/procedure/test_release_hub.py",
    "tests/unit/procedure/test_release_agreement.py",
    "tests/unit/procedure/test_release_kept.py",
    "tests/unit/pact/test_release.py",
)
"""Asked first: most changes need no more."""
QUICK = (
    "tests/unit/procedure/test_release_*.py",
    "tests/unit/procedure/test_item_format_2.py",
    "tests/unit/procedure/test_tearline.py",
    "tests/unit/procedure/test_chain.py",
    "tests/unit/procedure/test_passage.py",
    "tests/unit/pact/test_agreement.py",
    "tests/unit/pact/test_release.py",
    "tests/tables/test_release_bad_input.py",
    "tests/tables/test_release_gsomia.py",
    "tests/property/test_release_kept.py",
    "tests/property/test_release_laws.py",
    "tests/property/test_audit_release.py",
)
THOROUGH = ("tests/tables/test_release_table.py",)
BIGGEST = "the_product and camp-david"
"""The one part of the whole table that takes half a minute: with `--whole` it is asked too."""
LIBRARIES = (
    "_hypothesis_pytestplugin",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "faker",
    "hypothesis.strategies",
    "msgspec",
    "pytest_cov.plugin",
    "pytest_randomly",
    "pytest_timeout",
)
"""What the tests load besides: loaded once, before any child is made."""
PURE = frozenset({"audit", "base", "crypto", "journal", "pact", "procedure"})
"""The rooms that can be loaded then too."""
SECONDS_MAX = 600
"""After so long without an end a child is killed by its parent, and the change has made a test hang. What no change
was made to takes a tenth of that."""
LOOK_S = 0.02
CRASHED = 3
OPTIONS = (
    "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-seed=0",
    "--assert=plain", "-W", "ignore::pytest.PytestAssertRewriteWarning", "--no-header", "--tb=no",
    # Its limit would end a test that hangs as one that fails, or not at all where the test catches what it raises.
    "-o", "timeout=0",
)  # fmt: skip


class MutantLoader(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module with one change in it, and every other as it is."""

    def __init__(self, path: Path, number: int) -> None:
        self.name = name_of(path)
        self.path = path
        self.number = number

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Claim the one module."""
        del path, target
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        """Run its changed code."""
        tree = mutate(self.path.read_text(encoding="utf-8"), self.number)
        code: CodeType = compile(tree, str(self.path), "exec")
        exec(code, module.__dict__)


def preload(name: str) -> None:
    """Load once, for all children, every module of Comity that is loaded without the one that changes."""
    for loaded in [one for one in sys.modules if one.partition(".")[0] == "comity" or one.startswith("kit.rel")]:
        del sys.modules[loaded]
    for library in LIBRARIES:
        importlib.import_module(library)
    # Whatever imports it now fails, and so is not loaded.
    sys.modules[name] = None  # type: ignore[assignment]
    for path in sorted(SOURCE.rglob("*.py")):
        if path.relative_to(SOURCE).parts[0] in PURE:
            with contextlib.suppress(ImportError):
                importlib.import_module(name_of(path))
    for path in sorted((ROOT / "tests" / "kit").glob("rel*.py")):
        with contextlib.suppress(ImportError):
            importlib.import_module(f"kit.{path.stem}")
    del sys.modules[name]


def name_of(path: Path) -> str:
    """The module that a file is."""
    return "comity." + ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")


def run_tests(patterns: Sequence[str], *more: str) -> bool:
    """Run these tests until one fails; tell whether all passed."""
    paths = [str(path) for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return pytest.main([*OPTIONS, *more, *paths]) == pytest.ExitCode.OK


def try_mutant(path: Path, mutant: Mutant | None, *, is_quick: bool, is_whole: bool) -> str:
    """Return what `watch` says of a child that runs the tests on one change; None changes nothing."""
    child = os.fork()
    if child == 0:
        status = CRASHED
        try:
            status = _ask(path, mutant, is_quick=is_quick, is_whole=is_whole)
        finally:
            os._exit(status)
    return watch(child, within_s=SECONDS_MAX)


def _ask(path: Path, mutant: Mutant | None, *, is_quick: bool, is_whole: bool) -> int:
    """Within a child, run the tests; return the status with which it ends."""
    sys.stdout = sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    os.dup2(sys.stdout.fileno(), 1)
    os.dup2(sys.stdout.fileno(), 2)
    os.environ["HYPOTHESIS_PROFILE"] = "ci"
    if mutant is not None:
        sys.meta_path.insert(0, MutantLoader(path, mutant.number))
    os.chdir(ROOT)
    more = () if is_whole else ("-k", f"not ({BIGGEST})")
    if not run_tests(NEAR) or not run_tests(QUICK):
        return 1
    return 0 if is_quick or run_tests(THOROUGH, *more) else 2


def watch(child: int, *, within_s: float) -> str:
    """Wait for a child; return which tests noticed, `survives`, or how else it ended.

    `hangs`: it was killed here, after so long. `crashes`: it ended in a way of its own, by a signal of another's too.
    """
    until_s = time.monotonic() + within_s
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            code = CRASHED if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
            return {0: "survives", 1: "quick", 2: "thorough"}.get(code, "crashes")
        if time.monotonic() > until_s:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return "hangs"
        time.sleep(LOOK_S)


def main() -> int:
    """Run, and say what came of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", nargs="*", default=MODULES)
    parser.add_argument("--list", action="store_true", help="list the changes and try none")
    parser.add_argument("--from", dest="first", type=int, default=0)
    parser.add_argument("--to", dest="last", type=int, default=10**9)
    parser.add_argument("--quick", action="store_true", help="ask the quick tests alone")
    parser.add_argument("--whole", action="store_true", help="ask the whole of the table too, before one survives")
    parser.add_argument("--log", type=Path, help="write the page of what came of it here")
    chosen = parser.parse_args()
    if not chosen.list and try_mutant(SOURCE, None, is_quick=True, is_whole=False) != "survives":
        print("a test fails though nothing was changed")
        return 1
    began = time.monotonic()
    tallies = []
    for module in chosen.only:
        path = SOURCE / module
        mutants = [
            one for one in find_mutants(path.read_text(encoding="utf-8")) if chosen.first <= one.number <= chosen.last
        ]
        if chosen.list:
            print("\n".join(f"{module} {mutant.number} line {mutant.line} {mutant.name}" for mutant in mutants))
            continue
        preload(name_of(path))
        tally = Tally(module)
        tallies.append(tally)
        for mutant in mutants:
            tally.take(mutant, try_mutant(path, mutant, is_quick=chosen.quick, is_whole=chosen.whole))
        print(f"{module}: {len(mutants)} changes, {dict(tally.counts)}", flush=True)
    unargued = sum(tally.counts["survives"] for tally in tallies)
    print(f"{(time.monotonic() - began) / 60:.0f} minutes; {unargued} survivors without a reason")
    if chosen.log is not None:
        chosen.log.write_text("\n".join((HEAD, format_tallies(tallies), *format_survivors(tallies))), encoding="utf-8")
    return int(unargued > 0)


ARGUED_ROWS = tomllib.loads(ARGUED.read_text(encoding="utf-8")).get("survivor", [])
KINDS = ("quick", "thorough", "hangs", "crashes", "argued", "survives")


class Tally:
    """What came of the changes to one module."""

    def __init__(self, module: str) -> None:
        self.module = module
        self.counts: Counter[str] = Counter()
        self.survivors: list[tuple[str, str]] = []

    def take(self, mutant: Mutant, found: str) -> None:
        """Count one; name it if no test noticed, with the reason why that does no harm, if there is one."""
        because = ""
        if found == "survives":
            because = find_argument(self.module, mutant)
            self.survivors.append((mutant.name, because))
            print(f"{self.module}:{mutant.line} #{mutant.number} {mutant.name}  [{because or 'NO REASON'}]", flush=True)
        self.counts["argued" if because else found] += 1


def find_argument(module: str, mutant: Mutant) -> str:
    """Return why a survivor changes no answer, or nothing."""
    return next((row["because"] for row in ARGUED_ROWS if (row["module"], row["change"]) == (module, mutant.name)), "")


def format_tallies(tallies: Sequence[Tally]) -> str:
    """The table of counts."""
    head = (
        "| module | changes | quick tests | whole table | hangs | crashes | equivalent | survive |\n" + "|---" * 8 + "|"
    )
    total: Counter[str] = sum((tally.counts for tally in tallies), Counter())
    rows = [*((f"`{tally.module}`", tally.counts) for tally in tallies), ("all", total)]
    lines = [
        f"| {name} | {sum(counts.values())} | " + " | ".join(str(counts[kind]) for kind in KINDS) + " |"
        for name, counts in rows
    ]
    return "\n".join((head, *lines, ""))


def format_survivors(tallies: Sequence[Tally]) -> Sequence[str]:
    """Each survivor with its reason."""
    rows = [
        f"- `{tally.module}`, `{name}`: {because or '**no reason yet**'}"
        for tally in tallies
        for name, because in tally.survivors
    ]
    return ("## Survivors, each with its reason", "", *(rows or ["None."]), "")


if __name__ == "__main__":
    sys.exit(main())
