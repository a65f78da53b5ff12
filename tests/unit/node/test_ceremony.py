"""Homes and ceremonies: keys sealed at rest, cards compared, one pact drafted apart, and every refusal by its code."""

import dataclasses
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.journal.card import parse_card
from comity.journal.statement import Certificate, parse_statement
from comity.node.ceremony import Accepted, accept_pact, draft_for, open_accepted
from comity.node.home import PASSPHRASE_VARIABLE, Home, create_home, open_home, write_private
from comity.node.marks import find_mark_path
from comity.node.versions import find_pins_of
from comity.pact.lineage import Lineage, Version
from comity.pact.parse import pact_digest, parse_pact
from kit.loop import NOON, read_profile
from kit.nodes import CEREMONY, PARTIES, REALM, SUITE, make_homes

PROFILE = read_profile("camp-david")


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[Party, Home]:
    """Three homes that have compared their cards and accepted nothing; tests accept in copies."""
    return make_homes(tmp_path_factory.mktemp("homes"))


@pytest.fixture
def usa(homes: Mapping[Party, Home], tmp_path: Path) -> Home:
    """A copy of USA's home."""
    import shutil

    shutil.copytree(homes["USA"].path, tmp_path / "USA")
    return dataclasses.replace(homes["USA"], path=tmp_path / "USA")


def _create(path: Path, party: Party = "USA", *, realm: str = REALM, passphrase: bytes = b"correct horse") -> Home:
    return create_home(
        path,
        party=party,
        endpoints={realm: "127.0.0.1:4222"},
        passphrase=passphrase,
        issued_at=NOON,
        suite=SUITE,
        ceremony=CEREMONY,
    )


def _accept(home: Home, raw: bytes) -> Accepted:
    return accept_pact(home, raw, realm=REALM, at=NOON, suite=SUITE, ceremony=CEREMONY)


def test_a_home_is_its_owners_alone_and_holds_no_secret_in_the_clear(tmp_path: Path) -> None:
    """Files of mode 0600 in a folder of 0700, and no byte of any secret outside its vault."""
    home = _create(tmp_path / "home")
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700
    files = [path for path in home.path.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"home.toml", "root.vault", "node.vault", "card", "exercise-nodes"}
    assert find_mark_path(home.path, REALM) in files
    root, next_root = home.get_root()
    held = home.get_realm_secrets(REALM)
    secrets = (root.ed25519, root.mldsa, next_root.ed25519, held.node.node, held.node.receiving, held.link.seed)
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        content = path.read_bytes()
        assert not [secret for secret in secrets if secret in content or secret.hex().encode() in content], path.name


def test_two_homes_share_no_key(tmp_path: Path) -> None:
    """Every key is drawn, none is derived from names."""
    one, other = _create(tmp_path / "1"), _create(tmp_path / "2")
    assert one.get_root() != other.get_root()
    assert one.get_realm_secrets(REALM) != other.get_realm_secrets(REALM)


def test_a_wrong_passphrase_opens_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither vault; the right one comes as an argument or from the environment."""
    _create(tmp_path / "home")
    for wrong in (b"wrong", b""):
        home = open_home(tmp_path / "home", passphrase=wrong)
        with pytest.raises(UsageError, match=r"vault\.passphrase"):
            home.get_root()
        with pytest.raises(UsageError, match=r"vault\.passphrase"):
            home.get_realm_secrets(REALM)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "correct horse")
    assert open_home(tmp_path / "home").find_realms() == (REALM,)


def test_unattended_unlocking_is_a_choice_that_is_written_down(tmp_path: Path) -> None:
    """Without a passphrase a random one lies beside the vaults, and the home says so."""
    _create(tmp_path / "home", passphrase=b"")
    assert 'unlock = "unattended"' in (tmp_path / "home" / "home.toml").read_text()
    assert open_home(tmp_path / "home").find_realms() == (REALM,)
    other = _create(tmp_path / "other", passphrase=b"")
    assert (tmp_path / "home" / "unlock.key").read_bytes() != (other.path / "unlock.key").read_bytes()


def test_a_damaged_vault_is_named(tmp_path: Path) -> None:
    """Damage to its form is told apart from a wrong passphrase."""
    home = _create(tmp_path / "home")
    raw = (home.path / "node.vault").read_bytes()
    write_private(home.path / "node.vault", raw[: len(raw) // 2])
    with pytest.raises(RemoteError, match=r"vault\.malformed"):
        home.get_realm_secrets(REALM)


@pytest.mark.parametrize("party", ["usa", "", "A PARTY", "THIRTEEN-LONG", "USA\n"])
def test_a_party_has_a_short_name(party: str, tmp_path: Path) -> None:
    """Anything else is refused before a key is drawn."""
    with pytest.raises(UsageError, match=r"home\.party-name"):
        _create(tmp_path / "home", party)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("realm", ["exercise", "exercise/", "REAL", "exercise/../../real", "exercise/A"])
def test_a_realm_is_real_or_a_named_exercise(realm: str, tmp_path: Path) -> None:
    """No name leads out of the home's own folder."""
    with pytest.raises(UsageError, match=r"home\.realm-name"):
        _create(tmp_path / "home", realm=realm)


def test_a_home_is_never_overwritten(tmp_path: Path) -> None:
    """A second `init` on it is refused, and its root stays."""
    root = _create(tmp_path / "home").get_root()
    with pytest.raises(UsageError, match=r"home\.exists"):
        _create(tmp_path / "home")
    assert open_home(tmp_path / "home", passphrase=b"correct horse").get_root() == root


def test_a_folder_that_is_no_home_is_named(tmp_path: Path) -> None:
    """Empty, or with a home.toml that is not one."""
    for content in (None, b"\xff\xfe", b"party =", b"x = 1"):
        if content is not None:
            (tmp_path / "home.toml").write_bytes(content)
        with pytest.raises(UsageError, match=r"home\.none"):
            open_home(tmp_path)


def test_parties_that_draft_apart_get_the_same_bytes(homes: Mapping[Party, Home]) -> None:
    """Each from its own cards; the draft pins every root, so its digest is worth reading aloud."""
    drafts = {draft_for(homes[party], PROFILE, suite=SUITE) for party in PARTIES}
    assert len(drafts) == 1
    pact = parse_pact(drafts.pop())
    for party in PARTIES:
        assert pact.roots[party].ed25519 == homes[party].get_card(SUITE).ed25519.hex()


def test_accepting_certifies_this_node_under_the_pact(usa: Home) -> None:
    """What was accepted is read back the same, again and again."""
    raw = draft_for(usa, PROFILE, suite=SUITE)
    held = _accept(usa, raw)
    assert open_accepted(usa, realm=REALM, suite=SUITE) == held == _accept_again(usa, held)
    assert (held.pact_raw, held.realm) == (raw, REALM)


def _accept_again(home: Home, held: Accepted) -> Accepted:
    again = _accept(home, held.pact_raw)
    return dataclasses.replace(again, certificate=held.certificate, links=held.links)


def test_a_pact_with_another_root_is_refused(usa: Home, homes: Mapping[Party, Home], tmp_path: Path) -> None:
    """Somebody swapped a root between drafting and accepting, or a card was never compared: nothing is signed."""
    raw = draft_for(usa, PROFILE, suite=SUITE)
    swapped = raw.replace(
        homes["JPN"].get_card(SUITE).ed25519.hex().encode(),
        _create(tmp_path / "X").get_card(SUITE).ed25519.hex().encode(),
    )
    assert swapped != raw
    with pytest.raises(UsageError, match=r"pact\.root-differs.*party=JPN"):
        _accept(usa, swapped)
    (usa.path / "peers" / "KOR.card").unlink()
    with pytest.raises(UsageError, match=r"pact\.root-differs.*party=KOR"):
        _accept(usa, raw)
    assert not usa.find_realm_path(REALM).exists()


def test_whoever_is_not_a_party_accepts_nothing(usa: Home, tmp_path: Path) -> None:
    """A home outside the pact has no place in it."""
    stranger = _create(tmp_path / "FRA", "FRA")
    raw = draft_for(usa, PROFILE, suite=SUITE)
    with pytest.raises(UsageError, match=r"pact\.not-a-party.*party=FRA"):
        _accept(stranger, raw)


def test_a_realm_runs_one_pact(usa: Home) -> None:
    """Another pact in the same realm is refused, and the first stays."""
    first = draft_for(usa, PROFILE, suite=SUITE)
    other = draft_for(usa, PROFILE, overrides={"policy.receipt.within_ms": 7_000}, suite=SUITE)
    _accept(usa, first)
    with pytest.raises(UsageError, match=r"pact\.accepted-other"):
        _accept(usa, other)
    assert open_accepted(usa, realm=REALM, suite=SUITE).pact_raw == first


def test_with_the_root_taken_away_nothing_is_accepted_and_the_node_still_opens(usa: Home) -> None:
    """The root is offline but for ceremonies; running needs the node's keys alone."""
    raw = draft_for(usa, PROFILE, suite=SUITE)
    vault = (usa.path / "root.vault").rename(usa.path.parent / "elsewhere")
    with pytest.raises(UsageError, match=r"home\.root-offline"):
        _accept(usa, raw)
    vault.rename(usa.path / "root.vault")
    _accept(usa, raw)
    (usa.path / "root.vault").unlink()
    assert open_accepted(usa, realm=REALM, suite=SUITE).pact_raw == raw


def test_what_was_not_accepted_does_not_open(usa: Home) -> None:
    """No pact in this realm, no keys for another, and a profile pins nobody."""
    with pytest.raises(UsageError, match=r"pact\.not-accepted"):
        open_accepted(usa, realm=REALM, suite=SUITE)
    with pytest.raises(UsageError, match=r"home\.no-realm"):
        usa.get_realm_secrets("exercise/other")
    with pytest.raises(UsageError, match=r"pact\.no-roots"):
        find_pins_of(Lineage((Version(parse_pact(PROFILE), pact_digest(PROFILE, SUITE)),)), realm=REALM)


def test_a_card_that_was_altered_is_not_paired_with(homes: Mapping[Party, Home]) -> None:
    """The root signs its card; an altered endpoint or root shows."""
    raw = (homes["JPN"].path / "card").read_bytes()
    assert parse_card(raw, SUITE).party == "JPN"
    altered = raw.replace(b"127.0.0.1:4222", b"127.0.0.9:4222")
    assert altered != raw
    with pytest.raises(RemoteError, match=r"card\.signature"):
        parse_card(altered, SUITE)


def test_a_pact_accepted_again_is_certified_once(usa: Home) -> None:
    """Two certificates of one incarnation would be laid on the root (S10): what it signed stays, whatever is done."""
    raw = draft_for(usa, PROFILE, suite=SUITE)
    held = accept_pact(usa, raw, realm=REALM, at=Instant(NOON + 1), suite=SUITE, ceremony=CEREMONY)
    body = parse_statement(held.certificate).body
    assert isinstance(body, Certificate)
    assert body.issued_at == NOON + 1  # the instant of the ceremony, never of a clock read inside
    (usa.path / "root.vault").unlink()
    again = _accept(usa, raw)
    assert (again.certificate, again.links) == (held.certificate, held.links)
