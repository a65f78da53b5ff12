"""Pages that no honest writer builds: one field changed and signed anew, or a party's second life."""

from collections.abc import Iterable

import msgspec

from comity.base.encoding import encode
from comity.base.names import Digest
from comity.crypto.label import digest, label
from comity.journal.header import Feed, JournalId, SeenHead, encode_page, parse_page
from comity.journal.identity import generate_node_secrets
from comity.journal.keyring import Keyring
from comity.journal.statement import Closed, Closure, sign_statement
from kit.world import Member

__all__ = ["begin_again", "forge", "genesis_of", "head_of", "incarnate", "restore", "sign_closure", "take_all"]


def forge(
    member: Member, raw: bytes, *, body: bytes | None = None, secret: bytes | None = None, **fields: object
) -> bytes:
    """Return the page with some header fields or its body changed, signed with the member's node key (or `secret`)."""
    suite = member.world.suite
    page = parse_page(raw, suite)
    if body is not None:
        fields = {"body_digest": digest(suite, "body", body), **fields}
    header = encode(msgspec.structs.replace(page.header, **fields))
    signature = suite.sign(secret=secret or member.secrets.node, message=label("page") + header)
    return encode_page(header_raw=header, signature=signature, body=page.body if body is None else body)


def head_of(member: Member, raw: bytes) -> SeenHead:
    """Name a page as a seen head does."""
    page = member.parse(raw)
    return SeenHead(page.journal, page.header.number, page.digest)


def genesis_of(member: Member) -> bytes:
    """Return the genesis page of the member's first incarnation, with its certificate."""
    journals = [(raw, member.parse(raw).header.journal) for raw in member.raws]
    return next(
        raw for raw, own in journals if (own.feed, own.author, own.incarnation) == (Feed.GENESIS, member.name, 0)
    )


def take_all(member: Member, raws: list[bytes]) -> list[str]:
    """Hand pages to a member; return each page's own verdict and code, as `accepted` or `refused page.kind`."""
    judged = [member.take(raw)[0] for raw in raws]
    return [f"{judgement.verdict.value} {judgement.code}".strip() for judgement in judged]


def restore(member: Member, raws: Iterable[bytes]) -> Member:
    """Return a second home of the same party with the same keys, which holds only these pages: an old backup."""
    world = member.world
    twin = Member(world, member.name, member.root, now=member.now, incarnation=member.incarnation)
    twin.secrets, twin.recovery, twin.certificate = member.secrets, member.recovery, member.certificate
    twin.keyring = Keyring(member.name, (member.secrets.receiving, member.recovery), world.suite)
    take_all(twin, list(raws))
    return twin


def incarnate(member: Member) -> None:
    """Give a member the keys and certificate of its next incarnation; what it could open it still can."""
    world = member.world
    member.incarnation += 1
    retired = member.secrets
    member.secrets = generate_node_secrets(world.ceremony, incarnation=member.incarnation)
    member.certificate = member.certify()
    secrets = (member.secrets.receiving, retired.receiving, member.recovery)
    keyring = Keyring(member.name, secrets, world.suite)
    for book in member.ledger.books():
        for page in book.pages():
            for epoch, _ in page.epochs.pairs():
                key = member.keyring.find_epoch_key(journal=book.digest, epoch=epoch)
                if key is not None:
                    keyring.add_epoch_key(journal=book.digest, epoch=epoch, key=key)
    member.keyring = keyring


def sign_closure(member: Member, journal: JournalId, *last_good: bytes) -> bytes:
    """Have the root say, as `journal` opens, which pages of its earlier incarnations were the last good ones."""
    pages = sorted((member.parse(raw) for raw in last_good), key=lambda page: page.header.journal.incarnation)
    closure = Closure(
        lineage=journal.lineage,
        realm=journal.realm,
        feed=Feed(journal.feed).value,
        party=journal.author,
        audience=journal.audience,
        opens=journal.incarnation,
        closed=tuple(
            Closed(page.header.journal.incarnation, page.header.number, Digest(page.digest)) for page in pages
        ),
    )
    return sign_statement(closure, member.root, suite=member.world.suite, ceremony=member.world.ceremony)


def begin_again(member: Member, *last_good: bytes) -> bytes:
    """Start a member's next incarnation; return its genesis page, which the member itself has taken.

    `last_good` is the last genesis page that the root stands by; without it the old genesis journal is closed whole.
    """
    incarnate(member)
    journal = member.journal(*member.world.names, feed=Feed.GENESIS)
    raw = member.be_born((member.certificate, sign_closure(member, journal, *last_good)))
    assert take_all(member, [raw]) == ["accepted"]
    return raw
