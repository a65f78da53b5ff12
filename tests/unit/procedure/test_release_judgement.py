"""Entries before sending and after receiving, consents, dissemination (docs/spec/release.md, R3, R4, R9 to R11)."""

import itertools
from typing import ClassVar

import msgspec

from comity.base.instants import Instant
from comity.base.names import Audience
from comity.pact.agreement import AgreementState
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.disclosed import EntryDisclosed
from comity.procedure.entry import Entry, MarkedText, Text
from comity.procedure.ground import find_ground
from comity.procedure.judgement import (
    Flag,
    decide_entry,
    is_decided_by_marking,
    is_decided_by_type,
    judge_received,
)
from comity.procedure.release_terms import compile_terms
from comity.procedure.sharing import (
    ConsentRefused,
    PassOnReported,
    PassOnRequested,
    RecallReason,
    RecallRequested,
    RefusalReason,
)
from comity.procedure.stated import Stated
from comity.procedure.verdict import FUNNEL, Decision, HandledAs, NeedsConsent, Permit, Reason, Withheld
from kit.releasing import (
    ALL,
    ITEM,
    JPN_KOR,
    JPN_USA,
    KOR_USA,
    NOW,
    camp_david_terms,
    consent,
    consent_check,
    ground,
    marking,
    open_text,
    passed_on,
    shared,
    signed,
    state_entry,
    stated,
)

CHECK = consent_check()
TERMS = camp_david_terms()


class PlayedText(Entry, frozen=True):
    """An entry with marked text that wrongly calls itself procedural."""

    procedural: ClassVar[bool] = True
    words: tuple[MarkedText, ...]


class PlayedWords(Entry, frozen=True):
    """An entry with text that nothing marks."""

    words: Text


class PlayedSign(Entry, frozen=True):
    """An entry of enums, ids and instants."""

    procedural: ClassVar[bool] = True
    number: int


def no_decode(raw: bytes) -> Entry | None:
    """A version that knows no type."""
    del raw
    return None


def decide_for(entry: Entry, audience: Audience, *, holder: str = "JPN", told: tuple[Stated, ...] = ()) -> Decision:
    """The decision for the one other party of the audience."""
    decided = decide_entry(
        entry, holder=holder, audience=audience, ground=ground(), stated=told, decode=no_decode
    ).by_party
    assert len(decided) == 1
    return decided[0][1]


def judge(received: Stated, *told: Stated) -> tuple[Flag, ...]:
    """What a reader who also holds `told` finds."""
    return judge_received(received, stated=told, terms=TERMS, check=CHECK, decode=no_decode)


def test_procedural_goes_to_all_by_its_clause() -> None:
    """Enums, ids and instants go to every party, and the verdict names the policy clause."""
    decided = decide_entry(PlayedSign(1), holder="KOR", audience=ALL, ground=ground(), stated=(), decode=no_decode)
    assert decided.is_permitted
    assert {decision.clause for _, decision in decided.by_party} == {"policy.procedural"}


def test_text_is_decided_whatever_its_entry_says() -> None:
    """A marked text inside an entry that calls itself procedural is decided by its own marking."""
    secret = MarkedText(marking("JPN", "JPN-KIMITSU"), ())
    both = PlayedText((open_text("JPN"), secret))
    assert isinstance(decide_for(PlayedText((open_text("JPN"),)), JPN_KOR), Permit)
    assert decide_for(both, JPN_KOR) == Withheld("jpn-kor-gsomia", Reason.ABOVE_CEILING)


def test_unmarked_words_do_not_leave() -> None:
    """An entry that is not procedural and has no marking is withheld, even from its closest ally."""
    assert decide_for(PlayedWords("hello"), JPN_USA) == Withheld(FUNNEL, Reason.UNMARKED)


def test_correction_is_decided_as_what_it_puts_in_place() -> None:
    """A correction is no way round the funnel: its replacement is decided, and an unknown one is withheld."""
    secret = MarkedText(marking("JPN", "JPN-KIMITSU"), ())
    correction = EntryCorrected(bytes(32), CorrectionReason.MISTAKE, b"bytes")
    for replacement, permitted in ((PlayedSign(2), True), (PlayedText((secret,)), False), (None, False)):

        def decode(raw: bytes, found: Entry | None = replacement) -> Entry | None:
            return found if raw == b"bytes" else None

        decided = decide_entry(correction, holder="JPN", audience=JPN_KOR, ground=ground(), stated=(), decode=decode)
        assert decided.is_permitted is permitted


def test_disclosure_is_decided_as_what_it_shows() -> None:
    """What was procedural is, a text by its own marking; a giving, another disclosure and the unknown are withheld."""
    secret, plain = MarkedText(marking("JPN", "JPN-KIMITSU"), ()), open_text("JPN")
    giving = shared().entry
    unmarked = Withheld(FUNNEL, Reason.UNMARKED)
    for shown, wanted in (
        (PlayedSign(2), Permit("policy.procedural", ("JPN", "KOR"))),
        (PlayedText((plain,)), Permit("jpn-kor-gsomia", ("JPN", "KOR"), HandledAs("KOR", "KOR-OPEN"))),
        (PlayedText((secret,)), Withheld("jpn-kor-gsomia", Reason.ABOVE_CEILING)),
        (giving, unmarked),
        (EntryDisclosed(b"again", ()), unmarked),
        (None, unmarked),
    ):

        def decode(_: bytes, found: Entry | None = shown) -> Entry | None:
            return found

        for entry in (EntryDisclosed(b"proof", ()), EntryCorrected(bytes(32), CorrectionReason.MISTAKE, b"bytes")):
            if isinstance(entry, EntryCorrected) and isinstance(shown, EntryDisclosed):
                continue
            decided = decide_entry(
                entry, holder="JPN", audience=JPN_KOR, ground=ground(), stated=(), decode=decode
            ).by_party
            assert decided == (("KOR", wanted),)


def test_first_refusal_of_many_texts_is_the_answer() -> None:
    """In the order of the bytes; and if all pass, the first one's permit."""
    low, top = MarkedText(marking("JPN", "JPN-HI"), ()), MarkedText(marking("JPN", "JPN-KIMITSU"), ())
    other = MarkedText(marking("JPN", "JPN-HI", caveats=["NOFORN"]), ())
    secret = MarkedText(marking(), ())
    assert decide_for(PlayedText((low, other, top)), JPN_KOR) == Withheld(FUNNEL, Reason.NATIONAL_ONLY)
    assert decide_for(PlayedText((low, top, other)), JPN_KOR) == Withheld("jpn-kor-gsomia", Reason.ABOVE_CEILING)
    for first, second, level in ((low, secret, "KOR-III"), (secret, low, "KOR-II")):
        permit = decide_for(PlayedText((first, second)), JPN_KOR)
        assert permit == Permit("jpn-kor-gsomia", ("JPN", "KOR"), HandledAs("KOR", level))


def test_what_is_judged_by_its_marking_and_what_by_its_type_alone() -> None:
    """What has room for text or gives an item is judged each time; what only cites one, by who was given it."""
    cites = ConsentRefused(ITEM, "KOR", RefusalReason.SOURCE)
    rows = [
        (is_decided_by_marking(one), is_decided_by_type(one))
        for one in (
            PlayedSign(1),
            PlayedWords("x"),
            shared().entry,
            cites,
            EntryCorrected(bytes(32), CorrectionReason.MISTAKE, b"x"),
        )
    ]
    assert rows == [(False, True), (True, False), (True, False), (False, False), (True, False)]


def test_no_audience_and_strangers_get_no_entry() -> None:
    """Even a procedural entry has no empty audience and no reader whom the pact does not name."""
    assert not decide_entry(
        PlayedSign(1), holder="JPN", audience=(), ground=ground(), stated=(), decode=no_decode
    ).is_permitted
    assert decide_for(PlayedSign(1), ("AUS", "JPN")) == Withheld(FUNNEL, Reason.PARTY_UNKNOWN)


def test_a_pact_may_close_the_procedural_door() -> None:
    """Where the policy clause does not permit procedural entries, the refusal names it."""
    pact = TERMS.pact
    closed = msgspec.structs.replace(pact.policy.procedural, permitted=False)
    policy = msgspec.structs.replace(pact.policy, procedural=closed)
    on = ground(terms=compile_terms(msgspec.structs.replace(pact, policy=policy)))
    decided = decide_entry(PlayedSign(1), holder="JPN", audience=ALL, ground=on, stated=(), decode=no_decode)
    assert dict(decided.by_party)["KOR"] == Withheld("policy.procedural", Reason.PROCEDURAL_NOT_PERMITTED)


def test_a_page_with_an_impossible_audience_is_flagged() -> None:
    """An entry from a journal whose audience lacks its author is flagged against that author."""
    received = stated(PlayedSign(1), author="JPN", audience=KOR_USA)
    (flag,) = judge(received)
    assert flag.decision == Withheld(FUNNEL, Reason.AUDIENCE_MALFORMED)


def test_citing_goes_to_those_who_were_given_it() -> None:
    """A request that names an item goes to its originator and its readers; a third learns nothing of it."""
    told = (shared(),)
    request = PassOnRequested(ITEM, "KOR", NOW)
    assert isinstance(decide_for(request, JPN_USA, holder="USA", told=told), Permit)
    assert decide_for(request, KOR_USA, holder="USA", told=told) == Withheld(FUNNEL, Reason.NOT_GIVEN)
    recall = RecallRequested(ITEM, RecallReason.SHARED_BY_MISTAKE, NOW)
    assert decide_for(recall, JPN_KOR, told=told) == Withheld(FUNNEL, Reason.NOT_GIVEN)
    report = stated(PassOnReported(ITEM, "KOR", NOW), author="USA", audience=JPN_USA)
    assert isinstance(decide_for(recall, JPN_KOR, told=(*told, report)), Permit)


def test_recall_outlives_the_agreement() -> None:
    """With every agreement ended, a recall and a refusal still reach whoever holds the item."""
    gone = ground(states=dict.fromkeys(TERMS.agreements, AgreementState.ENDED))
    for entry in (
        RecallRequested(ITEM, RecallReason.COMPROMISED, NOW),
        ConsentRefused(ITEM, "KOR", RefusalReason.SOURCE),
    ):
        decided = decide_entry(entry, holder="JPN", audience=JPN_USA, ground=gone, stated=(shared(),), decode=no_decode)
        assert decided.is_permitted


def test_a_passing_on_with_consent_is_as_it_should_be() -> None:
    """The recipient, who cannot see where consent was given, checks it by itself and finds nothing to flag."""
    assert judge(passed_on(signed(consent()))) == ()


def test_a_passing_on_without_consent_is_flagged() -> None:
    """Without a consent, or with one that its originator did not sign, the recipient flags it and keeps the page."""
    wanted = NeedsConsent("JPN", "tisa-2014")
    forged = signed(consent(), by="USA")
    for received in (passed_on(), passed_on(forged)):
        assert judge(received) == (Flag(received.id, "USA", "KOR", wanted),)


def test_backdating_gains_nothing() -> None:
    """A page whose author set its clock back into the term of a consent is judged at the latest clock that it knew."""
    consented = consent(expires_at=NOW)
    other = stated(state_entry(AgreementState.IN_FORCE, "2016-11-23"), author="KOR", at=NOW + 5)
    honest = passed_on(signed(consented), at=NOW - 1)
    backdated = passed_on(signed(consented), at=NOW - 1, seen=[other])
    assert judge(honest, other) == ()
    assert len(judge(backdated, other)) == 1
    flags = judge_received(honest, stated=(), terms=TERMS, check=CHECK, decode=no_decode, latest_at=Instant(NOW))
    assert len(flags) == 1


def test_what_the_author_had_not_received_is_not_held_against_him() -> None:
    """A suspension that was under way when the page was written is no fault; one that he had received is."""
    suspension = stated(state_entry(AgreementState.SUSPENDED, "2023-12-01", agreement="usa-kor-1987"), author="KOR")
    text = PlayedText((MarkedText(marking("USA", "USA-S"), ()),))
    blind = stated(text, author="USA", audience=KOR_USA)
    seeing = stated(text, author="USA", audience=KOR_USA, seen=[suspension])
    assert judge(blind, suspension) == ()
    (flag,) = judge(seeing, suspension)
    assert flag.decision == Withheld("usa-kor-1987", Reason.NOT_IN_FORCE)


def test_author_and_reader_agree() -> None:
    """For the same knowledge the author's decision and the reader's judgement are the same, over many markings."""
    for level, caveat in itertools.product(TERMS.ranks, ("NOFORN", "ORCON", "REL TO KOR", "odd")):
        entry = PlayedText((MarkedText(marking("USA", level, caveats=[caveat]), ()),))
        received = stated(entry, author="USA", audience=ALL)
        on = find_ground(TERMS, (), as_of=NOW, check=CHECK)
        sent = decide_entry(entry, holder="USA", audience=ALL, ground=on, stated=(), decode=no_decode)
        assert {flag.party: flag.decision for flag in judge(received)} == dict(sent.refusals)


def test_a_reader_looks_at_what_the_author_knew_was_given() -> None:
    """Whoever asks about an item is judged by the givings in its cut, and by no others that the reader holds."""
    told, request = shared(), PassOnRequested(ITEM, "KOR", NOW)
    assert judge(stated(request, author="USA", audience=JPN_USA, seen=[told]), told) == ()
    (flag,) = judge(stated(request, author="USA", audience=JPN_USA), told)
    assert flag.decision == Withheld(FUNNEL, Reason.NOT_GIVEN)
