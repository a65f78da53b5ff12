"""A party that joins later is shown earlier statements one by one, with their proof, as the funnel permits (R28)."""

from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from comity.api.disclosing import count_disclosed, show_disclosed
from comity.audit.finding import Severity
from comity.base.encoding import encode
from comity.base.errors import UsageError
from comity.base.names import Digest, Party
from comity.cli.audit import judge_realms
from comity.journal.disclosure import disclose
from comity.journal.header import parse_page
from comity.machine.disclosures import list_disclosed
from comity.node.disclosing import Disclosing
from comity.node.replacement import replace_key
from comity.procedure.disclosed import EntryDisclosed
from comity.procedure.entry import MarkedText, Marking, Translation
from comity.procedure.threat import ThreatKind, ThreatReported
from kit.amending import FIVE, FOUNDERS, add_port_e
from kit.nodes import CEREMONY, SUITE, play
from kit.patience import until
from kit.ports import CALL, Ports, amend, now

PAIR = ("PORT-A", "PORT-E")


def _report(*caveats: str) -> ThreatReported:
    """PORT-A's report of a storm, under its lowest marking and these caveats."""
    marking = Marking("PORT-A", "PORT-A", "A-OPEN", ("storm",), caveats)
    narrative = MarkedText(marking, (Translation("en", "A storm from the west."),))
    return ThreatReported(ThreatKind.DISASTER, now(), ("PORT-B",), (), narrative)


async def _speak_and_be_joined(ports: Ports, *entries: Any, replaced: Party = "") -> Sequence[Digest]:
    """PORT-A makes these statements to the four, and then the fifth joins; a key may be replaced in between."""
    await ports.be_in_force()
    ids: list[Digest] = []
    for entry in entries:
        ids += await ports.say("PORT-A", entry, to=FOUNDERS)
    await ports.reaches(ids[-1], *FOUNDERS)
    if replaced:
        await ports.settle()
        replace_key(ports.homes[replaced], ports.accepted[replaced], at=now(), suite=SUITE, ceremony=CEREMONY)
        ports.look_again(replaced)
    await ports.join(amend(ports.homes["PORT-B"], add_port_e))
    return ids


async def _shown(ports: Ports, count: int) -> list[Any]:
    """What PORT-E shows as disclosed, once there is so much of it."""
    machine = ports["PORT-E"].machine
    await until(lambda: len(list_disclosed(machine)) >= count)
    return list(show_disclosed(machine))


async def _disclose(ports: Ports, by: Party, id_: Digest, *to: Party) -> tuple[Digest, ...]:
    return await Disclosing(ports[by]).disclose(id_, audience=tuple(sorted({by, *to})))


def _make(ports: Ports, by: Party, id_: Digest) -> EntryDisclosed:
    """A disclosure as a party that asks no rule would make it."""
    node = ports[by]
    stated = next(row for row in node.machine.statements.all if row.id == id_)
    (raw,) = node.store.read_range(stated.journal, first=stated.page, last=stated.page, reader=by)
    page = parse_page(raw, SUITE)
    key = node.machine.keyring.find_epoch_key(journal=page.journal, epoch=page.header.epoch) or b""
    return EntryDisclosed(disclose(page, index=stated.index, epoch_key=key, suite=SUITE), ())


def test_a_newcomer_is_shown_what_was_said_before_it_joined(ports: Ports) -> None:
    """By whoever read it, to the newcomer alone or to all; who said what when and who discloses it stands beside it."""

    async def scene(ports: Ports) -> None:
        called, reported = await _speak_and_be_joined(ports, CALL, _report())
        assert await _shown(ports, 0) == []
        (by_author,) = await _disclose(ports, "PORT-A", reported, "PORT-E")
        (by_reader,) = await _disclose(ports, "PORT-C", called, *FIVE)
        rows = {row["disclosed"]["id"]: row for row in await _shown(ports, 2)}
        one, other = rows[by_author.hex()], rows[by_reader.hex()]
        assert [(row["is_proved"], row["fault"]) for row in (one, other)] == [(True, "")] * 2
        assert (one["disclosed"]["author"], one["disclosed"]["audience"]) == ("PORT-A", list(PAIR))
        assert (other["disclosed"]["author"], other["disclosed"]["audience"]) == ("PORT-C", list(FIVE))
        assert [(row["stated"]["author"], row["stated"]["audience"]) for row in (one, other)] == [
            ("PORT-A", list(FOUNDERS))
        ] * 2
        assert one["entry"]["narrative"]["translations"][0]["text"] == "A storm from the west."
        assert (other["entry"]["type"], other["says"]["code"]) == ("ConsultationCalled", "timeline.consultation-called")
        assert one["stated"]["written_at"] < one["disclosed"]["written_at"]
        assert count_disclosed(ports["PORT-E"].machine) == {"disclosed_count": 2, "disclosures_not_proved": {}}
        assert ports["PORT-E"].machine.record.list_scopes("consultation") == ()
        assert ports["PORT-E"].machine.flags.all == ()
        before = await _shown(ports, 2)
        await ports.settle()
        await ports.start()
        assert await _shown(ports, 2) == before
        await ports.settle()

    play(ports, scene)
    report, _ = judge_realms([ports.accepted[party].path for party in FIVE], is_open=True)
    assert [finding.code for finding in report.findings if finding.severity is Severity.BREACH] == []


def test_the_funnel_decides_what_is_disclosed(ports: Ports) -> None:
    """As if it were said now: by the marking of the text in it; preview and act answer alike, with the clause."""

    async def scene(ports: Ports) -> None:
        narrow, wide = await _speak_and_be_joined(ports, _report("REL TO PORT-B, PORT-C, PORT-D"), _report())
        asked = Disclosing(ports["PORT-A"])
        ((to, answer),) = asked.preview(narrow, audience=PAIR, at=now()).by_party
        assert (to, answer.clause, answer.reason.value) == ("PORT-E", "policy.release", "not-listed")  # type: ignore[union-attr]
        with pytest.raises(UsageError, match=r"release\.withheld") as refused:
            await asked.disclose(narrow, audience=PAIR)
        assert refused.value.details["clause"] == "policy.release"
        ((_, permitted),) = asked.preview(wide, audience=PAIR, at=now()).by_party
        assert permitted.clause == "harbour-open"
        assert await _shown(ports, 0) == []

    play(ports, scene)


def test_what_would_name_other_audiences_is_not_disclosed(ports: Ports) -> None:
    """A statement to a few, one that is not here, and one to itself; a liar's disclosure of such a page is no proof."""

    async def scene(ports: Ports) -> None:
        (called,) = await _speak_and_be_joined(ports, CALL)
        (to_few,) = await ports.say("PORT-A", CALL, to=("PORT-B",))
        (to_self,) = await ports.say("PORT-A", CALL, to=("PORT-A",))
        for id_, code in ((to_few, "disclosure.of-few"), (to_self, "disclosure.of-few"), (Digest(bytes(32)), "cli.no")):
            with pytest.raises(UsageError, match=code.replace(".", r"\.")):
                await _disclose(ports, "PORT-A", id_, "PORT-E")
        await ports.say("PORT-A", _make(ports, "PORT-A", to_few), to=PAIR)
        (row,) = await _shown(ports, 1)
        assert (row["is_proved"], row["fault"], row["entry"]) == (False, "disclosure.not-to-all", None)
        (again,) = await _disclose(ports, "PORT-A", called, "PORT-E")
        with pytest.raises(UsageError, match=r"disclosure\.of-few"):
            await _disclose(ports, "PORT-A", again, "PORT-E")

    play(ports, scene)


def test_a_forged_disclosure_proves_nothing_and_is_named(ports: Ports) -> None:
    """An entry, a header or a signature altered: shown as not proved, with its code; the audit names who stated it."""

    async def scene(ports: Ports) -> None:
        (called,) = await _speak_and_be_joined(ports, CALL)
        sound = _make(ports, "PORT-B", called)
        header, signature, index, entry, blind, path = msgspec.msgpack.decode(sound.disclosure)
        other = entry.replace(b"H1", b"H2")
        assert other != entry
        forged = {
            "disclosure.entries-root": [header, signature, index, other, blind, path],
            "disclosure.signature": [header, signature[:-1] + bytes([signature[-1] ^ 1]), index, entry, blind, path],
        }
        for parts in forged.values():
            await ports.say("PORT-B", EntryDisclosed(encode(parts), ()), to=("PORT-E",))
        fields = msgspec.msgpack.decode(header)
        fields[7] += 1  # the clock
        strange = encode([encode(fields), signature, index, entry, blind, path])
        await ports.say("PORT-B", EntryDisclosed(strange, ()), to=("PORT-E",))
        rows = await _shown(ports, 3)
        assert [row["fault"] for row in rows] == [*forged, "disclosure.signature"]
        assert [row["entry"] for row in rows] == [None] * 3
        machine = ports["PORT-E"].machine
        assert count_disclosed(machine) == {
            "disclosed_count": 0,
            "disclosures_not_proved": {"disclosure.entries-root": 1, "disclosure.signature": 2},
        }
        with pytest.raises(UsageError, match=r"release\.withheld"):  # out of form: there is nothing to decide
            await ports.say("PORT-B", EntryDisclosed(b"\0", ()), to=("PORT-E",))
        await ports.settle()

    play(ports, scene)
    report, _ = judge_realms([ports.accepted[party].path for party in FIVE], is_open=True)
    breaches = [finding for finding in report.findings if finding.severity is Severity.BREACH]
    found = sorted((finding.code, finding.journal.author if finding.journal else "") for finding in breaches)
    assert found == [("disclosure.entries-root", "PORT-B"), *[("disclosure.signature", "PORT-B")] * 2]


def test_what_an_earlier_key_signed_is_proved_by_the_certificate_beside_it(ports: Ports) -> None:
    """The newcomer knows of the new key alone; the old one's certificate counts for this disclosure and for no page."""

    async def scene(ports: Ports) -> None:
        (called,) = await _speak_and_be_joined(ports, CALL, replaced="PORT-A")
        assert len(ports["PORT-E"].machine.ledger.trust.find_node_keys("PORT-A")) == 1
        await _disclose(ports, "PORT-B", called, "PORT-E")
        (row,) = await _shown(ports, 1)
        assert (row["is_proved"], row["stated"]["incarnation"]) == (True, 0)
        assert len(ports["PORT-E"].machine.ledger.trust.find_node_keys("PORT-A")) == 1
        await ports.say("PORT-B", _make(ports, "PORT-B", called), to=("PORT-E",))
        rows = await _shown(ports, 2)
        assert [row["fault"] for row in rows] == ["", "disclosure.signature"]

    play(ports, scene)
