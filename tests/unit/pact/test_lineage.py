"""The line of a pact's versions: what fits, what never counts, and the file that amends (P33)."""

import dataclasses

import msgspec
import pytest

from comity.crypto.production import ProductionSuite
from comity.pact.amend import amend_pact
from comity.pact.findings import PactRefused
from comity.pact.lineage import Lineage, Version, check_amendment
from comity.pact.signatory import Root
from kit.amending import FIVE, FOUNDERS, Written, add_port_e, remove_port_d, set_number
from kit.loop import read_profile

SUITE = ProductionSuite()
FIRST = Written.read(read_profile("harbour-aid"), SUITE)


def _change(version: Version, /, **changes: object) -> Version:
    identity = msgspec.structs.replace(version.pact.identity, **changes)
    return dataclasses.replace(version, pact=msgspec.structs.replace(version.pact, identity=identity))


def test_an_amended_file_names_the_version_before_and_the_first() -> None:
    """Number, `previous` and `lineage` are set; the text is otherwise what a person wrote."""
    second = FIRST.amend(SUITE, set_number("policy.acknowledge.within_ms", 60_000))
    third = second.amend(SUITE, set_number("policy.acknowledge.within_ms", 90_000))
    identity = third.version.pact.identity
    assert (identity.version, identity.previous, identity.lineage) == (
        3,
        second.version.digest.hex(),
        FIRST.version.digest.hex(),
    )
    assert third.version.pact.policy.acknowledge.within_ms == 90_000
    kept = [line for line in FIRST.raw.decode().splitlines() if "within_ms = 3600000" not in line]
    assert [line for line in kept if line not in third.raw.decode().splitlines()] == ["version = 1"]


def test_two_who_amend_alike_get_the_same_bytes() -> None:
    """Parties do this apart and compare digests; amending what was amended already changes nothing more."""
    once = FIRST.amend(SUITE, add_port_e)
    assert amend_pact(once.raw, before=FIRST.version, roots={}, suite=SUITE) == once.raw


def test_versions_stand_in_line_however_they_are_given() -> None:
    """The same files give the same line."""
    second = FIRST.amend(SUITE, add_port_e)
    third = second.amend(SUITE, remove_port_d)
    for given in ((FIRST, second, third), (third, second, FIRST), (second, third, FIRST, second)):
        line = Lineage(written.version for written in given)
        assert [version.number for version in line.placed] == [1, 2, 3]
        assert line.find_before(third.version) == second.version
        assert line.find_added(second.version) == {"PORT-E"}
        assert line.find_removed(third.version) == {"PORT-D"}
        assert line.find_signing_audience(second.version) == line.find_signing_audience(third.version) == FIVE
        assert line.parties == FIVE
        assert line.is_descended(third.version, of=FIRST.version)
        assert not line.is_descended(FIRST.version, of=third.version)


def test_a_version_whose_predecessor_is_not_held_waits() -> None:
    """It is held, and is nothing until what it amends is held too."""
    second = FIRST.amend(SUITE, add_port_e)
    third = second.amend(SUITE, remove_port_d)
    line = Lineage((FIRST.version, third.version))
    assert line.placed == (FIRST.version,)
    assert line.find(third.version.digest) is None
    assert third.version.digest in line.digests


def test_rivals_are_told_from_successors() -> None:
    """Two amendments of one version are each other's rivals; the first version has none."""
    one = FIRST.amend(SUITE, set_number("policy.acknowledge.within_ms", 60_000))
    other = FIRST.amend(SUITE, set_number("policy.acknowledge.within_ms", 90_000))
    line = Lineage((FIRST.version, one.version, other.version))
    assert line.find_rivals(one.version) == (other.version,)
    assert line.find_rivals(FIRST.version) == ()


UNFIT: dict[str, object] = {"previous": "00" * 32, "lineage": "00" * 32, "version": 4, "id": "other-pact"}


@pytest.mark.parametrize("key", sorted(UNFIT))
def test_what_does_not_fit_its_predecessor_never_counts(key: str) -> None:
    """Each part of the identity is looked at; a version that fails is held and left out of the line."""
    wrong = _change(FIRST.amend(SUITE, add_port_e).version, **{key: UNFIT[key]})
    assert [finding.key for finding in check_amendment(FIRST.version, wrong)] == [key]
    assert Lineage((FIRST.version, wrong)).placed == (FIRST.version,)


def test_rules_never_go_back() -> None:
    """A later version may not be judged by older folds than the one before."""
    newer, older = _change(FIRST.version, rules=2), FIRST.amend(SUITE, add_port_e).version
    assert "rules" in {finding.key for finding in check_amendment(newer, older)}


def test_a_pinned_root_stays() -> None:
    """An amendment cannot put another root in a party's place: that is for its own succession to do."""
    roots = {"PORT-A": Root(ed25519="11" * 32, mldsa65="22" * 1952, next_root_digest="33" * 32)}
    after = FIRST.amend(SUITE, set_number("policy.acknowledge.within_ms", 60_000)).version
    after = dataclasses.replace(after, pact=msgspec.structs.replace(after.pact, roots=roots))
    assert [finding.key for finding in check_amendment(FIRST.version, after)] == ["root.PORT-A"]


def test_parties_are_not_added_and_removed_at_once() -> None:
    """Else some who must see a signature could not: it takes two amendments."""
    with pytest.raises(PactRefused) as refused:
        FIRST.amend(SUITE, add_port_e, remove_port_d)
    assert [finding.key for finding in refused.value.findings] == ["party"]
    assert FIRST.version.audience == FOUNDERS


def test_an_identity_that_cannot_be_set_is_a_finding() -> None:
    """A number that does not stand alone on its line is not rewritten by guesswork."""
    raw = FIRST.raw.replace(b"version = 1\n", b"", 1).replace(b"[pact]\n", b"[pact]\n'version' = 1\n", 1)
    with pytest.raises(PactRefused) as refused:
        amend_pact(raw, before=FIRST.version, roots={}, suite=SUITE)
    assert [finding.code for finding in refused.value.findings] == ["pact.version"]


def test_bytes_that_are_no_text_are_findings() -> None:
    """Whatever is given, it ends in a file or in findings."""
    for raw in (b"\xff\xfe", b"", b"[pact]\nversion = 1\n\xff"):
        with pytest.raises(PactRefused):
            amend_pact(raw, before=FIRST.version, roots={}, suite=SUITE)
