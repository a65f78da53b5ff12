"""What tests of the release funnel share: the default pact's terms, markings, statements, signed consents."""

import functools
import hashlib
import importlib.resources
from collections.abc import Mapping, Sequence

from comity.base.instants import Instant, parse_instant
from comity.base.names import Audience, Digest, Party
from comity.crypto.production import ProductionSuite
from comity.pact.agreement import AgreementState
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.procedure.agreement import AgreementReason, AgreementStanding, AgreementStateStated
from comity.procedure.consent import Consent, ConsentCheck, SignedConsent, make_consent_check, sign_consent
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.ground import Ground
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.sharing import Basis, ItemShared, PassedOn
from comity.procedure.stated import Standing, Stated
from comity.procedure.verdict import Subject

SUITE = ProductionSuite()
LINEAGE = b"\x22" * 32
REALM = "exercise/release"
ALL: Audience = ("JPN", "KOR", "USA")
JPN_USA: Audience = ("JPN", "USA")
KOR_USA: Audience = ("KOR", "USA")
JPN_KOR: Audience = ("JPN", "KOR")
NOW = parse_instant("2023-12-17T23:24Z")
ITEM = Digest(b"\x77" * 32)
SEEDS: Mapping[Party, bytes] = {party: hashlib.sha256(party.encode()).digest() for party in ALL}
OPEN_LEVEL = {"JPN": "JPN-OPEN", "KOR": "KOR-OPEN", "USA": "USA-U"}


@functools.cache
def profile_terms(name: str) -> ReleaseTerms:
    """A shipped profile's release terms."""
    return compile_terms(parse_pact((importlib.resources.files(PROFILE_PACKAGE) / f"{name}.toml").read_bytes()))


def camp_david_terms() -> ReleaseTerms:
    """The default profile's release terms."""
    return profile_terms("camp-david")


def keys_of(party: Party) -> Sequence[bytes]:
    """One node key for each party of the profile; nobody vouches for a stranger's."""
    seed = SEEDS.get(party)
    return () if seed is None else (SUITE.public_of_signing(seed),)


def consent_check() -> ConsentCheck:
    """The check that folds use."""
    return make_consent_check(SUITE, keys_of=keys_of, lineage=LINEAGE, realm=REALM)


def marking(
    originator: Party = "JPN",
    level: str = "JPN-GOKUHI",
    *,
    topics: Sequence[str] = ("dprk-missile",),
    caveats: Sequence[str] = (),
) -> Marking:
    """A marking in the originator's own scheme."""
    return Marking(originator, originator, level, tuple(topics), tuple(caveats))


def item_of(*markings: Marking) -> Subject:
    """An item with these markings."""
    return Subject(markings, ITEM)


def open_text(originator: Party) -> MarkedText:
    """A free text that its author marks as not protected."""
    return MarkedText(marking(originator, OPEN_LEVEL[originator]), (Translation("en", "played"),))


def ground(
    *,
    states: Mapping[str, AgreementState | None] | None = None,
    consents: Sequence[Consent] = (),
    as_of: Instant = NOW,
    terms: ReleaseTerms | None = None,
) -> Ground:
    """A ground in which every agreement is in force but those named."""
    used = terms or camp_david_terms()
    given = states or {}
    standings = {
        id_: AgreementStanding(id_, given.get(id_, AgreementState.IN_FORCE), (), contested=False)
        for id_ in used.agreements
    }
    return Ground(used, standings, tuple(consents), as_of)


def consent(
    *,
    originator: Party = "JPN",
    holder: Party = "USA",
    recipient: Party = "KOR",
    item: bytes = ITEM,
    given_at: int = NOW - 60_000,
    expires_at: int = NOW + 3_600_000,
) -> Consent:
    """JPN's consent that USA pass the item to KOR, for one hour, but for what is named."""
    return Consent(LINEAGE, REALM, originator, item, holder, recipient, given_at, expires_at)


def signed(given: Consent, *, by: Party | None = None) -> SignedConsent:
    """The consent signed by its originator, or by another."""
    return sign_consent(SUITE, given, secret=SEEDS[by or given.originator])


def stated(
    entry: Entry,
    *,
    author: Party,
    audience: Audience = ALL,
    page: int = 1,
    index: int = 0,
    at: int = NOW,
    standing: Standing = Standing.GOOD,
    seen: Sequence[Stated] = (),
    incarnation: int = 0,
) -> Stated:
    """A statement in its author's journal of that audience; `seen` are statements whose pages its cut names."""
    cut: dict[Digest, int] = {}
    for one in seen:
        cut[one.journal] = max(one.page, cut.get(one.journal, 0))
    journal = journal_of(author, audience, incarnation)
    id_ = hashlib.sha256(b"%s/%d/%d" % (journal, page, index)).digest()
    return Stated(entry, Digest(id_), author, audience, journal, page, index, Instant(at), standing, cut, incarnation)


def journal_of(author: Party, audience: Audience, incarnation: int = 0) -> Digest:
    """The digest of a journal: what matters is that it differs."""
    return Digest(hashlib.sha256(f"{author}/{','.join(audience)}/{incarnation}".encode()).digest())


def state_entry(
    state: AgreementState,
    effective: str,
    *,
    agreement: str = "jpn-kor-gsomia",
    notice_ends: str = "",
) -> AgreementStateStated:
    """A party's word on the state of an agreement."""
    ends = (int(parse_instant(notice_ends)),) if notice_ends else ()
    return AgreementStateStated(agreement, state, parse_instant(effective), AgreementReason.UNSTATED, ends)


BY_HUB_ONLY = marking(caveats=["ONLY UNDER tisa-2014"])
"""A Japanese secret that may travel by the hub only."""


def shared(audience: Audience = JPN_USA, **other: object) -> Stated:
    """Japan gave the item to the United States."""
    entry = ItemShared(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), (Basis("USA", "tisa-2014", "USA-S"),))
    return stated(entry, author="JPN", audience=audience, **other)  # type: ignore[arg-type]


def passed_on(*consents: SignedConsent, at: int = NOW, **other: object) -> Stated:
    """The United States gave it to the Republic of Korea, enclosing these consents."""
    bases = (Basis("KOR", "tisa-2014", "KOR-II"),)
    entry = PassedOn(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), bases, consents)
    return stated(entry, author="USA", audience=KOR_USA, at=at, **other)  # type: ignore[arg-type]
