"""Whom the roots vouch for: certificates, successions, closures, and what equivocates."""

from dataclasses import replace

import msgspec
import pytest

from comity.audit import Finding, Severity, audit
from comity.base.errors import RemoteError
from comity.crypto.production import ProductionSuite
from kit.audit_keys import ALL, LINEAGE, SUITE, T0, Node, make_root, nodes, pins, renew
from kit.audit_writer import KEYS, Pen, Story

KEY_BODY = msgspec.msgpack.encode([1, b"\x01" * 32, 0, 2, []])
"""The body of a key page that wraps to nobody yet: the first of two parts."""


def judge(story: Story, *more: bytes, statements: tuple[bytes, ...] = ()) -> list[Finding]:
    """Audit USA's record with further pages and statements; return all but notes."""
    record = replace(story.record_of("USA", more=more), statements=statements)
    report = audit([record], pins(), SUITE)
    return [finding for finding in report.findings if finding.severity is not Severity.NOTE]


def codes(found: list[Finding]) -> list[str]:
    """Only the codes."""
    return [finding.code for finding in found]


def test_a_certificate_beside_the_pages_serves_as_well() -> None:
    """A root statement counts wherever it lies: beside the pages it vouches for them too."""
    story = Story()
    genesis = story.genesis["KOR"].pages[0].raw
    record = replace(story.record_of("USA", without=[genesis]), statements=(nodes()["KOR"].certificate,))
    report = audit([record], pins(), SUITE)
    assert "page.stranger" not in {finding.code for finding in report.findings}


def test_two_different_certificates_of_one_incarnation_equivocate() -> None:
    """One root, one incarnation, two keys: the root signed against itself."""
    usa = nodes()["USA"]
    (finding,) = judge(Story(), statements=(usa.certify(issued_at=T0 + 1),))
    assert (finding.code, finding.arguments["kind"], finding.arguments["party"]) == (
        "statement.equivocates",
        "certificate",
        "USA",
    )


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        (lambda usa: usa.certify(make_root()), "statement.signature"),
        (lambda usa: usa.certify(party="FRA"), "statement.unknown-root"),
        (lambda usa: usa.certify(realm="real"), "statement.other-pact"),
        (lambda usa: usa.certify(lineage=b"\x00" * 32), "statement.other-pact"),
        (lambda usa: usa.certify(node_key=b"short"), "statement.malformed"),
        (lambda usa: usa.root.sign(["certificate"]), "statement.malformed"),
        (lambda usa: usa.root.sign(["decree", 1]), "statement.malformed"),
        (lambda usa: replace(usa, incarnation=1).closure(ALL, "record", [[1, 0, b"\x00" * 32]]), "statement.malformed"),
        (lambda usa: usa.certify(party="usa"), "statement.malformed"),
        (lambda _: b"\x93\xc4\x00", "statement.malformed"),
        (lambda _: b"\x00" * 20_000, "statement.malformed"),
    ],
)
def test_a_statement_that_does_not_count_is_named_with_its_reason(statement: object, code: str) -> None:
    """Each way in which a root statement can fail has its code; none disturbs the pages."""
    assert callable(statement)
    (finding,) = judge(Story(), statements=(statement(nodes()["USA"]),))
    assert (finding.code, finding.holder, finding.arguments["index"]) == (code, "USA", 0)


def test_a_false_statement_published_in_genesis_is_named_by_its_entry() -> None:
    """An entry of the genesis journal that publishes a statement no root signed is named by page and index (S11)."""
    story = Story()
    bad = nodes()["USA"].certify(make_root())
    story.genesis["USA"].open(["Note", 1], ["RootStatementPublished", bad], at=40)
    (finding,) = judge(story)
    assert (finding.code, finding.number, finding.arguments["index"]) == ("statement.signature", 1, 1)


def successor(node: Node) -> Node:
    """The node's next incarnation, certified by the next root."""
    return renew(node, 1, node.next_root)


def test_a_succession_published_in_genesis_puts_the_next_root_in_force() -> None:
    """The old root hands over to the root that it had pinned; what the new root certifies then counts."""
    story = Story()
    usa = nodes()["USA"]
    following = successor(usa)
    closed = [[0, 0, story.genesis["USA"].pages[0].digest]]
    opening = [usa.succession(usa.next_root), following.certificate]
    closure = following.closure(ALL, "genesis", closed, usa.next_root)
    page = Pen(following, ALL, "genesis").open(["PactAccepted", LINEAGE], at=40, opening=[*opening, closure])
    assert judge(story, page.raw) == []


def test_the_next_root_counts_for_nothing_before_the_succession() -> None:
    """Without the succession the very same page does not stand: its certificate is by a root not in force."""
    story = Story()
    usa = nodes()["USA"]
    following = successor(usa)
    closure = following.closure(ALL, "genesis", [], usa.next_root)
    page = Pen(following, ALL, "genesis").open(
        ["PactAccepted", LINEAGE], at=40, opening=[following.certificate, closure]
    )
    (finding,) = judge(story, page.raw)
    assert (finding.code, finding.number) == ("statement.signature", 0)


def test_a_succession_to_another_root_than_the_pinned_one_gives_it_nothing() -> None:
    """The pinned digest decides: a root that the old one signed but had not pinned vouches for nobody."""
    usa = nodes()["USA"]
    thief = make_root()
    stolen = usa.certify(thief, incarnation=1)
    found = judge(Story(), statements=(usa.succession(thief), stolen))
    assert codes(found) == ["statement.signature"] * 2
    assert [finding.arguments["index"] for finding in found] == [0, 1]


def test_a_closure_disowns_what_comes_after_the_last_good_page() -> None:
    """Page 0 of the next incarnation names the last good page; later pages of the old one are disowned (J17)."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    old = story.record["USA"]
    pen = Pen(usa, ALL)
    opening = [usa.closure(ALL, "record", [[0, 2, old.pages[2].digest]])]
    first = pen.build(KEYS, KEY_BODY, at=40, epoch=1, opening=opening)
    (finding,) = judge(story, first.raw, statements=(usa.certificate,))
    assert (finding.code, finding.number, finding.arguments["count"]) == ("page.disowned", 3, 2)
    assert finding.witness is not None
    assert finding.witness.digest == first.digest


def test_where_the_last_good_page_is_not_here_the_pages_before_it_stand() -> None:
    """Nothing here shows that they lie on another branch; only what has a higher number is left out."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    pen = Pen(usa, ALL)
    first = pen.build(KEYS, KEY_BODY, at=40, epoch=1, opening=[usa.closure(ALL, "record", [[0, 3, b"\x04" * 32]])])
    (finding,) = judge(story, first.raw, statements=(usa.certificate,))
    assert (finding.code, finding.number, finding.arguments["count"]) == ("page.disowned", 4, 1)


def test_a_closure_that_no_known_root_signed_waits() -> None:
    """The succession may be on its way: the page is held, not refused (J11 step 6)."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    closure = usa.closure(ALL, "record", [], usa.next_root)
    first = Pen(usa, ALL).build(KEYS, KEY_BODY, at=40, epoch=1, opening=[closure])
    waiting = judge(story, first.raw, statements=(usa.certificate,))
    assert [(f.code, f.arguments.get("count")) for f in waiting] == [("statement.signature", 1)]
    arrived = judge(story, first.raw, statements=(usa.certificate, usa.succession(usa.next_root)))
    assert codes(arrived) == ["page.disowned"]


@pytest.mark.parametrize("opening", ["nothing", "another party", "twice", "a closure too many", "another pact"])
def test_genesis_opens_with_its_own_certificate_and_nothing_else(opening: str) -> None:
    """Page 0 of a genesis journal brings the certificate of its author and incarnation (J14)."""
    story = Story()
    usa = nodes()["USA"]
    statements = {
        "nothing": [],
        "another party": [nodes()["JPN"].certificate],
        "twice": [usa.certificate, usa.certificate],
        "a closure too many": [usa.certificate, usa.closure(ALL, "genesis", [])],
        "another pact": [usa.certify(lineage=b"\x00" * 32)],
    }[opening]
    page = Pen(usa, ("KOR", "USA"), "genesis").open(["PactAccepted", LINEAGE], at=40, opening=statements)
    found = [finding for finding in judge(story, page.raw) if finding.code != "statement.equivocates"]
    assert [(f.code, f.number) for f in found] == [("page.opening", 0)]


def test_a_closure_of_another_pact_opens_nothing() -> None:
    """A closure rightly signed for another realm is no closure here."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    closure = usa.root.sign(["closure", LINEAGE, "real", "record", "USA", ALL, 1, []])
    first = Pen(usa, ALL).build(KEYS, KEY_BODY, at=40, epoch=1, opening=[closure])
    assert codes(judge(story, first.raw, statements=(usa.certificate,))) == ["page.opening"]


def test_each_kind_of_statement_can_equivocate() -> None:
    """Two links of one serial, two closures of one incarnation, two successions from one root: all are named."""
    usa = nodes()["USA"]
    links = [
        usa.root.sign(["links", LINEAGE, pins().realm, "USA", 1, b"\x00" * 32, b"", [place], T0])
        for place in ("a", "b")
    ]
    later = replace(usa, incarnation=1)
    closures = [later.closure(ALL, "record", [[0, number, b"\x00" * 32]]) for number in (1, 2)]
    successions = [usa.succession(usa.next_root, bytes([after]) * 32) for after in (1, 2)]
    found = judge(Story(), statements=(*links, *closures, *successions))
    assert [(f.code, f.arguments["kind"], f.arguments["count"]) for f in found] == [
        ("statement.equivocates", "closure", 2),
        ("statement.equivocates", "links", 2),
        ("statement.equivocates", "succession", 2),
    ]


class Choosy(ProductionSuite):
    """A suite that calls one public key no key, as a stricter library may."""

    def __init__(self, *refused: bytes) -> None:
        self._refused = refused

    def verify(self, *, public: bytes, message: bytes, signature: bytes) -> bool:
        if public in self._refused:
            raise RemoteError("key.malformed")
        return super().verify(public=public, message=message, signature=signature)

    def verify_mldsa(self, *, public: bytes, message: bytes, signature: bytes, context: bytes) -> bool:
        if public in self._refused:
            raise RemoteError("key.malformed")
        return super().verify_mldsa(public=public, message=message, signature=signature, context=context)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (lambda usa: usa.root.publics[0], "statement.signature"),
        (lambda usa: SUITE.public_of_signing(usa.secret), "page.signature"),
        (lambda usa: SUITE.public_of_mldsa(usa.checkpoint_secret), "page.checkpoint"),
    ],
)
def test_a_pinned_or_certified_key_that_is_no_key_vouches_for_nothing(key: object, code: str) -> None:
    """Where a library refuses the bytes of a key, the audit says what does not verify, and goes on."""
    assert callable(key)
    report = audit([Story().record_of("USA")], pins(), Choosy(key(nodes()["USA"])))
    assert code in {finding.code for finding in report.findings}
    assert report.coverage.accepted_page_count > 0


def test_a_later_incarnation_without_closure_disowns_all_earlier_ones() -> None:
    """Page 0 that carries nothing closes what was before from its first page on (J14)."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    pen = Pen(usa, ALL)
    first = pen.build(KEYS, KEY_BODY, at=40, epoch=1)
    (finding,) = judge(story, first.raw, statements=(usa.certificate,))
    assert (finding.code, finding.number, finding.arguments["count"]) == ("page.disowned", 0, 5)


def test_a_closure_of_another_journal_does_not_open_this_one() -> None:
    """The closure must be of this family and open this incarnation (J14)."""
    story = Story()
    usa = renew(nodes()["USA"], 1)
    pen = Pen(usa, ALL)
    first = pen.build(KEYS, KEY_BODY, at=40, epoch=1, opening=[usa.closure(ALL, "bulk", [])])
    found = judge(story, first.raw, statements=(usa.certificate,))
    assert codes(found) == ["page.opening"]


OPENINGS = ["nothing", "other party's succession", "other incarnation's certificate", "closure that opens nothing"]


@pytest.mark.parametrize("case", OPENINGS)
def test_a_genesis_page_that_does_not_bring_what_it_needs_is_refused(case: str) -> None:
    """J14: successions of this party, its certificate for this incarnation, and a closure of this very family."""
    story = Story()
    usa, jpn = nodes()["USA"], nodes()["JPN"]
    following = renew(usa, 1)
    closure = following.closure(ALL, "genesis", [])
    openings = {
        "nothing": [],
        "other party's succession": [jpn.succession(jpn.next_root), following.certificate, closure],
        "other incarnation's certificate": [usa.certificate, closure],
        "closure that opens nothing": [following.certificate, following.closure(ALL, "record", [])],
    }
    page = Pen(following, ALL, "genesis").open(["PactAccepted", LINEAGE], at=40, opening=openings[case])
    assert codes(judge(story, page.raw)) == ["page.opening"]


def test_the_form_of_every_statement_is_judged_before_what_it_says() -> None:
    """J14: one that is none comes first, whatever else is wrong with the opening."""
    following = renew(nodes()["USA"], 1)
    page = Pen(following, ALL, "genesis").open(
        ["PactAccepted", LINEAGE], at=40, opening=[following.certificate, b"\x90"]
    )
    assert codes(judge(Story(), page.raw)) == ["statement.malformed"]


def test_a_retired_root_chooses_no_successor() -> None:
    """S10: the root that pinned the next must hand over itself; a thief of an older one gets nowhere."""
    usa = nodes()["USA"]
    third, thief = make_root(), make_root()
    heir = replace(usa, root=usa.next_root)
    statements = (
        usa.succession(usa.next_root, third.digest),
        heir.succession(third),
        usa.succession(third, thief.digest),
        usa.certify(thief, incarnation=1),
    )
    found = judge(Story(), statements=statements)
    assert [(finding.code, finding.arguments["index"]) for finding in found] == [
        ("statement.signature", 2),
        ("statement.signature", 3),
    ]
