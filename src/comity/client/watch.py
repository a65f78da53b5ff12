"""What a watch floor looks at: how the node stands, what was stated, and every object judged now."""

from collections.abc import Iterable, Mapping
from typing import Any

from comity.api.views.alarms import Alarms
from comity.api.views.basic import Ids, OwnLevel
from comity.api.views.floor import Consultation, DutyShown, InquiryShown, Lines, Measures, TextShown
from comity.api.views.record import Disclosure, NumberedRow, Row, Spillage, Threat
from comity.api.views.release import Proved
from comity.api.views.standing import Here, Live, Ready, Status
from comity.api.views.titles import TitleShown
from comity.api.views.warning import PictureRows
from comity.base.errors import UsageError
from comity.client.connection import Connection
from comity.client.events import Events

__all__ = ["Watch"]

View = dict[str, Any]
"""An object whose fields the API's description lists."""


class Watch(Connection):
    """The views of the watch floor."""

    def show_status(self) -> Status:
        """Who we are, how the links stand, what is stored, what is missing, what waits."""
        return self.ask(Status, "/v1/status")

    def show_live(self) -> Live:
        """Whether the program answers; asked without a token as well."""
        return self.ask(Live, "/v1/health/live")

    def show_ready(self) -> Ready:
        """Whether statements are taken now."""
        return self.ask(Ready, "/v1/health/ready")

    def read_metrics(self) -> bytes:
        """Counts for monitoring, as Prometheus text."""
        return self.get_bytes("/metrics")

    def show_alarms(self) -> Alarms:
        """What nobody here has answered, whom the node called, and whom it calls next."""
        return self.ask(Alarms, "/v1/alarms")

    def listen(self, *, after: str = "", patience_s: float | None = None) -> Events:
        """What happens, as it happens, from a position on; see `Events`."""
        return Events(self, after=after, patience_s=patience_s)

    def find_position(self) -> str:
        """The position of now, to listen from after looking at views."""
        return self.ask(Here, "/v1/events/position")["position"]

    def read_pact(self) -> str:
        """The file of the pact in force."""
        return self.get_bytes("/v1/pact").decode()

    def show_proofs(self) -> Proved:
        """How far each party's information can get by any chain, with proofs."""
        return self.ask(Proved, "/v1/pact/proofs")

    def list_levels(self) -> list[OwnLevel]:
        """The levels of this party's own scheme."""
        return self.ask(list[OwnLevel], "/v1/levels")

    def list_titles(self) -> list[TitleShown]:
        """What the pact calls its roles, channels and the rest, in each language."""
        return self.ask(list[TitleShown], "/v1/titles")

    def list_timeline(self, *, after: int = 0) -> list[NumberedRow]:
        """What was stated, in the order shown, from row number `after` on."""
        return self.ask(list[NumberedRow], "/v1/timeline", after=after)

    def show_picture(self, *, at: int | None = None) -> PictureRows:
        """The warning picture: objects, who reports each, on what terms, how late; of now, or of an earlier instant."""
        return self.ask(PictureRows, "/v1/warning/picture", at=at)

    def find_row(self, id_: str) -> Row | None:
        """One statement as it stands now, or None while it is not here."""
        try:
            return self.ask(Row, f"/v1/timeline/{id_}")
        except UsageError as error:
            if error.code != "cli.no-such-object":
                raise
            return None

    def list_duties(self) -> list[DutyShown]:
        """Who owes what by when."""
        return self.ask(list[DutyShown], "/v1/duties")

    def list_threats(self) -> list[Threat]:
        """Every threat reported, with its text."""
        return self.ask(list[Threat], "/v1/threats")

    def list_consultations(self) -> list[Consultation]:
        """Every consultation, judged now."""
        return self.ask(list[Consultation], "/v1/consultations")

    def list_texts(self) -> list[TextShown]:
        """Every text, judged now."""
        return self.ask(list[TextShown], "/v1/texts")

    def show_text(self, text: str) -> View:
        """One text: its pen, versions, amendments and bracketed passages."""
        return self.ask(View, f"/v1/texts/{text}")

    def show_measures(self) -> Measures:
        """Every measure and national action, and the collisions among them."""
        return self.ask(Measures, "/v1/measures")

    def show_matrix(self, *, consultation: str = "") -> View:
        """The synchronisation matrix, of all or of one consultation, with gaps against plans."""
        return self.ask(View, "/v1/matrix", consultation=consultation)

    def show_lines(self) -> Lines:
        """Hotline messages and line tests."""
        return self.ask(Lines, "/v1/lines")

    def list_messages(self) -> list[View]:
        """Hotline messages with their words, translations and receipts."""
        return self.ask(list[View], "/v1/messages")

    def list_voice_calls(self) -> list[View]:
        """The log of voice calls, and whether each account agrees."""
        return self.ask(list[View], "/v1/voice-calls")

    def list_phrases(self) -> list[View]:
        """Standard phrases of the pact in force, in each language."""
        return self.ask(list[View], "/v1/phrases")

    def list_plans(self) -> list[View]:
        """Contingency plans: versions, who accepted them, activations and gaps."""
        return self.ask(list[View], "/v1/plans")

    def show_meetings(self, *, as_of: int = 0) -> View:
        """Meetings planned and held, with evidence; under each commitment the last, and who owes a word then."""
        return self.ask(View, f"/v1/meetings?as_of={as_of}")

    def show_shifts(self) -> View:
        """A handover drafted from what is open now, and the handovers signed so far."""
        return self.ask(View, "/v1/shifts")

    def list_exercises(self) -> list[View]:
        """Exercises: who agreed, the play clock, injects given, each act of control and what became of it."""
        return self.ask(list[View], "/v1/exercises")

    def list_notes(self, exercise: str) -> list[View]:
        """What was noted of an exercise: observations, hot wash, improvements proposed."""
        return self.ask(list[View], f"/v1/exercises/{exercise}/notes")

    def read_exercise_report(self, exercise: str) -> View:
        """The after-action report of an exercise, as far as the record alone says it."""
        return self.ask(View, f"/v1/exercises/{exercise}/report")

    def list_adoptions(self) -> list[View]:
        """After-action reports adopted, and their corrective actions."""
        return self.ask(list[View], "/v1/after-action")

    def list_deeds(self, exercise: str) -> list[View]:
        """What parties did while an exercise was played, by exercise time."""
        return self.ask(list[View], f"/v1/exercises/{exercise}/deeds")

    def list_role_play(self, exercise: str) -> list[View]:
        """What seats of an exercise said, and the texts of injects, as far as this party may read them."""
        return self.ask(list[View], f"/v1/exercises/{exercise}/role-play")

    def speak(
        self,
        exercise: str,
        seat: str,
        *,
        to: Iterable[str],
        said_at: int,
        body: Mapping[str, object],
        signature: str,
        number: str = "",
        key: str = "",
    ) -> list[str]:
        """Carry what a seat says to `to` and signed, as the inject `number` if it is one."""
        words = {"to": list(to), "said_at": said_at, "body": body, "signature": signature, "number": number}
        return self.do(Ids, f"/v1/exercises/{exercise}/seats/{seat}/words", words, key=key)["ids"]

    def list_inquiries(self) -> list[InquiryShown]:
        """Who asks for which information by when, and what was answered."""
        return self.ask(list[InquiryShown], "/v1/inquiries")

    def list_spillages(self) -> list[Spillage]:
        """What was lost or compromised or may be, and what came of it."""
        return self.ask(list[Spillage], "/v1/spillages")

    def list_disclosed(self) -> list[Disclosure]:
        """Earlier statements that were disclosed by or to this party."""
        return self.ask(list[Disclosure], "/v1/disclosed")
