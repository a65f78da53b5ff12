"""Whom to believe (docs/spec/sealing.md, S10 and S11): the order in which statements come never matters."""

from itertools import permutations

import pytest

from comity.base.errors import RemoteError
from comity.base.limits import UNPLACED_STATEMENT_COUNT_MAX
from comity.journal.identity import certify, generate_node_secrets, generate_root
from comity.journal.statement import Closure, Links, RootSecret, Statement, Succession, parse_statement, sign_statement
from comity.journal.trust import PinnedRoot, Pins, Trust
from comity.rehearsal.standin import StandInCeremony, StandInSuite

SUITE, CEREMONY = StandInSuite(), StandInCeremony(b"trust")
FIRST, SECOND, THIRD, STRANGER = (generate_root(CEREMONY) for _ in range(4))
LINEAGE, REALM = b"\x01" * 32, "exercise/trust"


def _digest(root: RootSecret) -> bytes:
    return root.find_public(SUITE).find_digest(SUITE)


PINS = Pins(LINEAGE, REALM, {"USA": PinnedRoot(FIRST.find_public(SUITE), _digest(SECOND))})


def _sign(body: Statement, root: RootSecret) -> bytes:
    return sign_statement(body, root, suite=SUITE, ceremony=CEREMONY)


def _succeed(root: RootSecret, *, to: RootSecret, then: bytes = bytes(32), lineage: bytes = LINEAGE) -> bytes:
    keys = to.find_public(SUITE)
    return _sign(Succession(lineage, "USA", keys.ed25519, keys.mldsa, then, 1), root)


def _certificate(root: RootSecret, *, incarnation: int = 0, realm: str = REALM, lineage: bytes = LINEAGE) -> bytes:
    secrets = generate_node_secrets(CEREMONY, incarnation=incarnation)
    return certify(
        secrets,
        recovery_public=SUITE.public_of_receiving(CEREMONY.generate_receiving()),
        lineage=lineage,
        realm=realm,
        party="USA",
        root=root,
        issued_at=1,  # type: ignore[arg-type]
        suite=SUITE,
        ceremony=CEREMONY,
    )


def _links(root: RootSecret, *, serial: int, endpoint: str) -> bytes:
    return _sign(Links(LINEAGE, REALM, "USA", serial, bytes(32), b"", (endpoint,), 1), root)


def _learn_each(trust: Trust, raws: tuple[bytes, ...]) -> None:
    """Learn statements that come one by one, as a node does; what is not believed yet is refused then."""
    for raw in raws:
        try:
            trust.learn((raw,))
        except RemoteError as error:
            assert error.code == "statement.signature"  # noqa: PT017


def test_a_chain_of_roots_is_followed_in_any_order() -> None:
    """First → second → third, a certificate by the last and links by the second: whichever comes first."""
    raws = (
        _succeed(FIRST, to=SECOND, then=_digest(THIRD)),
        _succeed(SECOND, to=THIRD),
        _certificate(THIRD),
        _links(SECOND, serial=1, endpoint="a"),
    )
    ends = set()
    for order in permutations(raws):
        trust = Trust(PINS, SUITE)
        _learn_each(trust, order)
        links = trust.find_links("USA")
        ends.add((trust.find_certificates("USA", 0), links, trust.version))
    assert len(ends) == 1
    ((certificates, links, _),) = ends
    assert len(certificates) == 1
    assert links is not None


def test_what_the_old_root_signed_still_counts() -> None:
    """S11: a succession replaces a key, it does not unsay what the old one signed."""
    trust = Trust(PINS, SUITE)
    trust.learn((_succeed(FIRST, to=SECOND), _certificate(FIRST)))
    assert trust.find_newest("USA") is not None


def test_a_root_that_was_not_pinned_as_next_never_takes_over() -> None:
    """Whoever steals a root can't hand the party over: the next root was pinned before."""
    trust = Trust(PINS, SUITE)
    trust.learn((_succeed(FIRST, to=STRANGER),))
    with pytest.raises(RemoteError, match=r"statement\.signature"):
        trust.learn((_certificate(STRANGER),))
    trust = Trust(PINS, SUITE)
    trust.learn((_succeed(STRANGER, to=SECOND),))
    with pytest.raises(RemoteError, match=r"statement\.signature"):
        trust.learn((_certificate(SECOND),))


def test_a_retired_root_chooses_no_successor() -> None:
    """S10: only the root that pinned the next may hand over to it; a thief of an old one gets nowhere."""
    trust = Trust(PINS, SUITE)
    trust.learn((_succeed(FIRST, to=SECOND, then=_digest(THIRD)), _succeed(SECOND, to=THIRD)))
    trust.learn((_succeed(FIRST, to=THIRD, then=_digest(STRANGER)), _succeed(FIRST, to=STRANGER)))
    trust.learn((_succeed(THIRD, to=STRANGER),))
    with pytest.raises(RemoteError, match=r"statement\.signature"):
        trust.learn((_certificate(STRANGER),))


def test_the_newest_node_keys_are_those_of_the_last_incarnation() -> None:
    """All of them, where the root gave two; none where there was never a certificate."""
    trust = Trust(PINS, SUITE)
    assert trust.find_newest_node_keys("USA") == ()
    trust.learn((_certificate(FIRST), _certificate(FIRST, incarnation=2), _certificate(FIRST, incarnation=2)))
    certificates = trust.find_certificates("USA", 2)
    assert len(certificates) == 2
    assert trust.find_newest_node_keys("USA") == tuple(certificate.node_key for certificate in certificates)


def test_statements_learned_twice_are_no_news() -> None:
    """`version` grows with what is new, so that nothing is judged again for an echo."""
    trust = Trust(PINS, SUITE)
    raws = (_succeed(FIRST, to=SECOND), _certificate(FIRST), _links(FIRST, serial=1, endpoint="a"))
    trust.learn(raws)
    version = trust.version
    trust.learn(raws)
    assert trust.version == version


def test_the_highest_serial_of_links_is_in_force_in_any_order() -> None:
    """And where a root gave one serial twice, every reader takes the same of the two."""
    raws = [_links(FIRST, serial=serial, endpoint=endpoint) for serial, endpoint in ((1, "a"), (3, "b"), (3, "c"))]
    found = set()
    for order in permutations(raws):
        trust = Trust(PINS, SUITE)
        trust.learn(order)
        found.add(trust.find_links("USA"))
    assert len(found) == 1
    assert {links.serial for links in found if links} == {3}


def test_two_certificates_for_one_incarnation_are_both_believed() -> None:
    """S11: the root bears the blame; all readers hold both, in one order."""
    raws = (_certificate(FIRST), _certificate(FIRST), _certificate(FIRST, incarnation=2))
    found = set()
    for order in permutations(raws):
        trust = Trust(PINS, SUITE)
        trust.learn(order)
        found.add((trust.find_certificates("USA", 0), trust.find_node_keys("USA"), trust.find_newest("USA")))
    assert len(found) == 1
    ((certificates, node_keys, newest),) = found
    assert len(certificates) == 2
    assert len(node_keys) == 3
    assert newest is not None
    assert newest.incarnation == 2


REFUSED: dict[str, tuple[bytes, str]] = {
    "lineage": (_certificate(FIRST, lineage=bytes(32)), "statement.other-pact"),
    "succession of another pact": (_succeed(FIRST, to=SECOND, lineage=bytes(32)), "statement.other-pact"),
    "realm": (_certificate(FIRST, realm="real"), "statement.other-pact"),
    "stranger": (
        _sign(Closure(LINEAGE, REALM, "record", "PRK", ("PRK",), 1, ()), FIRST),
        "statement.unknown-root",
    ),
    "signature": (_certificate(STRANGER), "statement.signature"),
    "bytes": (b"words", "statement.malformed"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_believed_has_its_code_and_stops_nothing_else(case: str) -> None:
    """The statements around it are learned all the same."""
    raw, code = REFUSED[case]
    trust = Trust(PINS, SUITE)
    with pytest.raises(RemoteError) as caught:
        trust.learn((raw, _certificate(FIRST)))
    assert caught.value.code == code
    assert len(trust.find_certificates("USA", 0)) == 1


def test_a_closure_needs_no_keeping() -> None:
    """It is found in the page that carries it; learning it changes nothing."""
    trust = Trust(PINS, SUITE)
    trust.learn((_sign(Closure(LINEAGE, REALM, "record", "USA", ("USA",), 1, ()), FIRST),))
    assert trust.version == 0


def test_nobody_knows_what_was_never_said() -> None:
    """Values or nothing, never an error."""
    trust = Trust(PINS, SUITE)
    assert trust.is_party("USA")
    assert not trust.is_party("PRK")
    assert trust.find_newest("USA") is None
    assert trust.find_links("USA") is None
    assert trust.find_node_keys("USA") == ()


def test_what_waits_for_a_root_is_bounded() -> None:
    """Anyone can make statements that no known root signed; they must not fill the memory."""
    trust = Trust(PINS, SUITE)
    for number in range(UNPLACED_STATEMENT_COUNT_MAX + 5):
        trust.learn((_succeed(STRANGER, to=SECOND, then=number.to_bytes(32, "big")),))
    assert len(trust._waiting["USA"]) == UNPLACED_STATEMENT_COUNT_MAX
    trust.learn((_succeed(FIRST, to=SECOND), _certificate(SECOND)))
    assert trust.find_newest("USA") is not None


def test_what_is_of_another_pact_is_not_believed() -> None:
    """S10: rightly signed and still nothing here; what is of this pact is believed by the same roots."""
    trust = Trust(PINS, SUITE)
    assert trust.is_believed(parse_statement(_certificate(FIRST)))
    assert not trust.is_believed(parse_statement(_certificate(FIRST, realm="real")))
    assert not trust.is_believed(parse_statement(_certificate(STRANGER)))
