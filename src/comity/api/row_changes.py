"""What a correction changed in a row of the timeline: each field as it was stated at first, and as it reads now."""

from collections.abc import Iterator, Mapping
from typing import Any

from comity.api.field_words import FIELD_WORDS
from comity.api.row_words import say_argument
from comity.api.titles import Titles
from comity.api.words import say

__all__ = ["list_changes"]


def list_changes(row: Mapping[str, Any], titles: Titles) -> Iterator[tuple[str, str, str]]:
    """Yield title, first reading and present reading of each field that was corrected."""
    for name, was in row["first"].items():
        now = row["arguments"][name]
        yield say(FIELD_WORDS.get(name, name)), _say(row, name, was, titles), _say(row, name, now, titles)


def _say(row: Mapping[str, Any], name: str, value: object, titles: Titles) -> str:
    """Say a value; of a marked text its level and its words in each language, of a list each element."""
    if isinstance(value, list | tuple):
        return "; ".join(_say(row, name, one, titles) for one in value) or "—"
    if isinstance(value, Mapping):
        if "translations" in value:
            words = " / ".join(f"{one['language']} {one['text']}" for one in value["translations"])
            return f"[{titles.title_of('level', value['marking']['level'])}] {words}"
        return ", ".join(_say(row, inner, one, titles) for inner, one in value.items() if inner != "type")
    return say_argument(row["code"], name, value, titles) or "—"
