"""What rehearsals have found in the machine, each with its story and in the shortest form that shows it."""

import pytest

from comity.base.instants import HOUR_MS, MINUTE_MS, SECOND_MS, Instant, parse_instant
from comity.journal.header import Feed, parse_page
from comity.journal.ledger import Verdict
from comity.machine.closed import ClosedWhy, has_reckoned
from comity.machine.effect import Acknowledge, Commit, Effect, Fetch, Publish
from comity.machine.input import Arrived, Committed, Input, LinkChanged, LostPage, Say, Ticked
from comity.machine.machine import Machine
from comity.procedure.call import Acknowledged, ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.stated import Stated
from comity.procedure.text import (
    BreakReason,
    SilenceBroken,
    SilenceHeld,
    SilenceKept,
    SilenceProposed,
    TextKind,
    TextOpened,
    TextVersionProposed,
    find_version_digest,
)
from comity.procedure.threat import ThreatKind, ThreatReported
from comity.rehearsal import read_profile, rehearse
from comity.rehearsal.chance import CALM, split
from comity.rehearsal.evidence import Evidence
from comity.rehearsal.forgery import Forger
from comity.rehearsal.log import Log
from comity.rehearsal.play import DRAWN, get_play
from comity.rehearsal.shadow import Shadow
from comity.rehearsal.stage import build_stage
from comity.rehearsal.standin import StandInCeremony, StandInSuite
from comity.rehearsal.theft import Thief
from comity.rehearsal.watch import Watch
from kit.loop import Loop, marked

PAIR = ("JPN", "KOR")


def test_a_duplicate_is_not_acknowledged_while_its_commit_is_open() -> None:
    """Seed 0: a page came twice within one write to the disk.

    The second delivery found the page known, so the step stored nothing and its acknowledgement left at once: before
    the page was durable. Had the node then lost power, the outbox would never have sent it again.
    """
    loop = Loop()
    loop.be_born()
    loop.cut |= {frozenset(("KOR", "USA")), frozenset(("JPN", "KOR"))}
    loop.say("USA", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), loop.pact.audience))
    raw, kor = loop.stored["USA"][-1], loop.machines["KOR"]
    first = kor.handle(Arrived(loop.now, loop._salt(), raw, 11))
    second = kor.handle(Arrived(loop.now, loop._salt(), raw, 12))
    assert not [effect for effect in (*first, *second) if isinstance(effect, Acknowledge)]
    commit = next(effect for effect in first if isinstance(effect, Commit))
    then = kor.handle(Committed(loop.now, loop._salt(), commit.number))
    found = [(effect.delivery, effect.verdict) for effect in then if isinstance(effect, Acknowledge)]
    assert found == [(11, Verdict.ACCEPTED), (12, Verdict.DUPLICATE)]


def _ask_for_silence(loop: Loop) -> tuple[bytes, bytes, Instant]:
    """USA opens a text in one language and asks for silence of two hours; return text, version and S-time."""
    text = loop.say("USA", TextOpened((), TextKind.PRESS_LINE, ("en",))).ids[0]
    body = marked("Played.", originator="USA", level="USA-U", topics=("public-message",))
    version = TextVersionProposed(text, (), body)
    loop.say("USA", version)
    digest, until_at = find_version_digest(version), Instant(loop.now + 2 * HOUR_MS)
    assert not loop.say("USA", SilenceProposed(text, digest, until_at, 0)).code
    return text, digest, until_at


def _list_own(loop: Loop, party: str, *types: type) -> list[Stated]:
    return [row for row in loop.machines[party].statements.all if row.author == party and type(row.entry) in types]


def test_silence_is_not_kept_while_an_officers_break_waits_for_its_page() -> None:
    """Seed 55: an officer broke silence after S-time while a page of that journal was in flight.

    The break waited in line, the node did not look there, and stated on the very page of the break that nobody had
    broken. No fold counted it, and yet the node had signed what was not so.
    """
    loop = Loop()
    loop.be_born()
    call = loop.say("USA", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), loop.pact.audience)).ids[0]
    text, version, until_at = _ask_for_silence(loop)
    loop.advance(Instant(until_at + SECOND_MS))
    kor, audience = loop.machines["KOR"], loop.pact.audience
    acknowledged = Acknowledged(call, "watch-officer", "duty-1")
    broken = SilenceBroken(text, version, BreakReason.OBJECTION, "watch-officer", "duty-1")
    first = kor.handle(Say(loop.now, loop._salt(), 901, audience, (acknowledged,)))
    loop.now = Instant(until_at + 3 * SECOND_MS)
    second = kor.handle(Say(loop.now, loop._salt(), 902, audience, (broken,)))
    loop._take("KOR", (*first, *second))
    loop.run()
    loop.settle(MINUTE_MS)
    assert [type(row.entry) for row in _list_own(loop, "KOR", SilenceBroken, SilenceKept)] == [SilenceBroken]


def test_a_journal_that_begins_with_a_receipt_is_announced_too() -> None:
    """Seeds 35 and 55 of four parties: a receipt to three of them that nobody ever came to fetch.

    A journal to a few was announced only when an officer spoke in it. Who merely signed a receipt there had a journal
    that no reader followed, and what it said in it later was not announced either.
    """
    loop = Loop("harbour-aid")
    loop.now = parse_instant("2025-03-02")
    loop.be_born()
    few = ("PORT-A", "PORT-B", "PORT-C")
    words = marked("Played.", originator="PORT-A", level="A-OPEN", topics=("storm",))
    loop.say("PORT-A", ThreatReported(ThreatKind.DISASTER, loop.now, (), (), words), to=few)
    loop.settle(MINUTE_MS)
    for reader in few:
        followed = loop.machines[reader].find_followed()
        assert {author for author, feed, audience in followed if audience == few and feed is Feed.RECORD} == (
            set(few) - {reader}
        )
    assert all(audience != few for _, _, audience in loop.machines["PORT-D"].find_followed())


def test_a_text_that_stays_unconfirmed_does_not_wake_its_node_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by counting: more than a third of a run's inputs were ticks that folded texts whose S-time was long past.

    After S-time only a clock in doubt is cured by waiting; a hold is cured by an officer's word, which is looked at
    when it comes.
    """
    loop = Loop()
    loop.be_born()
    text, version, until_at = _ask_for_silence(loop)
    loop.say("JPN", SilenceHeld(text, version, "watch-officer", "duty-1"))
    loop.advance(Instant(until_at + MINUTE_MS))
    inputs: list[Input] = []
    handle = loop.machines["JPN"].handle

    def count(given: Input) -> tuple[Effect, ...]:
        inputs.append(given)
        return handle(given)

    monkeypatch.setattr(loop.machines["JPN"], "handle", count)
    loop.settle(20 * MINUTE_MS)
    assert len([given for given in inputs if isinstance(given, Ticked)]) < 5
    assert _list_own(loop, "JPN", SilenceKept) == []


def _forge(loop: Loop, author: str, name: str) -> list[bytes]:
    """One party says something on the side and a forgery after it; return the pages of both."""
    shadow = Shadow(
        loop.machines[author].setup,
        loop.stored[author],
        at=loop.now,
        ceremony=StandInCeremony(b"liar"),
        note_key=lambda *_: None,
    )
    shadow.say(loop.pact.audience, ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), loop.pact.audience))
    tip = shadow.find_tip(loop.pact.audience)
    assert tip is not None
    return [*(page.raw for page in shadow.pages), Forger(shadow, tip, split(1, "forger")).forge(name)]


def _name_what_nobody_has(loop: Loop, author: str) -> None:
    """One party signs that it has seen a page which was never written."""
    for raw in _forge(loop, author, "names-a-page-that-nobody-has"):
        for reader in loop.pact.audience:
            if reader != author:
                loop.give(reader, Arrived(loop.now, loop._salt(), raw))
    loop.run()


def test_a_page_that_nobody_has_is_asked_for_less_and_less_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seed 29 with a liar: a single name made every reader fetch all pages of that journal every two seconds for ever.

    6,794 fetches and 70,000 pages in 66 minutes, and the list of who had been asked grew with each. Now a round of all
    readers without fruit doubles the wait, up to about a minute.
    """
    loop = Loop()
    loop.be_born()
    fetched: list[bytes] = []
    fetch = loop._fetch

    def count(party: str, effect: Fetch) -> None:
        fetched.extend([effect.journal] if party == "JPN" else [])
        fetch(party, effect)

    monkeypatch.setattr(loop, "_fetch", count)
    _name_what_nobody_has(loop, "USA")
    loop.settle(10 * MINUTE_MS)
    assert 0 < max(map(fetched.count, fetched)) <= 20
    before = len(fetched)
    loop.give("JPN", LinkChanged(loop.now, loop._salt(), "KOR", is_up=True))
    loop.run()
    loop.settle(10 * SECOND_MS)
    assert len(fetched) > before


@pytest.mark.parametrize("leap_ms", [50 * MINUTE_MS, 4 * HOUR_MS])
def test_a_clock_that_leaps_past_s_time_keeps_no_silence(leap_ms: int) -> None:
    """Found by letting clocks jump: a node's clock leapt over S-time, and it signed at once that silence was kept.

    Others had an hour left to break it. What the node knew of other clocks it had measured before the leap. A leap is
    like a sleep: what passed meanwhile was not waited for, so the node counts as up since then.
    """
    loop = Loop()
    loop.be_born()
    _, _, until_at = _ask_for_silence(loop)
    loop.advance(Instant(until_at - 40 * MINUTE_MS))
    woken_at = Instant(loop.now + leap_ms)
    kor = loop.machines["KOR"]
    loop._take("KOR", kor.handle(Ticked(woken_at, loop._salt())))
    loop.run()
    assert _list_own(loop, "KOR", SilenceKept) == []
    loop.settle(MINUTE_MS)
    assert [type(row.entry) for row in _list_own(loop, "JPN", SilenceKept)] == []
    loop.advance(Instant(until_at + MINUTE_MS))
    assert len(_list_own(loop, "JPN", SilenceKept)) == 1


def test_a_node_that_lacks_a_page_of_its_own_is_not_woken_for_ever() -> None:
    """Seed 2505: a node came up without one of its own pages, and its look at the readers ended before it was back.

    The wish to be woken stood in the past from then on, and the node was woken each millisecond, for ever.
    """
    outcome = rehearse(read_profile("camp-david"), 2505)
    assert outcome.is_clean
    assert outcome.event_count < 20_000


def _lose_what_was_heard(loop: Loop) -> Machine:
    """KOR comes up on a store that lacks what JPN told it alone since, and asks its readers; JPN is asked first."""
    loop.say("JPN", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), PAIR), to=PAIR)
    loop.settle()
    kept = list(loop.stored["KOR"])
    loop.say("JPN", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), PAIR), to=PAIR)
    kor = loop.machines["KOR"] = Machine(loop.machines["KOR"].setup)
    loop.stored["KOR"] = kept
    kor.restore(kept, may_be_old=True)
    return kor


def test_a_reckoning_is_over_only_when_what_others_said_is_here_too() -> None:
    """Seed 1589: a node put back from a copy lost power when its own journals were whole and the others' were not.

    Its mark was cleared as soon as it could write again, so that it came up as if nothing had been lost. What the
    others had told it was acknowledged long ago, did not come again, and was named by nobody.
    """
    loop = Loop()
    loop.be_born()
    kor = _lose_what_was_heard(loop)
    seen: list[tuple[bool, bool, bool]] = []
    lost = {loop._digest(raw) for raw in loop.stored["JPN"]} - {loop._digest(raw) for raw in loop.stored["KOR"]}

    def look() -> None:
        is_open = not any(closed.why is ClosedWhy.RECKONING for closed in kor.find_closed())
        has_all = lost <= {loop._digest(raw) for raw in loop.stored["KOR"]}
        seen.append((is_open, has_all, has_reckoned(kor)))

    loop._take("KOR", kor.handle(Ticked(loop.now, loop._salt())))
    while loop._queue:
        party, effect = loop._queue.popleft()
        loop._carry_out(party, effect)
        look()
    loop.settle(MINUTE_MS)
    look()
    assert (True, False, False) in seen
    assert all(has_all for _, has_all, is_over in seen if is_over)
    assert seen[-1] == (True, True, True)


def test_what_a_clock_brings_about_while_somebody_looks_leaves_nobody_stuck() -> None:
    """Seed 1093: an hourly checkpoint named a liar's page four seconds before it was asked who lacked what."""
    assert rehearse(read_profile("camp-david"), 1093).stuck == ()


@pytest.mark.parametrize("seed", [1897, 1942])
def test_who_knows_a_rival_to_be_named_where_another_cannot_read_is_not_held_against_the_other(seed: int) -> None:
    """Seeds 1897 and 1942: a liar's late checkpoint had a rival, and one reader named it in a journal of two first.

    Its standing is by names (J16), so the two readers showed it otherwise by right; the checker compared what does not
    rest on the same.
    """
    assert rehearse(read_profile("camp-david"), seed).is_clean


def _lose_a_genesis(salt_count: int) -> tuple[Loop, Machine, LostPage]:
    """JPN comes up without KOR's genesis page, which a private page of its own names as well as others do."""
    loop = Loop()
    for _ in range(salt_count):
        loop.ceremony.random(1)  # other salts, other digests
    loop.be_born()
    loop.say("JPN", ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), ("JPN",)), to=("JPN",))
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["KOR"]]
    genesis = next(page for page in pages if page.header.journal.feed is Feed.GENESIS)
    lost = LostPage(genesis.digest, genesis.journal, 0, "KOR", Feed.GENESIS, genesis.header.journal.audience)
    jpn = loop.machines["JPN"] = Machine(loop.machines["JPN"].setup)
    loop.stored["JPN"] = [raw for raw in loop.stored["JPN"] if raw != genesis.raw]
    jpn.restore(loop.stored["JPN"], lost=(lost,))
    return loop, jpn, lost


def test_a_lost_genesis_page_is_asked_for_though_a_private_page_names_it_first() -> None:
    """Seed 2119: the one page of a party's genesis journal rotted, and was asked for from nobody, for ever.

    Of those that named it the one that is shown was of the node's own private journal, and its readers were taken for
    those of the lost one: the node itself. Without the certificate in it, nothing else of that party could be read.
    """
    for salt_count in range(200):
        loop, jpn, lost = _lose_a_genesis(salt_count)
        (missing,) = [row for row in jpn.ledger.find_missing() if row.head.page == lost.digest]
        if missing.witness.header.journal.audience == ("JPN",):
            break
    assert missing.witness.header.journal.audience == ("JPN",)
    loop._take("JPN", jpn.handle(Ticked(loop.now, loop._salt())))
    loop.run()
    loop.settle(MINUTE_MS)
    assert jpn.refill.find_holes() == ()


def test_a_reckoning_asks_for_the_journals_of_a_key_that_it_hears_of_late() -> None:
    """Seed 5 of four parties: a node was put back to before another's key was renewed, and heard of that late.

    By then all that it knew to ask for was answered, and nobody was asked for what the new key had said to it.
    """
    assert rehearse(read_profile("harbour-aid"), 5).is_clean


def test_an_own_page_that_waited_in_the_store_goes_out_once_it_can_be_read() -> None:
    """Seed 78 of four parties: an own page before it had rotted, so that at the start it waited, and was not let out.

    Once the lost page was back it was read, and nobody thought of the outbox any more. Readers got it from each other.
    """
    loop = Loop()
    loop.be_born()
    call = ConsultationCalled("C1", Level.ADVISERS, ThreatKind.OTHER, (), loop.pact.audience)
    loop.say("USA", call)
    loop.say("USA", call)
    loop.settle()
    pages = [parse_page(raw, loop.suite) for raw in loop.stored["USA"]]
    own = [page for page in pages if page.header.journal.author == "USA" and page.header.journal.feed is Feed.RECORD]
    rotten, waiting = own[-2], own[-1]
    name = rotten.header.journal
    lost = LostPage(rotten.digest, rotten.journal, rotten.header.number, "USA", Feed.RECORD, name.audience)
    usa = Machine(loop.machines["USA"].setup)
    kept = [page.raw for page in pages if page is not rotten]
    usa.restore(kept, unpublished=(rotten.digest, waiting.digest), lost=(lost,))
    first = usa.handle(Ticked(loop.now, loop._salt()))
    assert not [effect for effect in first if isinstance(effect, Publish)]
    (commit,) = [
        effect for effect in usa.handle(Arrived(loop.now, loop._salt(), rotten.raw)) if isinstance(effect, Commit)
    ]
    then = usa.handle(Committed(loop.now, loop._salt(), commit.number))
    assert [effect.digest for effect in then if isinstance(effect, Publish)] == [rotten.digest, waiting.digest]


def test_what_only_a_thief_names_is_owed_to_nobody() -> None:
    """Seed 442: a thief's page between two named another of his, and the page before that one he showed to nobody.

    The robbed party holds the first: it is well made. The checker took it for the word of the party itself, and so
    waited for pages that no honest node could ever accept.
    """
    assert rehearse(read_profile("camp-david"), 442).stuck == ()


def test_without_its_own_genesis_page_a_node_says_nothing() -> None:
    """Seed 4313: a rotten disk lost a party's own genesis page, and with it the certificate that its pages are under.

    Those that were left waited for it; a receipt was due in their journal, and would have been a second page 0.
    """
    assert rehearse(read_profile("camp-david"), 4313).is_clean


def test_a_lost_page_that_would_be_refused_by_now_comes_back() -> None:
    """Seed 6177: a liar's page that waited for the one before it rotted, and that one came before it was back.

    Then the lost page broke a rule of its chain. It was refused every time that a reader gave it, with an alarm, never
    put back, and asked for without end.
    """
    loop = Loop()
    loop.be_born()
    *before, forged = _forge(loop, "USA", "is-sealed-under-no-epoch")
    page = parse_page(forged, loop.suite)
    lost = LostPage(page.digest, page.journal, page.header.number, "USA", Feed.RECORD, loop.pact.audience)
    jpn = Machine(loop.machines["JPN"].setup)
    jpn.restore(loop.stored["JPN"], lost=(lost,))
    for raw in before:
        jpn.handle(Arrived(loop.now, loop._salt(), raw))
    for expected in ([forged], []):
        effects = jpn.handle(Arrived(loop.now, loop._salt(), forged))
        kept = [stored.raw for commit in effects if isinstance(commit, Commit) for stored in commit.pages]
        assert kept == expected
        assert jpn.refill.lost == {}
    assert jpn.refill.find_holes() == ()


def test_a_page_that_was_stored_before_its_certificate_came_accuses_nobody() -> None:
    """Seed 7933: a liar sent a page of another's new key with some bits turned, before anybody had the certificate.

    It was stored, since it might have been true, and its signature was found wrong once it could be looked at. The
    audit says so; the checker took it for a fault of the party in whose name it was.
    """
    assert rehearse(read_profile("camp-david"), 7933).is_clean


@pytest.mark.parametrize("seed", [503, 923])
def test_a_robbed_key_is_replaced_though_a_page_of_the_thief_keeps_the_reckoning_open(seed: int) -> None:
    """Seeds 503 and 923: a page in the party's own name waited for one before it that nobody would ever give.

    The replacement waited for the reckoning's end, and so for good; until then the party's journal was closed.
    """
    outcome = rehearse(read_profile("camp-david"), seed)
    assert outcome.is_clean
    assert outcome.counts["keys-replaced"] == 1


def test_a_robbed_key_is_not_replaced_while_readers_hold_what_the_store_lacks() -> None:
    """A disk was put back from a copy: what had not come back yet would have been disowned with the thief's pages."""
    cast = get_play(DRAWN).make_cast(read_profile("camp-david"))
    log = Log(None)
    watch = Watch(log, Evidence(StandInSuite()))
    stage = build_stage(cast, seed=1, rates=CALM, log=log, observer=watch)
    watch.bind(stage)
    stage.open()
    stage.agenda.run(Instant(stage.now + MINUTE_MS))
    thief = Thief(stage, "KOR", split(1, "thief"), StandInCeremony(b"thief"))
    thief.steal()
    stage.restore_disk("KOR", share=0.5, for_ms=SECOND_MS)
    assert stage.stations["KOR"].may_be_old
    thief.replace_key()
    assert not stage.has_replaced_key
    stage.agenda.run(Instant(stage.now + MINUTE_MS))
    assert stage.has_replaced_key
