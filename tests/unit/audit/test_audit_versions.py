"""Versions of a pact before the audit: the line, what was in force in which cut, on what each version is believed."""

from collections.abc import Iterable

import msgspec
import pytest

from comity.audit import Anchor, Pins, Record, Report, RootKeys, Severity, Version, audit
from comity.audit.procedures.force import Force
from comity.audit.procedures.forms import Entry
from comity.audit.procedures.forms_call import Acknowledged
from comity.audit.procedures.forms_pact import PactAccepted, WithdrawalNotified, WithdrawalRevoked
from comity.audit.procedures.said import DISPUTED, GOOD, Place, Said, Spot
from comity.audit.version import Line, grow_pins
from comity.base.instants import DAY_MS
from comity.base.names import Audience, Party
from comity.crypto.production import ProductionSuite
from comity.pact.signatory import Root
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.threat import ThreatKind
from comity.rehearsal.checks.second_look import find_differences
from kit.amending import FIVE, FOUNDERS, THREE, Ports, Written, add_notice, add_port_e, remove_port_d, set_number
from kit.loop import read_profile

SUITE = ProductionSuite()
ONE = Written.read(read_profile("harbour-aid"), SUITE)
TWO = ONE.amend(SUITE, set_number("policy.acknowledge.within_ms", 60_000))
RIVAL = ONE.amend(SUITE, set_number("policy.acknowledge.within_ms", 90_000))
THIRD = TWO.amend(SUITE, set_number("policy.acknowledge.within_ms", 70_000))
JOINED = ONE.amend(SUITE, add_port_e)
WITHOUT_D = ONE.amend(SUITE, remove_port_d)
LINEAGE = ONE.version.digest
A, B, C, D = FOUNDERS


def make_line(*written: Written, known: Iterable[bytes] = ()) -> Line:
    """The first version and these."""
    versions = [Version(one.version.digest, one.version.pact) for one in (ONE, *written)]
    return Line(versions, LINEAGE, known=tuple(known))


class Told:
    """Statements with what each of their authors knew: by default everything before."""

    def __init__(self) -> None:
        self.all: list[Said] = []
        self._unknown: set[tuple[bytes, bytes]] = set()
        self._faults: set[tuple[bytes, bytes]] = set()

    def say(self, author: Party, entry: Entry, to: Audience = FOUNDERS, *, at: int = 0, standing: int = GOOD) -> Said:
        """State something in a page of its own."""
        id_ = len(self.all).to_bytes(32, "big")
        spot = Spot(author.encode() + repr(to).encode(), id_)
        said = Said(entry, id_, author, to, Place(0, len(self.all), 0), spot, at, standing)
        self.all.append(said)
        return said

    def accept(self, written: Written, *parties: Party, to: Audience = FOUNDERS, **more: int) -> list[Said]:
        """Some accept a version."""
        return [self.say(party, PactAccepted(written.version.digest), to, **more) for party in parties]

    def hide(self, said: Said, *, from_: Said) -> None:
        """Let the author of one statement not have had another."""
        self._unknown.add((from_.id, said.id))

    def doubt(self, said: Said, *, known_to: Said) -> None:
        """Let the author of one statement have had what makes another disputed."""
        self._faults.add((known_to.id, said.id))

    def knows(self, later: Said, earlier: Said) -> bool:
        return earlier.id <= later.id and (later.id, earlier.id) not in self._unknown

    def knows_fault(self, later: Said, doubted: Said) -> bool:
        return (later.id, doubted.id) in self._faults

    def is_confirmed(self, said: Said, party: Party) -> bool:
        return said.author == party

    def judge(self, *written: Written) -> Force:
        """What was in force."""
        return Force(make_line(*written), self.all, self)

    def ask(self, author: Party, to: Audience = FOUNDERS, *, at: int = 0) -> Said:
        """Anything at all, whose version is asked about."""
        return self.say(author, Acknowledged(b"\x99" * 32, "duty-officer", "lee"), to, at=at)


def numbers(line: Line) -> list[tuple[int, bytes]]:
    """Those that fit."""
    return [(one.number, one.digest) for one in line.fitting]


def test_what_follows_fits_and_what_does_not_takes_part_in_nothing() -> None:
    """P33: two rivals both fit; one whose version before is not here, or with another id or lineage, does not."""
    assert numbers(make_line(THIRD, TWO, RIVAL)) == [
        (1, LINEAGE), *sorted([(2, TWO.version.digest), (2, RIVAL.version.digest)]), (3, THIRD.version.digest)
    ]  # fmt: skip
    assert numbers(make_line(THIRD)) == [(1, LINEAGE)]
    for key, value in (("id", "harbour-aids"), ("lineage", "1" * 64)):
        other = msgspec.structs.replace(TWO.version.pact.identity, **{key: value})
        strange = Version(TWO.version.digest, msgspec.structs.replace(TWO.version.pact, identity=other))
        assert numbers(Line([Version(LINEAGE, ONE.version.pact), strange], LINEAGE)) == [(1, LINEAGE)]


def test_parties_are_added_or_left_out_never_both() -> None:
    """P33: one amendment that swaps a party for another does not fit."""
    both = JOINED.amend(SUITE, remove_port_d).raw.decode()
    both = both.replace("version = 3", "version = 2", 1)
    both = both.replace(f'previous = "{JOINED.version.digest.hex()}"', f'previous = "{LINEAGE.hex()}"', 1)
    swapped = Written.read(both.encode(), SUITE)
    assert set(swapped.version.audience) == {A, B, C, "PORT-E"}
    assert numbers(make_line(swapped)) == [(1, LINEAGE)]
    assert len(make_line(JOINED).fitting) == len(make_line(WITHOUT_D).fitting) == 2


def test_a_version_is_in_force_for_who_knew_that_all_had_accepted_it() -> None:
    """P34, P35: to exactly the signing audience, by every party of it, in the cut; and what it amends is in force."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    told.accept(TWO, A, B, C)
    early = told.ask(A)
    (last,) = told.accept(TWO, D)
    late, apart = told.ask(A), told.ask(B)
    told.hide(last, from_=apart)
    force = told.judge(TWO)
    assert [force.find_version(said).number for said in (early, late, apart)] == [1, 2, 1]
    elsewhere = Told()
    elsewhere.accept(ONE, *FOUNDERS)
    elsewhere.accept(TWO, *FOUNDERS, to=THREE)
    assert elsewhere.judge(TWO).find_version(elsewhere.ask(A)).number == 1


def test_what_amends_a_version_that_is_not_in_force_waits_for_it() -> None:
    """P35: though everybody accepted it."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    told.accept(THIRD, *FOUNDERS)
    early = told.ask(A)
    told.accept(TWO, *FOUNDERS)
    late = told.ask(A)
    force = told.judge(TWO, THIRD)
    assert [force.find_version(said).number for said in (early, late)] == [1, 3]


def test_readers_who_came_by_a_version_do_not_need_the_signatures_before_it() -> None:
    """P35: of whom all are parties of the new version and not all of the one before; the founders' page still does."""
    told = Told()
    told.accept(JOINED, *FIVE, to=FIVE)
    with_e, founders = told.ask(A, FIVE), told.ask(A)
    force = told.judge(JOINED)
    assert [ruling.number for ruling in force.list_in_force(FIVE, with_e)] == [2]
    assert force.list_in_force(FOUNDERS, founders) == []
    assert [force.find_version(said).number for said in (with_e, founders)] == [2, 1]


def test_of_rivals_that_everybody_signed_the_lower_digest_rules() -> None:
    """P35, P39; for an object that nothing opens here as well, whatever the order of its statements."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    told.accept(TWO, *FOUNDERS)
    under_two = told.ask(A)
    told.accept(RIVAL, *FOUNDERS)
    both = told.ask(A)
    force = told.judge(TWO, RIVAL)
    lower = min(TWO.version.digest, RIVAL.version.digest)
    assert force.find_version(under_two).digest == TWO.version.digest
    assert force.find_version(both).digest == lower
    for rows in ([under_two, both], [both, under_two]):
        assert force.find_of_object(rows, b"\x99" * 32).digest == lower


def test_nobody_escapes_its_acceptance_by_a_fork() -> None:
    """P34: it counts where no doubt was known, and where another relied on it; not for who knew of the doubt alone."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    told.accept(TWO, A, B, C)
    (doubted,) = told.accept(TWO, D, standing=DISPUTED)
    unaware = told.ask(A)
    told.hide(doubted, from_=unaware)
    trusting, aware = told.ask(B), told.ask(C)
    told.doubt(doubted, known_to=aware)
    told.hide(trusting, from_=aware)
    told.doubt(doubted, known_to=unaware)
    relying = told.ask(A)
    told.doubt(doubted, known_to=relying)
    force = told.judge(TWO)
    assert [force.find_version(said).number for said in (unaware, trusting, aware, relying)] == [1, 2, 1, 2]
    assert force.list_accepting(TWO_SEEN) == FOUNDERS


TWO_SEEN = Version(TWO.version.digest, TWO.version.pact)


def test_a_word_that_all_who_heard_it_knew_to_be_in_doubt_holds_nobody() -> None:
    """P34: on all that the record has it counts only where somebody relied on it."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    told.accept(TWO, A, B, C)
    (doubted,) = told.accept(TWO, D, standing=DISPUTED)
    aware = told.ask(C)
    told.doubt(doubted, known_to=aware)
    own = told.ask(D)
    assert told.judge(TWO).list_accepting(TWO_SEEN) == THREE
    assert told.judge(TWO).find_version(aware).number == 1
    assert told.judge(TWO).find_version(own).number == 2  # D itself knows of no doubt


def leave(told: Told, *, notice_at: int, acts_at: int, to: Audience = FOUNDERS) -> Said:
    """D gives notice of a month, and the others leave it out."""
    told.accept(ONE, *FOUNDERS)
    notice = told.say(D, WithdrawalNotified("unstated", 30 * DAY_MS), to, at=notice_at)
    told.accept(WITHOUT_D, *THREE, at=acts_at)
    return notice


@pytest.mark.parametrize(("acts_at", "number"), [(30 * DAY_MS - 1, 1), (30 * DAY_MS, 2)])
def test_one_is_left_out_without_its_word_only_after_its_notice(acts_at: int, number: int) -> None:
    """P38: which has ended by the clock of each acceptance; a notice to some only, or one taken back, is none."""
    told = Told()
    notice = leave(told, notice_at=0, acts_at=acts_at)
    assert told.judge(WITHOUT_D).find_version(told.ask(A, THREE)).number == number
    told.say(D, WithdrawalRevoked(notice.id))
    assert told.judge(WITHOUT_D).find_version(told.ask(A, THREE)).number == number  # the others had not heard of that
    other = Told()
    leave(other, notice_at=0, acts_at=acts_at, to=THREE)
    assert other.judge(WITHOUT_D).find_version(other.ask(A, THREE)).number == 1
    heard = Told()
    heard.accept(ONE, *FOUNDERS)
    heard.say(D, WithdrawalRevoked(heard.say(D, WithdrawalNotified("unstated", 0)).id))
    heard.accept(WITHOUT_D, *THREE, at=acts_at)
    assert heard.judge(WITHOUT_D).find_version(heard.ask(A, THREE)).number == 1


def test_a_notice_period_of_the_version_that_is_left_counts() -> None:
    """P38: of its clause, counted from the notice's own clock."""
    slow = ONE.amend(SUITE, add_notice(90))
    without_d = slow.amend(SUITE, remove_port_d)
    for days, number in ((89, 2), (90, 3)):
        told = Told()
        told.accept(ONE, *FOUNDERS)
        told.accept(slow, *FOUNDERS)
        told.say(D, WithdrawalNotified("unstated", 30 * DAY_MS))
        told.accept(without_d, *THREE, at=days * DAY_MS)
        assert told.judge(slow, without_d).find_version(told.ask(A, THREE)).number == number


def test_what_is_asked_of_one_whose_notice_ended_is_excused() -> None:
    """P38: by a statement that knew the notice, at or after its end by its own clock."""
    told = Told()
    told.accept(ONE, *FOUNDERS)
    notice = told.say(D, WithdrawalNotified("unstated", 30 * DAY_MS))
    early, late, unaware = (told.ask(A, at=at) for at in (30 * DAY_MS - 1, 30 * DAY_MS, 30 * DAY_MS))
    told.hide(notice, from_=unaware)
    force = told.judge()
    assert [force.is_excused(D, said) for said in (early, late, unaware)] == [False, True, False]
    assert not force.is_excused(A, late)


def call(ports: Ports, party: Party, to: Audience) -> str:
    """One calls; return the code of the refusal, if there is one."""
    return ports.say(party, ConsultationCalled("H1", Level.WATCH, ThreatKind.DISASTER, (), (party,)), to=to).code


def make_ports() -> Ports:
    """Four ports under the first version."""
    ports = Ports()
    ports.be_born()
    return ports


def look_twice(ports: Ports) -> list[tuple[Party, str, str]]:
    """Return where a node shows otherwise than the audit of its own pages."""
    return [
        (party, one.kind, one.about.hex())
        for party, machine in ports.machines.items()
        for one in find_differences(machine, ports.stored[party], as_of=ports.now)
    ]


def audit_all(ports: Ports, *written: Written, known: Iterable[bytes] = (), pinned: Audience = FIVE) -> Report:
    """Audit what everybody stored, with the files of these versions and the roots of some."""
    roots = {
        party: RootKeys(root.keys.ed25519, root.keys.mldsa, root.next_root)
        for party, root in ports.pins.roots.items()
        if party in pinned
    }
    pins = Pins(ports.pins.lineage, ports.pins.realm, roots)
    pacts = tuple(one.raw for one in (ports.first, *written))
    records = [
        Record(
            party,
            pins.lineage,
            pins.realm,
            tuple(ports.stored[party]),
            pacts,
            receiving_secrets=ports.setups[party].receiving_secrets,
        )
        for party in ports.machines
    ]
    return audit(records, pins, ports.suite, known=tuple(known))


def count_calls(report: Report) -> int:
    """How many calls were judged."""
    assert report.procedures is not None
    return sum(view.scope.kind == "consultation" for view in report.procedures.objects)


def test_who_writes_under_a_version_that_is_over_is_found_by_nodes_and_audit_alike() -> None:
    """J31: a home lost a file. Its page is judged by what its author knew."""
    ports = make_ports()
    two = ports.first.amend(ports.suite, set_number("policy.acknowledge.within_ms", 60_000))
    ports.hold(two, *FOUNDERS)
    ports.held[A] = ()
    ports.restart(A)
    assert call(ports, A, FOUNDERS) == ""
    ports.settle()
    assert [row.code for row in ports.machines[B].versions.find_misjudged()] == ["pact.other-version"]
    assert look_twice(ports) == []
    (found,) = [one for one in audit_all(ports, two).findings if one.code.startswith("pact.")]
    assert (found.code, found.severity, found.journal and found.journal.author) == (
        "pact.other-version", Severity.DOUBT, A
    )  # fmt: skip


def test_who_writes_to_one_that_left_is_found_by_nodes_and_audit_alike() -> None:
    """J33: to somebody that the version in force leaves out, whose amendment the author had signed itself."""
    ports = make_ports()
    two = ports.first.amend(ports.suite, remove_port_d)
    ports.hold(two, *FOUNDERS)
    ports.held[A] = ()
    ports.restart(A)
    assert call(ports, A, (A, D)) == ""
    ports.settle()
    assert [row.code for row in ports.machines[D].versions.find_misjudged()] == ["pact.party-left"]
    assert look_twice(ports) == []
    found = [one for one in audit_all(ports, two).findings if one.code.startswith("pact.")]
    assert [one.journal.audience for one in found if one.journal and one.code == "pact.party-left"] == [(A, D)]
    # What else A wrote since it lost the file goes by the version before.
    assert {one.journal.author for one in found if one.journal} == {A}


def test_a_page_under_a_version_that_is_not_at_hand_is_not_read_and_nothing_else_waits() -> None:
    """P37, J32: one that names a party of that version waits and is no breach; with the version all is read."""
    ports = make_ports()
    two = ports.first.amend(ports.suite, add_port_e)
    ports.hold(two, *FOUNDERS, "PORT-E")
    ports.settle()
    assert call(ports, A, FOUNDERS) == call(ports, A, FIVE) == ""
    ports.settle()
    blind, whole = audit_all(ports, pinned=FOUNDERS), audit_all(ports, two)
    assert [count_calls(blind), count_calls(whole)] == [0, 2]
    assert {one.severity for one in blind.findings if one.code == "page.unknown-party"} == {Severity.DOUBT}
    assert "pact.not-held" in {one.code for one in blind.findings}
    assert not {"page.unknown-party", "pact.not-held"} & {one.code for one in whole.findings}


def test_the_report_says_on_what_each_version_is_believed() -> None:
    """J35: known to the reader, named by a known one, signed by all under known roots, or nothing but the records."""
    ports = make_ports()
    two = ports.first.amend(ports.suite, add_port_e)
    three = two.amend(ports.suite, set_number("policy.acknowledge.within_ms", 60_000))
    ports.hold(two, *FOUNDERS, "PORT-E")
    ports.hold(three, A)
    ports.settle()

    def find_anchors(*known: bytes) -> list[Anchor]:
        return [one.anchor for one in audit_all(ports, two, three, known=known).versions]

    first, second, third = ports.first.version.digest, two.version.digest, three.version.digest
    assert find_anchors() == [Anchor.CARRIED] * 3
    assert find_anchors(first) == [Anchor.KNOWN, Anchor.SIGNED, Anchor.CARRIED]
    assert find_anchors(second) == [Anchor.NAMED, Anchor.KNOWN, Anchor.CARRIED]
    assert find_anchors(first, third) == [Anchor.KNOWN, Anchor.NAMED, Anchor.KNOWN]
    shown = audit_all(ports, two, three).versions
    assert [(one.is_in_force, one.accepted_by) for one in shown] == [(True, FOUNDERS), (True, FIVE), (False, (A,))]


def test_a_file_that_does_not_fit_is_noted_and_takes_part_in_nothing() -> None:
    """P33: here its number is right and what it amends is not at hand."""
    ports = make_ports()
    two = ports.first.amend(ports.suite, set_number("policy.acknowledge.within_ms", 60_000))
    three = two.amend(ports.suite, set_number("policy.acknowledge.within_ms", 90_000))
    report = audit_all(ports, three)
    noted = [(one.code, one.severity) for one in report.findings if one.code.startswith("pact.")]
    assert noted == [("pact.not-fitting", Severity.NOTE)]
    assert [(one.number, one.fits) for one in report.versions] == [(1, True), (3, False)]


def test_pins_grow_with_every_version_that_fits_and_a_root_pinned_once_stays() -> None:
    """J32: a file with another root for a founder fits nothing, and pins nobody."""
    text = {"ed25519": "1" * 64, "mldsa65": "2" * 3904, "next_root_digest": "3" * 64}
    roots = {party: Root(**text) for party in FOUNDERS}
    first = Version(LINEAGE, msgspec.structs.replace(ONE.version.pact, roots=roots))
    late = {**roots, "PORT-E": Root(**{**text, "ed25519": "4" * 64})}
    joined = Version(JOINED.version.digest, msgspec.structs.replace(JOINED.version.pact, roots=late))
    other = {**late, A: Root(**{**text, "ed25519": "5" * 64})}
    forged = Version(b"\x77" * 32, msgspec.structs.replace(JOINED.version.pact, roots=other))
    held = RootKeys(bytes(32), bytes(1952), bytes(32))
    grown = grow_pins(Pins(LINEAGE, "real", {A: held}), Line([first, joined, forged], LINEAGE))
    assert grown.parties[A] == held
    assert {party: keys.ed25519[:1] for party, keys in grown.parties.items() if party != A} == {
        B: b"\x11", C: b"\x11", D: b"\x11", "PORT-E": b"\x44"
    }  # fmt: skip
    assert grown.versions == {LINEAGE, joined.digest, forged.digest}
