"""Clauses of a pact in words: the fields of a clause with what they are called, and their values.

The values are read from the model's own fields, so that a key of the pact file cannot be forgotten here; what each
field is called stands in `LABELS`, and a test holds it against the model.
"""

import datetime as dt
import enum
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from comity.api.terms import say_term
from comity.api.words import get_language, say
from comity.base.instants import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, format_dtg
from comity.pact.agreement import StateSince
from comity.pact.offices import Role
from comity.pact.terms import Rule, Words
from comity.pact.track import TrackKind

__all__ = ["LABELS", "SPANS", "format_span", "format_state", "list_inner", "list_values"]

LABELS: Final[Mapping[str, str]] = {
    "above": "nothing above",
    "above_rank": "above rank",
    "act": "act",
    "acts": "acts",
    "address": "address",
    "adoption_year_owed": "year of adoption is owed",
    "after_ms": "after",
    "agreement": "agreement",
    "altitude_max_m": "highest altitude in metres",
    "answer_within_ms": "machine answers within",
    "applies_to": "limits clause",
    "area": "area",
    "article": "article",
    "back": "goes out with it too",
    "binding": "law behind it",
    "board": "board",
    "bodies": "bodies",
    "body": "body",
    "by": "by",
    "cadence": "how often",
    "caution": "caution",
    "caveats": "caveats",
    "ceiling_rank": "ceiling rank",
    "coarsen_m": "told on a grid of so many metres",
    "commitment": "commitment",
    "delay_ms": "told later by",
    "direction": "direction",
    "domain": "domain",
    "domains": "domains",
    "dropped_after_ms": "gone after",
    "due_on": "due on",
    "evidence": "evidence that counts",
    "every_ms": "every",
    "exit": "exit",
    "giver": "from",
    "givers": "givers",
    "hold_permitted": "a hold is permitted",
    "hub": "hub",
    "interval_ms": "every",
    "is_sensor_named": "the sensor is named",
    "kept_by_machine": "silence may be kept by the machine",
    "kinds": "kinds",
    "label": "label",
    "languages": "languages",
    "legal_basis": "legal basis",
    "legs": "legs",
    "level": "level",
    "levels": "levels",
    "means": "means",
    "media": "media",
    "miss_count_finding": "misses in a row that are a finding",
    "notice_ms": "notice",
    "obliges": "obliges as allies to",
    "notice_days": "notice in days",
    "officers": "officers",
    "order": "order",
    "originator": "originator",
    "party": "party",
    "parties": "parties",
    "path": "path",
    "permitted": "permitted",
    "person_within_ms": "person answers within",
    "polygon": "corners (north east)",
    "precedence": "precedence",
    "probability_percent": "probability of at least (%)",
    "rank": "rank",
    "rank_max": "highest rank",
    "renewal": "renewal",
    "recipient": "recipient",
    "reported_by": "reported by",
    "reserved": "reserved",
    "restriction": "restriction",
    "role": "role",
    "roles": "roles",
    "rule": "decision rule",
    "scope": "scope",
    "signed_by": "signed by",
    "since": "since",
    "skew_ms_max": "clock skew allowed",
    "speed_max_m_s": "highest speed in m/s",
    "stale_after_ms": "stale after",
    "states": "states",
    "term_months": "term in months",
    "third_party": "towards third parties",
    "topic": "topic",
    "topics": "topics",
    "track_class": "class",
    "unit": "unit",
    "vacant_ms": "once vacant for",
    "report_within_ms": "reported within",
    "state_within_ms": "stated within",
    "result_within_ms": "result within",
    "valid_ms_max": "good for at most",
    "vocabulary": "vocabulary",
    "voluntary": "voluntary",
    "warning_at": "warning at",
    "watch_at": "watch at",
    "when": "when",
    "who": "who",
    "window_ms_min": "window at least",
    "with_consents": "even with every consent",
    "within_ms": "within",
    "without": "without",
    "words": "words",
}
"""English message ids of the fields of clauses. Text, note, title, source and confidence have a place of their own."""

_PLACED: Final = frozenset({"id", "text", "note", "title", "sources", "confidence"})
SPANS: Final = ((DAY_MS, "{count} d"), (HOUR_MS, "{count} h"), (MINUTE_MS, "{count} min"), (SECOND_MS, "{count} s"))


def list_values(rule: Rule) -> list[tuple[str, str]]:
    """Return the fields that are a clause's own, by name, with values in words; what is empty is left out."""
    values: list[tuple[str, str]] = []
    for name in rule.__struct_fields__:
        value = getattr(rule, name)
        if name in _PLACED or value is None or value in ((), "") or _holds_rules(value):
            continue
        values.append((name, format_span(value) if name.find("_ms") > 0 and type(value) is int else _format(value)))
    return values


def list_inner(rule: msgspec.Struct) -> Iterator[Rule]:
    """Yield the clauses directly within one, in the order of its fields."""
    for name in rule.__struct_fields__:
        value = getattr(rule, name)
        if isinstance(value, Rule):
            yield value
        elif isinstance(value, tuple):
            yield from (row for row in value if isinstance(row, Rule))


def _holds_rules(value: object) -> bool:
    return isinstance(value, Rule) or (isinstance(value, tuple) and isinstance(value[0], Rule))


def _format(value: object) -> str:
    if isinstance(value, bool):
        return say("yes") if value else say("no")
    if isinstance(value, enum.Enum):
        return say_term(value)
    if isinstance(value, Words):
        return value.in_language(get_language())
    if isinstance(value, Role | TrackKind):
        return f"{value.id} ({_format(value.title)})"
    if isinstance(value, StateSince):
        return format_state(value)
    if isinstance(value, tuple) and value and isinstance(value[0], tuple):
        return "; ".join(f"{north / 1e6:g} {east / 1e6:g}" for east, north in value)
    if isinstance(value, tuple):
        return ("; " if value and isinstance(value[0], msgspec.Struct) else ", ").join(map(_format, value))
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def format_state(row: StateSince) -> str:
    """Return an agreement's state with its day, the end of a notice, and whether the parties read it differently."""
    fields = {"state": say_term(row.state), "since": row.since.isoformat()}
    if row.notice_end is not None:
        return say("{state} since {since}, ending {at}", at=format_dtg(row.notice_end), **fields)
    if row.contested:
        return say("{state} since {since}, contested", **fields)
    return say("{state} since {since}", **fields)


def format_span(span_ms: int) -> str:
    """Return a length of time in its largest whole unit."""
    for unit_ms, message in SPANS:
        if span_ms and span_ms % unit_ms == 0:
            return say(message, count=span_ms // unit_ms)
    return say("{count} ms", count=span_ms)
