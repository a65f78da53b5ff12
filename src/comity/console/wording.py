"""A marked text as a form brings it: level, topics, caveats, and its words in the languages of the pact's parties."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.form import read_words
from comity.api.words import LANGUAGES
from comity.base.errors import UsageError
from comity.console.fields import Fields
from comity.procedure.entry import MarkedText

__all__ = ["Choice", "find_choice", "make_marked", "read_marked", "read_texts"]


@dataclass(frozen=True, slots=True)
class Choice:
    """What a form of a marked text offers: own levels with the lowest first, topics, languages; and what is there."""

    levels: tuple[str, ...]
    topics: tuple[str, ...]
    level: str
    chosen: tuple[str, ...]
    texts: Mapping[str, str]


def find_choice(desk: Desk, text: MarkedText | None = None) -> Choice:
    """Return what is offered, filled with a text of ours where there is one."""
    levels = tuple(level for _, level in sorted((level["rank"], level["id"]) for level in desk.levels()))
    held = {} if text is None else read_words(text)
    return Choice(
        levels,
        tuple(topic.id for topic in desk.node.machine.pact.topics),
        levels[0] if text is None and levels else "" if text is None else text.marking.level,
        () if text is None else text.marking.topics,
        {language: held.get(language, "") for language in LANGUAGES},
    )


def read_marked(desk: Desk, fields: Fields) -> dict[str, object]:
    """Return the marked text that a form brings, in the form that the API takes.

    Raises:
        UsageError: `console.field-missing` where nothing was written.
    """
    texts = read_texts(fields)
    if not texts:
        raise UsageError("console.field-missing", field="text_en")
    return make_marked(desk, texts, level=fields.get("level"), topics=fields.list("topics"))


def read_texts(fields: Fields) -> dict[str, str]:
    """Return what was typed, by language."""
    texts = {language: fields.find(f"text_{language}") for language in LANGUAGES}
    return {language: text for language, text in texts.items() if text}


def make_marked(
    desk: Desk, texts: Mapping[str, str], *, level: str, topics: Iterable[str], caveats: Iterable[str] = ()
) -> dict[str, object]:
    """Return a text under a marking of this party's own scheme, in the form that the API takes."""
    party = desk.node.machine.party
    marking = {"originator": party, "scheme": party, "level": level, "topics": sorted(set(topics)),
               "caveats": sorted(set(caveats))}  # fmt: skip
    return {"marking": marking, "translations": [{"language": one, "text": texts[one]} for one in sorted(texts)]}
