"""A marked text as a form brings it: level, topics, caveats, and its words in the languages of the pact's parties."""

from collections.abc import Mapping
from dataclasses import dataclass

from comity.api.desk import Desk
from comity.api.words import LANGUAGES
from comity.base.errors import UsageError
from comity.console.fields import Fields
from comity.procedure.entry import MarkedText

__all__ = ["Choice", "find_choice", "read_marked"]


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
    machine = desk.node.machine
    ranked = sorted(
        (level.rank, level.id) for scheme in machine.pact.schemes if scheme.party == machine.party
        for level in scheme.levels
    )  # fmt: skip
    levels = tuple(level for _, level in ranked)
    held = {} if text is None else {row.language: row.text for row in text.translations}
    return Choice(
        levels,
        tuple(topic.id for topic in machine.pact.topics),
        levels[0] if text is None and levels else "" if text is None else text.marking.level,
        () if text is None else text.marking.topics,
        {language: held.get(language, "") for language in LANGUAGES},
    )


def read_marked(desk: Desk, fields: Fields) -> dict[str, object]:
    """Return the marked text that a form brings, in the form that the API takes.

    Raises:
        UsageError: `console.field-missing` where nothing was written.
    """
    party = desk.node.machine.party
    texts = [(language, fields.find(f"text_{language}")) for language in sorted(LANGUAGES)]
    rows = [{"language": language, "text": text} for language, text in texts if text]
    if not rows:
        raise UsageError("console.field-missing", field="text_en")
    marking = {"originator": party, "scheme": party, "level": fields.get("level"),
               "topics": sorted(set(fields.list("topics"))), "caveats": []}  # fmt: skip
    return {"marking": marking, "translations": rows}
