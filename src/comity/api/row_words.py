"""A row of the timeline as a sentence in the reader's language, for a terminal or a page."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from comity.api.terms import say_term
from comity.api.titles import Titles
from comity.api.words import say
from comity.base.instants import Instant, format_dtg
from comity.procedure.timeline import SAYS

__all__ = ["BY_MACHINE", "say_officers", "say_row"]

BY_MACHINE: Final = frozenset(
    {
        "timeline.pact-accepted",
        "timeline.root-statement-published",
        "timeline.acted-by",
        "timeline.item-read",
        "timeline.audience-opened",
        "timeline.text-received",
        "timeline.text-adoption-seen",
        "timeline.line-test-sent",
        "timeline.line-test-answered-by-machine",
    }
)
"""What nodes say by themselves."""


TITLED: Final = frozenset({"agreement", "channel", "commitment", "role", "topic"})
"""Arguments of a row that name what the pact has a title for; each is called as its kind is."""
_NO_TITLES: Final = Titles()


def say_row(row: Mapping[str, Any], titles: Titles = _NO_TITLES) -> str:
    """Say one row of a timeline in the reader's language: enums are words, instants date-time groups, ids titles."""
    fields = {
        name: titles.say_in_sentence(name, value)
        if name in TITLED and isinstance(value, str)
        else _say_value(name, value)
        for name, value in row["arguments"].items()
    }
    template = SAYS.get(row["code"])
    return say(template, **fields) if template else f"{row['party']} {row['code'].removeprefix('timeline.')}"


def say_officers(acted_by: Sequence[Mapping[str, Any]], titles: Titles = _NO_TITLES) -> str:
    """Name officers, each with the role that it holds and, where it stood in, the role whose power it used."""
    return "; ".join(_say_officer(one, titles) for one in acted_by)


def _say_officer(one: Mapping[str, Any], titles: Titles) -> str:
    by = {"officer": one["officer"], "role": titles.title_of("role", one["role"])}
    if one["footing"] == "deputy":
        return say("{officer}, {role}, as deputy of {power}", **by, power=titles.title_of("role", one["stands_for"][0]))
    if one["footing"] == "delegation":
        return say("{officer}, {role}, by delegation of {power}", **by,
                   power=titles.title_of("role", one["stands_for"][0]))  # fmt: skip
    return f"{by['officer']}, {by['role']}"


def _say_value(name: str, value: object) -> str:
    if name.endswith("_at") and isinstance(value, int):
        return format_dtg(Instant(value))
    if isinstance(value, list | tuple):
        return ", ".join(_say_value("", element) for element in value)
    return say_term(value) if isinstance(value, str) else str(value)
