"""Bytes that are wrong in any way get one code from the journal and from the verifier, whatever is wrong with them.

It found that the verifier, of whom a path longer than the place it is for was taken, let an entry be shown at another
index (now vector 409), and what the specification did not say of sizes, and of formats that are no number.
"""

import random
from collections.abc import Callable

import pytest

import verify
from comity.audit.statement import decode_statement
from comity.base.errors import RemoteError
from comity.journal.card import parse_card
from comity.journal.disclosure import check_disclosure
from comity.journal.header import parse_page
from comity.journal.statement import parse_statement
from fuzz.change import change_message
from fuzz.pages import find_openings
from fuzz.vectors import SUITE, find_seeds

KEY = bytes(32)
"""A point of small order: some signatures that nobody made verify under it, so that what comes next is reached."""
READERS: dict[str, tuple[Callable[[bytes], object], Callable[[bytes], object]]] = {
    "page": (lambda raw: parse_page(raw, SUITE), verify.read_page),
    "statement": (parse_statement, verify.read_statement),
    "audit-statement": (decode_statement, verify.read_statement),
    "card": (lambda raw: parse_card(raw, SUITE), verify.check_card),
    "disclosure": (
        lambda raw: check_disclosure(raw, node_keys=(KEY,), suite=SUITE),
        lambda raw: verify.check_disclosure(raw, [KEY]),
    ),
}
COUNT = 400


def _find_code(reader: Callable[[bytes], object], raw: bytes) -> str:
    try:
        reader(raw)
    except RemoteError as error:
        return error.code
    return ""


@pytest.mark.parametrize("name", READERS)
def test_any_bytes_get_one_code(name: str) -> None:
    """Vectors changed once or twice, within what they say and blindly; the same in every run."""
    ours, theirs = READERS[name]
    kind = name.removeprefix("audit-")
    seeds = [*find_seeds(kind), *(find_openings() if kind == "statement" else ())]
    draw = random.Random(name)
    met: set[str] = set()
    for _ in range(COUNT):
        raw = draw.choice(seeds)
        for _ in range(draw.randrange(1, 3)):
            raw = change_message(raw, draw)
        code = _find_code(ours, raw)
        assert verify.attempt(theirs, raw)[1].removeprefix("refused ") == code, raw.hex()
        met.add(code)
    assert len(met) > 1
