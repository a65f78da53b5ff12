"""A second opinion on a Comity record, from `docs/spec` alone: a verdict is a function of the set of bytes (J11)."""

import argparse
import hashlib
import hmac
import re
import runpy
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import dropwhile, pairwise, zip_longest
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgpack  # type: ignore[import-untyped]
from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import ed25519, mldsa, mlkem, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

# Shapes, for `fits`: an int is a uint up to it, a range a bin of such a length, a pattern a str, a tuple an array of
# these, a dict the same with names, a list `[item, least, most, ascending]` an array, None what J1 permits, 16 deep.
UINT, AT, INCARNATION = 2**53, 253_402_300_799_999, 1_000_000  # J1, J2, J4
BIN, D32, B64, B1024, ENTRY = range(1 << 31), range(32, 33), range(64, 65), range(1025), range(49_153)  # J10
MLDSA_KEY, MLDSA_SIGNATURE, RECEIVING_KEY, WRAP = (range(n, n + 1) for n in (1952, 3309, 1216, 1168))  # S8, S10
PARTY, FEED = re.compile(r"[A-Z][A-Z0-9-]{0,11}"), re.compile("genesis|record|bulk|warning")  # J3
REALM, TEXT = re.compile(r"(?=.{1,48}\Z)(real|exercise/[a-z0-9][a-z0-9-]*)"), re.compile(r"(?s:.{0,256})")
AUDIENCE, HEADS = [PARTY, 1, 256, True], [(D32, UINT, D32), 0, 512, True]  # J3, J12
TOLD: dict[str, Any] = {"lineage": D32, "realm": REALM}
JOURNAL = {**TOLD, "feed": FEED, "party": PARTY, "audience": AUDIENCE, "incarnation": INCARNATION}  # J4
HEADER = {"format": 1, "suite": 1, "kind": UINT, "pact": D32, "id": tuple(JOURNAL.values()), "number": UINT}  # J7
HEADER |= {"previous": D32, "written_at": AT, "salt": D32, "epoch": UINT, "count": UINT, "body_digest": D32}
HEADER |= {"entries_root": D32, "seen": HEADS, "opening": [range(16_385), 0, 8, False]}
WRAPS, CLOSED = [(PARTY, D32, WRAP), 0, 512, False], [(INCARNATION, UINT, D32), 0, INCARNATION, True]
KEY_BODY = {"epoch": UINT, "commitment": D32, "part": UINT, "parts": UINT, "wraps": WRAPS}  # S9
CERTIFICATE = {**TOLD, "party": PARTY, "incarnation": INCARNATION, "node": D32, "checkpoint": MLDSA_KEY}  # S10
CERTIFICATE |= {"receiving": RECEIVING_KEY, "recovery": RECEIVING_KEY, "issued_at": AT}
CLOSURE = {**TOLD, "feed": FEED, "party": PARTY, "audience": AUDIENCE, "opens": INCARNATION, "closed": CLOSED}
LINKS = {**TOLD, "party": PARTY, "serial": UINT, "exchange": D32, "authority": B1024}
LINKS |= {"endpoints": [TEXT, 0, 16, False], "issued_at": AT}
SUCCESSION = {"lineage": D32, "party": PARTY, "root": D32, "mldsa65": MLDSA_KEY, "next": D32, "issued_at": AT}
BODIES = {"certificate": CERTIFICATE, "closure": CLOSURE, "links": LINKS, "succession": SUCCESSION}
CARD = (PARTY, D32, MLDSA_KEY, D32, UINT, [(REALM, D32, B1024, TEXT), 0, 16, False], AT)  # S13
SIGNED, CHECKPOINT_BODY = (BIN, B64, MLDSA_SIGNATURE), {"number": UINT, "digest": D32, "heads": HEADS}  # S10, J13
FRAMES = {"head": (1, D32, REALM, re.compile("(?s:.*)"), AT), "epoch-key": (D32, UINT, D32), "end": (UINT, D32)}  # J20
(OPEN, KEYS, ENTRIES, RECEIPT, CHECKPOINT), ROOT = range(5), ("ed25519", "mldsa65", "next_root_digest")  # J7; J35
HPKE = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)  # S8
L, pack, PUBLISHED = b"comity/1/%s\0", msgpack.packb, (re.compile("RootStatementPublished"), BIN)  # S1, J1, S11


def need(truth: object, code: str, word: str = "refused") -> None:
    if not truth:
        raise ValueError(word, code)


def attempt(act: Callable[..., Any], *given: Any, **options: Any) -> tuple[Any, str]:  # what it gives, no verdict
    try:
        return act(*given, **options), ""
    except (InvalidSignature, InvalidTag, ValueError) as error:  # msgpack's own errors are ValueErrors
        return None, " ".join(map(str, error.args)) or "refused"  # the verdict: `refused` or `held`, and a code


def fits(value: Any, shape: Any, depth: int = 16) -> bool:
    if shape is None:
        nested = type(value) is list and depth > 0 and all(fits(item, None, depth - 1) for item in value)
        return nested or fits(value, UINT) or type(value) in (str, bytes)
    if isinstance(shape, tuple):
        return type(value) is list and len(value) == len(shape) and all(map(fits, value, shape))
    if isinstance(shape, list):
        item, least, most, ascending = shape
        right = type(value) is list and least <= len(value) <= most and all(fits(v, item) for v in value)
        return right and (not ascending or all(a < b for a, b in pairwise(value)))
    if isinstance(shape, int):
        return type(value) is int and 0 <= value <= shape
    if isinstance(shape, range):
        return type(value) is bytes and len(value) in shape
    return type(value) is str and shape.fullmatch(value) is not None


def read(raw: bytes, shape: Any, code: str, most: int = 1 << 62) -> Any:  # J1: the size, the shape, the one form
    need(len(raw) <= most, "bytes.too-large")
    value, _ = attempt(msgpack.unpackb, raw)
    need(fits(value, tuple(shape.values()) if isinstance(shape, dict) else shape), code)
    need(pack(value) == raw, "bytes.not-canonical")
    return SimpleNamespace(**dict(zip(shape, value, strict=True))) if isinstance(shape, dict) else value


def sha(*parts: bytes) -> bytes:  # S1: H(x, content) is sha(L % x, content)
    return hashlib.sha256(b"".join(parts)).digest()


def expand(key: bytes, info: bytes) -> bytes:  # S2: the first and only block of RFC 5869
    return hmac.digest(key, info + b"\x01", "sha256")


def is_signed(what: bytes, public: bytes, signature: bytes, content: bytes) -> bool:  # S3
    if len(public) == 32:
        return not attempt(ed25519.Ed25519PublicKey.from_public_bytes(public).verify, signature, L % what + content)[1]
    return not attempt(mldsa.MLDSA65PublicKey.from_public_bytes(public).verify, signature, content, (L % what)[:-1])[1]


def read_statement(raw: bytes) -> SimpleNamespace:  # S10, its form
    body, *signatures = read(raw, SIGNED, "statement.malformed", 16_384)
    kind = next((kind for kind in BODIES if body[1:].startswith(pack(kind))), "")
    told = read(body, {"kind": re.compile(kind or "(?!)"), **BODIES.get(kind, {})}, "statement.malformed")
    opens = [*(row[0] for row in getattr(told, "closed", ())), getattr(told, "opens", 0)]
    orderly = all(map(int.__lt__, opens, opens[1:])) and told.party in getattr(told, "audience", [told.party])
    need(orderly, "statement.malformed")
    return SimpleNamespace(body=body, signatures=signatures, **vars(told))


def read_header(header: bytes, body: bytes, size: int) -> SimpleNamespace:  # J6, J7, J9, J12; `size` of the page
    first, _ = attempt(msgpack.unpackb, header, raw=True)  # a newer format may hold what this one may not
    for number in first[:2] if type(first) is list else ():  # the format before anything else, then the suite
        need(fits(number, UINT), "page.malformed")
        need(number == 1, "page.format-unknown")
    page: SimpleNamespace = read(header, HEADER, "page.malformed")
    vars(page).update(zip(JOURNAL, page.id, strict=True), journal=sha(L % b"journal", pack(page.id)), header=header)
    vars(page).update(digest=sha(L % b"page", header), place=(page.journal, page.number), opens=page.incarnation)
    need(page.party in page.audience and all(head[0] != page.journal for head in page.seen), "page.malformed")
    need(size <= (65_536 if page.feed in ("genesis", "record") else 524_288), "bytes.too-large")
    need(page.kind in ((OPEN, 3, 4) if page.feed == "genesis" else (KEYS, ENTRIES, 3, 4)), "page.kind")
    need((page.epoch > 0) == (page.kind in (KEYS, ENTRIES)), "page.kind")
    counts = range(1, 4097) if page.kind in (OPEN, ENTRIES) else (0,)
    need(page.count in counts and (page.count or page.entries_root == sha()), "page.kind")
    need(page.number if page.kind == CHECKPOINT else page.kind != RECEIPT or (not body and page.seen), "page.kind")
    return page


def read_page(raw: bytes) -> SimpleNamespace:  # step 1 of J11; and the root statements in it (S11)
    header, signature, body = read(raw, (BIN, B64, BIN), "page.malformed", 524_288)
    page = read_header(header, body, len(raw))
    need(page.body_digest == sha(L % b"body", body), "page.body-digest")
    vars(page).update(raw=raw, signature=signature, body=body, heads=page.seen)
    entries = attempt(read, body, [ENTRY, page.count, page.count, False], "")[0] if page.kind == OPEN else ()
    page.statements = page.opening + [e[1] for raw in entries or () if (e := attempt(read, raw, PUBLISHED, "")[0])]
    return page


class Record:
    """What follows from a set of pages and statements, under pins: lineage, realm, roots (J35), reader, secrets."""

    def __init__(self, pins: SimpleNamespace, pages: Iterable[bytes], statements: Iterable[bytes] = ()) -> None:
        self.pins, self.keys = pins, dict[bytes, bytes]()  # epoch keys by commitment, which says journal and epoch (S4)
        self.accepted: dict[bytes, SimpleNamespace] = {}  # by page digest, in the order of their numbers
        self.at: dict[Any, set[bytes]] = defaultdict(set)  # digests of accepted pages, by journal and number
        results = {raw: attempt(read_page, raw) for raw in pages}
        self.verdicts = {raw: verdict for raw, (_, verdict) in results.items()}
        parsed = sorted((page for page, _ in results.values() if page), key=lambda page: page.number)
        self.believe([*statements, *(raw for page in parsed for raw in page.statements)])
        for page in parsed * 2:  # again: a page may wrongly name one that comes later in this order (J11.8)
            if self.verdicts[page.raw] != "accepted":
                self.verdicts[page.raw] = attempt(self.accept, page)[1] or "accepted"
        self.judge_standing(list(self.accepted.values()))

    def believe(self, statements: Iterable[bytes]) -> None:  # S10, S11
        self.roots = {party: {root} for party, root in self.pins.roots.items()}
        results, size = [attempt(read_statement, raw) for raw in dict.fromkeys(statements)], 0
        while size < (size := sum(map(len, self.roots.values()))):  # as long as a succession adds a root
            for told, _ in results:
                if told and told.kind == "succession" and not attempt(self.check_statement, told)[1]:
                    self.roots[told.party].add((told.root, told.mldsa65, told.next))
        judged = [(told, verdict or attempt(self.check_statement, told)[1]) for told, verdict in results]
        counts = {told.body: told for told, verdict in judged if not verdict}
        self.certificates = [told for told in counts.values() if told.kind == "certificate"]
        self.findings = [(verdict[8:], "a root statement") for _, verdict in judged if verdict]
        single = [str(msgpack.unpackb(body)[: 7 if told.kind == "closure" else 5]) for body, told in counts.items()]
        self.findings += [("statement.equivocates", what[:32]) for what, count in Counter(single).items() if count > 1]

    def check_statement(self, told: SimpleNamespace, word: str = "refused") -> None:  # S10: whether it counts
        here = told.lineage == self.pins.lineage and getattr(told, "realm", self.pins.realm) == self.pins.realm
        need(here, "statement.other-pact")
        need(told.party in self.roots, "statement.unknown-root")
        for *root, after in self.roots[told.party]:
            may = told.kind != "succession" or after == sha(L % b"root", told.root, told.mldsa65)
            if may and all(is_signed(b"root", *pair, told.body) for pair in zip(root, told.signatures, strict=True)):
                return
        need(False, "statement.signature", word)

    def check_opening(self, page: SimpleNamespace, begins: bool) -> None:  # J14
        told, closes = list(map(read_statement, page.opening)), ["closure"] * (page.number == 0 < page.incarnation)
        kinds = list(dropwhile(lambda kind: begins and kind == "succession", (s.kind for s in told)))
        own = all(getattr(s, key, vars(page)[key]) == vars(page)[key] for s in told for key in (*JOURNAL, "opens"))
        need(own and kinds in ([["certificate", *closes]] if begins else [[], closes]), "page.opening")
        for s in told:
            self.check_statement(s, "refused" if begins else "held")

    def accept(self, page: SimpleNamespace) -> None:  # J11, steps 2 to 9
        need(page.lineage == self.pins.lineage, "page.other-lineage")
        need(page.realm == self.pins.realm, "page.other-realm")
        need(self.pins.reader not in self.pins.roots or self.pins.reader in page.audience, "page.other-audience")
        need(self.pins.roots.keys() >= set(page.audience), "page.unknown-party")
        begins = page.feed == "genesis" and page.number == 0
        word, _, code = attempt(self.check_opening, page, begins)[1].partition(" ")
        need(not code or not begins, code, word)
        mine = [c for c in self.certificates if (c.party, c.incarnation) == (page.party, page.incarnation)]
        need(mine, "page.stranger", "held")
        signers = [c for c in mine if is_signed(b"page", c.node, page.signature, page.header)]
        need(signers, "page.signature")
        need(not code, code, word)
        if page.kind == CHECKPOINT:  # J13
            statement, signature = read(page.body, (BIN, MLDSA_SIGNATURE), "page.checkpoint")
            said, content = read(statement, CHECKPOINT_BODY, "page.checkpoint"), pack([page.id, statement])
            need(all(head[0] != page.journal for head in said.heads), "page.checkpoint")
            need(any(is_signed(b"checkpoint", c.checkpoint, signature, content) for c in signers), "page.checkpoint")
            page.heads = page.seen + said.heads
        if page.kind == KEYS:  # S9
            said = page.said = read(page.body, KEY_BODY, "page.malformed")
            need(said.epoch == page.epoch and said.part < said.parts, "page.kind")
        before, last = self.accepted.get(page.previous), (page.journal, page.number - 1)
        need(page.number or page.previous == page.journal, "page.previous")
        need(before or not page.number, "page.previous" if self.at.get(last) else "page.gap", "held")
        need(not before or before.place == last, "page.previous")
        page.epochs = dict(before.epochs) if before else {}  # commitments along the chain
        if page.kind == KEYS:
            need(page.epochs.setdefault(page.epoch, said.commitment) == said.commitment, "key.commitment")
        need(page.kind != ENTRIES or page.epoch in page.epochs, "page.kind")
        need(page.kind != CHECKPOINT or (said.number, said.digest) == (last[1], page.previous), "page.checkpoint")
        self.accepted.setdefault(page.digest, page)
        self.at[page.place].add(page.digest)

    def judge_standing(self, pages: list[SimpleNamespace]) -> None:  # J16, J17, J19
        named = {(*head, page.party) for page in pages for head in page.heads}
        here = {(*page.place, page.digest) for page in pages}
        self.missing, backed, words = {head[:3] for head in named} - here, set[bytes](), dict[bytes, str]()
        for page in reversed(pages):  # backed: another author names it, or a page after it
            others = self.pins.roots.keys() - {page.party}
            if page.digest in backed or any((*page.place, page.digest, author) in named for author in others):
                backed |= {page.digest, page.previous}
        for page in pages:
            if page.previous in words or backed & self.at[page.place] - {page.digest}:
                words[page.digest] = "disputed"
        for first in (page for page in pages if page.number == 0 < page.incarnation):
            closed = {row[0]: row[1:] for raw in first.opening for row in getattr(read_statement(raw), "closed", ())}
            older = [p for p in pages if p.incarnation < first.incarnation and p.id[:-1] == first.id[:-1]]
            kept = {page.digest for page in older if closed.get(page.incarnation) == [page.number, page.digest]}
            for page in reversed(older):
                kept |= {page.previous} if page.digest in kept else set()
            for page in older:
                number, digest = closed.get(page.incarnation, (-1, b""))
                if page.digest not in kept if (page.journal, number, digest) in here else page.number > number:
                    words[page.digest] = "disowned"
        self.standing = {digest: words.get(digest, "good") for digest in self.accepted}

    def learn(self, page: SimpleNamespace) -> str:  # S9: what a key page gives to the holder of the secrets
        faults, commitment = list[str](), page.epochs[page.epoch]
        for party, key_id, wrapped in page.said.wraps if commitment not in self.keys else ():
            if key_id in self.pins.secrets:
                info = L % b"epoch-key" + pack([page.id, page.epoch, commitment, party])
                key, _ = attempt(HPKE.decrypt, wrapped, self.pins.secrets[key_id], info)
                if key and sha(L % b"epoch-key", page.journal, page.epoch.to_bytes(8), key) == commitment:  # S4
                    self.keys[commitment] = key
                    return "learned"
                faults.append("key.commitment" if key else "key.not-unwrapped")
        return faults[0] if faults else "nothing new"

    def open(self, page: SimpleNamespace) -> list[bytes]:  # S5 to S7
        key, body = page.salt, page.body
        if page.kind == ENTRIES:
            need(page.epochs[page.epoch] in self.keys, "page.no-key")
            key = hmac.digest(page.salt, self.keys[page.epochs[page.epoch]], "sha256")  # S2, extract
            key = expand(key, L % b"page-key" + pack([page.journal, page.number, page.epoch]))
            aad = L % b"page-seal" + pack([page.id, page.number])
            body, failed = attempt(AESGCM(key).decrypt, bytes(12), body, aad)
            need(not failed, "page.not-opened")
        entries, _ = attempt(read, body, [ENTRY, page.count, page.count, False], "")
        level = [sha(b"\0", expand(key, L % b"leaf" + i.to_bytes(4)), entry) for i, entry in enumerate(entries or ())]
        while len(level) > 1:  # RFC 6962, 2.1, from the leaves up: who has no sibling moves up
            level = [sha(b"\x01", a, b) if b else a for a, b in zip_longest(level[::2], level[1::2])]
        need(level == [page.entries_root], "page.entries-root")
        return list(entries)

    def find(self) -> Iterator[tuple[str, str]]:  # all that speaks against the record, and where
        yield from self.findings
        yield from ((v.split()[1], sha(raw).hex()) for raw, v in self.verdicts.items() if v != "accepted")
        yield from (("page.missing", digest.hex()) for _, _, digest in self.missing)
        for page in self.accepted.values():
            codes = ["page." + self.standing[page.digest], "page.forked" * (len(self.at[page.place]) > 1)]
            codes += [self.learn(page)] if page.kind == KEYS else []
            entries, verdict = attempt(self.open, page) if page.kind in (OPEN, ENTRIES) else ((), "")
            for raw in entries or ():  # J10
                value, malformed = attempt(read, raw, None, "entry.malformed")
                typed = type(value) is list and value and type(value[0]) is str
                codes += [malformed[8:]] if malformed or typed else ["entry.malformed"]
            told = {*codes, verdict[8:]} - {"", "page.good", "learned", "nothing new"}
            yield from ((code, page.digest.hex()) for code in sorted(told))


def check_disclosure(raw: bytes, node_keys: list[bytes]) -> bytes:  # S7; the entry
    shape = (BIN, B64, 4095, ENTRY, D32, [D32, 0, 12, False])
    header, signature, index, entry, blind, path = read(raw, shape, "disclosure.malformed", 524_288)
    page, verdict = attempt(read_header, header, b"", 0)
    need(verdict.endswith(("unknown", "canonical")) or (page and index < page.count), "disclosure.malformed")
    need(page, verdict[8:])
    need(any(is_signed(b"page", key, signature, header) for key in node_keys), "disclosure.signature")
    at, count = sha(b"\0", blind, entry), page.count
    for sibling in path:  # RFC 6962, 2.1.1, from the leaf up
        while count > 1 and index ^ 1 >= count:  # no sibling on this level
            index, count = index >> 1, count + 1 >> 1
        at = sha(b"\x01", *((sibling, at) if index & 1 else (at, sibling))) if count > 1 else b""  # beyond the root
        index, count = index >> 1, count + 1 >> 1
    need(at == page.entries_root, "disclosure.entries-root")
    return bytes(entry)


def check_card(raw: bytes) -> bytes:  # S13; the fingerprint
    body, *signatures = read(raw, SIGNED, "card.malformed", 32_768)
    root = read(body, CARD, "card.malformed")[1:3]
    need(all(is_signed(b"card", *pair, body) for pair in zip(root, signatures, strict=True)), "card.signature")
    return sha(L % b"root", *root)[:16]


def cut(raw: bytes, magic: bytes, most: int) -> Iterator[tuple[int, bytes]]:  # J20, J21; frames, and where each ends
    need(raw.startswith(magic), "bundle.malformed")
    end = len(magic)
    while (at := end) < len(raw):
        end = at + 4 + int.from_bytes(raw[at : at + 4])
        need(end <= len(raw) and end - at <= 4 + most, "bundle.malformed")
        yield end, raw[at + 4 : end]


def read_bundle(raw: bytes) -> dict[str, list[Any]]:  # J20; payloads by type of frame
    frames: dict[str, list[Any]] = defaultdict(list)
    for count, (end, content) in enumerate(cut(raw, b"COMITYB1", 2 << 20)):
        kind, payload = read(content, (re.compile("(?s:.{0,32})"), BIN), "bundle.malformed")
        need((kind == "head") == (count == 0), "bundle.malformed")
        head = attempt(msgpack.unpackb, payload, raw=True)[0] if kind == "head" else None
        need(type(head) is not list or not fits(head[:1], (UINT,)) or head[0] == 1, "bundle.format-unknown")
        frames[kind].append(read(payload, FRAMES[kind], "bundle.malformed") if kind in FRAMES else payload)
        if kind == "end":
            right = [count, sha(L % b"bundle", raw[8 : end - 4 - len(content)])]
            need(frames["end"] == [right] and end == len(raw), "bundle.damaged")
    need("end" in frames, "bundle.malformed")
    return frames


def unseal(raw: bytes, secrets: dict[bytes, Any]) -> bytes:  # J21
    (first, *chunks), parts = [content for _, content in cut(raw, b"COMITYE1", 65_552)] or [b""], list[bytes]()
    key_id, wrapped = read(first, (D32, BIN), "bundle.malformed")
    need(chunks, "bundle.malformed")
    need(key_id in secrets, "bundle.sealed")
    key, _ = attempt(HPKE.decrypt, wrapped, secrets[key_id], L % b"bundle")
    need(key and len(key) == 32, "key.not-unwrapped")
    for index, chunk in enumerate(chunks):
        info = L % b"chunk" + index.to_bytes(8) + bytes([index == len(chunks) - 1])
        part, failed = attempt(AESGCM(expand(key, info)).decrypt, bytes(12), chunk, b"")
        need(not failed, "bundle.damaged")
        need(len(part) == 65_536 or (info[-1] and (part or index == 0)), "bundle.malformed")
        parts.append(part)
    return b"".join(parts)


def read_secrets(texts: Iterable[str]) -> dict[bytes, Any]:  # S8; by key id
    secrets = {}
    for raw in map(bytes.fromhex, texts):
        kem = mlkem.MLKEM768PrivateKey.from_seed_bytes(raw[:64])
        curve = x25519.X25519PrivateKey.from_private_bytes(raw[64:])
        public = kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()
        secrets[sha(L % b"receiving-key", public)] = hpke.MLKEM768X25519PrivateKey(kem, curve)
    return secrets


def judge(raw: bytes, pact: bytes, secrets: dict[bytes, Any]) -> Record:
    frames = read_bundle(unseal(raw, secrets) if raw[:8] == b"COMITYE1" else raw)
    _, lineage, realm, holder, _ = frames["head"][0]
    pact = pact or next((text for text in frames["pact"] if sha(text) == lineage), b"")
    told = attempt(tomllib.loads, pact.decode(errors="replace"))[0] or {}
    need("root" in told and told["pact"].get("lineage", sha(pact).hex()) == lineage.hex(), "record.other-lineage")
    roots = {party: tuple(bytes.fromhex(row[key]) for key in ROOT) for party, row in told["root"].items()}  # J35
    pins = SimpleNamespace(lineage=lineage, realm=realm, roots=roots, reader=holder, secrets=secrets)
    record = Record(pins, frames["page"], frames["statement"])
    record.keys |= {sha(L % b"epoch-key", of, epoch.to_bytes(8), key): key for of, epoch, key in frames["epoch-key"]}
    return record


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("vectors", "bundle"))
    parser.add_argument("path", type=Path)
    parser.add_argument("--pact", type=Path, help="the pact that you accepted; else the one in the bundle")
    parser.add_argument("--key", type=Path, action="append", default=[], help="a receiving secret, in hexadecimal")
    asked = parser.parse_args()
    if asked.what == "vectors":
        return bool(runpy.run_path(str(Path(__file__).with_name("replay.py")))["replay_all"](asked.path))
    pact, secrets = asked.pact.read_bytes() if asked.pact else b"", read_secrets(path.read_text() for path in asked.key)
    record, verdict = attempt(judge, asked.path.read_bytes(), pact, secrets)
    found = list(record.find()) if record else [(verdict[8:], "the file")]
    for code, count in sorted(Counter(code for code, _ in found).items()):
        print(f"{code}: {count}, the first at {dict(reversed(found))[code][:16]}")
    bad, stand = sum(code != "page.no-key" for code, _ in found), len(record.accepted) if record else 0
    print(f"{stand} pages stand; {bad or 'no'} findings speak against the record.")
    return bool(bad)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except (OSError, ValueError) as error:  # a file that cannot be read, a secret that is none
        raise SystemExit(f"verify.py: {error}") from None
