"""What templates about items say things with: markings, sizes, the words for a likelihood or a source.

A value that came as text is given its type before it is put into words: *low* is a confidence, and no likelihood.
"""

from collections.abc import Mapping
from typing import Any

from comity.api.desk import Desk
from comity.api.form import simplify
from comity.api.row_words import format_size
from comity.api.titles import Titles
from comity.base.names import Audience
from comity.console.marks import Mark, show_mark
from comity.pact.offices import Act
from comity.procedure.assessment import Confidence, Likelihood
from comity.procedure.entry import Marking
from comity.procedure.threat import Credibility, Reliability

__all__ = ["make_words"]


def make_words(desk: Desk, titles: Titles) -> dict[str, Any]:
    """Return the functions that templates about items use."""
    pact, me = desk.node.machine.pact, desk.node.machine.party

    def mark(marking: Marking | Mapping[str, Any]) -> Mark:
        return show_mark(pact, simplify(marking) if isinstance(marking, Marking) else marking, titles)

    def readers(audience: Audience) -> str:
        return ", ".join(party for party in audience if party != me) or me

    return {
        "mark": mark,
        "readers": readers,
        "size": format_size,
        "act_of": Act,
        "likelihood": Likelihood,
        "confidence": Confidence,
        "reliability": Reliability,
        "credibility": Credibility,
        "now_at": desk.node.now(),
    }
