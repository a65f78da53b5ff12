"""Acts on a text: put a version, ask for silence, answer, bracket, hand the pen over.

Who holds the pen puts versions and asks for silence; every party answers for itself. An answer is to the version on the
table, by its digest: if another is put meanwhile, what was confirmed is refused and shown anew.
"""

from typing import Any, Final

from comity.api.words import say
from comity.base.errors import UsageError
from comity.base.instants import HOUR_MS
from comity.base.names import Party
from comity.console.fields import Fields
from comity.console.forms import (
    Field,
    Option,
    list_parties,
    list_terms,
    make_moment,
    make_words,
    read_marked,
    read_one_of,
)
from comity.console.forms import Kind as Filled
from comity.console.moments import read_moment
from comity.console.texts import Answer, Draft, find_draft
from comity.console.writing import Kind, Place, Speaker, Writing, make_reason
from comity.pact.offices import Act
from comity.procedure.text import BreakReason
from comity.procedure.text_view import TextStatus

__all__ = ["OF_TEXT"]

Said = dict[str, object]


def _us(place: Place) -> Party:
    return place.desk.node.machine.party


def _version(draft: Draft) -> str:
    if draft.current is None:
        raise UsageError("cli.none-here", kind="version")
    return draft.current.digest


def _holds_pen(place: Place, draft: Draft) -> bool:
    return draft.holder == _us(place)


def _own(place: Place, draft: Draft) -> Answer | None:
    return next((answer for answer in draft.answers if answer.party == _us(place)), None)


def _is_open(draft: Draft) -> bool:
    return draft.current is not None and draft.view.status not in (TextStatus.ADOPTED, TextStatus.SUPERSEDED)


def _may_answer(place: Place, draft: Draft) -> bool:
    own = _own(place, draft)
    return _is_open(draft) and own is not None and own.cell.outcome is None


def _propose_fields(place: Place, draft: Draft) -> list[Field]:
    words = draft.current.words if draft.current is not None else {}
    return list(make_words(place.desk, place.titles, say("The whole wording"), languages=draft.opened.languages,
                           words=words))  # fmt: skip


def _propose(place: Place, draft: Draft, fields: Fields, _: Speaker) -> Said:
    follows = [draft.current.digest] if draft.current is not None else []
    body = read_marked(place.desk, fields)
    assert body is not None, "it is needed"
    written = {row["language"] for row in body["translations"]}  # type: ignore[attr-defined]
    missing = sorted(set(draft.opened.languages) - written)
    if missing:
        raise UsageError("console.field-missing", field=f"text-{missing[0]}")
    return {"type": "TextVersionProposed", "text": draft.id, "follows": follows, "body": body}


def _amend(place: Place, draft: Draft, fields: Fields, _: Speaker) -> Said:
    body = read_marked(place.desk, fields)
    return {"type": "TextAmendmentProposed", "text": draft.id, "version": _version(draft), "body": body}


def _silence_fields(place: Place, _: Draft) -> list[Field]:
    return [make_moment("until_at", say("S-time: until when silence is kept"), place.desk.node.now() + 24 * HOUR_MS)]


def _silence(place: Place, draft: Draft, fields: Fields, __: Speaker) -> Said:
    return {"type": "SilenceProposed", "text": draft.id, "version": _version(draft),
            "until_at": read_moment(fields, "until_at", now=place.desk.node.now()), "notice_ms": 0}  # fmt: skip


def _extend_fields(_: Place, draft: Draft) -> list[Field]:
    return [make_moment("until_at", say("The later S-time"), (draft.view.until_at or 0) + 24 * HOUR_MS)]


def _extend(place: Place, draft: Draft, fields: Fields, __: Speaker) -> Said:
    until_at = read_moment(fields, "until_at", now=place.desk.node.now())
    from_at = draft.view.until_at or 0
    return {"type": "SilenceExtended", "text": draft.id, "version": _version(draft), "from_at": from_at,
            "until_at": until_at, "notice_ms": 0}  # fmt: skip


def _answer(type_: str) -> Any:
    def make(_: Place, draft: Draft, fields: Fields, by: Speaker) -> Said:
        del fields
        return {"type": type_, "text": draft.id, "version": _version(draft), **by._asdict()}

    return make


def _break(_: Place, draft: Draft, fields: Fields, by: Speaker) -> Said:
    reason = read_one_of(fields, "reason", list_terms(BreakReason))
    return {"type": "SilenceBroken", "text": draft.id, "version": _version(draft), "reason": reason, **by._asdict()}


def _bracket_fields(_: Place, draft: Draft) -> list[Field]:
    reader = draft.opened.languages
    return [
        Field(f"passage-{one}", say("The words, as they stand in the version"), Filled.WORDS, language=one,
              value=("",), is_needed=False, hint=say("empty: no passage in this language"))
        for one in reader
    ]  # fmt: skip


def _bracket(_: Place, draft: Draft, fields: Fields, __: Speaker) -> Said:
    version = _version(draft)
    assert draft.current is not None, "it has a version"
    passages = []
    for language in sorted(draft.current.words):
        words, held = fields.find(f"passage-{language}"), draft.current.words[language]
        if not words:
            continue
        if held.count(words) != 1:
            raise UsageError("text.no-such-passage", language=language, count=held.count(words))
        first = held.index(words)
        passages.append({"language": language, "first": first, "end": first + len(words)})
    if not passages:
        raise UsageError("console.field-missing", field="passage")
    return {"type": "PassageBracketed", "text": draft.id, "version": version, "passages": passages}


def _list_brackets(place: Place, draft: Draft, *, is_own: bool = False) -> tuple[Option, ...]:
    titles = place.titles
    return tuple(
        (note.id, f"{note.number} · {titles.title_of('party', note.party)} · [{next(iter(note.quotes.values()), '')}]")
        for note in draft.standing
        if not is_own or note.party == _us(place)
    )


def _choose_bracket(options: tuple[Option, ...]) -> Field:
    return Field("bracket", say("Which bracket"), Filled.CHOICE, options, (options[0][0] if options else "",))


def _word_fields(place: Place, draft: Draft) -> list[Field]:
    words = make_words(place.desk, place.titles, say("What we would put there"), languages=draft.opened.languages)
    return [_choose_bracket(_list_brackets(place, draft)), *words]


def _word(place: Place, draft: Draft, fields: Fields, _: Speaker) -> Said:
    bracket = read_one_of(fields, "bracket", _list_brackets(place, draft))
    return {"type": "PassageWorded", "text": draft.id, "bracket": bracket, "wording": read_marked(place.desk, fields)}


def _unbracket(place: Place, draft: Draft, fields: Fields, _: Speaker) -> Said:
    bracket = read_one_of(fields, "bracket", _list_brackets(place, draft, is_own=True))
    return {"type": "BracketLifted", "text": draft.id, "bracket": bracket}


def _hand_fields(place: Place, _: Draft) -> list[Field]:
    others = list_parties(place.desk, place.titles, but_own=True)
    return [Field("party", say("To whom"), Filled.CHOICE, others, (others[0][0],))]


def _hand(place: Place, draft: Draft, fields: Fields, _: Speaker) -> Said:
    to = read_one_of(fields, "party", list_parties(place.desk, place.titles, but_own=True))
    return {"type": "PenHandedOver", "text": draft.id, "to": to}


def _take(_: Place, draft: Draft, fields: Fields, __: Speaker) -> Said:
    del fields
    if not draft.handed_over:
        raise UsageError("text.no-pen-offered", holder=draft.holder, offered_to=draft.offered_to)
    return {"type": "PenTakenOver", "text": draft.id, "handed_over": draft.handed_over}


def _withdraw(_: Place, draft: Draft, fields: Fields, __: Speaker) -> Said:
    del fields
    return {"type": "TextWithdrawn", "text": draft.id}


def _may_ask(place: Place, draft: Draft) -> bool:
    return _holds_pen(place, draft) and draft.view.status is TextStatus.DRAFT and draft.current is not None


def _may_extend(place: Place, draft: Draft) -> bool:
    return _holds_pen(place, draft) and draft.view.until_at is not None and _is_open(draft)


def _holds(place: Place, draft: Draft) -> bool:
    own = _own(place, draft)
    return own is not None and own.held is not None


def _may_break(place: Place, draft: Draft) -> bool:
    own = _own(place, draft)
    return draft.is_running and own is not None and not own.is_broken


OF_TEXT: Final[Kind[Draft]] = Kind(
    path="/texts/{id:str}",
    find=find_draft,
    find_audience=lambda desk, draft, fields: draft.scope.audience,  # noqa: ARG005
    find_page=lambda draft: f"/texts/{draft.id}",
    writings=(
        Writing("take-pen", lambda: say("Take the pen"), Act.DRAFT, _take,
                may=lambda place, draft: draft.offered_to == _us(place)),
        Writing("propose", lambda: say("Put a version"), Act.DRAFT, _propose, _propose_fields, _holds_pen,
                lambda: say("In every language of the text. A changed text needs a new silence.")),
        Writing("silence", lambda: say("Open silence"), Act.DRAFT, _silence, _silence_fields, _may_ask,
                lambda: say("Whoever does not break it by S-time, and had the version in time, consents.")),
        Writing("agree", lambda: say("Consent"), Act.AGREE, _answer("TextAgreed"), None, _may_answer, speaks=True),
        Writing("hold", lambda: say("Hold silence"), Act.HOLD, _answer("SilenceHeld"), None,
                lambda place, draft: draft.is_running and _may_answer(place, draft) and not _holds(place, draft),
                speaks=True),
        Writing("lift", lambda: say("Lift our hold"), Act.AGREE, _answer("HoldLifted"), None, _holds, speaks=True),
        Writing("break", lambda: say("Break silence"), Act.HOLD, _break, make_reason(BreakReason), _may_break,
                lambda: say("One party is enough. It is not taken back; the penholder puts another version."),
                speaks=True, is_grave=True),
        Writing("bracket", lambda: say("Put in brackets"), Act.DRAFT, _bracket, _bracket_fields,
                lambda place, draft: _is_open(draft),  # noqa: ARG005
                lambda: say("It says what we have not agreed to. It holds nothing: who needs that holds or breaks.")),
        Writing("word", lambda: say("Propose words for a bracket"), Act.DRAFT, _word, _word_fields,
                lambda place, draft: bool(_list_brackets(place, draft))),
        Writing("unbracket", lambda: say("Lift a bracket"), Act.DRAFT, _unbracket,
                lambda place, draft: [_choose_bracket(_list_brackets(place, draft, is_own=True))],
                lambda place, draft: bool(_list_brackets(place, draft, is_own=True))),
        Writing("amend", lambda: say("Propose an amendment"), Act.DRAFT, _amend, _propose_fields,
                lambda place, draft: _is_open(draft) and not _holds_pen(place, draft),
                lambda: say("For the penholder to take up; by itself it breaks nothing.")),
        Writing("extend", lambda: say("Move S-time"), Act.DRAFT, _extend, _extend_fields, _may_extend),
        Writing("give-pen", lambda: say("Hand the pen over"), Act.DRAFT, _hand, _hand_fields, _holds_pen,
                lambda: say("The pen rests until that party takes it.")),
        Writing("withdraw", lambda: say("Withdraw the text"), Act.DRAFT, _withdraw, None,
                lambda place, draft: _holds_pen(place, draft) and _is_open(draft), is_grave=True),
    ),
)  # fmt: skip
