"""Amendments of the four ports' compact, and machines that come to hold them: as a home does, at its next start."""

import dataclasses
from collections.abc import Callable, Iterable

from comity.base.names import Party
from comity.crypto.suite import Suite
from comity.journal.header import parse_page
from comity.journal.identity import certify, generate_node_secrets, generate_root
from comity.journal.trust import PinnedRoot
from comity.machine.effect import Answer, Effect, Fetch, Publish
from comity.machine.input import Arrived, FetchEnded, Published, Ticked
from comity.machine.machine import Machine, Setup
from comity.pact.amend import amend_pact
from comity.pact.lineage import Version
from comity.pact.parse import pact_digest, parse_pact
from comity.procedure.entry import Entry
from kit.loop import NOON, REALM, Loop, read_profile

PROFILE = "harbour-aid"
FOUNDERS: tuple[Party, ...] = ("PORT-A", "PORT-B", "PORT-C", "PORT-D")
FIVE: tuple[Party, ...] = (*FOUNDERS, "PORT-E")
THREE: tuple[Party, ...] = FOUNDERS[:3]

_PORT_E = """
[[party]]
id = "PORT-E"
languages = ["en"]
name = { en = "Port E" }
short = { en = "E" }
zone = { name = "E", offset_minutes = 0, letters = "UTC+0" }

[[scheme]]
party = "PORT-E"
level = [
    { id = "E-OPEN", rank = 0, local = "OPEN", romanised = "OPEN", language = "en", confidence = "OK" },
    { id = "E-STAFF", rank = 10, local = "STAFF", romanised = "STAFF", language = "en", confidence = "OK", unmatched = true },
]
"""  # noqa: E501 -- a row of a table

Edit = Callable[[str], str]


def set_number(key: str, value: int) -> Edit:
    """Set the value of a key that stands on one line of the profile, `within_ms` of a table for example."""
    table, name = key.rsplit(".", 1)

    def edit(text: str) -> str:
        head, mark, rest = text.partition(f"[{table}]\n")
        lines = rest.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(f"{name} ="))
        lines[at] = f"{name} = {value}"
        return head + mark + "\n".join(lines)

    return edit


def add_port_e(text: str) -> str:
    """Let a fifth port join."""
    text = text.replace('[[source]]\nid = "invented"', _PORT_E + '\n[[source]]\nid = "invented"', 1)
    text = text.replace('"C-OPEN", "D-OPEN"]', '"C-OPEN", "D-OPEN", "E-OPEN"]')
    return text.replace('"PORT-C", "PORT-D"]', '"PORT-C", "PORT-D", "PORT-E"]')


def remove_port_d(text: str) -> str:
    """Leave the fourth port out."""
    for begins, ends in (
        ('[[party]]\nid = "PORT-D"', '[[source]]\nid = "invented"'),
        ('[[scheme]]\nparty = "PORT-D"', '[[equivalence]]\nid = "equivalence.open"'),
    ):
        before, rest = text.split(begins, 1)
        joined = _PORT_E if '"PORT-E"' in rest.split(ends, 1)[0] else ""
        text = before + joined + ends + rest.split(ends, 1)[1]
    return text.replace(', "D-OPEN"', "").replace(', "PORT-D"', "")


def add_notice(days: int) -> Edit:
    """Have the pact say how long before it leaves a party gives notice."""
    return lambda text: (
        text + (f'\n[withdrawal]\nid = "leaving"\nnotice_days = {days}\nsources = ["invented"]\nconfidence = "OK"\n')
    )


@dataclasses.dataclass(frozen=True)
class Written:
    """A version with the bytes of its file."""

    raw: bytes
    version: Version

    @classmethod
    def read(cls, raw: bytes, suite: Suite) -> "Written":
        """Take a file for the version that it is."""
        return cls(raw, Version(parse_pact(raw), pact_digest(raw, suite)))

    def amend(self, suite: Suite, *edits: Edit) -> "Written":
        """The version after this one, by these edits of its text."""
        text = self.raw.decode()
        for edit in edits:
            text = edit(text)
        return Written.read(amend_pact(text.encode(), before=self.version, roots={}, suite=suite), suite)


class Ports(Loop):
    """The four ports on a perfect world; `hold` gives some of them another version, at a new start."""

    def __init__(self, *, has_offices: bool = False) -> None:
        super().__init__(PROFILE, has_offices=has_offices)
        self.late_root = generate_root(self.ceremony)
        """Of the port that may join."""
        late = PinnedRoot(self.late_root.find_public(self.suite), bytes(32))
        self.pins = dataclasses.replace(self.pins, roots={**self.pins.roots, "PORT-E": late})
        self.first = Written.read(read_profile(PROFILE, has_offices=has_offices), self.suite)
        self.held: dict[Party, tuple[Version, ...]] = dict.fromkeys(self.machines, ())
        self.setups: dict[Party, Setup] = {}
        for party, machine in self.machines.items():
            pins = dataclasses.replace(machine.setup.pins, versions=frozenset({self.first.version.digest}))
            self.setups[party] = dataclasses.replace(machine.setup, pins=pins)
            self.machines[party] = Machine(self.setups[party])

    def _carry_out(self, party: Party, effect: Effect) -> None:
        """Deliver a page to those who pull its stream: who holds no version with that circle does not."""
        match effect:
            case Publish():
                for reader in effect.audience:
                    if self._is_pulled(party, effect, reader):
                        self.give(reader, Arrived(self.now, self._salt(), effect.raw, 1))
                self.give(party, Published(self.now, self._salt(), effect.digest, is_out=True))
            case Fetch() if effect.party not in self.machines:
                self.give(party, FetchEnded(self.now, self._salt(), effect.party, effect.journal, is_answered=False))
            case _:
                super()._carry_out(party, effect)

    def _is_pulled(self, author: Party, published: Publish, reader: Party) -> bool:
        if reader == author or reader not in self.machines or frozenset((reader, author)) in self.cut:
            return False
        return (author, published.feed, published.audience) in self.machines[reader].find_followed()

    def hold(self, written: Written, *parties: Party) -> None:
        """Have these parties hold one more version, and accept it where they are party to it; the last are new."""
        for party in parties:
            if party not in self.setups:
                self._join(party, written)
        for party in parties:
            self.held[party] = (*self.held.get(party, ()), written.version)
            self.restart(party)
        self.run()

    def restart(self, party: Party) -> None:
        """Start a party's node anew over what it stored."""
        setup = self.setups[party]
        pins = dataclasses.replace(
            self.pins, versions=frozenset(version.digest for version in (self.first.version, *self.held[party]))
        )
        named = {name for version in (self.first.version, *self.held[party]) for name in version.audience}
        pins = dataclasses.replace(pins, roots={name: self.pins.roots[name] for name in sorted(named)})
        self.setups[party] = dataclasses.replace(setup, pins=pins, versions=self.held[party])
        machine = Machine(self.setups[party])
        machine.restore(self.stored[party])
        self.machines[party] = machine
        self.give(party, Ticked(self.now, self._salt()))
        self.run()
        self.fetch_streams(party)

    def fetch_streams(self, party: Party) -> None:
        """Pull what others published to this party before it was here: streams begin at their first page."""
        for other in self.machines:
            if other == party or frozenset((other, party)) in self.cut:
                continue
            followed = {key[1:] for key in self.machines[party].find_followed() if key[0] == other}
            for raw in list(self.stored[other]):
                journal = parse_page(raw, self.suite).header.journal
                if journal.author == other and (journal.feed, journal.audience) in followed:
                    self.give(party, Arrived(self.now, self._salt(), raw, 1))
        self.run()

    def _join(self, party: Party, written: Written) -> None:
        secrets = generate_node_secrets(self.ceremony, incarnation=0)
        certificate = certify(
            secrets,
            recovery_public=self.suite.public_of_receiving(self.ceremony.generate_receiving()),
            lineage=self.pins.lineage,
            realm=REALM,
            party=party,
            root=self.late_root,
            issued_at=NOON,
            suite=self.suite,
            ceremony=self.ceremony,
        )
        self.setups[party] = Setup(
            party=party,
            pact=self.pact,
            pact_digest=self.first.version.digest,
            pins=self.pins,
            secrets=secrets,
            certificate=certificate,
            receiving_secrets=(secrets.receiving,),
            suite=self.suite,
        )
        self.stored[party] = []
        self._checkpoints[party] = secrets.checkpoint
        self.held[party] = tuple(self._find_before(written))
        assert written.version.digest not in {version.digest for version in self.held[party]}

    def _find_before(self, written: Written) -> Iterable[Version]:
        """The versions that lead to one, without the first and without it."""
        known = {version.digest: version for held in self.held.values() for version in held}
        found: list[Version] = []
        previous = bytes.fromhex(written.version.pact.identity.previous or "")
        while previous in known:
            found.insert(0, known[previous])  # type: ignore[index]
            previous = bytes.fromhex(found[0].pact.identity.previous or "")
        return found

    def tell(self, party: Party, *entries: Entry, to: tuple[Party, ...]) -> Answer:
        """State entries to an audience."""
        return self.say(party, *entries, to=to)

    def find_digests(self) -> dict[Party, str]:
        """Which version each party goes by, for whom one is in force."""
        return {
            party: machine.versions.current.digest.hex() if machine.is_in_force else ""
            for party, machine in self.machines.items()
        }
