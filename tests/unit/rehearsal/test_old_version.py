"""An older version keeps raw what it does not know, and knows the rest."""

from comity.procedure.call import Acknowledged
from comity.procedure.position import PositionExplained
from comity.procedure.registry import ENTRY_TYPES, Unknown, decode_entry, encode_entry
from comity.procedure.text import HoldLifted
from comity.rehearsal.old_version import UNKNOWN, decode_old, is_unknown


def test_an_older_version_keeps_raw_what_it_does_not_know() -> None:
    """The bytes are kept whole, so that an upgrade folds them."""
    lifted = encode_entry(HoldLifted(bytes(32), bytes(32), "watch-officer", "duty-1"))
    assert decode_old(lifted) == Unknown("HoldLifted", lifted)
    assert isinstance(decode_entry(lifted), HoldLifted)
    known = encode_entry(Acknowledged(bytes(32), "watch-officer", "duty-1"))
    assert decode_old(known) == decode_entry(known)


def test_what_is_hidden_exists_and_is_never_stated_by_a_node_itself() -> None:
    """A node that stated what it does not know would be no older version."""
    assert {type_.__name__ for type_ in ENTRY_TYPES} >= UNKNOWN
    assert not UNKNOWN & {
        "PactAccepted", "AudienceOpened", "RootStatementPublished", "TextReceived", "SilenceKept", "TextAdoptionSeen",
        "LineTestSent", "LineTestAnsweredByMachine",
    }  # fmt: skip
    assert not is_unknown([])
    assert PositionExplained.__name__ in UNKNOWN
