"""The card: what two parties exchange before there is a pact, and read aloud to each other (DESIGN, section 10).

A card holds a party's root, and per realm where its links are. The root signs it, so that whoever has compared the root
aloud can believe the rest. The fingerprint read aloud is the first 128 bits of the card's root digest.
"""

from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.limits import AUTHORITY_SIZE_BYTES_MAX, INSTANT_MS_MAX, STATEMENT_SIZE_BYTES_MAX
from comity.base.names import Bytes32, Party, Realm, Uint, is_party, is_realm
from comity.crypto.label import label
from comity.crypto.suite import MLDSA_PUBLIC_SIZE, MLDSA_SIGNATURE_SIZE, Ceremony, Suite
from comity.journal.statement import RootKeys, RootSecret

__all__ = ["Card", "CardLinks", "find_fingerprint", "parse_card", "sign_card"]

CARD_CONTEXT: Final = b"comity/1/card"
FINGERPRINT_SIZE: Final = 16


class CardLinks(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """Where a party's outbox is in one realm, and its link keys there (docs/spec/transport.md)."""

    realm: Realm
    exchange: Bytes32
    authority: Annotated[bytes, msgspec.Meta(max_length=AUTHORITY_SIZE_BYTES_MAX)]
    endpoint: Annotated[str, msgspec.Meta(max_length=256)]


class Card(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One party's card; of two cards with one root the higher serial counts."""

    party: Party
    ed25519: Bytes32
    mldsa: Annotated[bytes, msgspec.Meta(min_length=MLDSA_PUBLIC_SIZE, max_length=MLDSA_PUBLIC_SIZE)]
    next_root: Bytes32
    serial: Uint
    links: Annotated[tuple[CardLinks, ...], msgspec.Meta(max_length=16)]
    issued_at: Annotated[int, msgspec.Meta(ge=0, le=INSTANT_MS_MAX)]

    @property
    def root(self) -> RootKeys:
        """The root's public pair."""
        return RootKeys(self.ed25519, self.mldsa)

    def find_links(self, realm: Realm) -> CardLinks | None:
        """Return the links in a realm, if the card has them."""
        return next((links for links in self.links if links.realm == realm), None)


class _Form(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    body: bytes
    ed25519: Annotated[bytes, msgspec.Meta(min_length=64, max_length=64)]
    mldsa: Annotated[bytes, msgspec.Meta(min_length=MLDSA_SIGNATURE_SIZE, max_length=MLDSA_SIGNATURE_SIZE)]


_FORM: Final = Decoder(_Form, size_max=2 * STATEMENT_SIZE_BYTES_MAX, code="card.malformed")
_BODY: Final = Decoder(Card, size_max=2 * STATEMENT_SIZE_BYTES_MAX, code="card.malformed")


def sign_card(card: Card, root: RootSecret, *, suite: Suite, ceremony: Ceremony) -> bytes:
    """Sign a card in a root ceremony and return the bytes of its file."""
    body = encode(card)
    return encode(
        _Form(
            body,
            suite.sign(secret=root.ed25519, message=label("card") + body),
            ceremony.sign_mldsa(secret=root.mldsa, message=body, context=CARD_CONTEXT),
        )
    )


def parse_card(raw: bytes, suite: Suite) -> Card:
    """Parse a card and check that the root in it signed it.

    Raises:
        RemoteError: `card.malformed`, `card.signature`, `bytes.too-large`, `bytes.not-canonical`.
    """
    form = _FORM.decode(raw)
    card = _BODY.decode(form.body)
    if not is_party(card.party) or not all(is_realm(links.realm) for links in card.links):
        raise RemoteError("card.malformed", evidence=raw)
    is_signed = suite.verify(
        public=card.ed25519, message=label("card") + form.body, signature=form.ed25519
    ) and suite.verify_mldsa(public=card.mldsa, message=form.body, signature=form.mldsa, context=CARD_CONTEXT)
    if not is_signed:
        raise RemoteError("card.signature", evidence=raw)
    return card


def find_fingerprint(root: RootKeys, suite: Suite) -> bytes:
    """Return the 16 bytes that both sides read aloud as words."""
    return root.find_digest(suite)[:FINGERPRINT_SIZE]
