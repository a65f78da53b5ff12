"""`comity recover` as an operator types it, on a machine that has nothing yet."""

import shutil
from pathlib import Path

import pytest

from comity.journal.bundle import BundleHead, write_bundle
from comity.node.ceremony import open_accepted
from comity.node.home import open_home
from kit.command import Json, Run
from kit.nodes import REALM, SUITE, Nodes, accept_all, make_homes, play


@pytest.fixture(scope="module")
def brought(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what is brought: USA's root vault and its key, the others' cards and bundles."""
    root = tmp_path_factory.mktemp("lost")
    homes = make_homes(root)
    accept_all(homes)
    held = {party: open_accepted(home, realm=REALM, suite=SUITE) for party, home in homes.items()}
    nodes = Nodes(held, root / "stores")

    async def scene(nodes: Nodes) -> None:
        await nodes.be_in_force()

    play(nodes, scene)
    folder = root / "brought"
    folder.mkdir()
    for name in ("root.vault", "unlock.key"):
        shutil.copy(root / "USA" / name, folder / name)
    for party in ("JPN", "KOR"):
        shutil.copy(root / party / "card", folder / f"{party}.card")
        store = nodes.open_store(party)
        head = BundleHead(1, held[party].pins.lineage, REALM, party, 0)
        pages = store.read_all()
        (folder / f"{party}.bundle").write_bytes(write_bundle(SUITE, head, pacts=[held[party].pact_raw], pages=pages))
        store.close()
    return folder


def _name(brought: Path, *parties: str) -> list[object]:
    given: list[object] = [brought / f"{party}.bundle" for party in parties]
    for party in ("JPN", "KOR"):
        given += ["--card", brought / f"{party}.card"]
    return [*given, "--root-vault", brought / "root.vault"]


def test_a_home_is_made_anew(comity: Run, brought: Path, tmp_path: Path) -> None:
    """It names the incarnation and the endpoint; both receiving secrets are held, and both keys are listed."""
    home = tmp_path / "home"
    status, out, err = comity("recover", *_name(brought, "JPN", "KOR"), "--home", home, "--unattended")
    assert (status, err) == (0, "")
    assert "the new key speaks as incarnation 1, at 127.0.0.1:4222" in out
    assert "No bundle of" not in out
    opened = open_home(home)
    assert len(opened.get_realm_secrets(REALM).receiving) == 2
    assert sorted(opened.find_peers(SUITE)) == ["JPN", "KOR"]
    status, out, _ = comity("key", "list", "--home", home)
    assert status == 0
    assert [line.split()[0] for line in out.splitlines() if line.strip()[:1] in ("0", "1")] == ["0", "1"]


def test_json_names_what_is_lacking(comity_json: Json, brought: Path, tmp_path: Path) -> None:
    """A script sees whose bundle was not brought; another address may be named for the new outbox."""
    given = [*_name(brought, "JPN"), "--home", tmp_path / "home", "--unattended", "--listen", "127.0.0.2"]
    status, done = comity_json("recover", *given)
    assert (status, done["party"], done["serial"], len(done["words"])) == (0, "USA", 2, 12)
    (realm,) = done["realms"]
    assert (realm["realm"], realm["incarnation"], realm["no_bundle_of"], realm["lacking"]) == (REALM, 1, ["KOR"], [])
    assert realm["endpoint"].startswith("127.0.0.2:")
    assert realm["page_count"] > 0
    status, refused = comity_json("recover", *given)
    assert (status, refused["error"]) == (2, "home.folder-taken")


def test_a_damaged_bundle_makes_no_home(comity: Run, brought: Path, tmp_path: Path) -> None:
    """Exit status 3: it is another party's bytes that are at fault."""
    raw = (brought / "JPN.bundle").read_bytes()
    damaged = tmp_path / "damaged.bundle"
    damaged.write_bytes(raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:])
    status, _, err = comity(
        "recover", damaged, *_name(brought), "--home", tmp_path / "home", "--unattended"
    )  # fmt: skip
    assert (status, "bundle." in err, (tmp_path / "home").exists()) == (3, True, False)
