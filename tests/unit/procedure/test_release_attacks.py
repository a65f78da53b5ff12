"""The attacker's hour, kept: a party with a valid node that wants more than its clauses give (docs/attackers-hour.md).

Each test is one thing that was tried, and what answered it. The hub holds a Japanese secret and wants Seoul to have it,
unless a test says otherwise.
"""

import itertools

import msgspec
import pytest

from comity.api.form import BY_NODE
from comity.audit.procedures.known import is_known
from comity.base.errors import RemoteError, UsageError
from comity.base.instants import Instant
from comity.base.names import Audience, Digest
from comity.crypto.suite import ED25519_SIGNATURE_SIZE
from comity.machine.funnel import decode_known, refuse_unless_permitted
from comity.pact.agreement import AgreementState
from comity.procedure.banner import check_item
from comity.procedure.caveat import read_caveats
from comity.procedure.citing import CITING
from comity.procedure.consent import Consent, SignedConsent, make_consent_check, sign_consent
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.disclosed import EntryDisclosed
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.fields import Level
from comity.procedure.genesis import RootStatementPublished
from comity.procedure.ground import find_ground
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.item import Head, Portion, make_item, open_rendition
from comity.procedure.judgement import decide_entry, judge_received
from comity.procedure.reading import ItemRead
from comity.procedure.registry import ENTRY_TYPES, encode_entry
from comity.procedure.release import decide, release_preview
from comity.procedure.release_terms import compile_terms
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    ConsentWithdrawn,
    Giving,
    ItemShared,
    PassedOn,
    RecallReason,
    RecallRequested,
)
from comity.procedure.stated import Stated
from comity.procedure.threat import ThreatKind, ThreatReported
from comity.procedure.verdict import Decision, NeedsConsent, Permit, Reason, Subject, Withheld
from kit.releasing import (
    ALL,
    BY_HUB_ONLY,
    ITEM,
    JPN_KOR,
    JPN_USA,
    KOR_USA,
    LINEAGE,
    NOW,
    REALM,
    SEEDS,
    SUITE,
    camp_david_terms,
    consent,
    consent_check,
    ground,
    item_of,
    keys_of,
    marking,
    passed_on,
    shared,
    signed,
    state_entry,
    stated,
)

TERMS = camp_david_terms()
OTHER = Digest(b"\x78" * 32)
BASES = (Basis("KOR", "tisa-2014", "KOR-II"),)


def quote(given: Marking) -> MarkedText:
    """A text that says whose it is."""
    return MarkedText(given, (Translation("en", "what was in it"),))


def decide_to_seoul(entry: Entry, *told: Stated, audience: Audience = KOR_USA) -> Decision:
    """What the hub's own node answers, and so what its reader judges by."""
    decided = decide_entry(entry, holder="USA", audience=audience, ground=ground(), stated=told, decode=decode_known)
    return dict(decided.by_party)["KOR"]


def report(text: MarkedText) -> ThreatReported:
    """A report with a narrative."""
    return ThreatReported(ThreatKind.OTHER, NOW, (), (), text)


def correct(entry: Entry) -> EntryCorrected:
    """A correction that puts this in place."""
    return EntryCorrected(bytes(32), CorrectionReason.MISTAKE, encode_entry(entry))


@pytest.mark.parametrize(
    "entry",
    [
        report(quote(BY_HUB_ONLY)),
        MessageSent("leaders-line", Level.WATCH, Precedence.FLASH, (), (), quote(BY_HUB_ONLY)),
        correct(report(quote(BY_HUB_ONLY))),
        correct(MessageSent("leaders-line", Level.WATCH, Precedence.FLASH, (), (), quote(BY_HUB_ONLY))),
    ],
    ids=["narrative", "hotline", "corrected narrative", "corrected hotline"],
)
def test_quoting_in_a_text(entry: Entry) -> None:
    """Whatever entry it stands in, a text with Japan's marking goes to nobody else: there is nothing to consent to."""
    assert decide_to_seoul(entry) == Withheld("tisa-2014", Reason.THIRD_PARTY)


@pytest.mark.parametrize(
    "hidden",
    [
        RootStatementPublished(b"the whole text, and nothing marks it" * 400),
        PassedOn(
            ITEM,
            (marking("USA", "USA-U", topics=["cyber"]),),
            bytes(32),
            9,
            bytes(32),
            BASES,
            (SignedConsent(b"the whole text", bytes(ED25519_SIGNATURE_SIZE)),) * 64,
        ),
        EntryDisclosed(b"the whole text", (b"and what did not fit",)),
        ConsentGiven(ITEM, SignedConsent(b"the whole text", bytes(ED25519_SIGNATURE_SIZE))),
        correct(report(quote(marking("USA", "USA-U")))),
    ],
    ids=lambda entry: type(entry).__name__,
)
def test_prose_in_the_bytes_of_a_correction(hidden: Entry) -> None:
    """An officer may correct; what binds is never corrected, so nobody would look into bytes that it has room for.

    Found in this hour: the first of these went to everybody as procedural, sixteen thousand bytes of it.
    """
    told = (shared(), stated(PassedOn(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), BASES, ()), author="USA"))
    entry = correct(hidden)
    assert decide_to_seoul(entry, *told) == Withheld("policy.release", Reason.UNMARKED)
    received = stated(entry, author="USA", audience=KOR_USA)
    (flag,) = judge_received(received, stated=told, terms=TERMS, check=consent_check(), decode=decode_known)
    assert flag.decision == Withheld("policy.release", Reason.UNMARKED)


def test_no_officers_statement_has_room_for_prose_that_nothing_marks() -> None:
    """Every field of bytes is a digest, but in what the node alone states, and in a correction, which is decided."""
    roomy = {
        type_.__name__
        for type_ in ENTRY_TYPES
        for found in msgspec.inspect.type_info(type_).fields  # type: ignore[attr-defined]
        if _has_room(found.type)
    }
    assert roomy - BY_NODE <= {"EntryCorrected"}
    assert all(type_.binding for type_ in ENTRY_TYPES if type_.__name__ in roomy - {"EntryCorrected"})


def _has_room(found: object) -> bool:
    """Whether a type takes bytes that are no digest."""
    if isinstance(found, msgspec.inspect.BytesType):
        return (found.min_length, found.max_length) != (32, 32)
    inner = [getattr(found, "item_type", None), *getattr(found, "item_types", ())]
    inner += [field.type for field in getattr(found, "fields", ())]
    return any(_has_room(one) for one in inner if one is not None)


def test_whatever_names_an_item_goes_to_those_who_were_given_it() -> None:
    """A new statement with an item in it is not forgotten: it gives it, cites it, or is for its author alone."""
    naming = {type_ for type_ in ENTRY_TYPES if "item" in type_.__struct_fields__}
    assert naming == {type_ for type_ in ENTRY_TYPES if issubclass(type_, (Giving, *CITING, ItemRead))}
    assert all(is_known(type_.__name__) for type_ in naming)
    assert not any(type_.procedural for type_ in naming), "or its type alone would decide it"


def test_a_portion_hidden_behind_an_open_banner() -> None:
    """The banner does not speak for a portion: each marking is decided, and the first refusal is the answer."""
    front = marking("USA", "USA-U")
    assert decide(item_of(front, BY_HUB_ONLY), holder="USA", to="KOR", ground=ground()) == NeedsConsent(
        "JPN", "tisa-2014"
    )


def test_naming_other_markings_than_the_item_has() -> None:
    """The chain may say that it is open: whoever opens it reads what Japan signed, and refuses it with a code."""
    head = Head(1, LINEAGE, REALM, "JPN", NOW, BY_HUB_ONLY, 1)
    portions = [Portion(BY_HUB_ONLY, "text/plain", "en", b"the text")]
    digest, raw = make_item(SUITE, head=head, portions=portions, blinding_key=bytes(32), secret=SEEDS["JPN"])
    read = open_rendition(SUITE, raw, digest=digest, keys_of=keys_of)
    claims = (marking("JPN", "JPN-OPEN"), marking("KOR", "KOR-II"), marking(caveats=["ONLY UNDER jpn-kor-gsomia"]))
    for claim in claims:
        with pytest.raises(RemoteError) as refused:
            check_item(read, terms=TERMS, lineage=LINEAGE, realm=REALM, markings=(claim,))
        assert refused.value.code == "item.markings"


def test_calling_the_recipient_its_originator() -> None:
    """What is said to be Seoul's own goes home freely; but nobody can make an item that Seoul's key signed."""
    homeward = marking("KOR", "KOR-II")
    assert isinstance(decide(item_of(homeward), holder="USA", to="KOR", ground=ground()), Permit)
    head = Head(1, LINEAGE, REALM, "KOR", NOW, homeward, 1)
    portions = [Portion(homeward, "text/plain", "en", b"the text")]
    digest, raw = make_item(SUITE, head=head, portions=portions, blinding_key=bytes(32), secret=SEEDS["USA"])
    with pytest.raises(RemoteError) as refused:
        open_rendition(SUITE, raw, digest=digest, keys_of=keys_of)
    assert refused.value.code == "item.signature"


LOOK_ALIKES = (
    "REL TO\u00a0KOR",
    "REL TO K\u041eR",
    "REL TO KOR\u200b",
    "REL TO KOR\n",
    "REL  TO KOR",
    "rel to KOR",
    "REL TO KOR;JPN",
    "REL TO KOR, JPN",
    "REL TO JPN, JPN, KOR",
    "REL TO JPN, KOR, ",
    "REL TO *",
    "REL TO ALL",
    "ONLY UNDER",
    "ONLY UNDER policy.release",
    "ONLY UNDER jpn-kor-gsomia.art-4",
    "NOFORN/REL TO KOR",
    "\ufeffORCON",
)


@pytest.mark.parametrize("caveat", LOOK_ALIKES)
def test_a_caveat_that_only_looks_like_one(caveat: str) -> None:
    """It is not read as the one it resembles, and not passed over either: nothing passes, by any holder, to anybody."""
    assert read_caveats((caveat,), parties=TERMS.parties, agreements=TERMS.agreements) is None
    for holder, to in itertools.permutations(ALL, 2):
        decided = decide(item_of(marking(caveats=[caveat])), holder=holder, to=to, ground=ground(consents=[consent()]))
        assert decided == Withheld("policy.release", Reason.CAVEAT_UNKNOWN)


def test_a_caveat_undone_by_another() -> None:
    """Lists leave what they share: naming everybody beside a narrow list widens nothing; a ban stays one."""
    wide = "REL TO JPN, KOR, USA"
    for narrow in ("NOFORN", "REL TO JPN", "REL TO USA"):
        decided = decide(item_of(marking(caveats=sorted([narrow, wide]))), holder="JPN", to="KOR", ground=ground())
        assert isinstance(decided, Withheld)


REPLAYED = {
    "another originator": consent(originator="KOR"),
    "another item": consent(item=OTHER),
    "another holder": consent(holder="JPN"),
    "another recipient": consent(recipient="JPN"),
    "another realm": msgspec.structs.replace(consent(), realm="real"),
    "another pact": msgspec.structs.replace(consent(), lineage=bytes(32)),
    "run out": consent(expires_at=NOW),
    "dated ahead, to run longer than the pact lets it": consent(
        given_at=NOW - TERMS.pact.policy.consent.valid_ms_max, expires_at=NOW + 10**9
    ),
}


@pytest.mark.parametrize("given", REPLAYED.values(), ids=REPLAYED)
def test_a_consent_replayed(given: Consent) -> None:
    """Properly signed, and for something else: both the hub's own node and Seoul's say that a consent is lacking."""
    received = passed_on(signed(given))
    on = find_ground(TERMS, (shared(), received), as_of=NOW, check=consent_check())
    wanted = NeedsConsent("JPN", "tisa-2014")
    assert decide(item_of(BY_HUB_ONLY), holder="USA", to="KOR", ground=on) == wanted
    (flag,) = judge_received(received, stated=(), terms=TERMS, check=consent_check(), decode=decode_known)
    assert flag.decision == wanted


def test_a_consent_altered_or_forged() -> None:
    """A byte changed, or another's key: no consent, and no error that stops a fold."""
    good = signed(consent())
    for bad in (
        msgspec.structs.replace(good, consent=good.consent[:-1] + b"\xff"),
        msgspec.structs.replace(good, signature=bytes(ED25519_SIGNATURE_SIZE)),
        signed(consent(), by="USA"),
        signed(consent(), by="KOR"),
    ):
        assert consent_check()(bad) is None


def test_a_consent_by_a_key_that_was_replaced() -> None:
    """The robber of an old key consents for Japan: what goes out rests on its newest key alone (R26)."""
    robbed, newest = b"\x01" * 32, b"\x02" * 32
    check = make_consent_check(
        SUITE, keys_of=lambda _: (SUITE.public_of_signing(newest),), lineage=LINEAGE, realm=REALM
    )
    by_old = sign_consent(SUITE, consent(), secret=robbed)
    by_new = sign_consent(SUITE, consent(), secret=newest)
    assert check(by_old) is None
    assert check(by_new) == consent()


def test_a_consent_that_was_taken_back() -> None:
    """The hub knew of it: sending lacks consent, and its enclosing the old one is flagged by whoever holds the same."""
    given = stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, page=2)
    taken = stated(ConsentWithdrawn(ITEM, "KOR"), author="JPN", audience=JPN_USA, page=3)
    held = (shared(), given, taken)
    on = find_ground(TERMS, held, as_of=NOW, check=consent_check())
    assert isinstance(decide(item_of(BY_HUB_ONLY), holder="USA", to="KOR", ground=on), NeedsConsent)
    received = passed_on(signed(consent()), seen=[taken])
    (flag,) = judge_received(received, stated=held, terms=TERMS, check=consent_check(), decode=decode_known)
    assert isinstance(flag.decision, NeedsConsent)
    # Seoul has never read the withdrawal, and can't tell: the finding is the originator's or an auditor's.
    assert judge_received(received, stated=(), terms=TERMS, check=consent_check(), decode=decode_known) == ()


def test_a_consent_to_one_item_is_not_kept_for_the_next() -> None:
    """What the funnel keeps knows of no consent: the second item asks anew, and so does the first when it has run."""
    fresh = compile_terms(TERMS.pact)
    on = ground(consents=[consent()], terms=fresh)
    later = ground(consents=[consent()], terms=fresh, as_of=Instant(consent().expires_at))
    asked = [(Subject((BY_HUB_ONLY,), item), where) for item in (ITEM, OTHER) for where in (on, later)] * 2
    said = [type(decide(subject, holder="USA", to="KOR", ground=where)) for subject, where in asked]
    assert said == [Permit, NeedsConsent, NeedsConsent, NeedsConsent] * 2


def test_a_consent_enclosed_with_another_item() -> None:
    """It counts for the item that the passing-on names: the own funnel opens nothing that readers flag (R26)."""
    enclosed = passed_on(signed(consent(item=OTHER)))
    on = find_ground(TERMS, (shared(), enclosed), as_of=NOW, check=consent_check())
    other = Subject((BY_HUB_ONLY,), OTHER)
    assert isinstance(decide(other, holder="USA", to="KOR", ground=on), NeedsConsent)


def test_between_recall_and_passing_on() -> None:
    """A recall takes back the consents to pass the item on, to whomever; one given afterwards counts again (R58)."""
    recall = stated(RecallRequested(ITEM, RecallReason.COMPROMISED, NOW), author="JPN", audience=JPN_USA, page=4)
    given = stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, page=2)
    again = stated(ConsentGiven(ITEM, signed(consent())), author="JPN", audience=JPN_USA, page=5)
    passed = passed_on(signed(consent()))
    to_another = stated(RecallRequested(OTHER, RecallReason.COMPROMISED, NOW), author="JPN", audience=JPN_USA)
    by_holder = stated(RecallRequested(ITEM, RecallReason.COMPROMISED, NOW), author="USA", audience=JPN_USA, page=9)
    elsewhere = stated(RecallRequested(ITEM, RecallReason.COMPROMISED, NOW), author="JPN", audience=JPN_KOR, page=4)
    asked = {"holder": "USA", "to": "KOR"}
    for held, opens in (
        ((given,), True),
        ((given, recall), False),
        ((recall, given), False),
        ((given, recall, again), True),
        ((given, recall, passed), False),
        ((given, to_another, by_holder, elsewhere), True),
    ):
        on = find_ground(TERMS, (shared(), *held), as_of=NOW, check=consent_check())
        assert isinstance(decide(item_of(BY_HUB_ONLY), ground=on, **asked), Permit if opens else NeedsConsent), held


def test_the_hub_gives_its_own_by_the_arrangement() -> None:
    """A hub that originates has no way by the arrangement: with its agreement gone, nothing of its own goes out."""
    on = ground(states={"usa-kor-1987": AgreementState.SUSPENDED})
    decided = decide(item_of(marking("USA", "USA-S")), holder="USA", to="KOR", ground=on)
    assert decided == Withheld("usa-kor-1987", Reason.NOT_IN_FORCE)


def test_round_by_the_third_party() -> None:
    """Seoul has it by consent, which is for one hand: the next one needs a consent of its own."""
    on = ground(consents=[consent()])
    assert decide(item_of(BY_HUB_ONLY), holder="KOR", to="USA", ground=on) == Withheld(
        "policy.release", Reason.NOT_UNDER
    )
    assert isinstance(decide(item_of(marking()), holder="KOR", to="USA", ground=on), NeedsConsent)


def test_resuming_alone_or_under_anothers_name() -> None:
    """Tokyo resumes what Seoul suspended, Washington resumes it for them, Seoul says so to one of them: none counts."""
    suspended = stated(state_entry(AgreementState.SUSPENDED, "2023-12-01"), author="KOR")
    resumed = state_entry(AgreementState.IN_FORCE, "2023-12-02")
    secret = item_of(marking(topics=["cyber"]))
    for word in (
        stated(resumed, author="JPN"),
        stated(resumed, author="USA"),
        stated(resumed, author="KOR", audience=JPN_KOR),
        stated(state_entry(AgreementState.IN_FORCE, "2030-01-01"), author="KOR", page=2),
    ):
        on = find_ground(TERMS, (suspended, word), as_of=NOW, check=consent_check())
        decided = decide(secret, holder="JPN", to="KOR", ground=on)
        assert decided == Withheld("jpn-kor-gsomia", Reason.NOT_IN_FORCE)


def test_a_cut_that_leaves_out_what_another_own_page_names() -> None:
    """A node hides in one journal the suspension that it named in another: its reader is blind, an audit is not.

    The cut of R10 is of the page itself and of the own pages that it names (J12); a changed node names none.
    """
    suspension = stated(state_entry(AgreementState.SUSPENDED, "2023-12-01", agreement="usa-kor-1987"), author="KOR")
    text = report(quote(marking("USA", "USA-S")))
    to_all = stated(report(quote(marking("USA", "USA-U"))), author="USA", at=NOW - 5, seen=[suspension])
    hiding = stated(text, author="USA", audience=KOR_USA)
    honest = stated(text, author="USA", audience=KOR_USA, seen=[suspension, to_all])
    held = (suspension, to_all)
    assert judge_received(hiding, stated=held, terms=TERMS, check=consent_check(), decode=decode_known) == ()
    (flag,) = judge_received(honest, stated=held, terms=TERMS, check=consent_check(), decode=decode_known)
    assert flag.decision == Withheld("usa-kor-1987", Reason.NOT_IN_FORCE)


def test_a_looser_version_of_the_pact() -> None:
    """What one version was asked, another does not answer: two with other ceilings, asked in turns."""
    pact = TERMS.pact
    raised = tuple(msgspec.structs.replace(one, ceiling_rank=30) for one in pact.agreements)
    strict, loose = compile_terms(pact), compile_terms(msgspec.structs.replace(pact, agreements=raised, ceilings=()))
    top = item_of(marking("JPN", "JPN-KIMITSU", topics=["cyber"]))
    for _ in range(3):
        assert isinstance(decide(top, holder="JPN", to="KOR", ground=ground(terms=loose)), Permit)
        assert decide(top, holder="JPN", to="KOR", ground=ground(terms=strict)) == Withheld(
            "jpn-kor-gsomia", Reason.ABOVE_CEILING
        )


def test_a_preview_as_an_oracle() -> None:
    """It says what a send would, on what its own node holds, and nothing of strangers but that they are strangers."""
    asked = item_of(BY_HUB_ONLY)
    found = dict(release_preview(asked, holder="USA", parties=(*ALL, "AUS", "ZZZ"), ground=ground()))
    assert found["AUS"] == found["ZZZ"] == Withheld("policy.release", Reason.PARTY_UNKNOWN)
    assert found == {to: decide(asked, holder="USA", to=to, ground=ground()) for to in found}


def test_what_a_refusal_tells() -> None:
    """The clause, the reason and the parties of that way; no marking, no item, and no party besides."""
    decided = decide_entry(
        ItemShared(ITEM, (BY_HUB_ONLY,), bytes(32), 9, bytes(32), (Basis("KOR", "tisa-2014", "KOR-II"),)),
        holder="JPN",
        audience=JPN_KOR,
        ground=ground(),
        stated=(),
        decode=decode_known,
    )
    with pytest.raises(UsageError) as refused:
        refuse_unless_permitted(decided)
    assert refused.value.details == {"to": "KOR", "clause": "tisa-2014", "reason": "only-by-hub", "hub": "USA"}
