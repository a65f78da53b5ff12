"""Two readings of R54 and R55 agree: the folds, and the audit that shares no code with them."""

import importlib.resources
import random

from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.inquiry import judge_inquiries, list_duties_of_spillages
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, Instant
from comity.base.names import Audience, Party
from comity.pact.duty import compile_duties
from comity.pact.parse import parse_pact
from comity.pact.profiles import PROFILE_PACKAGE
from comity.procedure.entry import Entry
from comity.procedure.inquiry import (
    AnswerReason,
    GivenInAnswer,
    InformationAnswered,
    InformationRequestClosed,
    InformationRequested,
    InquiryAnswer,
    fold_inquiries,
)
from comity.procedure.sharing import Basis, ItemGiven, ItemShared
from comity.procedure.spillage import (
    SpillageConcluded,
    SpillageKind,
    SpillageReported,
    SpillageResult,
    SpillageStep,
    fold_spillages,
    judge_duties_of_spillages,
)
from comity.procedure.stated import Standing, Stated
from kit.recalling import ITEMS
from kit.releasing import ALL, JPN_KOR, JPN_USA, KOR_USA, NOW, marking, open_text, stated
from kit.second_folds import say_again

AUDIENCES: tuple[Audience, ...] = (ALL, ALL, JPN_KOR, JPN_USA, JPN_USA, KOR_USA)
RULES = compile_duties(parse_pact((importlib.resources.files(PROFILE_PACKAGE) / "camp-david.toml").read_bytes()))


class Asking:
    """Parties ask, answer, give, close, lose and look into it; often of the wrong thing or to the wrong party."""

    def __init__(self, seed: int) -> None:
        self._draw = draw = random.Random(seed)
        self.said: list[Stated] = []
        pages: dict[tuple[Party, Audience], int] = {}
        at = NOW - 6 * HOUR_MS
        for _ in range(draw.randint(4, 30)):
            at += draw.choice((0, MINUTE_MS, HOUR_MS, -MINUTE_MS))
            audience = draw.choice(AUDIENCES)
            author = draw.choice(audience)
            pages[author, audience] = page = pages.get((author, audience), 0) + 1
            standing = draw.choice([Standing.GOOD] * 9 + [Standing.DISPUTED])
            entry = self._make(author, at)
            self.said.append(stated(entry, author=author, audience=audience, page=page, at=at, standing=standing))
        self.ends_at = at

    def _pick(self, type_: type[Entry]) -> bytes:
        fitting = [row.id for row in self.said if isinstance(row.entry, type_)]
        return self._draw.choice(fitting) if fitting and self._draw.random() < 0.95 else b"\x09" * 32

    def _make(self, author: Party, at: int) -> Entry:
        draw, item = self._draw, self._draw.choice(ITEMS)
        given = (item, (marking(),), bytes(32), 9, bytes(32), (Basis("USA", "x", "y"),))
        request, by = self._pick(InformationRequested), ("watch-officer", ("o1",))
        told = [row for row in self.said if isinstance(row.entry, SpillageReported) and row.author == author]
        report = draw.choice(told).id if told and draw.random() < 0.8 else self._pick(SpillageReported)
        steps = tuple(sorted(draw.sample(list(SpillageStep), draw.randint(0, 3))))
        kinds: tuple[tuple[float, Entry], ...] = (
            (2, ItemShared(*given)),
            (1, ItemGiven(*given, (), 0)),
            (3, InformationRequested("t", "L", Instant(at + draw.choice((0, HOUR_MS))), open_text(author))),
            (3, InformationAnswered(request, draw.choice(list(InquiryAnswer)), AnswerReason.SOURCE)),
            (1, InformationRequestClosed(request)),
            (3, GivenInAnswer(item, request)),
            (3, SpillageReported(item, SpillageKind.LOSS, Instant(at - draw.choice((0, 2 * HOUR_MS))), *by)),
            (3, SpillageConcluded(item, report, SpillageResult.LOST, steps, *by)),
        )
        return draw.choices([entry for _, entry in kinds], [weight for weight, _ in kinds])[0]


@given(st.integers(0, 2**32), st.sampled_from((-HOUR_MS, 0, 2 * HOUR_MS, 90 * DAY_MS)))
def test_both_read_inquiries_and_spillages_alike(seed: int, later_ms: int) -> None:
    """Each party of each request, and each duty on a spillage, at an instant before and after its clocks."""
    played = Asking(seed)
    as_of, again = Instant(played.ends_at + later_ms), say_again(played.said)
    ours = {
        (row.request.id, cell.party): (cell.state.value, cell.items)
        for row in fold_inquiries(played.said, as_of=as_of)
        for cell in row.cells
    }
    theirs = {(row.request, row.party): (row.state, row.items) for row in judge_inquiries(again, as_of=as_of)}
    assert ours == theirs
    duties = {
        (duty.kind.value, duty.party, duty.subject, duty.due_at, duty.verdict.value, duty.met_by or b"", duty.clause)
        for duty in judge_duties_of_spillages(RULES, fold_spillages(played.said), as_of=as_of)
    }
    assert duties == {
        (duty.kind, duty.party, duty.subject, duty.due_at, duty.verdict.value, duty.met_by, duty.clause)
        for duty in list_duties_of_spillages(RULES, again, as_of=as_of)
    }
    for state in sorted({state for state, _ in ours.values()} | {duty[4] for duty in duties}):
        event(state)


@given(st.integers(0, 2**32))
def test_who_did_not_ask_sees_its_own_row_alone(seed: int) -> None:
    """That another holds something, or was asked at all to give it, shows nowhere (law 2)."""
    played = Asking(seed)
    for viewer in ALL:
        held = [row for row in played.said if viewer in row.audience]
        for row in fold_inquiries(held, as_of=Instant(played.ends_at), viewer=viewer):
            shown = [cell.party for cell in row.cells]
            assert shown == [viewer] or row.request.author == viewer
