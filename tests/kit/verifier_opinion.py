"""The same pages judged by `verifier/verify.py`, in the form in which the ledger and the audit are compared."""

from collections.abc import Sequence
from types import SimpleNamespace

import verify
from comity.journal.trust import Pins
from kit.second_opinion import Opinion

__all__ = ["find_verifier_opinion", "find_verifier_pins", "judge"]


def find_verifier_pins(pins: Pins, *, reader: str = "", secrets: Sequence[bytes] = ()) -> SimpleNamespace:
    """The same pins as the verifier takes them; without a reader it judges for nobody in particular."""
    roots = {party: (root.keys.ed25519, root.keys.mldsa, root.next_root) for party, root in pins.roots.items()}
    read = verify.read_secrets(secret.hex() for secret in secrets)
    return SimpleNamespace(lineage=pins.lineage, realm=pins.realm, roots=roots, reader=reader, secrets=read)


def judge(pages: Sequence[bytes], pins: SimpleNamespace, statements: Sequence[bytes] = ()) -> verify.Record:
    """Judge a set of pages, and learn every key that they give to the holder of the secrets."""
    record = verify.Record(pins, pages, statements)
    for page in record.accepted.values():
        if page.kind == verify.KEYS:
            record.learn(page)
    return record


def find_verifier_opinion(record: verify.Record) -> Opinion:
    """Bring what the verifier found into the common form; whom it confirms for, it does not say."""
    opinion = Opinion(standing=dict(record.standing))
    for raw, verdict in record.verdicts.items():
        page, _ = verify.attempt(verify.read_page, raw)
        if verdict == "accepted" or page is None or page.digest not in record.accepted:
            opinion.codes[raw] = verdict.removeprefix("held ").removeprefix("refused ").removeprefix("accepted")
    for digest, page in record.accepted.items():
        if page.kind in (verify.OPEN, verify.ENTRIES):
            entries, verdict = verify.attempt(record.open, page)
            if not verdict:
                opinion.opened[digest] = tuple(entries)
            elif verdict != "refused page.no-key":
                opinion.unbelieved.add((verdict.removeprefix("refused "), page.journal, page.number))
    return opinion
