"""The form of root statements (docs/spec/sealing.md, S10)."""

import pytest

from comity.base.encoding import encode
from comity.base.errors import RemoteError
from comity.journal.identity import generate_root
from comity.journal.statement import (
    Certificate,
    Closed,
    Closure,
    Links,
    Statement,
    Succession,
    parse_statement,
    sign_statement,
)
from comity.rehearsal.standin import StandInCeremony, StandInSuite

SUITE, CEREMONY = StandInSuite(), StandInCeremony(b"statements")
ROOT = generate_root(CEREMONY)
LINEAGE = bytes(32)
STATEMENTS: dict[str, Statement] = {
    "certificate": Certificate(LINEAGE, "real", "USA", 0, bytes(32), bytes(1952), bytes(1216), bytes(1216), 1),
    "closure": Closure(LINEAGE, "real", "record", "USA", ("JPN", "USA"), 2, (Closed(0, 3, bytes(32)),)),
    "links": Links(LINEAGE, "real", "USA", 1, bytes(32), b"der", ("tls://usa.example:4222",), 1),
    "succession": Succession(LINEAGE, "USA", bytes(32), bytes(1952), bytes(32), 1),
}


@pytest.mark.parametrize("kind", STATEMENTS)
def test_a_statement_travels_and_comes_back(kind: str) -> None:
    """The first field of its body names its kind; the root's two signatures verify over what travelled."""
    raw = sign_statement(STATEMENTS[kind], ROOT, suite=SUITE, ceremony=CEREMONY)
    statement = parse_statement(raw)
    assert statement.body == STATEMENTS[kind]
    assert encode(kind) in statement.body_raw[:16]
    assert statement.is_signed_by(ROOT.find_public(SUITE), SUITE)
    assert not statement.is_signed_by(generate_root(CEREMONY).find_public(SUITE), SUITE)


@pytest.mark.parametrize("half", ["ed25519", "mldsa"])
def test_both_signatures_must_verify(half: str) -> None:
    """S3: whoever breaks one of the two has broken nothing."""
    statement = parse_statement(sign_statement(STATEMENTS["links"], ROOT, suite=SUITE, ceremony=CEREMONY))
    signatures = {"ed25519": statement.ed25519, "mldsa": statement.mldsa}
    signatures[half] = bytes(len(signatures[half]))
    forged = parse_statement(encode((statement.body_raw, signatures["ed25519"], signatures["mldsa"])))
    assert not forged.is_signed_by(ROOT.find_public(SUITE), SUITE)


def _form(body: bytes) -> bytes:
    return encode((body, bytes(64), bytes(3309)))


CLOSURE = STATEMENTS["closure"]
MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "no body": _form(b""),
    "unknown kind": _form(encode(("promise", LINEAGE))),
    "field too many": _form(encode(("succession", LINEAGE, "USA", bytes(32), bytes(1952), bytes(32), 1, 1))),
    "signature size": encode((b"", bytes(63), bytes(3309))),
    "closes itself": _form(encode(Closure(LINEAGE, "real", "record", "USA", ("USA",), 1, (Closed(1, 0, LINEAGE),)))),
    "closes twice": _form(
        encode(Closure(LINEAGE, "real", "record", "USA", ("USA",), 2, (Closed(0, 1, LINEAGE), Closed(0, 2, LINEAGE))))
    ),
}


MISNAMED: dict[str, Statement] = {
    "party": Succession(LINEAGE, "usa", bytes(32), bytes(1952), bytes(32), 1),
    "realm": Links(LINEAGE, "Real", "USA", 1, bytes(32), b"", (), 1),
    "feed": Closure(LINEAGE, "real", "gossip", "USA", ("USA",), 1, ()),
    "audience": Closure(LINEAGE, "real", "record", "USA", ("USA", "JPN"), 1, ()),
    "party outside its audience": Closure(LINEAGE, "real", "record", "USA", ("JPN",), 1, ()),
}
MALFORMED |= {case: _form(encode(body)) for case, body in MISNAMED.items()}


@pytest.mark.parametrize("case", MALFORMED)
def test_what_is_no_statement_is_malformed(case: str) -> None:
    """Another shape, or a closure that contradicts itself."""
    with pytest.raises(RemoteError) as caught:
        parse_statement(MALFORMED[case])
    assert caught.value.code == "statement.malformed"


def test_a_statement_has_one_form_and_a_bound() -> None:
    """J1, and 16,384 bytes."""
    raw = sign_statement(STATEMENTS["links"], ROOT, suite=SUITE, ceremony=CEREMONY)
    with pytest.raises(RemoteError, match=r"bytes\.not-canonical"):
        parse_statement(b"\xdc\x00\x03" + raw[1:])
    with pytest.raises(RemoteError, match=r"bytes\.too-large"):
        parse_statement(bytes(16 * 1024 + 1))
