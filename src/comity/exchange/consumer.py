"""Consumers: the systems that poll this node, each on behalf of one party (docs/spec/exchange.md, X4 to X6).

A consumer gets what the release funnel permits to its party, from this holder, at the moment of asking, and nothing
tells it of anything else. One of the own party has a ceiling besides: the funnel lets a party read all that is its own.

Rules
- A token is shown once, when it is made; what is kept is its argon2id.
- A name is never given twice while it is in use; who wants another token removes and adds.
- What a consumer may put in, if anything, and with which marking, is set when it is added, never by what it sends.
"""

import enum
import re
from typing import Annotated, Final

import msgspec

from comity.base.errors import UsageError
from comity.base.names import Party
from comity.pact.marking import Scheme
from comity.pact.model import Pact
from comity.procedure.caveat import read_caveats
from comity.procedure.entry import Marking

__all__ = [
    "CONSUMER_COUNT_MAX",
    "NAME",
    "Adding",
    "Consumer",
    "Format",
    "Meaning",
    "Reporting",
    "check_consumer",
    "is_within_ceiling",
]

CONSUMER_COUNT_MAX: Final = 256
NAME: Final = r"[a-z0-9][a-z0-9-]{0,31}"
_Word = Annotated[str, msgspec.Meta(max_length=256)]
_Words = Annotated[tuple[_Word, ...], msgspec.Meta(max_length=64)]
_Metres = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
_Parties = Annotated[tuple[Annotated[str, msgspec.Meta(max_length=12)], ...], msgspec.Meta(max_length=256)]


class Format(enum.StrEnum):
    """What a consumer may ask for."""

    TAXII = "taxii"
    MISP = "misp"
    ICALENDAR = "icalendar"
    CAP = "cap"
    GEOJSON = "geojson"
    COT = "cot"


class Adding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of what a consumer puts in: to whom it is offered, and the least marking that it gets."""

    to: _Parties
    topics: _Words
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    """The level of what bears no label of its own, and the least for what does; empty: what bears none is refused."""
    caveats: _Words = ()


class Meaning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a word of a marking means; the empty word stands for events that say nothing."""

    word: _Word
    level: _Word


class Reporting(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What becomes of the tracks that a consumer reports, and what its silence means (X60, X63).

    `ce_m`, `le_m` and `speed_m_s` are standard deviations of what says none; `levels` says what words of its marking
    mean in the own scheme.
    """

    classes: _Words
    """The classes of tracks that it reports; an event becomes part of the first whose domain its type lies in."""
    ce_m: _Metres | None = None
    le_m: _Metres | None = None
    speed_m_s: _Metres | None = None
    levels: Annotated[tuple[Meaning, ...], msgspec.Meta(max_length=64)] = ()


class Consumer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One system that polls. `kept` is the argon2id of its token."""

    name: Annotated[str, msgspec.Meta(pattern=rf"^{NAME}\Z")]
    party: Annotated[str, msgspec.Meta(max_length=12)]
    formats: Annotated[tuple[Format, ...], msgspec.Meta(min_length=1, max_length=len(Format))]
    kept: Annotated[str, msgspec.Meta(max_length=256)]
    added_at: int
    level: Annotated[str, msgspec.Meta(max_length=48)] = ""
    """The highest level that it gets, in the own party's scheme; empty: no ceiling besides the funnel."""
    topics: _Words = ()
    """What it gets is about nothing else; empty: no such ceiling."""
    adding: Adding | None = None
    reporting: Reporting | None = None


def check_consumer(consumer: Consumer, *, pact: Pact, own: Party) -> None:
    """Return if the pact knows what a consumer is to be.

    Raises:
        UsageError: `consumer.malformed` with what does not fit.
    """
    topics = {topic.id for topic in pact.topics}
    levels = _find_ranks(pact, own)
    adding = consumer.adding
    faults = {
        "name": re.fullmatch(NAME, consumer.name) is None,
        "party": consumer.party not in pact.audience,
        "level": bool(consumer.level) and consumer.level not in levels,
        "topics": not topics.issuperset(consumer.topics),
        # The funnel lets a party read all that is its own, so its own systems need a ceiling (X4).
        "ceiling": consumer.party == own and not (consumer.level and consumer.topics),
        "formats": len(set(consumer.formats)) != len(consumer.formats),
    }
    if adding is not None:
        agreements = frozenset(agreement.id for agreement in pact.agreements)
        read = read_caveats(adding.caveats, parties=frozenset(pact.audience), agreements=agreements)
        faults |= {
            "add-to": not adding.to or own in adding.to or not set(pact.audience).issuperset(adding.to),
            "add-level": bool(adding.level) and adding.level not in levels,
            "add-topics": not adding.topics or not topics.issuperset(adding.topics),
            "add-caveats": read is None,
            "add-format": Format.TAXII not in consumer.formats,
            # Another party's system would put words into this party's mouth.
            "add-party": consumer.party != own,
        }
    if consumer.reporting is not None:
        faults |= _find_reporting_faults(consumer, consumer.reporting, pact=pact, own=own)
    if fault := next((name for name, is_fault in faults.items() if is_fault), ""):
        raise UsageError("consumer.malformed", what=fault)


def _find_reporting_faults(consumer: Consumer, reporting: Reporting, *, pact: Pact, own: Party) -> dict[str, bool]:
    reported = {row.id for row in pact.track_classes if own in row.reported_by}
    return {
        "report-class": not reporting.classes or not reported.issuperset(reporting.classes),
        "report-level": not {one.level for one in reporting.levels} <= _find_ranks(pact, own).keys(),
        "report-format": Format.COT not in consumer.formats,
        # Another party's system reports to its own node, which tells what it may.
        "report-party": consumer.party != own,
    }


def is_within_ceiling(consumer: Consumer, markings: tuple[Marking, ...], *, pact: Pact, own: Party) -> bool:
    """Tell whether every marking lies within the consumer's own ceiling; the funnel is asked apart from this (X4)."""
    ranks = {level.id: level.rank for scheme in pact.schemes for level in scheme.levels}
    if consumer.topics and any(not set(consumer.topics).issuperset(marking.topics) for marking in markings):
        return False
    if not consumer.level:
        return True
    ceiling = _find_ranks(pact, own).get(consumer.level)
    return ceiling is not None and all(
        marking.level in ranks and ranks[marking.level] <= ceiling for marking in markings
    )


def _find_ranks(pact: Pact, party: Party) -> dict[str, int]:
    own: Scheme | None = next((scheme for scheme in pact.schemes if scheme.party == party), None)
    return {} if own is None else {level.id: level.rank for level in own.levels}
