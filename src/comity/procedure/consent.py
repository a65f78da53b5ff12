"""A detached consent: its originator's signature under "this item, from this holder, to that recipient, until then".

It travels apart from any page, because the recipient may not see the page in which the holder received it. Whoever
passes an item on encloses the consent, and the recipient checks it without asking anybody (docs/spec/release.md, R25).
"""

import functools
from collections.abc import Callable, Sequence
from typing import Annotated, Final

import msgspec

from comity.base.encoding import Decoder, encode
from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.limits import CONSENT_SIZE_BYTES_MAX, REALM_NAME_SIZE_MAX
from comity.base.names import Bytes32, Party, Realm
from comity.crypto.label import label
from comity.crypto.suite import ED25519_SIGNATURE_SIZE, Suite
from comity.procedure.entry import InstantField
from comity.procedure.fields import PartyField

__all__ = ["Consent", "ConsentCheck", "KeysOf", "SignedConsent", "check_consent", "make_consent_check", "sign_consent"]

SignatureField = Annotated[bytes, msgspec.Meta(min_length=ED25519_SIGNATURE_SIZE, max_length=ED25519_SIGNATURE_SIZE)]
KeysOf = Callable[[Party], Sequence[bytes]]
"""The Ed25519 node keys for which the party's root vouches in this realm; empty for a stranger."""


class Consent(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`originator` lets `holder` pass `item` to `recipient` until just before `expires_at`."""

    lineage: Bytes32
    realm: Annotated[str, msgspec.Meta(max_length=REALM_NAME_SIZE_MAX)]
    originator: PartyField
    item: Bytes32
    holder: PartyField
    recipient: PartyField
    given_at: InstantField
    expires_at: InstantField


class SignedConsent(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """The bytes of a consent and an Ed25519 signature over them by a node key of its originator."""

    consent: Annotated[bytes, msgspec.Meta(max_length=CONSENT_SIZE_BYTES_MAX)]
    signature: SignatureField


ConsentCheck = Callable[[SignedConsent], Consent | None]
"""Gives the consent if it is authentic for this pact and realm, else None."""

KEPT_COUNT_MAX: Final = 4096
_CONSENT: Final = Decoder(Consent, size_max=CONSENT_SIZE_BYTES_MAX, code="consent.malformed")


def sign_consent(suite: Suite, consent: Consent, *, secret: bytes) -> SignedConsent:
    """Sign with the originator's node key, seed `secret`."""
    raw = encode(consent)
    return SignedConsent(raw, suite.sign(secret=secret, message=label("consent") + raw))


def check_consent(suite: Suite, signed: SignedConsent, *, keys_of: KeysOf, lineage: bytes, realm: Realm) -> Consent:
    """Return what was consented to, once everything about its origin is verified. Whether it still runs is not asked.

    Raises:
        RemoteError: `consent.malformed`, `consent.other-pact`, `consent.signature`.
    """
    consent = _CONSENT.decode(signed.consent)
    if (consent.lineage, consent.realm) != (lineage, realm):
        raise RemoteError("consent.other-pact", evidence=signed.consent)
    message = label("consent") + signed.consent
    keys = keys_of(consent.originator)
    if not any(suite.verify(public=key, message=message, signature=signed.signature) for key in keys):
        raise RemoteError("consent.signature", evidence=signed.consent)
    return consent


def make_consent_check(suite: Suite, *, keys_of: KeysOf, lineage: bytes, realm: Realm) -> ConsentCheck:
    """Return the check that folds use: a forged consent is none, and never stops a fold.

    Every sending asks about the same consents again, so what came of one under the same keys is kept.
    """

    @functools.lru_cache(maxsize=KEPT_COUNT_MAX)
    def check(signed: SignedConsent, keys: tuple[bytes, ...]) -> Consent | None:
        try:
            return check_consent(suite, signed, keys_of=lambda _: keys, lineage=lineage, realm=realm)
        except RemoteError:
            return None

    def find_consent(signed: SignedConsent) -> Consent | None:
        try:
            originator = _CONSENT.decode(signed.consent).originator
        except RemoteError:
            return None
        return check(signed, tuple(keys_of(originator)))

    return find_consent


def is_running(consent: Consent, *, as_of: Instant, valid_ms_max: int) -> bool:
    """Tell whether the consent may still be used: until its own expiry or the pact's longest term, the earlier.

    That it was given after `as_of` does not matter: clocks of two parties differ, and the signature is what counts.
    """
    return as_of < min(consent.expires_at, consent.given_at + valid_ms_max)
