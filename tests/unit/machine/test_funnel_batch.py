"""Many entries at once are each decided: what one type may do says nothing of another, and nothing of an item."""

import pytest

from comity.base.errors import UsageError
from comity.procedure.call import Acknowledged
from comity.procedure.entry import Entry
from comity.procedure.fields import Level
from comity.procedure.hotline import MessageSent, Precedence
from comity.procedure.sharing import PassOnRequested
from kit.loop import Loop, marked

PLAIN = Acknowledged(bytes(32), "duty-officer", "officer-1")
SECRET = marked("no basis", originator="USA", level="USA-TS", topics=("public-message",))
OPEN = marked("anybody's", originator="USA", level="USA-U", topics=("public-message",))


def _message(text: Entry | object) -> MessageSent:
    return MessageSent("hotline.nsc", Level.WATCH, Precedence.ROUTINE, (), (), text)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "entries",
    [
        (PLAIN, PLAIN, _message(SECRET)),
        (_message(OPEN), PLAIN, _message(SECRET)),
        (PLAIN, PassOnRequested(bytes(32), "KOR", 0)),
        (PassOnRequested(bytes(32), "KOR", 0), PassOnRequested(bytes([1]) * 32, "KOR", 0)),
    ],
)
def test_an_entry_without_a_basis_is_found_among_others(entries: tuple[Entry, ...]) -> None:
    """Wherever it stands, and whatever of its own type went before it."""
    loop = Loop()
    loop.be_born()
    usa = loop.machines["USA"]
    with pytest.raises(UsageError) as refused:
        usa.funnel.check(entries, audience=loop.pact.audience, at=loop.now)
    assert refused.value.code == "release.withheld"
    usa.funnel.check((PLAIN, _message(OPEN), PLAIN), audience=loop.pact.audience, at=loop.now)
