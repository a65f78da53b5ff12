"""Two readings of docs/spec/release.md agree: the funnel, and the audit that shares no code with it.

Both judge the same givings and texts at their authors' cuts (R10): markings that can and cannot be read, states of
agreements in dispute or of pages that are, consents that run, ended, are another's or were forged.
"""

import datetime as dt
import hashlib
import random
from collections.abc import Mapping

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.agreement import Agreements
from comity.audit.procedures.consent import Consents
from comity.audit.procedures.funnel import Funnel
from comity.audit.procedures.received import Unpermitted, find_unpermitted
from comity.audit.procedures.said import Said
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant, to_datetime
from comity.base.names import Audience, Digest, Party
from comity.machine.funnel import decode_known
from comity.pact.agreement import Agreement, AgreementState, StateSince, ThirdParty
from comity.pact.terms import Confidence
from comity.procedure.agreement import AgreementReason, AgreementStateStated, agreement_states
from comity.procedure.alarm import AlarmEscalated, CalledOut, Outcome
from comity.procedure.consent import Consent, SignedConsent, make_consent_check, sign_consent
from comity.procedure.correction import CorrectionReason, EntryCorrected
from comity.procedure.entry import Entry, MarkedText, Marking, Translation
from comity.procedure.judgement import is_decided_by_marking, judge_received
from comity.procedure.linked import ItemsLinked
from comity.procedure.reading import ItemRead, ReaderKind
from comity.procedure.registry import encode_entry
from comity.procedure.release_terms import ReleaseTerms, compile_terms
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ItemGiven,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    RecallReason,
    RecallRequested,
    RefusalReason,
)
from comity.procedure.stated import Standing, Stated, is_known_to
from comity.procedure.threat import ThreatKind, ThreatReported
from comity.procedure.verdict import NeedsConsent
from kit.releasing import LINEAGE, NOW, REALM, SUITE, profile_terms, stated
from kit.second_folds import Known, say_again

CAVEATS = ("NOFORN", "NATIONAL EYES ONLY", "ORCON", "REL TO", "REL TO JPN,USA", "ODD")
ITEMS = (Digest(b"\x70" * 32), Digest(b"\x71" * 32))


def secret_of(party: Party) -> bytes:
    """A node key for every party of every profile."""
    return hashlib.sha256(party.encode()).digest()


class Dealings:
    """Parties of a shipped pact give, mark, consent, refuse and suspend; seldom rightly."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.pact = profile_terms(draw.choice(("camp-david", "harbour-aid"))).pact
        if draw.random() < 0.5:
            self.pact = msgspec.structs.replace(self.pact, agreements=tuple(map(self._vary, self.pact.agreements)))
        self.terms: ReleaseTerms = compile_terms(self.pact)
        self.parties = list(self.pact.audience)
        self._agreements = [agreement.id for agreement in self.pact.agreements]
        self.said: list[Stated] = []
        pages: dict[tuple[Party, Audience], int] = {}
        at = NOW - 6 * HOUR_MS
        for _ in range(draw.randint(2, 18)):
            at += draw.choice((0, MINUTE_MS, HOUR_MS, -MINUTE_MS, DAY_MS * draw.choice((0, 1))))
            author = draw.choice(self.parties)
            entry = self._make(author, at)
            is_wide = draw.random() < (0.8 if isinstance(entry, AgreementStateStated) else 0.5)
            some = tuple(sorted({*draw.sample(self.parties, 2), author}))
            audience = tuple(self.parties) if is_wide else some
            pages[author, audience] = pages.get((author, audience), 0) + 1
            self.said.append(
                stated(
                    entry,
                    author=author,
                    audience=audience,
                    page=pages[author, audience],
                    at=at,
                    standing=draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED]),
                    seen=[one for one in self.said if {*audience} <= {*one.audience} and draw.random() < 0.8],
                )
            )

    def _vary(self, agreement: Agreement) -> Agreement:
        """The agreement with another third-party rule, ceiling and history, notice that runs out among it (R29)."""
        draw, today = self._draw, to_datetime(NOW)
        rows, since = [], (today - dt.timedelta(days=draw.randint(0, 40))).date()
        for _ in range(draw.randint(1, 3)):
            state = draw.choice(list(AgreementState))
            has_end = state is AgreementState.NOTICE_GIVEN and draw.random() < 0.8
            end = today + dt.timedelta(days=draw.randint(-9, 9), hours=draw.randint(-9, 9))
            rows.append(
                StateSince(state=state, since=since, notice_ends_at=end if has_end else None, sources=("test",),
                           confidence=Confidence.OK)
            )  # fmt: skip
            since += dt.timedelta(days=draw.randint(1, 20))
        rule, rank = draw.choice(list(ThirdParty)), draw.choice((0, 10, 20, 30))
        return msgspec.structs.replace(agreement, states=tuple(rows), third_party=rule, ceiling_rank=rank)

    def _make(self, author: Party, at: int) -> Entry:
        draw, item = self._draw, self._draw.choice(ITEMS)
        to, markings = draw.choice(self.parties), tuple(self._mark() for _ in range(draw.choice((1, 1, 2))))
        basis = (Basis("USA", "x", "y"),)
        kind = draw.random()
        if kind < 0.22:
            ends = (at + draw.choice((0, HOUR_MS)),) if draw.random() < 0.3 else ()
            effective_at = Instant(at + draw.choice((-HOUR_MS, 0, 0, HOUR_MS)))
            state = draw.choice(list(AgreementState))
            agreement = draw.choice(self._agreements)
            return AgreementStateStated(agreement, state, effective_at, AgreementReason.UNSTATED, ends)
        if kind < 0.38:
            return ConsentGiven(item, self._consent(item, author, at))
        if kind < 0.48:
            recalled = RecallRequested(item, RecallReason.UNSTATED, Instant(at))
            ending = (ConsentRefused(item, to, RefusalReason.UNSTATED), ConsentWithdrawn(item, to), recalled)
            return draw.choice(ending)
        if kind < 0.49:
            return ItemsLinked(ITEMS)
        if kind < 0.5:
            notes = (ItemRead(item, (), ReaderKind.CONSUMER, "poller", (), at), AlarmEscalated(item, 1, (), (), at),
                     CalledOut(item, 1, "pager", Outcome.SENT, 1, at))  # fmt: skip
            return draw.choice(notes)
        if kind < 0.66:
            shared = (item, markings, bytes(32), 9, bytes(32), basis)
            return ItemGiven(*shared, self._end(at), 0) if draw.random() < 0.5 else ItemShared(*shared)
        if kind < 0.84:
            consents = [
                self._consent(
                    item if draw.random() < 0.9 else draw.choice(ITEMS), draw.choice(self.parties), at, author
                )
                for _ in range(draw.randint(0, 2))
            ]
            passed = (item, markings, bytes(32), 9, bytes(32), basis)
            if draw.random() < 0.5:
                return ItemPassedOn(*passed, self._end(at), 0, tuple(consents))
            return PassedOn(*passed, tuple(consents))
        text = ThreatReported(ThreatKind.OTHER, 0, (), (), MarkedText(markings[0], (Translation("en", "x"),)))
        if draw.random() < 0.2:
            binding = ConsentRefused(item, to, RefusalReason.UNSTATED)
            raw = draw.choice((*[encode_entry(text)] * 3, encode_entry(binding), b"not an entry"))
            return EntryCorrected(b"\x01" * 32, CorrectionReason.MISTAKE, raw)
        return text

    def _end(self, at: int) -> tuple[Instant, ...]:
        """When an item expires, about now: so that what the author knew of the time decides."""
        draw = self._draw
        return (Instant(at + draw.choice((-HOUR_MS, 0, 1, HOUR_MS))),) if draw.random() < 0.5 else ()

    def _consent(self, item: Digest, originator: Party, at: int, holder: Party = "") -> SignedConsent:
        draw = self._draw
        lineage = LINEAGE if draw.random() < 0.95 else bytes(32)
        ends_at = at + draw.choice((MINUTE_MS, 5 * HOUR_MS, 9 * DAY_MS))
        consent = Consent(
            lineage,
            REALM,
            originator,
            item,
            holder if holder and draw.random() < 0.8 else draw.choice(self.parties),
            draw.choice(self.parties),
            at + draw.choice((0, 0, -2 * HOUR_MS)),
            ends_at,
        )
        signer = originator if draw.random() < 0.95 else draw.choice(self.parties)
        return sign_consent(SUITE, consent, secret=secret_of(signer))

    def _mark(self) -> Marking:
        draw, pact = self._draw, self.pact
        originator = draw.choice(self.parties) if draw.random() < 0.95 else "XXX"
        levels = [level.id for scheme in pact.schemes if scheme.party == originator for level in scheme.levels]
        anybodys = [level.id for scheme in pact.schemes for level in scheme.levels]
        level = draw.choice(levels) if levels and draw.random() < 0.95 else draw.choice(anybodys)
        topics = draw.choice(pact.agreements).topics
        if draw.random() < 0.2:
            topics = tuple(topic.id for topic in pact.topics)
        chosen = sorted(draw.sample(topics, min(len(topics), draw.randint(0 if draw.random() < 0.1 else 1, 2))))
        caveats = [self._caveat() for _ in range(draw.randint(1, 2))] if draw.random() < 0.35 else []
        if draw.random() < 0.95:
            caveats = sorted(set(caveats))
        scheme = originator if draw.random() < 0.97 else draw.choice(self.parties)
        return Marking(originator, scheme, level, tuple(chosen), tuple(caveats))

    def _caveat(self) -> str:
        draw = self._draw
        some = ", ".join(sorted(draw.sample(self.parties, draw.randint(1, len(self.parties) - 1))))
        under = ", ".join(sorted(draw.sample(self._agreements, draw.randint(1, 2))))
        return draw.choice((*CAVEATS, f"REL TO {some}", f"ONLY UNDER {under}"))


class Reached(Known):
    """Every page of a cut is here; the latest clock is that of the statements known."""

    def __init__(self, said: list[Stated]) -> None:
        super().__init__(said)
        self._said = {bytes(one.id): one for one in said}

    def find_latest_at(self, said: Said) -> int:
        own = self._said[said.id]
        known = [one.written_at for one in self._said.values() if is_known_to(one, when_stating=own)]
        return max(own.written_at, *known)

    def has_shown(self, later: Said, earlier: Said) -> bool:
        """No pages are at hand here: the cut is all there is."""
        return self.knows(later, earlier)

    def is_shown_whole(self, said: Said) -> bool:  # noqa: ARG002 -- whatever it is
        """Nothing is beyond it."""
        return True


def find_flags(dealings: Dealings, reached: Reached, again: Mapping[bytes, Said]) -> dict[tuple[bytes, Party], str]:
    """What the funnel says should not have come."""
    check = make_consent_check(
        SUITE, keys_of=lambda party: (SUITE.public_of_signing(secret_of(party)),), lineage=LINEAGE, realm=REALM
    )
    found: dict[tuple[bytes, Party], str] = {}
    for one in dealings.said:
        entry = one.entry
        is_newer = isinstance(entry, EntryCorrected) and decode_known(entry.replacement) is None
        if is_newer or not is_decided_by_marking(entry):
            continue
        latest_at = Instant(reached.find_latest_at(again[one.id]))
        for flag in judge_received(
            one, stated=dealings.said, terms=dealings.terms, check=check, decode=decode_known, latest_at=latest_at
        ):
            is_open = isinstance(flag.decision, NeedsConsent)
            found[bytes(one.id), flag.party] = "needs-consent" if is_open else "withheld"
    return found


@given(st.integers(0, 2**32), st.integers(-3, 10))
def test_both_judge_what_came_alike(seed: int, days: int) -> None:
    """Each entry for each recipient, and the state of each agreement at an instant."""
    dealings = Dealings(seed)
    rows, reached = say_again(dealings.said), Reached(dealings.said)
    agreements = Agreements(dealings.pact, rows)
    consents = Consents(
        rows,
        lineage=LINEAGE,
        realm=REALM,
        node_keys={party: [SUITE.public_of_signing(secret_of(party))] for party in dealings.parties},
        valid_ms_max=dealings.pact.policy.consent.valid_ms_max,
        suite=SUITE,
    )
    funnel = Funnel(dealings.pact, agreements, consents)
    short: list[Unpermitted] = []
    unpermitted = find_unpermitted(rows, lambda _: funnel, reached, [], short)
    theirs = {(one.said.id, one.to): one.says.value for one in unpermitted}
    assert short == []  # where a cut is all there is, it leaves out nothing
    assert find_flags(dealings, reached, {row.id: row for row in rows}) == theirs
    as_of = Instant(NOW + days * DAY_MS)
    for id_, held in agreement_states(dealings.pact, dealings.said, as_of=as_of).items():
        state = "not-begun" if held.state is None else held.state.value
        assert agreements.find_state(id_, at=as_of, knows=lambda _: True) == state
    for says in sorted({*theirs.values()}):
        event(says)
