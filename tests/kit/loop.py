"""Machines of all parties of a pact on a perfect world: every effect is carried out at once, every page delivered.

The rehearsal is the place for faults; this is the place to see one rule at a time.
"""

from collections import deque
from importlib.resources import files

from comity.base.instants import Instant
from comity.base.names import Digest, Party
from comity.crypto.suite import Ceremony, Suite
from comity.journal.identity import certify, generate_node_secrets, generate_root
from comity.journal.trust import PinnedRoot, Pins
from comity.journal.writer import sign_checkpoint, wrap_epoch_key
from comity.machine.effect import (
    Acknowledge,
    Alarm,
    Answer,
    Commit,
    Effect,
    Fetch,
    Publish,
    SignCheckpoint,
    Wake,
    Wrap,
)
from comity.machine.input import (
    Arrived,
    CheckpointSigned,
    Committed,
    FetchEnded,
    Input,
    Published,
    Say,
    Ticked,
    Wrapped,
)
from comity.machine.machine import Machine, Setup
from comity.pact.parse import parse_pact
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.officer import Capacity
from comity.rehearsal.standin import StandInCeremony, StandInSuite
from kit.offices import without_offices

NOON = Instant(1_702_900_800_000)
"""2023-12-18T12:00Z."""
REALM = "exercise/kit"


def read_profile(name: str, *, has_offices: bool = False) -> bytes:
    """The bytes of a profile that ships, without its officers unless they are asked for (`kit.offices`)."""
    raw = (files("comity.pact") / "profiles" / f"{name}.toml").read_bytes()
    return raw if has_offices else without_offices(raw)


class Loop:
    """A pact's parties, wired to each other without faults. `cut` links deliver nothing."""

    def __init__(
        self,
        profile: str = "camp-david",
        *,
        has_offices: bool = False,
        suite: Suite | None = None,
        ceremony: Ceremony | None = None,
    ) -> None:
        self.suite: Suite = suite or StandInSuite()
        self.ceremony: Ceremony = ceremony or StandInCeremony(b"loop")
        raw = read_profile(profile, has_offices=has_offices)
        self.pact = parse_pact(raw)
        digest = Digest(self.suite.hash(raw))
        self.roots = roots = {party: generate_root(self.ceremony) for party in self.pact.audience}
        pinned = {party: PinnedRoot(root.find_public(self.suite), bytes(32)) for party, root in roots.items()}
        self.pins = Pins(digest, REALM, pinned)
        self.now = NOON
        self.machines: dict[Party, Machine] = {}
        self.stored: dict[Party, list[bytes]] = {party: [] for party in roots}
        self.answers: dict[int, Answer] = {}
        self.alarms: list[tuple[Party, Alarm]] = []
        self.acknowledged: list[tuple[Party, int]] = []
        self.cut: set[frozenset[Party]] = set()
        self._wakes: dict[Party, Instant] = {}
        self._queue: deque[tuple[Party, Effect]] = deque()
        self._command = 0
        for party, root in roots.items():
            secrets = generate_node_secrets(self.ceremony, incarnation=0)
            recovery = self.ceremony.generate_receiving()
            certificate = certify(
                secrets,
                recovery_public=self.suite.public_of_receiving(recovery),
                lineage=digest,
                realm=REALM,
                party=party,
                root=root,
                issued_at=NOON,
                suite=self.suite,
                ceremony=self.ceremony,
            )
            setup = Setup(
                party=party,
                pact=self.pact,
                pact_digest=digest,
                pins=self.pins,
                secrets=secrets,
                certificate=certificate,
                receiving_secrets=(secrets.receiving,),
                suite=self.suite,
            )
            self.machines[party] = Machine(setup)
            self.secrets = secrets
        self._checkpoints = {party: machine.setup.secrets.checkpoint for party, machine in self.machines.items()}

    def be_born(self) -> None:
        """All parties accept the pact and hear of each other."""
        for party, machine in self.machines.items():
            self._take(party, machine.be_born(self.now, self._salt()))
        self.run()

    def say(
        self,
        party: Party,
        *entries: Entry,
        to: tuple[Party, ...] | None = None,
        by: tuple[tuple[Capacity, ...], ...] = (),
    ) -> Answer:
        """State entries and run until nothing moves; return the answer. `by` are the officers who act."""
        self._command += 1
        command = self._command
        audience = tuple(sorted({party, *(to if to is not None else self.pact.audience)}))
        self.give(party, Say(self.now, self._salt(), command, audience, entries, by=by))
        self.run()
        return self.answers[command]

    def give(self, party: Party, given: Input) -> None:
        """Hand one input to one machine."""
        self._take(party, self.machines[party].handle(given))

    def run(self) -> None:
        """Carry out effects until none is left."""
        while self._queue:
            party, effect = self._queue.popleft()
            self._carry_out(party, effect)

    def advance(self, until: Instant) -> None:
        """Let time pass, waking machines when they asked for it."""
        while True:
            due = sorted((at, party) for party, at in self._wakes.items() if at <= until)
            if not due:
                break
            at, party = due[0]
            del self._wakes[party]
            self.now = Instant(max(self.now, at))
            self.give(party, Ticked(self.now, self._salt()))
            self.run()
        self.now = until

    def settle(self, span_ms: int = 20_000) -> None:
        """Let receipts and refills happen."""
        self.advance(Instant(self.now + span_ms))

    def _take(self, party: Party, effects: tuple[Effect, ...]) -> None:
        self._queue.extend((party, effect) for effect in effects)

    def _salt(self) -> bytes:
        return self.ceremony.random(32)

    def _carry_out(self, party: Party, effect: Effect) -> None:
        match effect:
            case Commit():
                self.stored[party] += [page.raw for page in effect.pages]
                self.give(party, Committed(self.now, self._salt(), effect.number))
            case Publish():
                for reader in effect.audience:
                    if reader != party and frozenset((reader, party)) not in self.cut:
                        self.give(reader, Arrived(self.now, self._salt(), effect.raw, 1))
                self.give(party, Published(self.now, self._salt(), effect.digest, is_out=True))
            case Wrap():
                key = effect.key or self._salt()
                commitment, wraps = wrap_epoch_key(
                    journal=effect.journal,
                    epoch=effect.epoch,
                    key=key,
                    readers=effect.readers,
                    suite=self.suite,
                    ceremony=self.ceremony,
                )
                journal = effect.journal.find_digest(self.suite)
                self.give(party, Wrapped(self.now, self._salt(), journal, effect.epoch, key, commitment, wraps))
            case SignCheckpoint():
                body = sign_checkpoint(
                    journal=effect.journal,
                    statement=effect.statement,
                    checkpoint_secret=self._checkpoints[party],
                    ceremony=self.ceremony,
                )
                journal = effect.journal.find_digest(self.suite)
                self.give(party, CheckpointSigned(self.now, self._salt(), journal, body))
            case Fetch():
                self._fetch(party, effect)
            case Answer():
                self.answers[effect.command] = effect
            case Alarm():
                self.alarms.append((party, effect))
            case Acknowledge():
                self.acknowledged.append((party, effect.delivery))
            case Wake():
                self._wakes[party] = min(effect.at, self._wakes.get(party, effect.at))
            case _:
                pass

    def _fetch(self, party: Party, effect: Fetch) -> None:
        is_up = frozenset((party, effect.party)) not in self.cut
        if is_up:
            book = self.machines[effect.party].ledger.find_book(effect.journal)
            held = {page.digest for page in book.pages()} if book and party in book.id.audience else set()
            for raw in list(self.stored[effect.party]):
                page_digest = self._digest(raw)
                if page_digest in held:
                    self.give(party, Arrived(self.now, self._salt(), raw))
        self.give(party, FetchEnded(self.now, self._salt(), effect.party, effect.journal, is_up))

    def _digest(self, raw: bytes) -> Digest:
        from comity.journal.header import parse_page

        return parse_page(raw, self.suite).digest


def marked(text: str, *, originator: Party, level: str, topics: tuple[str, ...]) -> MarkedText:
    """Free text with a marking, in English."""
    return MarkedText(Marking(originator, originator, level, topics, ()), (Translation("en", text),))
