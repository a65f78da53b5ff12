"""The fields of an act's form, and reading what they brought as the API takes it.

A text goes out under a marking of this party's own scheme: the lowest level and the topics that the officer leaves
ticked. Moments are typed as date-time groups or as a browser's own field writes them, always Z.
"""

import enum
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.api.desk import Desk
from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import LANGUAGES, get_language, say
from comity.base.errors import UsageError
from comity.base.instants import Instant, format_dtg
from comity.console.fields import Fields
from comity.console.wording import make_marked

__all__ = [
    "TOPIC",
    "Field",
    "Kind",
    "Option",
    "list_parties",
    "list_terms",
    "make_choice",
    "make_moment",
    "make_ticks",
    "make_words",
    "read_boxes",
    "read_marked",
    "read_one_of",
]

TOPIC: Final = "public-message"
"""The topic that a text is of unless its officer says otherwise, as on the command line."""
Option = tuple[str, str]


class Kind(enum.Enum):
    """How a field is filled."""

    CHOICE = "choice"
    BOXES = "boxes"
    LINE = "line"
    MOMENT = "moment"
    WORDS = "words"


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `options` are values with what they are called; `value` is what stands in it at first."""

    name: str
    title: str
    kind: Kind
    options: tuple[Option, ...] = ()
    value: tuple[str, ...] = ()
    hint: str = ""
    is_needed: bool = True
    language: str = ""


def list_terms(terms: Iterable[enum.Enum]) -> tuple[Option, ...]:
    """Return the values of an enum, with what they are called."""
    return tuple((str(term.value), say_term(term)) for term in terms)


def list_parties(desk: Desk, titles: Titles, *, but_own: bool = False) -> tuple[Option, ...]:
    """Return the parties, with what they are called."""
    machine = desk.node.machine
    return tuple(
        (party, titles.title_of("party", party))
        for party in machine.parties
        if not (but_own and party == machine.party)
    )


def make_choice(name: str, title: str, options: Sequence[Option], chosen: str = "") -> Field:
    """Return the field of one value among several; the first is chosen unless another is."""
    first = options[0][0] if options else ""
    return Field(name, title, Kind.CHOICE, tuple(options), (chosen or first,))


def make_ticks(name: str, title: str, options: Sequence[Option], ticked: Sequence[str] = (), hint: str = "") -> Field:
    """Return the field of any number of values."""
    return Field(name, title, Kind.BOXES, tuple(options), tuple(ticked), hint, is_needed=False)


def make_words(
    desk: Desk,
    titles: Titles,
    title: str,
    *,
    languages: Iterable[str] = LANGUAGES,
    words: Mapping[str, str] | None = None,
    is_needed: bool = True,
    prefix: str = "",
    topic: str = TOPIC,
    topic_hint: str = "",
) -> tuple[Field, ...]:
    """Return the fields of a text: one for each language, the reader's first, then level and topics.

    `topic` is ticked at first; with none the hint says what it is then of.
    """
    reader, held = get_language(), dict(words or {})
    tongues = sorted(languages, key=lambda one: (one != reader, one))
    fields = [
        Field(f"{prefix}text-{one}", title, Kind.WORDS, value=(held.get(one, ""),), language=one, is_needed=is_needed)
        for one in tongues
    ]
    if prefix:
        return tuple(fields)
    levels = sorted(desk.levels(), key=lambda level: level["rank"])
    choices = tuple((level["id"], titles.title_of("level", level["id"])) for level in levels)
    topics = tuple((topic.id, titles.title_of("topic", topic.id)) for topic in desk.node.machine.pact.topics)
    return (
        *fields,
        Field("level", say("Its level in our own scheme"), Kind.CHOICE, choices, (choices[0][0],)),
        Field(
            "topics",
            say("What it is about"),
            Kind.BOXES,
            topics,
            (topic,) if topic else (),
            topic_hint,
            is_needed=False,
        ),
    )


def read_marked(
    desk: Desk, fields: Fields, *, prefix: str = "", is_needed: bool = True, topic: str = ""
) -> dict[str, object] | None:
    """Return the text that was typed under the marking that was chosen; None where none was and none is needed.

    It is of `topic` where none was ticked.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    start = f"{prefix}text-"
    typed = {name.removeprefix(start): text.strip() for name, text in fields.rows if name.startswith(start)}
    texts = {one: text for one, text in typed.items() if text}
    if not texts:
        if is_needed:
            raise UsageError("console.field-missing", field="text")
        return None
    levels = {level["id"] for level in desk.levels()}
    known = {topic.id for topic in desk.node.machine.pact.topics}
    level, topics = fields.get("level"), fields.list("topics") or ([topic] if topic else [])
    if level not in levels or not set(topics) <= known:
        raise UsageError("console.field-malformed", field="level" if level not in levels else "topics")
    return make_marked(desk, texts, level=level, topics=topics)


def make_moment(name: str, title: str, at: int = 0, *, is_needed: bool = True) -> Field:
    """Return the field of a moment; it stands at `at`, in whole minutes."""
    value = format_dtg(Instant(at)) if at else ""
    return Field(name, title, Kind.MOMENT, value=(value,), hint=say("a date-time group in Z"), is_needed=is_needed)


def read_one_of(fields: Fields, name: str, options: Iterable[Option]) -> str:
    """Return a value that is one of the options.

    Raises:
        UsageError: `console.field-missing`, `console.field-malformed`.
    """
    value = fields.get(name)
    if value not in {option for option, _ in options}:
        raise UsageError("console.field-malformed", field=name)
    return value


def read_boxes(fields: Fields, name: str, options: Iterable[Option]) -> list[str]:
    """Return the options that were ticked, ascending.

    Raises:
        UsageError: `console.field-malformed`.
    """
    values = sorted(set(fields.list(name)))
    if not set(values) <= {option for option, _ in options}:
        raise UsageError("console.field-malformed", field=name)
    return values
