"""One generated history judged by `comity.audit` and by `verifier/verify.py`, and where the two differ.

A seed gives one history: its acts, its lies, what of it is lost, for whom it is judged. Real cryptography draws real
randomness, so that the bytes of two runs differ and what is in them does not.
"""

import random
from dataclasses import dataclass

import verify
from comity.audit import audit
from comity.audit import read_bundle as read_as_audit
from comity.base.errors import RemoteError
from comity.crypto.production import ProductionCeremony, ProductionSuite
from comity.journal.bundle import BundleHead, seal_bundle, write_bundle
from kit.history import KINDS, Act, History
from kit.lies import LIES, draw_pool
from kit.second_opinion import (
    Opinion,
    find_audit_opinion,
    find_audit_pins,
    find_differences,
    find_runs,
    is_rival,
    make_record,
)
from kit.verifier_opinion import find_verifier_opinion, find_verifier_pins, judge
from kit.world import World

__all__ = ["Compared", "compare"]

SUITE, CEREMONY = ProductionSuite(), ProductionCeremony()


@dataclass
class Compared:
    """What the two said of one history: nothing in `differences` if they agree; what they agreed about in `met`."""

    differences: list[str]
    met: set[str]


def compare(seed: int) -> Compared:
    """Draw a history, judge it in both ways, whole and as one reader holds it, and out of a bundle."""
    draw = random.Random(seed)
    kinds = ("say", "deliver", "deliver", "see", "see", *KINDS)
    acts = [Act(draw.choice(kinds), *(draw.randrange(41) for _ in range(3))) for _ in range(draw.randrange(8, 25))]
    lies = [(draw.choice(LIES), draw.randrange(401)) for _ in range(draw.randrange(9))]
    history, pool = draw_pool(acts, lies, seed, draw.uniform(0.7, 1), World(suite=SUITE, ceremony=CEREMONY))
    reader = draw.choice(history.world.names)
    theirs, whole = _compare_pages(history, pool, reader)
    missing = _compare_missing(history, pool, reader)
    bundles = _compare_bundles(history, pool, reader, draw)
    met = {*theirs.codes.values(), *theirs.standing.values(), *(code for code, _, _ in theirs.unbelieved)}
    met |= {code for code, _ in bundles if code} | ({"opened"} if theirs.opened else set())
    differences = [*whole, *missing, *(f"bundle: {ours!r} and {other!r}" for ours, other in bundles if ours != other)]
    return Compared(differences, met - {""})


def _compare_pages(history: History, pool: list[bytes], reader: str) -> tuple[Opinion, list[str]]:
    """Verdict and code of all bytes, standing of all that stand, and every opened entry, for nobody in particular."""
    world = history.world
    secrets = (world.parties[reader].secrets.receiving, world.parties[reader].recovery)
    theirs = find_audit_opinion(make_record(world, reader, pool, secrets), world.pins, world)
    theirs.confirmed = {}
    ours = find_verifier_opinion(judge(pool, find_verifier_pins(world.pins, secrets=secrets)))
    return theirs, [str(difference) for difference in find_differences(ours, theirs)]


def _compare_missing(history: History, pool: list[bytes], reader: str) -> list[str]:
    """What one reader lacks (J19): the verifier names pages, the audit the stretches of journals that they lie in."""
    world = history.world
    parsed = [(raw, verify.attempt(verify.read_page, raw)[0]) for raw in pool]
    pages = [raw for raw, page in parsed if page and reader in page.audience]
    record = judge(pages, find_verifier_pins(world.pins, reader=reader))
    findings = audit([make_record(world, reader, pages)], find_audit_pins(world.pins), world.suite).findings
    runs = find_runs(findings, world.suite)
    # Bytes that wait or are refused have their own finding there, and are not said to be missing as well.
    waiting = {verify.read_page(raw).place for raw, verdict in record.verdicts.items() if verdict != "accepted"}
    found = []
    for journal, number, page in record.missing:
        in_run = any(number in numbers for numbers, _ in runs.get(journal, []))
        if (journal, number) in record.at:
            found += [] if any(is_rival(finding, number, page) for finding in findings) else ["rival not found"]
        elif not in_run and (journal, number) not in waiting:
            found.append(f"missing {journal.hex()[:16]} {number}: the audit does not say so")
    for journal, rows in runs.items():
        known = [number for name, number, _ in record.missing if name == journal]
        known += [number for name, number in waiting if name == journal]
        for numbers, finding in rows:
            if max(known, default=-1) < numbers.stop - 1:
                found.append(f"{finding.code} {journal.hex()[:16]} {numbers}: the verifier misses none")
    return found


def _compare_bundles(history: History, pool: list[bytes], reader: str, draw: random.Random) -> list[tuple[str, str]]:
    """Read the pool out of a bundle, plain and sealed, whole and with one byte changed: the code, or what is in it."""
    world = history.world
    secret = world.parties[reader].recovery
    head = BundleHead(1, world.lineage, world.realm, reader, 7)
    statements = (world.parties[reader].certificate,)
    plain = write_bundle(world.suite, head, pacts=(b"pact",), pages=pool, statements=statements)
    public = world.suite.public_of_receiving(secret)
    sealed = seal_bundle(plain, public=public, suite=world.suite, ceremony=world.ceremony)
    whole = [_read_both(raw, secret, pool, statements) for raw in (plain, sealed)]
    broken = [_break(raw, draw) for raw in (plain, plain, sealed)]
    return [*whole, *(_read_both(raw, secret, None, ()) for raw in broken)]


def _break(raw: bytes, draw: random.Random) -> bytes:
    place = draw.choice((draw.randrange(len(raw)), draw.randrange(140)))
    way = draw.randrange(4)
    if way == 0:
        return raw[:place]
    middle = (b"", bytes([raw[place] ^ (1 + draw.randrange(255))]), bytes(draw.randrange(3)), b"\xc4")[way]
    return raw[:place] + middle + raw[place + (way == 1) :]


def _read_both(raw: bytes, secret: bytes, pages: list[bytes] | None, statements: tuple[bytes, ...]) -> tuple[str, str]:
    """The codes; and where both read it, what the verifier read is compared with what was written."""
    secrets = verify.read_secrets([secret.hex()])
    is_sealed = raw.startswith(b"COMITYE1")
    frames, verdict = verify.attempt(lambda: verify.read_bundle(verify.unseal(raw, secrets) if is_sealed else raw))
    try:
        theirs = read_as_audit(raw, SUITE, (secret,))
    except RemoteError as error:
        return verdict.removeprefix("refused "), error.code
    if verdict or (tuple(frames["page"]), tuple(frames["statement"])) != (theirs.pages, theirs.statements):
        return verdict or "other pages", ""
    is_same = pages is None or (frames["page"], tuple(frames["statement"])) == (pages, statements)
    return ("" if is_same else "not what was written"), ""
