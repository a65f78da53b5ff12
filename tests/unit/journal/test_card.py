"""Cards: what two parties exchange before there is a pact (docs/spec/sealing.md, S13)."""

import msgspec
import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.journal.card import Card, CardLinks, find_fingerprint, parse_card, sign_card
from comity.journal.identity import generate_root
from comity.rehearsal.standin import StandInCeremony, StandInSuite

SUITE, CEREMONY = StandInSuite(), StandInCeremony(b"card")
ROOT = generate_root(CEREMONY)
KEYS = ROOT.find_public(SUITE)
LINKS = CardLinks("real", bytes(32), b"der", "tls://usa.example:4222")
CARD = Card("USA", KEYS.ed25519, KEYS.mldsa, bytes(32), 1, (LINKS,), 1)


def test_a_card_is_believed_by_the_root_in_it() -> None:
    """Whoever has compared the root aloud can believe the rest."""
    card = parse_card(sign_card(CARD, ROOT, suite=SUITE, ceremony=CEREMONY), SUITE)
    assert card == CARD
    assert card.root == KEYS
    assert card.find_links("real") == LINKS
    assert card.find_links("exercise/x") is None


def test_the_fingerprint_is_the_beginning_of_the_root_digest() -> None:
    """128 bits: twelve words."""
    assert find_fingerprint(KEYS, SUITE) == KEYS.find_digest(SUITE)[:16]


@pytest.mark.parametrize(
    ("card", "code"),
    [
        (msgspec.structs.replace(CARD, party="usa"), "card.malformed"),
        (msgspec.structs.replace(CARD, links=(msgspec.structs.replace(LINKS, realm="Real"),)), "card.malformed"),
        (msgspec.structs.replace(CARD, links=(LINKS,) * 17), "card.malformed"),
        (msgspec.structs.replace(CARD, mldsa=bytes(1952)), "card.signature"),
        (msgspec.structs.replace(CARD, ed25519=bytes(32)), "card.signature"),
    ],
    ids=["party", "realm", "links", "mldsa", "ed25519"],
)
def test_a_wrong_card_has_its_code(card: Card, code: str) -> None:
    """Malformed names, or a root that did not sign both ways."""
    with pytest.raises(RemoteError) as caught:
        parse_card(sign_card(card, ROOT, suite=SUITE, ceremony=CEREMONY), SUITE)
    assert caught.value.code == code


def test_a_card_changed_on_its_way_is_refused() -> None:
    """Any byte of its body counts."""
    raw = sign_card(CARD, ROOT, suite=SUITE, ceremony=CEREMONY)
    changed = raw.replace(b"usa.example", b"prk.example")
    with pytest.raises(RemoteError, match=r"card\.signature"):
        parse_card(changed, SUITE)
    with pytest.raises(RemoteError, match=r"card\.malformed"):
        parse_card(encode((b"", bytes(64), bytes(3309))), SUITE)
