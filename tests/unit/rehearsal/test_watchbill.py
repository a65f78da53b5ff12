"""Who acts in place of the first at hand: the code by which the wrong ones should be refused is the machine's."""

import random

from comity.base.errors import UsageError
from comity.machine.acting import choose_acting
from comity.machine.input import Say
from comity.pact.agreement import AgreementState
from comity.procedure.agreement import AgreementReason, AgreementStateStated
from comity.procedure.call import ConsultationCalled
from comity.procedure.fields import Level
from comity.procedure.position import Position, PositionStated
from comity.procedure.threat import ThreatKind
from comity.rehearsal.watchbill import Watchbill
from kit.loop import Loop

DRAW_COUNT = 300


def test_whoever_is_drawn_is_refused_with_the_code_that_is_expected_or_may_act() -> None:
    """Every kind of substitution is drawn, and each comes to what the draw says of it."""
    loop = Loop(has_offices=True)
    loop.be_born()
    machine, bill, audience = loop.machines["USA"], Watchbill(random.Random(5)), loop.pact.audience
    words = (
        ConsultationCalled("C1", Level.LEADERS, ThreatKind.OTHER, (), audience),
        PositionStated(bytes(32), bytes(32), Position.SUPPORT, 0),
        AgreementStateStated("tisa-2014", AgreementState.SUSPENDED, loop.now, AgreementReason.NATIONAL_DECISION, ()),
    )
    terms, seen = machine.versions.find_offices(audience), set()
    assert terms is not None
    for entry in words:
        for drawn in filter(None, (bill.draw(machine, audience, (entry,)) for _ in range(DRAW_COUNT))):
            code = ""
            try:
                choose_acting(terms, Say(loop.now, bytes(32), 1, audience, (entry,), by=drawn.crew))
            except UsageError as error:
                code = error.code
            assert code == drawn.refusal, (entry, drawn)
            footing = drawn.crew[0][0].footing.value
            seen.add(code or footing)
    assert seen == {
        "officer.wrong-role", "officer.not-deputy", "officer.not-delegated", "officer.too-few", "deputy", "delegation",
    }  # fmt: skip
