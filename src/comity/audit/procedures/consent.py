"""Detached consents: which were given, which still run, and which were taken back (R25, R26, R58)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from comity.audit.digest import label
from comity.audit.form import Shape
from comity.audit.procedures.forms import At, Entry, Party
from comity.audit.procedures.forms_release import (
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ItemPassedOn,
    PassedOn,
    RecallRequested,
    SignedConsent,
)
from comity.audit.procedures.said import Said
from comity.base.encoding import Decoder
from comity.base.errors import RemoteError
from comity.base.limits import CONSENT_SIZE_BYTES_MAX
from comity.base.names import Bytes32, is_realm
from comity.crypto.suite import Suite

__all__ = ["Consent", "Consents", "is_ended_by"]

_LABEL: Final = label("consent")
_Wanted = tuple[Party, bytes, Party, Party]
"""Originator, item, holder, recipient."""


class Consent(Shape, frozen=True):
    """R25."""

    lineage: Bytes32
    realm: str
    originator: Party
    item: Bytes32
    holder: Party
    recipient: Party
    given_at: At
    expires_at: At


_DECODER: Final = Decoder(Consent, size_max=CONSENT_SIZE_BYTES_MAX, code="consent.malformed")


class Consents:
    """Answers whether an originator's consent ran, by those statements that somebody knew."""

    def __init__(
        self,
        statements: Iterable[Said],
        *,
        lineage: bytes,
        realm: str,
        node_keys: Mapping[Party, Sequence[bytes]],
        valid_ms_max: int,
        suite: Suite,
    ) -> None:
        self._lineage = lineage
        self._realm = realm
        self._node_keys = node_keys
        self._valid_ms_max = valid_ms_max
        self._suite = suite
        self._ends: dict[tuple[bytes, Party, Party], list[Said]] = {}
        """By item, originator and recipient; under no recipient what ends those to whomever."""
        self._carriers: dict[_Wanted, list[tuple[Said, SignedConsent]]] = {}
        """By what each consent says, believed or not: who gave or enclosed it."""
        for said in statements:
            entry = said.entry
            if isinstance(entry, ConsentRefused | ConsentWithdrawn):
                self._ends.setdefault((entry.item, said.author, entry.recipient), []).append(said)
            elif isinstance(entry, RecallRequested):
                self._ends.setdefault((entry.item, said.author, ""), []).append(said)
            elif isinstance(entry, ConsentGiven | PassedOn | ItemPassedOn):
                for signed in (entry.signed,) if isinstance(entry, ConsentGiven) else entry.consents:
                    consent = _decode(signed)
                    if consent is not None and consent.item == entry.item:  # R26
                        self._carriers.setdefault(_want(consent), []).append((said, signed))
        self._read: dict[SignedConsent, Consent | None] = {}

    def runs(
        self,
        item: bytes,
        *,
        originator: Party,
        holder: Party,
        recipient: Party,
        at: int,
        knows: Callable[[Said], bool],
    ) -> bool:
        """Tell whether a consent to this item, holder and recipient runs at an instant (R25, R26)."""
        wanted = (originator, item, holder, recipient)
        ends = [
            said
            for to in (recipient, "")
            for said in self._ends.get((item, originator, to), ())
            if holder in said.audience and knows(said)
        ]
        return any(
            knows(said) and _counts(said, originator, ends) and self._runs(signed, at)
            for said, signed in self._carriers.get(wanted, ())
        )

    def _runs(self, signed: SignedConsent, at: int) -> bool:
        consent = self._find(signed)
        return consent is not None and at < min(consent.expires_at, consent.given_at + self._valid_ms_max)

    def _find(self, signed: SignedConsent) -> Consent | None:
        """Read a consent of this pact and realm, signed by a node key certified for its originator."""
        if signed not in self._read:
            self._read[signed] = self._check(signed)
        return self._read[signed]

    def _check(self, signed: SignedConsent) -> Consent | None:
        consent = _decode(signed)
        if (
            consent is None
            or not is_realm(consent.realm)
            or (consent.lineage, consent.realm) != (self._lineage, self._realm)
        ):
            return None
        message = _LABEL + signed.consent
        return consent if any(self._verifies(key, message, signed) for key in self._keys(consent)) else None

    def _keys(self, consent: Consent) -> Sequence[bytes]:
        return self._node_keys.get(consent.originator, ())

    def _verifies(self, key: bytes, message: bytes, signed: SignedConsent) -> bool:
        try:
            return self._suite.verify(public=key, message=message, signature=signed.signature)
        except RemoteError:  # the root certified bytes that are no key
            return False


def _decode(signed: SignedConsent) -> Consent | None:
    """Return what a consent says, whoever signed it; None where it is none."""
    try:
        return _DECODER.decode(signed.consent)
    except RemoteError:
        return None


def _want(consent: Consent) -> _Wanted:
    return consent.originator, consent.item, consent.holder, consent.recipient


def _counts(said: Said, originator: Party, ends: Sequence[Said]) -> bool:
    """Tell whether who gave or enclosed a consent could, and nothing ended it since (R26)."""
    if isinstance(said.entry, ConsentGiven):
        return said.author == originator and said.is_good and all(_is_later(said, end) for end in ends)
    return not ends


def is_ended_by(entry: Entry, recipient: Party) -> bool:
    """Tell whether an entry of an originator ends its consents to a recipient: a recall does to every one (R58)."""
    if isinstance(entry, ConsentRefused | ConsentWithdrawn):
        return entry.recipient == recipient
    return isinstance(entry, RecallRequested)


def _is_later(given: Said, end: Said) -> bool:
    """Tell whether an originator gave a consent later in its order to the readers to whom it ended one (P2)."""
    return given.audience == end.audience and given.place > end.place
