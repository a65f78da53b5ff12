"""Epoch keys of the own journals: when a new one is begun, and for whom an old one is wrapped again (S4, S14, S15).

- Each UTC day has its epoch. A journal that was used gets the next day's some minutes before midnight, so that its
  first word of the day waits for nothing; a key page of those minutes begins the coming day's epoch.
- A reader whose key changed is given a new epoch before anything more is said.
- A reader of the audience who asks gets an epoch once more, under the newest keys; nobody else gets anything.
"""

from contextlib import suppress

from comity.base.errors import RemoteError
from comity.base.instants import Instant
from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.journal.epoch_day import find_next_epoch_at
from comity.journal.header import Kind, Page
from comity.journal.keypage import find_key_id, parse_key_body, split_wraps
from comity.journal.keyring import Keyring
from comity.journal.ledger import Ledger
from comity.journal.readers import ReaderKeys, find_reader_keys, find_readers, list_known_readers
from comity.machine.effect import Wrap
from comity.machine.input import Wrapped
from comity.machine.outgoing import OwnJournal
from comity.machine.step import Step
from comity.procedure.genesis import KeysRequested
from comity.procedure.stated import Stated

__all__ = ["Wrapping"]


class Wrapping:
    """Asks for wraps, at most one of a journal at a time."""

    def __init__(self, ledger: Ledger, keyring: Keyring, suite: Suite) -> None:
        self._ledger = ledger
        self._keyring = keyring
        self._suite = suite

    def note(self, own: OwnJournal, page: Page) -> None:
        """Take note of an own page: just written, read back or come back."""
        header = page.header
        own.is_in_use |= header.kind is Kind.ENTRIES
        if header.kind is not Kind.KEYS:
            return
        with suppress(RemoteError):  # a thief's page, whose wrap for us is bad: `statements` keeps the fault
            self._keyring.learn(page)
        wraps = frozenset((wrap.party, wrap.key_id) for wrap in parse_key_body(page).wraps)
        own.wrapped[header.epoch] = own.wrapped.get(header.epoch, frozenset()) | wraps
        if header.epoch > own.epoch:
            own.epoch, own.epoch_at, own.is_in_use = header.epoch, Instant(header.written_at), False

    def is_due(self, own: OwnJournal, at: Instant) -> bool:
        """Tell whether a wrap is to be asked for though there may be nothing to say."""
        return bool(own.requests) or (own.is_in_use and at >= find_next_epoch_at(own.epoch_at))

    def find_wake(self, own: OwnJournal) -> Instant | None:
        """Return when the next day's epoch is to be wrapped."""
        is_due = own.is_in_use and not own.is_wrapping and not own.key_bodies
        return find_next_epoch_at(own.epoch_at) if is_due else None

    def may_seal(self, own: OwnJournal) -> bool:
        """Tell whether the epoch in use may seal: it is on the chain, for every reader's newest key."""
        if not own.is_sealed:
            return True
        return own.epoch > 0 and not own.key_bodies and self._serves_all(own)

    def ask(self, own: OwnJournal, step: Step) -> None:
        """Ask for a new epoch if one is due, else for an old one that a reader asked for."""
        if not own.is_sealed or own.is_wrapping or own.key_bodies:
            return
        is_new_day = step.at >= find_next_epoch_at(own.epoch_at)
        is_wanted = bool(own.queue) or (own.is_in_use and is_new_day)
        if is_wanted and (own.epoch == 0 or is_new_day or not self._serves_all(own)):
            self._wrap(own, own.epoch + 1, step)
        while own.requests and not own.is_wrapping:
            self._wrap_again(own, min(own.requests), step)

    def _wrap(self, own: OwnJournal, epoch: int, step: Step, key: bytes = b"") -> None:
        readers = find_readers(self._ledger.trust, own.id.audience)
        if readers is not None:
            own.is_wrapping = True
            step.now.append(Wrap(own.id, epoch, readers, key))

    def _wrap_again(self, own: OwnJournal, request: tuple[int, Party], step: Step) -> None:
        """Answer one request, where the reader's newest key does not have that epoch on our chain already."""
        own.requests.discard(request)
        epoch, party = request
        newest = self._ledger.trust.find_newest(party)
        key = self._keyring.find_epoch_key(journal=own.digest, epoch=epoch)
        if newest is None or key is None or epoch not in own.wrapped:
            return
        if (party, find_key_id(self._suite, newest.receiving_key)) not in own.wrapped[epoch]:
            self._wrap(own, epoch, step, key)

    def take_request(self, own: OwnJournal, stated: Stated) -> None:
        """Take note of a reader's request for an epoch; one who is not in the audience is not heard."""
        entry = stated.entry
        if isinstance(entry, KeysRequested) and stated.author in own.id.audience and stated.author != own.id.author:
            own.requests.add((entry.epoch, stated.author))

    def take(self, own: OwnJournal, wrapped: Wrapped) -> None:
        """Put a wrapped epoch key's pages in line."""
        own.is_wrapping = False
        book = self._ledger.find_book(own.digest)
        announced = book.find_tips()[0].epochs.find(wrapped.epoch) if book else None
        if announced not in (None, wrapped.commitment) or (announced is None and wrapped.epoch <= own.epoch):
            return  # a page that announces this epoch with another key came back meanwhile
        bodies = split_wraps(epoch=wrapped.epoch, commitment=wrapped.commitment, wraps=wrapped.wraps)
        own.key_bodies.extend((wrapped.epoch, body) for body in bodies)

    def _serves_all(self, own: OwnJournal) -> bool:
        """Tell whether the epoch in use is wrapped to every reader, and open to us: a thief's need not be."""
        is_open = self._keyring.find_epoch_key(journal=own.digest, epoch=own.epoch) is not None
        return is_open and self._find_wanted(own) <= own.wrapped.get(own.epoch, frozenset())

    def _find_wanted(self, own: OwnJournal) -> ReaderKeys:
        """Return the receiving keys of all readers, by the root statements known now."""
        trust = self._ledger.trust
        if own.wanted[0] != trust.version:
            known = list_known_readers(trust, own.id.audience)
            own.wanted = (trust.version, find_reader_keys(self._suite, known))
        return own.wanted[1]
