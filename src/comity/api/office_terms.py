"""What acts of officers, and what their power rests on, are called: message ids, as in `terms`."""

import enum
from typing import Final

from comity.pact.offices import Act, SpeakingLevel
from comity.procedure.officer import Footing
from comity.procedure.reading import ReaderKind

__all__ = ["OFFICE_TERMS"]

OFFICE_TERMS: Final[tuple[tuple[enum.Enum, str], ...]] = (
    (SpeakingLevel.WATCH, "watch officers"),
    (SpeakingLevel.WORKING, "working level"),
    (Footing.DELEGATION, "by delegation"),
    (Footing.DEPUTY, "as deputy"),
    (Footing.OFFICE, "in office"),
    (ReaderKind.CONSUMER, "a system that polls"),
    (ReaderKind.OFFICER, "officer"),
    (ReaderKind.OPERATOR, "whoever holds the node's token"),
    (Act.ACKNOWLEDGE, "answer for a call or message"),
    (Act.ADMINISTER, "keep officers and rosters"),
    (Act.AGREE, "agree to a text or lift a hold"),
    (Act.AGREEMENT, "state how an agreement stands"),
    (Act.CALL, "call for consultation"),
    (Act.CEREMONY, "replace a key or succeed the root"),
    (Act.CONCLUDE, "conclude"),
    (Act.CONSENT, "ask for or give consent"),
    (Act.CONVENE, "convene"),
    (Act.CORRECT, "withdraw a statement"),
    (Act.DRAFT, "write a text"),
    (Act.HOLD, "hold or break silence"),
    (Act.INSPECT, "look at who read what"),
    (Act.LEAVE, "leave the pact"),
    (Act.MEASURE, "offer or answer a measure"),
    (Act.MESSAGE, "send a message"),
    (Act.POSITION, "take a position"),
    (Act.RECALL, "recall or answer a recall"),
    (Act.RELEASE, "release or disclose"),
    (Act.REPORT, "report a threat"),
)
