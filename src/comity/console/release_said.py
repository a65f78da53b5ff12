"""What is said about items and information from these pages: statements, shown field by field before they are signed.

Each is the form that the API takes, and goes through the same funnel.
"""

from typing import Any

from comity.api.desk import Desk
from comity.api.form import parse_id
from comity.api.inquiries import list_inquiries
from comity.api.items import list_items
from comity.api.views.floor import InquiryShown
from comity.api.words import LANGUAGES
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS, MINUTE_MS
from comity.console.fields import Fields
from comity.console.release_deeds import read_hours, read_word
from comity.console.release_item import get_banner
from comity.console.signing import Proposal, find_name, propose
from comity.console.visit import Visit
from comity.procedure.inquiry import AnswerReason, InquiryAnswer
from comity.procedure.spillage import ENTRIES, Spillage, SpillageKind, SpillageResult, SpillageStep, fold_spillages

__all__ = ["Said"]

AGO_MIN_MAX = 60 * 24 * 366


class Said:
    """The statements of one node's desk. Each method is what a page proposes with: visit, fields, role."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._node = desk.node

    def ask_for(self, _visit: Visit, fields: Fields, _role: str) -> Proposal:
        """Ask an item's originator to let somebody have it."""
        item = parse_id(fields.place["item"])
        form: dict[str, Any] = {
            "type": "PassOnRequested",
            "item": item.hex(),
            "recipient": fields.get("recipient"),
            "wanted_until_at": self._node.now() + read_hours(fields, 24) * HOUR_MS,
        }
        return propose(self._desk, form, to=(get_banner(self._node, item).originator,), is_kept=True)

    def report_spillage(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Tell an item's originator that it is or may be lost or compromised."""
        item, minutes = parse_id(fields.place["item"]), fields.find_number("minutes", 0)
        if minutes > AGO_MIN_MAX:
            raise UsageError("console.field-malformed", field="minutes")
        form: dict[str, Any] = {
            "type": "SpillageReported",
            "item": item.hex(),
            "kind": read_word(SpillageKind, fields, "kind").value,
            "noticed_at": self._node.now() - minutes * MINUTE_MS,
            **self._name(visit, role),
        }
        return propose(self._desk, form, to=(get_banner(self._node, item).originator,), is_kept=True)

    def conclude_spillage(self, visit: Visit, fields: Fields, role: str) -> Proposal:
        """Tell what came of looking into a loss, and what was done."""
        told = self._get_spillage(parse_id(fields.place["report"])).report
        try:
            steps = sorted({SpillageStep(step).value for step in fields.list("steps")})
        except ValueError as error:
            raise UsageError("console.field-malformed", field="steps") from error
        form: dict[str, Any] = {
            "type": "SpillageConcluded",
            "item": getattr(told.entry, "item", b"").hex(),
            "report": told.id.hex(),
            "result": read_word(SpillageResult, fields, "result").value,
            "steps": steps,
            **self._name(visit, role),
        }
        return propose(self._desk, form, to=told.audience)

    def ask_to_know(self, _visit: Visit, fields: Fields, _role: str) -> Proposal:
        """Ask one or all others what they know of a topic; the words are marked and decided as any text."""
        me = self._node.machine.party
        to = fields.list("to")
        if not to:
            raise UsageError("console.field-missing", field="to")
        marking = {"originator": me, "scheme": me, "level": fields.get("level"), "topics": [fields.get("topic")],
                   "caveats": []}  # fmt: skip
        language = fields.find("language", "en")
        text = {"language": language if language in LANGUAGES else "en", "text": fields.get("text")}
        form: dict[str, Any] = {
            "type": "InformationRequested",
            "topic": fields.get("topic"),
            "level": fields.get("protect"),
            "answer_by_at": self._node.now() + read_hours(fields, 24) * HOUR_MS,
            "text": {"marking": marking, "translations": [text]},
        }
        return propose(self._desk, form, to=to, is_kept=True)

    def answer(self, _visit: Visit, fields: Fields, _role: str) -> Proposal:
        """Answer a request for information, to its asker alone."""
        asked = self._get_inquiry(fields.place["inquiry"])
        form: dict[str, Any] = {
            "type": "InformationAnswered",
            "request": asked["id"],
            "answer": read_word(InquiryAnswer, fields, "answer").value,
            "reason": read_word(AnswerReason, fields, "reason").value,
        }
        return propose(self._desk, form, to=(asked["request"]["author"],))

    def name_item(self, _visit: Visit, fields: Fields, _role: str) -> Proposal:
        """Say that an item was given in answer, to those alone to whom it was given with the asker among them."""
        asked, beginning = self._get_inquiry(fields.place["inquiry"]), fields.get("item").lower()
        asker, me = asked["request"]["author"], self._node.machine.party
        rows = [
            row
            for row in list_items(self._node)
            if row["given_by"] == me and asker in row["audience"] and row["item"].startswith(beginning)
        ]
        if len({row["item"] for row in rows}) != 1:
            raise UsageError("cli.no-such-object", beginning=beginning[:16])
        form: dict[str, Any] = {"type": "GivenInAnswer", "item": rows[-1]["item"], "request": asked["id"]}
        return propose(self._desk, form, to=tuple(rows[-1]["audience"]))

    def close(self, _visit: Visit, fields: Fields, _role: str) -> Proposal:
        """Say that no more answers are wanted."""
        asked = self._get_inquiry(fields.place["inquiry"])
        form: dict[str, Any] = {"type": "InformationRequestClosed", "request": asked["id"]}
        return propose(self._desk, form, to=tuple(asked["request"]["audience"]))

    def _name(self, visit: Visit, role: str) -> dict[str, Any]:
        return {"role": role, "officers": [find_name(visit, self._node.machine.party)]}

    def _get_inquiry(self, request: str) -> InquiryShown:
        id_ = parse_id(request).hex()
        found = next((row for row in list_inquiries(self._node.machine, self._node.now()) if row["id"] == id_), None)
        if found is None:
            raise UsageError("cli.no-such-object", beginning=id_[:16])
        return found

    def _get_spillage(self, report: bytes) -> Spillage:
        rows = fold_spillages(self._node.machine.statements.find(*ENTRIES))
        found = next((row for row in rows if row.report.id == report), None)
        if found is None or found.report.author != self._node.machine.party:
            raise UsageError("cli.no-such-object", beginning=report.hex()[:16])
        return found
