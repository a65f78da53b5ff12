"""Answering whatever alarms at a party, so that a test begins where nothing does."""

from comity.base.names import Party
from comity.machine.waiting import AlertKind, find_alerts
from kit.api import Apis

__all__ = ["answer", "calm"]


def calm(apis: Apis, party: Party) -> None:
    """Answer all that waits for a party."""
    node = apis.nodes[party]
    for alert in find_alerts(node.machine, node.now()):
        answer(apis, alert.id.hex(), alert.kind, party=party)


def answer(apis: Apis, id_: str, kind: AlertKind = AlertKind.MESSAGE, *, party: Party = "USA") -> None:
    """Answer one message, or one call."""
    named = "consultation" if kind is AlertKind.CALL else "message"
    type_ = "Acknowledged" if kind is AlertKind.CALL else "MessageAcknowledged"
    apis.state({"type": type_, named: id_, "role": "watch-officer", "officer": f"{party}-operator"}, party=party)
