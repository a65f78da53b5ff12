"""The verifier: its size, what it imports, every vector, and a bundle as a doubter judges it from the command line."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import replay
import verify
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.bundle import BundleHead, EpochKey, seal_bundle, write_bundle
from kit.forgery import forge
from kit.history import Act, play
from kit.world import World

ROOT = Path(__file__).parents[2]
FILE = ROOT / "verifier" / "verify.py"
VECTORS = ROOT / "vectors"
COMMON = json.loads((VECTORS / "common.json").read_text())
CASES = sorted((VECTORS / "cases").glob("*.json"))


def test_it_is_one_file_of_at_most_400_lines() -> None:
    """Who doubts should be able to read it in an evening."""
    lines = FILE.read_text("utf-8").splitlines()
    assert len(lines) <= 400
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("name", ["verify.py", "replay.py", "tracks.py"])
def test_it_imports_no_comity(name: str) -> None:
    """The standard library, `cryptography` and `msgpack`; the harness for vectors also the verifier itself."""
    tree = ast.parse((FILE.parent / name).read_text("utf-8"))
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    strange = {module.split(".")[0] for module in imported} - sys.stdlib_module_names
    beside = {"verify.py": set(), "tracks.py": {"verify"}, "replay.py": {"verify", "tracks"}}[name]
    assert strange <= {"cryptography", "msgpack"} | beside


def test_nothing_of_comity_is_loaded_when_it_runs() -> None:
    """Not by way of another module either."""
    code = "import sys, verify, replay; sys.exit(any(name.split('.')[0] == 'comity' for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], cwd=FILE.parent, check=False).returncode == 0


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_it_says_of_a_vector_what_the_vector_says(path: Path) -> None:
    """Verdict, what each step frees, keys, entries, standing, what is held and missing."""
    assert replay.replay(json.loads(path.read_text()), replay.read_pins(COMMON), COMMON["genesis"])


@pytest.mark.parametrize(
    ("name", "part", "value"),
    [
        ("012-fork", "standing", "disputed"),
        ("004-heads-seen", "missing", []),
        ("127-gap", "held", {}),
    ],
)
def test_a_vector_that_said_otherwise_would_be_noticed(name: str, part: str, value: object) -> None:
    """So that agreement means something."""
    case = json.loads((VECTORS / "cases" / f"{name}.json").read_text())
    case["after"][part] = dict.fromkeys(case["after"][part], value) if part == "standing" else value
    assert not replay.replay(case, replay.read_pins(COMMON), COMMON["genesis"])


def _run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(FILE), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_vectors_from_the_command_line() -> None:
    """One line, and status 0."""
    done = _run("vectors", VECTORS)
    assert (done.returncode, done.stdout) == (0, f"{len(CASES)} of {len(CASES)} vectors agree.\n")


def _write(world: World, pages: list[bytes], keys: tuple[EpochKey, ...] = ()) -> tuple[bytes, bytes]:
    """A pact file with the world's roots, and a bundle in its name."""
    rows = [
        f'[root.{party}]\ned25519 = "{root.keys.ed25519.hex()}"\nmldsa65 = "{root.keys.mldsa.hex()}"\n'
        f'next_root_digest = "{root.next_root.hex()}"\n'
        for party, root in world.pins.roots.items()
    ]
    pact = f'[pact]\nversion = 2\nlineage = "{world.lineage.hex()}"\n'.encode() + "".join(rows).encode()
    head = BundleHead(1, world.lineage, world.realm, "an auditor", 7)
    return pact, write_bundle(world.suite, head, pacts=(pact,), pages=pages, epoch_keys=keys)


@pytest.fixture(scope="module")
def story() -> tuple[World, list[bytes]]:
    """Three parties who speak, and confirm what they heard."""
    world = World(suite=ProductionSuite(), ceremony=ProductionCeremony())
    acts = [Act("say", 2, 2, 0), Act("deliver", 1, 0, 0), Act("deliver", 1, 0, 3), Act("see", 1, 2, 0)]
    return world, play(acts, world).pool


def test_a_bundle_from_the_command_line(tmp_path: Path, story: tuple[World, list[bytes]]) -> None:
    """A whole record: nothing speaks against it, though what is sealed stays so. A changed one: named, and status 1."""
    world, pool = story
    pact, raw = _write(world, pool)
    (tmp_path / "pact.toml").write_bytes(pact)
    (tmp_path / "good").write_bytes(raw)
    done = _run("bundle", tmp_path / "good", "--pact", tmp_path / "pact.toml")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (
        0,
        f"{len(pool)} pages stand; no findings speak against the record.",
    )
    assert "page.no-key" in done.stdout
    twin = forge(world.parties["USA"], pool[-2], salt=bytes(32))
    changed = [raw[:-1] + b"\x00" if raw is pool[1] else raw for raw in pool] + [twin]
    (tmp_path / "bad").write_bytes(_write(world, changed)[1])
    done = _run("bundle", tmp_path / "bad", "--pact", tmp_path / "pact.toml")
    assert done.returncode == 1
    assert {"page.body-digest", "page.forked", "page.missing"} <= {
        row.split(":")[0] for row in done.stdout.splitlines()
    }


@pytest.mark.parametrize("options", [("absent",), (VECTORS, "--pact", "absent"), (FILE, "--key", FILE)])
def test_a_file_that_cannot_be_read_is_said_in_one_line(options: tuple[object, ...]) -> None:
    """A name that is no file, a folder in place of one, a secret that is none: status 1, and nothing judged."""
    done = _run("bundle", *options)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)


def test_a_sealed_bundle_and_a_disclosed_key_open_what_they_should(
    tmp_path: Path, story: tuple[World, list[bytes]]
) -> None:
    """With the receiving secret the envelope and the seals open; with an epoch key in the bundle its journal does."""
    world, pool = story
    usa, kor = world.parties["USA"], world.parties["KOR"]
    pact, raw = _write(world, pool)
    (tmp_path / "pact.toml").write_bytes(pact)
    public = world.suite.public_of_receiving(kor.recovery)
    (tmp_path / "sealed").write_bytes(seal_bundle(raw, public=public, suite=world.suite, ceremony=world.ceremony))
    (tmp_path / "secret").write_text(kor.recovery.hex() + "\n")
    done = _run("bundle", tmp_path / "sealed", "--pact", tmp_path / "pact.toml", "--key", tmp_path / "secret")
    assert (done.returncode, "page.no-key" in done.stdout) == (0, False)
    done = _run("bundle", tmp_path / "sealed", "--pact", tmp_path / "pact.toml")
    assert (done.returncode, done.stdout.split(":")[0]) == (1, "bundle.sealed")
    journal = usa.journal("JPN", "KOR").find_digest(world.suite)
    epoch, key = usa.epochs[journal]
    for shown, sealed in ((key, False), (bytes(32), True)):
        (tmp_path / "open").write_bytes(_write(world, pool, (EpochKey(journal, epoch, shown),))[1])
        done = _run("bundle", tmp_path / "open", "--pact", tmp_path / "pact.toml")
        assert ("page.no-key" in done.stdout) is sealed


def test_a_bundle_of_another_pact_or_without_one_is_not_judged(
    tmp_path: Path, story: tuple[World, list[bytes]]
) -> None:
    """What is taken as true is the pact of who judges; the one in a bundle only if it is the lineage itself."""
    world, pool = story
    pact, raw = _write(world, pool)
    (tmp_path / "good").write_bytes(raw)
    (tmp_path / "other.toml").write_bytes(pact.replace(world.lineage.hex().encode(), b"33" * 32))
    (tmp_path / "none.toml").write_bytes(b"not = [toml")
    for arguments in ((), ("--pact", tmp_path / "other.toml"), ("--pact", tmp_path / "none.toml")):
        done = _run("bundle", tmp_path / "good", *arguments)
        assert (done.returncode, done.stdout.split(":")[0], done.stderr) == (1, "record.other-lineage", "")


def test_arrays_nest_16_deep_and_no_deeper() -> None:
    """J1, the outermost counted; and what no array may hold."""
    nested: object = "x"
    for _ in range(16):
        nested = [nested]
    assert verify.fits(nested, None)
    assert not verify.fits([nested], None)
    barred: tuple[object, ...] = (None, True, -1, 1.0, {}, 2**53 + 1)
    assert not any(verify.fits([value], None) for value in barred)
