"""Two readings of P40 to P45 agree on pages of any content, under pacts of any offices: each acts, each judge's own.

Pages hold statements of every kind and entries that say who acted, in any order, of officers in any capacity. Where the
node's judgement and the audit's differ, one of them misreads the clause.
"""

import random
from types import SimpleNamespace
from typing import Any, cast

import msgspec
from hypothesis import event, given
from hypothesis import strategies as st

from comity.audit.procedures.force import Force
from comity.audit.procedures.office import list_misacted
from comity.audit.procedures.received import Reach
from comity.base.names import Digest
from comity.machine.funnel import decode_known
from comity.pact.offices import Act, Delegation, Deputy, MayAct, Offices, SpeakingLevel, TwoPerson
from comity.pact.parse import parse_pact
from comity.procedure.office import read_offices
from comity.procedure.officer import ActedBy, Capacity, Footing, cover
from comity.procedure.stated import Stated
from kit.chatter import Chatter
from kit.loop import read_profile
from kit.second_folds import say_one

PACT = parse_pact(read_profile("camp-david", has_offices=True))
assert PACT.offices is not None
ROLES = [role.id for role in PACT.offices.roles]
NAMES = ("o1", "o2", "usa-7f3a")


def _draw_offices(draw: random.Random) -> Offices:
    """Offices in which little is forbidden, much, or nearly all."""
    assert PACT.offices is not None
    if draw.random() < 0.3:
        return PACT.offices
    acts = [act for act in Act if act is not Act.HOLD or draw.random() < 0.5]  # P60
    roles = ROLES[: draw.randint(1, 4)]

    def some(values: list[Any]) -> tuple[Any, ...]:
        return tuple(draw.sample(values, draw.randint(1, len(values))))

    ranked = draw.choice((None, 0, 5, 10, 20))
    two = [
        TwoPerson(id=f"policy.two.{place}", act=draw.choice(acts), officers=draw.choice((2, 2, 3)), above_rank=ranked)
        for place in range(draw.randint(0, 9))
    ]
    levels = some(list(SpeakingLevel))
    two.insert(0, TwoPerson(id="policy.two.call", act=Act.CALL, officers=2, levels=levels))
    return Offices(
        id="policy.offices",
        roles=PACT.offices.roles,
        may=tuple(MayAct(id=f"policy.may.{place}", acts=some(acts), roles=some(roles)) for place in range(3)),
        two_person=tuple(two),
        deputies=(Deputy(id="policy.deputy", role=draw.choice(ROLES), by=some(roles), vacant_ms=0),),
        delegation=draw.choice((None, Delegation(id="policy.delegation", acts=some(acts), within_ms=1))),
    )


def _draw_acted(draw: random.Random) -> ActedBy:
    officers = []
    for name in sorted(draw.sample(NAMES, draw.choice((1, 1, 2, 3)))):
        footing = draw.choice((Footing.OFFICE,) * 4 + (Footing.DEPUTY, Footing.DELEGATION))
        stands_for = () if footing is Footing.OFFICE else (draw.choice(ROLES[:4]),)
        officers.append(Capacity(name, draw.choice((*ROLES[:4], "watch-officer", "clerk")), footing, stands_for))
    return ActedBy(tuple(officers), draw.choice((1, 1, 2, 3, 9)))


def _lay_out(seed: int, draw: random.Random) -> list[Stated]:
    """What was chattered, in pages of a few, with who acted strewn among it; some places hold what nobody can read."""
    rows: list[Stated] = []
    chatter = Chatter(seed, channel=PACT.hotlines[0].id).said
    draw.shuffle(chatter)
    while chatter:
        page, index = len(rows), 0
        for _ in range(draw.randint(1, 6)):
            if draw.random() < 0.5:
                rows.append(_place(draw.choice(chatter or rows[-1:]), _draw_acted(draw), page, index))
                index += 1
            if chatter:
                row = chatter.pop()
                rows.append(_place(row, row.entry, page, index))
                index += draw.choice((1, 1, 1, 2))
    return rows


def _place(row: Stated, entry: Any, page: int, index: int) -> Stated:
    digest = Digest(page.to_bytes(32, "big"))
    id_ = Digest(page.to_bytes(30, "big") + index.to_bytes(2, "big"))
    return msgspec.structs.replace(row, entry=entry, id=id_, page=page, index=index, page_digest=digest)


@given(st.integers(0, 2**32))
def test_node_and_audit_judge_officers_alike(seed: int) -> None:
    """Every statement: the same code by the same clause, or none from both."""
    draw = random.Random(seed)
    pact = msgspec.structs.replace(PACT, offices=_draw_offices(draw))
    rows = _lay_out(seed, draw)
    terms = read_offices(pact)
    assert terms is not None
    own = {}
    for digest in dict.fromkeys(row.page_digest for row in rows):
        page = [row for row in rows if row.page_digest == digest]
        acted = cover(page)
        for row in page:
            fault = terms.judge(row.entry, acted.get(row.index), decode_known)
            if fault is not None:
                own[bytes(row.id)] = (fault.code, fault.clause, fault.act.value)
    version = SimpleNamespace(pact=pact, digest=b"1")
    force = SimpleNamespace(line=SimpleNamespace(is_single=True), find_version=lambda _: version)
    said = [say_one(msgspec.structs.replace(row, journal=Digest(b"j" * 32))) for row in rows]
    found = list_misacted(said, cast("Force", force), cast("Reach", None))
    second = {one.said.id: (one.code, one.clause, one.act) for one in found}
    assert own == second
    for code in sorted({code for code, _, _ in own.values()}):
        event(code)
    event("some without fault" if len(own) < sum(not isinstance(row.entry, ActedBy) for row in rows) else "all faulty")
