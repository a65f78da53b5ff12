"""What one reader can open: its receiving secrets, and the epoch keys it got by them (docs/spec/sealing.md, S9).

Retired receiving secrets stay: this is a record, without forward secrecy (S12).
"""

from collections.abc import Callable

from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.suite import Suite
from comity.journal.header import Kind, Page
from comity.journal.keypage import find_commitment, find_key_id, find_wrap_info, parse_key_body
from comity.journal.seal import Opened, open_page

__all__ = ["Keyring"]


class Keyring:
    """The keys of one reader. A liar's branches may have a key each for one epoch; all are kept, by commitment."""

    def __init__(self, party: Party, receiving_secrets: tuple[bytes, ...], suite: Suite) -> None:
        self._party = party
        self._suite = suite
        self._secrets = {find_key_id(suite, suite.public_of_receiving(secret)): secret for secret in receiving_secrets}
        self._keys: dict[tuple[Digest, int], dict[Digest, bytes]] = {}
        self.open_page: Callable[[Suite, Page, bytes], Opened] = open_page
        """How a page is opened: a rehearsal, whose parties share keys and pages, opens each only once."""

    def add_epoch_key(self, *, journal: Digest, epoch: int, key: bytes) -> None:
        """Keep an epoch key of an own journal, or one that was disclosed."""
        commitment = find_commitment(self._suite, journal=journal, epoch=epoch, key=key)
        self._keys.setdefault((journal, epoch), {})[commitment] = key

    def find_epoch_key(self, *, journal: Digest, epoch: int) -> bytes | None:
        """Return the epoch key, if this reader has it; of several, the first of a fixed order."""
        keys = self._find_keys(journal, epoch)
        return keys[0] if keys else None

    def _find_keys(self, journal: Digest, epoch: int) -> tuple[bytes, ...]:
        held = self._keys.get((journal, epoch), {})
        return tuple(held[commitment] for commitment in sorted(held))

    def learn(self, page: Page) -> bool:
        """Unwrap the epoch key of an accepted key page, if a wrap is for us; return whether the key is new.

        Raises:
            RemoteError: `key.not-unwrapped` or `key.commitment` for the first wrap for us that is bad, if none is
                good; the page is evidence against its author.
        """
        assert page.header.kind is Kind.KEYS
        body, journal = parse_key_body(page), page.header.journal
        held = self._keys.get((page.journal, body.epoch), {})
        if body.commitment in held:
            return False
        info = find_wrap_info(journal=journal, epoch=body.epoch, commitment=body.commitment, party=self._party)
        fault = ""
        for wrap in body.wraps:
            secret = self._secrets.get(Digest(wrap.key_id))
            if secret is None or wrap.party != self._party:
                continue
            key = self._suite.unwrap(secret=secret, sealed=wrap.wrapped, info=info)
            if key is None:
                fault = fault or "key.not-unwrapped"
            elif find_commitment(self._suite, journal=page.journal, epoch=body.epoch, key=key) != body.commitment:
                fault = fault or "key.commitment"
            else:
                self.add_epoch_key(journal=page.journal, epoch=body.epoch, key=key)
                return True
        if fault:
            raise RemoteError(fault, evidence=page.raw, epoch=body.epoch)
        return False

    def open(self, page: Page, *, commitment: bytes | None = None) -> Opened:
        """Open an accepted page of kind 0 or 2.

        Args:
            page: the page.
            commitment: to the epoch key, as the page's own chain announced it (`Placed.epochs`): a liar's branches may
                have a key each, and of them no other is tried (S5). None where the chain is not at hand: any of the
                epoch will do.

        Raises:
            RemoteError: `page.no-key` (ask for the key to be wrapped again), `page.not-opened`, `page.entries-root`.
        """
        if page.header.kind is Kind.OPEN:
            return self.open_page(self._suite, page, b"")
        keys = self._find_keys(page.journal, page.header.epoch)
        if commitment is not None:
            keys = tuple(filter(None, [self._keys.get((page.journal, page.header.epoch), {}).get(Digest(commitment))]))
        if not keys:
            raise RemoteError("page.no-key", epoch=page.header.epoch, number=page.header.number)
        for key in keys[:-1]:
            # The entries root lets at most one key through (S6), so which is tried first does not matter.
            try:
                return self.open_page(self._suite, page, key)
            except RemoteError:
                continue
        return self.open_page(self._suite, page, keys[-1])
