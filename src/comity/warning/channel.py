"""The warning feed of one party, without I/O: blocks in and pages out, pages in and blocks out (W20 to W31).

A driver (the node's warning process, a bench, a test) calls one method at a time and carries out what comes back:
- `take_wishes`: epoch keys to be drawn and wrapped, answered by `take_wrapped`;
- `write`: own pages to be stored, put into their streams, and reported by `note_out`, in this order;
- `take`: what became of a page that came.

It keeps no clock and draws nothing: the instant and 32 fresh random bytes come with each call that needs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from comity.base.instants import Instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.label import label
from comity.crypto.suite import Suite
from comity.journal.building import Signer
from comity.journal.header import Feed, JournalId, Page
from comity.journal.identity import NodeSecrets
from comity.journal.keypage import Wrap
from comity.journal.keyring import Keyring
from comity.journal.readers import ReaderKeys, find_reader_keys, find_readers, list_known_readers
from comity.journal.trust import Trust
from comity.warning.coarsen import coarsen_block
from comity.warning.effect import Anchor, Gap, PageOut, Taken, WrapWish
from comity.warning.intake import Intake
from comity.warning.outlet import Outlet
from comity.warning.rows import Block
from comity.warning.telling import Releases

__all__ = ["Channel", "ChannelSettings"]


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """Whose feed it is, in which pact and realm, under which key."""

    lineage: bytes
    realm: str
    party: Party
    secrets: NodeSecrets
    closures: Mapping[Audience, bytes] = field(default_factory=dict)
    """The root's closures of what earlier incarnations said here, by readers (W76)."""


class Channel:
    """Both directions of one party's warning feed."""

    def __init__(
        self, settings: ChannelSettings, *, trust: Trust, receiving_secrets: tuple[bytes, ...], suite: Suite
    ) -> None:
        self._settings = settings
        self._suite = suite
        self._trust = trust
        self._keyring = Keyring(settings.party, receiving_secrets, suite)
        self._signer = Signer(settings.secrets.node, suite)
        self._outlets: dict[Audience, Outlet] = {}
        self._releases: Releases | None = None
        self._wanted: dict[Audience, ReaderKeys] = {}
        self._wanted_version = -1
        self.intake = Intake(settings.party, trust=trust, keyring=self._keyring, suite=suite)

    def set_releases(self, releases: Releases) -> None:
        """Tell from now on as these releases say; what waits and may not be told any more is let go of (R1, W21)."""
        self._releases = releases
        for audience in self._settings.closures:
            self._get_outlet(audience)
        for audience, outlet in self._outlets.items():
            outlet.waiting.keep(lambda lane, audience=audience: releases.may_tell(audience, *lane))  # type: ignore[misc]

    def restore(self, page: Page, *, at: Instant) -> None:
        """Take note of a page that is stored, read back at a start: key pages and the last of each journal, ascending.

        Of others' nothing is told again; what their journals' keys are, and how far they went, is known again.
        """
        journal = page.header.journal
        if journal.author != self._settings.party:
            self.intake.restore(page, at)
        elif journal.incarnation == self._settings.secrets.incarnation:
            self._get_outlet(journal.audience).restore(page)

    def lacks(self, page: Page) -> bool:
        """Tell whether an own page lies beyond what is known here; another in the place of the tip closes it."""
        if page.header.journal.incarnation != self._settings.secrets.incarnation:
            return False
        outlet = self._get_outlet(page.header.journal.audience)
        if page.header.number >= outlet.next_number:
            return True
        outlet.check_known(page.header.number, page.digest)
        return False

    def close(self, audience: Audience) -> None:
        """Write nothing more in a journal: somebody else writes in it (T19)."""
        self._get_outlet(audience).is_behind = True

    def check_anchor(self, anchor: Anchor) -> bool:
        """Hold an own anchor of the record against what is known here; one that lies beyond it closes its journal."""
        if anchor.incarnation != self._settings.secrets.incarnation:
            return True
        return self._get_outlet(anchor.audience).check_known(anchor.number, anchor.page)

    def say(self, block: Block, *, at: Instant) -> int:
        """Put a block of ours in line for everybody who may have it; return in how many journals."""
        assert self._releases is not None, "the release comes first"
        assert block.coarsening is None, "what is said is what is known"
        tellings = self._releases.find_tellings(block.class_)
        for telling in tellings:
            told = coarsen_block(block, telling.terms)
            latest_at = min(int(block.rows["at"].max()), at) if telling.terms.delay_ms else at
            ready_at = Instant(latest_at + telling.terms.delay_ms) if telling.terms.delay_ms else at
            self._get_outlet(telling.audience).waiting.put(told, ready_at=ready_at)
        return len(tellings)

    def take_wishes(self, at: Instant) -> tuple[WrapWish, ...]:
        """Return the epochs that are to be begun, each once."""
        wishes = []
        for outlet in self._outlets.values():
            if not outlet.needs_epoch(at, self._find_wanted(outlet.id.audience)):
                continue
            readers = find_readers(self._trust, outlet.id.audience)
            if readers is not None:
                outlet.is_wrapping = True
                wishes.append(WrapWish(outlet.id, outlet.epoch + 1, readers))
        return tuple(wishes)

    def take_wrapped(self, wish: WrapWish, *, key: bytes, commitment: Digest, wraps: tuple[Wrap, ...]) -> None:
        """Take the answer to a wish."""
        meant_for = find_reader_keys(self._suite, wish.readers)
        self._outlets[wish.journal.audience].take_wrapped(
            epoch=wish.epoch, key=key, commitment=commitment, wraps=wraps, meant_for=meant_for
        )

    def write(self, at: Instant, *, salt: bytes) -> tuple[PageOut, ...]:
        """Build a page of every journal that has something to say and none in flight."""
        assert self._releases is not None, "the release comes first"
        written = []
        for audience, outlet in self._outlets.items():
            own_salt = self._suite.expand(salt, label("warning-salt") + outlet.digest)
            wanted = self._find_wanted(audience)
            page = outlet.write(at, salt=own_salt, pact=self._releases.pact, wanted=wanted)
            if page is not None:
                written.append(page)
        return tuple(written)

    def note_out(self, page: PageOut) -> None:
        """Take note that a page is stored and in its stream."""
        self._outlets[page.journal.audience].note_out(page.digest)

    def find_wake(self) -> Instant | None:
        """Return when something that waits may go, of the journals that have no page in flight."""
        waiting = [outlet.waiting.find_ready_at() for outlet in self._outlets.values() if not outlet.is_in_flight]
        return min((at for at in waiting if at is not None), default=None)

    def take(self, raw: bytes, at: Instant) -> Taken:
        """Judge a page of another party that came, and read it."""
        return self.intake.take(raw, at)

    def take_page(self, page: Page, at: Instant) -> Taken:
        """Judge a page of another party that came and was parsed, and read it."""
        return self.intake.take_page(page, at)

    def give_up(self, at: Instant) -> tuple[Gap, ...]:
        """Return the pages that are not waited for any more."""
        return self.intake.give_up(at)

    def find_audiences(self, releases: Releases) -> tuple[Audience, ...]:
        """Return the readers of every own journal that may be written: those told something, and of closed ones."""
        return tuple(sorted({*releases.find_audiences(), *self._settings.closures}))

    def find_anchors(self) -> tuple[Anchor, ...]:
        """Return the last page of every own journal that is out."""
        return tuple(outlet.out for outlet in self.outlets() if outlet.out is not None)

    def outlets(self) -> tuple[Outlet, ...]:
        """Return the own journals, in a fixed order."""
        return tuple(self._outlets[audience] for audience in sorted(self._outlets))

    def _get_outlet(self, audience: Audience) -> Outlet:
        outlet = self._outlets.get(audience)
        if outlet is None:
            settings = self._settings
            incarnation = settings.secrets.incarnation
            id_ = JournalId(settings.lineage, settings.realm, Feed.WARNING, settings.party, audience, incarnation)
            closure = settings.closures.get(audience)
            outlet = Outlet(id_, signer=self._signer, keyring=self._keyring, closure=closure)
            self._outlets[audience] = outlet
        return outlet

    def _find_wanted(self, audience: Audience) -> ReaderKeys:
        """Return the receiving keys of all readers, by the root statements known now."""
        if self._wanted_version != self._trust.version:
            self._wanted, self._wanted_version = {}, self._trust.version
        if audience not in self._wanted:
            self._wanted[audience] = find_reader_keys(self._suite, list_known_readers(self._trust, audience))
        return self._wanted[audience]
