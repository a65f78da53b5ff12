"""Two readings of R52 agree: requests as the folds show them, and as the audit does, which shares no code with them."""

import random

from hypothesis import event, example, given
from hypothesis import strategies as st

from comity.audit.procedures.consent import Consents
from comity.audit.procedures.onward import judge_onward
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from comity.base.names import Audience, Party
from comity.procedure.consent import Consent, SignedConsent
from comity.procedure.entry import Entry
from comity.procedure.onward import PassOnDeclined, PassOnGranted, RefusalGroundStated, fold_onward
from comity.procedure.sharing import (
    Basis,
    ConsentGiven,
    ConsentRefused,
    ConsentWithdrawn,
    ItemPassedOn,
    ItemShared,
    PassedOn,
    PassOnReported,
    PassOnRequested,
    RecallReason,
    RecallRequested,
    RefusalReason,
)
from comity.procedure.stated import Standing, Stated
from kit.recalling import ITEMS
from kit.releasing import (
    ALL,
    JPN_KOR,
    JPN_USA,
    KOR_USA,
    LINEAGE,
    NOW,
    REALM,
    SEEDS,
    SUITE,
    consent_check,
    marking,
    signed,
    stated,
)
from kit.second_folds import Known, say_again

AUDIENCES: tuple[Audience, ...] = (ALL, JPN_KOR, *(JPN_USA,) * 5, KOR_USA)
VALID_MS_MAX = 3 * DAY_MS
WHY = RefusalReason.SOURCE


class Asking:
    """The United States mostly asks Japan for Korea; everything else happens as well."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.said: list[Stated] = []
        pages: dict[tuple[Party, Audience], int] = {}
        incarnations = dict.fromkeys(ALL, 0)
        at = NOW - 6 * HOUR_MS
        for _ in range(draw.randint(6, 24)):
            at += draw.choice((0, MINUTE_MS, HOUR_MS, -MINUTE_MS))
            audience = draw.choice(AUDIENCES)
            author = draw.choice(audience)
            if draw.random() < 0.05:  # its key is replaced: page numbers begin anew
                incarnations[author] += 1
                pages = {place: page for place, page in pages.items() if place[0] != author}
            pages[author, audience] = page = pages.get((author, audience), 0) + 1
            seen = [one for one in self.said if {*audience} <= {*one.audience} and draw.random() < 0.6]
            standing = draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED])
            entry = self._make(author, audience, at)
            self.said.append(
                stated(
                    entry,
                    author=author,
                    audience=audience,
                    page=page,
                    at=at,
                    standing=standing,
                    seen=seen,
                    incarnation=incarnations[author],
                )
            )
        self.ends_at = at

    def pick_instant(self) -> Instant:
        """An instant to look at."""
        return Instant(self.ends_at + self._draw.choice((-HOUR_MS, 0, 2 * HOUR_MS, 9 * DAY_MS)))

    def _make(self, author: Party, audience: Audience, at: int) -> Entry:
        draw = self._draw
        item, to = ITEMS[draw.random() < 0.1], draw.choice(("KOR", "KOR", "KOR", "USA"))
        given = (
            item,
            (marking("JPN" if draw.random() < 0.9 else author),),
            bytes(32),
            9,
            bytes(32),
            (Basis(to, "x", "y"),),
        )
        consent = self._consent(item, at, draw.choice(audience), to)
        until_at = Instant(max(0, at + draw.choice((-MINUTE_MS, HOUR_MS, 5 * HOUR_MS))))
        by = ("release-officer", ("o1",))
        kinds: tuple[tuple[float, Entry], ...] = (
            (3, ItemShared(*given)),
            (4, PassOnRequested(item, to, until_at)),
            (3, ConsentGiven(item, consent)),
            (1.5, ConsentRefused(item, to, WHY)),
            (0.7, ConsentWithdrawn(item, to)),
            (0.4, RecallRequested(item, RecallReason.UNSTATED, until_at)),
            (1, RefusalGroundStated(item, to, "tisa-2014", WHY)),
            (1.5, PassOnGranted(item, to, *by)),
            (1, PassOnDeclined(item, to, "tisa-2014", WHY, *by)),
            (0.4, PassedOn(*given, (consent,))),
            (0.4, ItemPassedOn(*given, (), 0, ())),
            (0.4, PassOnReported(item, to, at)),
        )
        return draw.choices([entry for _, entry in kinds], [weight for weight, _ in kinds])[0]

    def _consent(self, item: bytes, at: int, holder: Party, to: Party) -> SignedConsent:
        draw = self._draw
        expires_at = at + draw.choice((MINUTE_MS, 3 * HOUR_MS, 30 * DAY_MS))
        given = Consent(LINEAGE, REALM, "JPN", item, "USA" if draw.random() < 0.7 else holder, to, at, expires_at)
        return signed(given, by=None if draw.random() < 0.95 else "KOR")


@given(st.integers(0, 2**32))
@example(408)  # a refused consent turns up enclosed in a passing-on
def test_both_read_requests_alike(seed: int) -> None:
    """Each way that was asked for, at an instant before and after its deadlines."""
    played = Asking(seed)
    as_of, check = played.pick_instant(), consent_check()
    rows = fold_onward(played.said, check=check, valid_ms_max=VALID_MS_MAX, as_of=as_of)
    ours = {(row.item, row.holder, row.recipient): (row.request, row.state.value) for row in rows}
    again = say_again(played.said)
    consents = Consents(
        again,
        lineage=LINEAGE,
        realm=REALM,
        node_keys={party: [SUITE.public_of_signing(key)] for party, key in SEEDS.items()},
        valid_ms_max=VALID_MS_MAX,
        suite=SUITE,
    )
    views = judge_onward(again, consents=consents, knows=Known(played.said).knows, as_of=as_of)
    theirs = {(view.item, view.holder, view.recipient): (view.request, view.state) for view in views}
    assert ours == theirs
    for state in sorted({state for _, state in ours.values()}):
        event(state)


@given(st.integers(0, 2**32))
def test_order_changes_nothing(seed: int) -> None:
    """The same set of statements gives the same rows (P1)."""
    played, check = Asking(seed), consent_check()
    shuffled = [*played.said, *played.said[:3]]
    random.Random(seed).shuffle(shuffled)
    as_of = Instant(played.ends_at)
    rows = [fold_onward(said, check=check, valid_ms_max=VALID_MS_MAX, as_of=as_of) for said in (played.said, shuffled)]
    assert rows[0] == rows[1]
