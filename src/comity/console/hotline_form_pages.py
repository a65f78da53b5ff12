"""The forms of the hotline: pick a phrase and fill it, write, read back, translate, correct, log a call.

A form is a page of its own; where script is, it opens in front of the hotline. It states nothing: it posts to an act.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter

from comity.api.desk import Desk
from comity.api.form import parse_id, read_words
from comity.api.hotline import find_words
from comity.api.words import get_language, say, say_in
from comity.base.instants import MINUTE_MS, Instant, format_dtg
from comity.base.names import Digest, Party
from comity.console.forms import list_terms
from comity.console.hotline_forms import (
    find_phrase,
    get_message,
    get_own_read_back,
    get_voice_call,
    offer_body,
    suggest_level,
)
from comity.console.pages import Pages
from comity.console.visit import get_visit
from comity.console.watch import order_versions
from comity.pact.phrase import GAP_KINDS, Phrase, find_gaps, list_versions
from comity.procedure.correction import CorrectionReason
from comity.procedure.fields import Level, Precedence
from comity.procedure.hotline import MessageSent, MessageState
from comity.procedure.phrase import Filled, PhraseReadBack, PhraseSent

__all__ = ["blank", "make_hotline_forms"]

CALL_MS: Final = 10 * MINUTE_MS
"""How long ago a call is taken to have begun until somebody types it."""

AskedId = Annotated[str, QueryParameter(max_length=64)]
Asking = Request[Any, Any, Any]


def make_hotline_forms(pages: Pages, desk: Desk) -> list[HTTPRouteHandler]:
    """Return the routes of every form of the page."""
    forms = Forms(pages, desk)

    @get("/hotline/phrases/{channel:str}")
    async def phrases(request: Asking, channel: FromPath[str]) -> Response[Any]:
        return forms.pick(request, channel)

    @get("/hotline/phrases/{channel:str}/{phrase:str}")
    async def fill(
        request: Asking, channel: FromPath[str], phrase: FromPath[str], answers: AskedId = ""
    ) -> Response[Any]:
        return forms.fill(request, channel, find_phrase(desk, phrase), answers=answers)

    @get("/hotline/write/{channel:str}")
    async def write(request: Asking, channel: FromPath[str], answers: AskedId = "") -> Response[Any]:
        return forms.write(request, channel, answers=answers)

    @get("/hotline/back/{entry:str}")
    async def back(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.read_back(request, get_message(desk, entry))

    @get("/hotline/translate/{entry:str}")
    async def translate(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.translate(request, get_message(desk, entry))

    @get("/hotline/correct/{entry:str}")
    async def correct(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.correct(request, get_message(desk, entry))

    @get("/hotline/correct-back/{entry:str}")
    async def correct_back(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.correct_back(request, *get_own_read_back(desk, entry))

    @get("/hotline/withdraw/{entry:str}")
    async def withdraw(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.withdraw(request, entry)

    @get("/hotline/call/{channel:str}")
    async def call(request: Asking, channel: FromPath[str]) -> Response[Any]:
        return forms.log_call(request, channel)

    @get("/hotline/confirm-call/{entry:str}")
    async def confirm_call(request: Asking, entry: FromPath[str]) -> Response[Any]:
        return forms.confirm_call(request, get_voice_call(desk, entry).scope.ref.hex())

    return [phrases, fill, write, back, translate, correct, correct_back, withdraw, call, confirm_call]


class Forms:
    """Fills the templates of the forms with what the pact and the message offer."""

    def __init__(self, pages: Pages, desk: Desk) -> None:
        self._pages = pages
        self._desk = desk

    def pick(self, request: Asking, channel: str) -> Response[Any]:
        """Show the phrases of the pact, each in every language."""
        rows = [(row.id, self._order(request, blank(row))) for row in self._desk.node.machine.pact.phrases]
        return self._pages.render(request, "hotline_phrases.html", phrases=rows, channel=channel, back=_back(channel))

    def fill(self, request: Asking, channel: str, phrase: Phrase, *, answers: str) -> Response[Any]:
        """Offer a phrase's gaps."""
        return self._fill(
            request, phrase, path=f"/hotline/phrase/{channel}", heading=say("Standard phrase"), back=_back(channel),
            answers=answers, has_head=True, **self._offer_readers(channel),
        )  # fmt: skip

    def write(self, request: Asking, channel: str, *, answers: str) -> Response[Any]:
        """Offer a free message; as an answer it shows what it answers."""
        said = find_words(self._desk.node.machine, get_message(self._desk, answers)) if answers else {}
        return self._write(
            request, path=f"/hotline/message/{channel}", heading=say("Answer") if answers else say("Free message"),
            back=_back(channel), answers=answers, said=said, has_head=True, **self._offer_readers(channel),
        )  # fmt: skip

    def read_back(self, request: Asking, state: MessageState) -> Response[Any]:
        """Offer to repeat a message: its gaps if it is a phrase, else its words, empty."""
        id_, back, note = (
            state.scope.ref.hex(),
            _back_of(state),
            say("Type what you read or heard. Its sender sees whether it matches, character for character."),
        )
        path, heading, entry = f"/hotline/read-back/{id_}", say("Read back"), _get_entry(state)
        if isinstance(entry, PhraseSent):
            phrase = find_phrase(self._desk, entry.filled.phrase)
            return self._fill(request, phrase, path=path, heading=heading, back=back, note=note)
        said = find_words(self._desk.node.machine, state)
        level = suggest_level(self._desk, state)
        return self._write(request, path=path, heading=heading, back=back, note=note, said=said, level=level,
                           topic=_topics_of(entry))  # fmt: skip

    def translate(self, request: Asking, state: MessageState) -> Response[Any]:
        """Offer a translation beside a message."""
        note = say("It is shown beside the message, as a translation and as your party's own word.")
        return self._write(
            request, path=f"/hotline/translation/{state.scope.ref.hex()}", heading=say("Attach a translation"),
            back=_back_of(state), note=note, said=find_words(self._desk.node.machine, state),
            level=suggest_level(self._desk, state), topic=_topics_of(_get_entry(state)),
        )  # fmt: skip

    def correct(self, request: Asking, state: MessageState) -> Response[Any]:
        """Offer a message of ours as it stands, to be put right."""
        entry = _get_entry(state)
        note = say(
            "What was sent stays on the record, and what you put here stands beside it. Every reader is shown both."
        )
        path = f"/hotline/correction/{state.scope.ref.hex()}"
        given: dict[str, Any] = {"path": path, "heading": say("Correct"), "note": note, "back": _back_of(state),
                 "has_head": True, "precedence": entry.precedence.value,
                 "level_of_speech": entry.level.value, "reasons": list_terms(CorrectionReason)}  # fmt: skip
        if isinstance(entry, PhraseSent):
            return self._fill(request, find_phrase(self._desk, entry.filled.phrase), filled=entry.filled, **given)
        texts = read_words(entry.body)
        return self._write(
            request, texts=texts, level=entry.body.marking.level, topic=entry.body.marking.topics, **given
        )

    def correct_back(self, request: Asking, id_: Digest, entry: PhraseReadBack) -> Response[Any]:
        """Offer our read-back of a phrase as it stands, to be put right."""
        return self._fill(
            request, find_phrase(self._desk, entry.filled.phrase), filled=entry.filled,
            path=f"/hotline/back-correction/{id_.hex()}", heading=say("Correct what we read back"),
            back=f"/record/{id_.hex()}", reasons=list_terms(CorrectionReason),
            note=say("What you read back stays on the record, and what you put here stands beside it."),
        )  # fmt: skip

    def withdraw(self, request: Asking, entry: str) -> Response[Any]:
        """Ask why a message, a logged call or a meeting is taken back."""
        stated = self._desk.node.machine.record.find_statement(parse_id(entry))
        is_meeting = stated is not None and stated.entry.belongs_to[0] == "meeting"
        return self._pages.render(
            request, "hotline_withdraw.html", path=f"/hotline/withdrawal/{entry}", heading=say("Withdraw"),
            back="/duties" if is_meeting else "/hotline", reasons=list_terms(CorrectionReason),
        )  # fmt: skip

    def log_call(self, request: Asking, channel: str) -> Response[Any]:
        """Ask with whom and when a call was, and what codes were spoken."""
        now, given = self._desk.node.now(), self._offer_readers(channel)
        others = [row for row in given["to_options"] if row[0] != self._desk.node.machine.party]
        return self._pages.render(
            request, "hotline_call.html", path=f"/hotline/voice/{channel}", heading=say("Log a voice call"),
            back=_back(channel), to_options=others, to_chosen=(), began=format_dtg(Instant(now - CALL_MS)),
            ended=format_dtg(now), levels_of_speech=list_terms(Level), level_of_speech=Level.WATCH.value,
        )  # fmt: skip

    def confirm_call(self, request: Asking, call: str) -> Response[Any]:
        """Ask which codes our own notes have."""
        return self._pages.render(
            request, "hotline_call.html", path=f"/hotline/account/{call}", heading=say("Our account of the call"),
            back="/hotline", to_options=(),
        )  # fmt: skip

    def _fill(self, request: Asking, phrase: Phrase, *, filled: Filled | None = None, **given: Any) -> Response[Any]:
        return self._pages.render(
            request, "hotline_fill.html", phrase=phrase.id, words=self._order(request, blank(phrase)),
            gaps=list(_list_gaps(phrase, filled, self._desk.node.now())), party_options=self._list_parties(),
            **{**_PLAIN, "precedences": list_terms(Precedence), "levels_of_speech": list_terms(Level), **given},
        )  # fmt: skip

    def _write(self, request: Asking, *, said: Mapping[str, str] | None = None, **given: Any) -> Response[Any]:
        return self._pages.render(
            request, "hotline_write.html", said=self._order(request, said or {}),
            **{**_PLAIN, **offer_body(self._desk, self._pages.titles), "texts": {},
               "precedences": list_terms(Precedence), "levels_of_speech": list_terms(Level), **given},
        )  # fmt: skip

    def _offer_readers(self, channel: str) -> dict[str, Any]:
        """Offer the other ends of a line, all of them chosen."""
        machine = self._desk.node.machine
        lines = (line.parties for line in machine.pact.hotlines if line.id == channel)
        ends = next(lines, machine.parties)
        others = [row for row in self._list_parties() if row[0] in ends and row[0] != machine.party]
        return {"to_options": others, "to_chosen": tuple(party for party, _ in others)}

    def _list_parties(self) -> list[tuple[Party, str]]:
        pact, language = self._desk.node.machine.pact, get_language()
        return [(row.id, f"{row.id} · {row.short.in_language(language)}") for row in pact.parties]

    def _order(self, request: Asking, words: Mapping[str, str]) -> list[tuple[str, str]]:
        return order_versions(words, get_visit(request).language)


_PLAIN: Final[Mapping[str, Any]] = {
    "note": "", "answers": "", "has_head": False, "reasons": (), "to_options": (), "to_chosen": (),
    "precedence": Precedence.ROUTINE.value, "level_of_speech": Level.WATCH.value,
}  # fmt: skip


def _list_gaps(phrase: Phrase, filled: Filled | None, now: Instant) -> list[tuple[str, str, str, str]]:
    """Return name, kind, label and value of each gap, by kind and number."""
    rows = []
    held = {} if filled is None else {"party": filled.parties, "number": tuple(map(str, filled.numbers)),
                                      "at": tuple(format_dtg(Instant(at)) for at in filled.instants)}  # fmt: skip
    for gap in sorted(find_gaps(phrase.words.en), key=lambda gap: (GAP_KINDS.index(gap.partition("_")[0]), gap)):
        kind, _, number = gap.partition("_")
        values: Sequence[str] = held.get(kind, ())
        value = values[int(number) - 1] if int(number) <= len(values) else format_dtg(now) if kind == "at" else ""
        rows.append((gap, kind, _name_gap(gap, get_language()), value))
    return rows


def blank(phrase: Phrase) -> dict[str, str]:
    """Return the sentence in each language with its gaps named in that language."""
    blank = {}
    for language, text in list_versions(phrase.words).items():
        blank[language] = text.format_map({gap: f"‹{_name_gap(gap, language)}›" for gap in find_gaps(text)})
    return blank


def _name_gap(gap: str, language: str) -> str:
    """Return what a gap is called in a language."""
    kind, _, number = gap.partition("_")
    names = {
        "party": say_in(language, "party {number}"),
        "at": say_in(language, "time {number}"),
        "number": say_in(language, "number {number}"),
    }
    return names[kind].format(number=number)


def _get_entry(state: MessageState) -> MessageSent | PhraseSent:
    entry = None if state.sent is None else state.sent.stated.entry
    assert isinstance(entry, MessageSent | PhraseSent), "what opens a message is one or the other"
    return entry


def _topics_of(entry: MessageSent | PhraseSent) -> tuple[str, ...]:
    return entry.body.marking.topics if isinstance(entry, MessageSent) else ()


def _back(channel: str) -> str:
    return f"/hotline/on/{channel}"


def _back_of(state: MessageState) -> str:
    return _back(_get_entry(state).channel)
