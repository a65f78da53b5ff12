"""Later versions of a pact in a home: accepted, refused, and read back; on real nodes a pact is amended and joined."""

from collections.abc import Callable
from pathlib import Path

import pytest

from comity.base.errors import UsageError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.journal.header import Feed
from comity.node.ceremony import Accepted, accept_pact, amend_for, draft_for, open_accepted
from comity.node.home import Home
from comity.node.realm_record import find_pins_for_audit
from comity.node.replacement import replace_key
from comity.node.versions import find_waiting
from comity.pact.findings import PactRefused
from kit.amending import add_port_e, remove_port_d, set_number
from kit.homes import introduce
from kit.loop import NOON, read_profile
from kit.nodes import CEREMONY, REALM, SUITE

FOUNDERS: tuple[Party, ...] = ("PORT-A", "PORT-B", "PORT-C", "PORT-D")


def _make(root: Path, *parties: Party) -> dict[Party, Home]:
    return introduce(root, parties, realm=REALM, at=NOON, suite=SUITE, ceremony=CEREMONY)


@pytest.fixture
def homes(tmp_path: Path) -> dict[Party, Home]:
    """Five homes that know each other; four have accepted the compact."""
    made = _make(tmp_path, *FOUNDERS, "PORT-E")
    raw = draft_for(made["PORT-A"], read_profile("harbour-aid"), suite=SUITE)
    for party in FOUNDERS:
        _accept(made[party], raw)
    return made


def _accept(home: Home, raw: bytes, **options: object) -> Accepted:
    return accept_pact(home, raw, realm=REALM, at=Instant(NOON), suite=SUITE, ceremony=CEREMONY, **options)  # type: ignore[arg-type]


def _amend(home: Home, *edits: Callable[[str], str]) -> bytes:
    held = open_accepted(home, realm=REALM, suite=SUITE)
    text = max((held.pact_raw, *(one.raw for one in held.later)), key=len).decode()
    for edit in edits:
        text = edit(text)
    return amend_for(home, text.encode(), realm=REALM, suite=SUITE)


def test_a_later_version_is_kept_beside_the_first(homes: dict[Party, Home]) -> None:
    """It needs no root: certificate and links stay; pins are those of both; accepting again does nothing."""
    home = homes["PORT-A"]
    before = open_accepted(home, realm=REALM, suite=SUITE)
    (home.path / "root.vault").unlink()
    raw = _amend(home, set_number("policy.acknowledge.within_ms", 60_000))
    after = _accept(home, raw)
    assert (after.digest, after.certificate, after.links) == (before.digest, before.certificate, before.links)
    assert [one.raw for one in after.later] == [raw]
    assert after.pins.versions == {after.digest, after.later[0].version.digest}
    assert after.pins.lineage == before.pins.lineage
    assert _accept(home, raw) == after == open_accepted(home, realm=REALM, suite=SUITE)
    assert [one.raw for one in find_waiting(after.path, before.pacts, SUITE)] == [raw]
    assert find_waiting(after.path, after.pacts, SUITE) == ()


def test_all_who_amend_alike_get_the_same_bytes(homes: dict[Party, Home]) -> None:
    """The newcomer's root is from its card, in every home."""
    made = {_amend(homes[party], add_port_e) for party in FOUNDERS}
    assert len(made) == 1


def test_a_newcomer_brings_every_version(homes: dict[Party, Home]) -> None:
    """It begins with the version that lets it in; without the versions before that, it is refused."""
    first = open_accepted(homes["PORT-A"], realm=REALM, suite=SUITE).pact_raw
    raw = _amend(homes["PORT-A"], add_port_e)
    with pytest.raises(UsageError, match=r"pact\.version-missing"):
        _accept(homes["PORT-E"], raw)
    with pytest.raises(UsageError, match=r"pact\.not-a-party"):
        _accept(homes["PORT-E"], first)
    held = _accept(homes["PORT-E"], raw, earlier=(first,))
    assert (held.pact_raw, [one.raw for one in held.later]) == (raw, [first])
    assert held.parties == (*FOUNDERS, "PORT-E")
    assert set(held.pins.roots) == {*FOUNDERS, "PORT-E"}


def test_a_newcomer_whose_root_is_another_than_its_card_is_refused(homes: dict[Party, Home], tmp_path: Path) -> None:
    """Whoever joins is compared aloud like everybody before."""
    raw = _amend(homes["PORT-A"], add_port_e)
    stranger = _make(tmp_path / "other", "PORT-E")["PORT-E"]
    homes["PORT-B"].keep_peer((stranger.path / "card").read_bytes(), stranger.get_card(SUITE))
    with pytest.raises(UsageError, match=r"pact\.root-differs"):
        _accept(homes["PORT-B"], raw)


def test_a_rival_is_accepted_only_on_purpose(homes: dict[Party, Home]) -> None:
    """An officer says so; the other amendment stays."""
    home = homes["PORT-A"]
    one = _amend(home, set_number("policy.acknowledge.within_ms", 60_000))
    other = _amend(home, set_number("policy.acknowledge.within_ms", 90_000))
    _accept(home, one)
    with pytest.raises(UsageError, match=r"pact\.rival"):
        _accept(home, other)
    assert {held.raw for held in _accept(home, other, is_rival_wanted=True).later} == {one, other}


def test_what_does_not_follow_is_refused(homes: dict[Party, Home], tmp_path: Path) -> None:
    """Another pact, a version whose predecessor is not here, and one that was edited by hand."""
    home = homes["PORT-A"]
    second = _amend(home, set_number("policy.acknowledge.within_ms", 60_000))
    _accept(homes["PORT-B"], second)
    third = _amend(homes["PORT-B"], set_number("policy.acknowledge.within_ms", 90_000))
    with pytest.raises(UsageError, match=r"pact\.version-missing"):
        _accept(home, third)
    with pytest.raises(PactRefused):
        _accept(home, second.replace(b"version = 2", b"version = 3"))
    others = _make(tmp_path / "others", *FOUNDERS)
    strange = draft_for(others["PORT-A"], read_profile("harbour-aid"), suite=SUITE)
    with pytest.raises(UsageError, match=r"pact\.accepted-other"):
        _accept(home, strange)
    assert not (home.find_realm_path(REALM) / "versions").exists()


def test_one_who_is_left_out_may_sign_that(homes: dict[Party, Home]) -> None:
    """A party accepts the version that it leaves by; a stranger to both does not."""
    raw = _amend(homes["PORT-A"], remove_port_d)
    assert _accept(homes["PORT-D"], raw).later[0].version.audience == FOUNDERS[:3]
    with pytest.raises(UsageError, match=r"pact\.not-a-party"):
        _accept(homes["PORT-E"], raw, earlier=(open_accepted(homes["PORT-A"], realm=REALM, suite=SUITE).pact_raw,))


def test_the_audit_pins_what_the_home_pins(homes: dict[Party, Home]) -> None:
    """From the newest version and the files before it, the same roots and lineage."""
    home = homes["PORT-A"]
    held = _accept(home, _amend(home, add_port_e))
    pins = find_pins_for_audit(held.later[-1].raw, [held.pact_raw], realm=REALM, suite=SUITE)
    assert (pins.lineage, set(pins.parties)) == (held.pins.lineage, set(held.pins.roots))


def test_after_a_key_was_replaced_the_root_opens_the_new_circle(homes: dict[Party, Home]) -> None:
    """A later incarnation begins the genesis of a new circle with a closure (J14); one circle's own needs no root."""
    home = homes["PORT-A"]
    replace_key(home, open_accepted(home, realm=REALM, suite=SUITE), at=Instant(NOON), suite=SUITE, ceremony=CEREMONY)
    same = _amend(home, set_number("policy.acknowledge.within_ms", 60_000))
    wider = _amend(home, add_port_e)
    vault = home.path / "root.vault"
    vault.rename(home.path / "elsewhere")
    before = _accept(home, same)
    with pytest.raises(UsageError, match=r"home\.root-offline"):
        _accept(home, wider, is_rival_wanted=True)
    assert open_accepted(home, realm=REALM, suite=SUITE) == before
    (home.path / "elsewhere").rename(vault)
    after = _accept(home, wider, is_rival_wanted=True)
    assert after.circles == (FOUNDERS, (*FOUNDERS, "PORT-E"))
    opened = {(feed, circle) for feed, circle, _ in after.make_setup(SUITE).closures}
    assert {(Feed.GENESIS, circle) for circle in after.circles} <= opened
