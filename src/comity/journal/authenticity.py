"""The checks of acceptance: who wrote this page, and does it stand where it says (docs/spec/journal.md, J11).

Each check raises a coded `RemoteError` (refuse), or returns a `Need` (hold until that comes), or None (go on).
"""

import enum
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.base.errors import RemoteError
from comity.base.names import Digest, Party
from comity.crypto.label import label
from comity.crypto.suite import Suite
from comity.journal.branch import Placed
from comity.journal.header import Feed, Kind, Page, SeenHead
from comity.journal.keypage import CHECKPOINT_CONTEXT, find_checkpoint_message, parse_checkpoint, parse_key_body
from comity.journal.statement import Certificate, Closure, RootStatement, Statement, Succession, parse_statement
from comity.journal.trail import Trail
from comity.journal.trust import Trust

__all__ = [
    "Need", "NeedKind", "check_author", "check_place", "find_checkpoint_heads", "find_closure", "follows_plainly",
    "merge_epochs",
]  # fmt: skip

# A name in an enum is looked up by a call (Python 3.11), and these are asked of every page of the store at a start.
_KEYS: Final = Kind.KEYS
_ENTRIES: Final = Kind.ENTRIES
_HEADS_SEEN: Final = Kind.HEADS_SEEN


class NeedKind(enum.Enum):
    """What a held page waits for."""

    PAGE = "page"
    CERTIFICATE = "certificate"
    ROOT = "root"
    VERSION = "version"
    """A version of the pact that the page names and that is not held: it may have more parties."""
    DOUBT = "doubt"
    """Refused, but a root statement still to come could make it good: judged again when one comes."""


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to wait for; pages that need the same thing share a key."""

    kind: NeedKind
    page: bytes = b""
    party: Party = ""
    incarnation: int = -1

    @classmethod
    def for_page(cls, digest: Digest) -> "Need":
        """What a page waits for whose predecessor is `digest`."""
        return cls(NeedKind.PAGE, page=digest)

    @property
    def code(self) -> str:
        """The code under which the page is held."""
        codes = {
            NeedKind.CERTIFICATE: "page.stranger",
            NeedKind.ROOT: "statement.signature",
            NeedKind.VERSION: "page.unknown-party",
        }
        return codes.get(self.kind, "page.gap")


def check_author(
    page: Page, *, trust: Trust, reader: Party | None, suite: Suite, is_vouched: bool = False
) -> Need | None:
    """J11, steps 2 to 7: scope, certificate, signature, opening, what the kind alone demands.

    Of a page that is vouched for, the author's signatures were checked before and are not checked again.
    """
    need = _check_scope(page, trust=trust, reader=reader)
    if need is not None:
        return need
    header, journal = page.header, page.header.journal
    is_birth = journal.feed is Feed.GENESIS and header.number == 0
    if is_birth:
        _check_birth(page, trust)
    certificates = trust.find_certificates(journal.author, journal.incarnation)
    if not certificates:
        return Need(NeedKind.CERTIFICATE, party=journal.author, incarnation=journal.incarnation)
    signers = certificates if is_vouched else _find_signers(page, certificates, suite)
    if not signers:
        raise RemoteError("page.signature", evidence=page.raw, number=header.number)
    if not is_birth:
        need = _check_opening(page, trust)
        if need is not None:
            return need
    if header.kind is Kind.CHECKPOINT and not is_vouched:
        _check_checkpoint(page, signers, suite)
    if header.kind is Kind.KEYS:
        parse_key_body(page)
    return None


def _find_signers(page: Page, certificates: Sequence[Certificate], suite: Suite) -> tuple[Certificate, ...]:
    message = label("page") + page.header_raw
    return tuple(c for c in certificates if suite.verify(public=c.node_key, message=message, signature=page.signature))


def follows_plainly(page: Page, pages: Mapping[Digest, Placed]) -> bool:
    """Tell whether a page that is vouched for has nothing left to check but what is checked here (J11, steps 8 and 9).

    Of sealed entries and receipts, scope and certificate are those of the accepted page before them, in one journal.
    """
    header = page.header
    kind, parent = header.kind, pages.get(header.previous)
    return (
        parent is not None
        and parent.header.number == header.number - 1
        and parent.journal == page.journal
        and not header.opening
        and ((kind is _ENTRIES and parent.epochs.find(header.epoch) is not None) or kind is _HEADS_SEEN)
        and page.digest not in pages
    )


def check_place(page: Page, pages: Mapping[Digest, Placed]) -> Need | None:
    """J11, steps 8 and 9: the page before it is here, and the chain before it allows it."""
    header = page.header
    if header.number == 0:
        if header.previous != page.journal:
            raise RemoteError("page.previous", evidence=page.raw, number=0)
        parent = None
    else:
        parent = pages.get(header.previous)
        if parent is None:
            return Need.for_page(header.previous)
        if parent.journal != page.journal or parent.header.number != header.number - 1:
            raise RemoteError("page.previous", evidence=page.raw, number=header.number)
    _check_chain_rules(page, parent)
    return None


def _check_chain_rules(page: Page, parent: Placed | None) -> None:
    header = page.header
    if header.kind is Kind.ENTRIES and (parent is None or parent.epochs.find(header.epoch) is None):
        raise RemoteError("page.kind", evidence=page.raw, number=header.number)
    if header.kind is Kind.KEYS:
        commitment = parse_key_body(page).commitment
        if parent is not None and parent.epochs.find(header.epoch) not in (None, commitment):
            raise RemoteError("key.commitment", evidence=page.raw, epoch=header.epoch)
    if header.kind is Kind.CHECKPOINT:
        _, statement = parse_checkpoint(page)
        if (statement.number, statement.page) != (header.number - 1, header.previous):
            raise RemoteError("page.checkpoint", evidence=page.raw, number=header.number)


def merge_epochs(parent: Placed | None, page: Page) -> Trail[int, bytes]:
    """Return the epochs announced on the branch up to this accepted page."""
    header = page.header
    epochs: Trail[int, bytes] = Trail() if parent is None else parent.epochs
    if header.kind is not _KEYS:
        return epochs
    return epochs.extend(header.number, {header.epoch: parse_key_body(page).commitment})


def find_closure(page: Page) -> Closure | None:
    """Return the closure in an accepted page 0, if it carries one."""
    bodies = (parse_statement(raw).body for raw in page.header.opening)
    return next((body for body in bodies if isinstance(body, Closure)), None)


def find_checkpoint_heads(page: Page) -> tuple[SeenHead, ...]:
    """Return the heads that an accepted checkpoint names; none for other kinds."""
    return parse_checkpoint(page)[1].heads if page.header.kind is Kind.CHECKPOINT else ()


def _check_scope(page: Page, *, trust: Trust, reader: Party | None) -> Need | None:
    journal = page.header.journal
    if journal.lineage != trust.pins.lineage:
        raise RemoteError("page.other-lineage", evidence=page.raw)
    if journal.realm != trust.pins.realm:
        raise RemoteError("page.other-realm", evidence=page.raw)
    if reader is not None and reader not in journal.audience:
        raise RemoteError("page.other-audience", evidence=page.raw)
    if all(map(trust.is_party, journal.audience)):
        return None
    if trust.pins.versions and page.header.pact not in trust.pins.versions:
        return Need(NeedKind.VERSION, party=journal.author)
    raise RemoteError("page.unknown-party", evidence=page.raw)


def _check_birth(page: Page, trust: Trust) -> None:
    """J14 for genesis page 0: successions, this author's certificate, and a closure if the incarnation is above 0."""
    journal = page.header.journal
    statements = [parse_statement(raw) for raw in page.header.opening]
    bodies = [statement.body for statement in statements]
    rest = list(itertools.dropwhile(lambda body: isinstance(body, Succession), bodies))
    expected = [Certificate, Closure] if journal.incarnation else [Certificate]
    if [type(body) for body in rest] != expected or not all(_is_of_author(body, page) for body in bodies):
        raise RemoteError("page.opening", evidence=page.raw)
    if not all(map(trust.is_believed, statements)):
        raise RemoteError("statement.signature", evidence=page.raw)


def _check_opening(page: Page, trust: Trust) -> Need | None:
    header = page.header
    if not header.opening:
        return None
    statements: list[RootStatement] = [parse_statement(raw) for raw in header.opening]
    body = statements[0].body
    is_allowed = header.number == 0 and header.journal.incarnation > 0 and len(statements) == 1
    if not is_allowed or not isinstance(body, Closure) or not _is_of_family(body, page):
        raise RemoteError("page.opening", evidence=page.raw)
    if not trust.is_believed(statements[0]):
        return Need(NeedKind.ROOT, party=header.journal.author)
    return None


def _is_of_author(body: Statement, page: Page) -> bool:
    """Tell whether a statement in genesis page 0 is about this author, realm and incarnation."""
    journal = page.header.journal
    if isinstance(body, Certificate):
        named = (body.lineage, body.realm, body.party, body.incarnation)
        return named == (journal.lineage, journal.realm, journal.author, journal.incarnation)
    if isinstance(body, Closure):
        return _is_of_family(body, page)
    return (body.lineage, body.party) == (journal.lineage, journal.author)


def _is_of_family(closure: Closure, page: Page) -> bool:
    journal = page.header.journal
    return (closure.feed, closure.party, closure.audience) == journal.family and (
        closure.lineage,
        closure.realm,
        closure.opens,
    ) == (journal.lineage, journal.realm, journal.incarnation)


def _check_checkpoint(page: Page, signers: Sequence[Certificate], suite: Suite) -> None:
    body, _ = parse_checkpoint(page)
    message = find_checkpoint_message(page.header.journal, body.statement)
    is_signed = any(
        suite.verify_mldsa(
            public=signer.checkpoint_key, message=message, signature=body.signature, context=CHECKPOINT_CONTEXT
        )
        for signer in signers
    )
    if not is_signed:
        raise RemoteError("page.checkpoint", evidence=page.raw, number=page.header.number)
