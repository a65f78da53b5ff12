"""What a pact calls what statements name by an id: roles, channels, commitments, levels and the rest, by language.

Rules
- An id alone is no name for a reader; a title alone is no reference. A screen shows the title, and the id where it is
  cited.
- A level keeps the words that its own party writes: its local name, and its Latin letters for whoever does not read
  that script. No title translates it (a foreign marking is never rewritten); the rank's title says how high it stands.
- What has no title in a pact, or is in none, is called by its id.
"""

import enum
from collections.abc import Iterator

from comity.pact.marking import Level
from comity.pact.model import Pact
from comity.pact.terms import Words

__all__ = ["Titled", "list_titles"]


class Titled(enum.Enum):
    """Kinds of what has a title. Each has ids of its own: a role and a body may share one."""

    AGREEMENT = "agreement"
    AREA = "area"
    BODY = "body"
    CHANNEL = "channel"
    COMMITMENT = "commitment"
    EXERCISE = "exercise"
    INDICATOR = "indicator"
    LEVEL = "level"
    PARTY = "party"
    RANK = "rank"
    ROLE = "role"
    TOPIC = "topic"
    TRACK_CLASS = "track-class"
    TRACK_KIND = "track-kind"
    """By class and kind, `policy.track.ballistic/srbm`: a kind's id is of its class alone."""


def list_titles(pact: Pact) -> Iterator[tuple[Titled, str, Words]]:
    """Yield kind, id and title of everything that has one, in the order of the file."""
    yield from ((Titled.PARTY, row.id, row.short) for row in pact.parties)
    yield from ((Titled.TOPIC, row.id, row.title) for row in pact.topics)
    yield from ((Titled.RANK, str(row.rank), row.title) for row in pact.ranks)
    yield from ((Titled.LEVEL, row.id, _name(row)) for scheme in pact.schemes for row in scheme.levels)
    yield from ((Titled.AGREEMENT, row.id, row.title) for row in pact.agreements)
    yield from ((Titled.BODY, row.id, row.title) for row in pact.bodies)
    yield from ((Titled.COMMITMENT, row.id, row.title) for row in pact.commitments)
    yield from ((Titled.CHANNEL, row.id, row.title) for row in pact.hotlines)
    yield from ((Titled.EXERCISE, row.id, row.title) for row in pact.exercises)
    yield from ((Titled.INDICATOR, row.id, row.title) for row in pact.indicators)
    yield from ((Titled.TRACK_CLASS, row.id, row.title) for row in pact.track_classes)
    for row in pact.track_classes:
        yield from ((Titled.TRACK_KIND, f"{row.id}/{kind.id}", kind.title) for kind in row.kinds)
    yield from ((Titled.AREA, row.id, row.title) for row in pact.warning_areas)
    yield from ((Titled.ROLE, row.id, row.title) for row in (pact.offices.roles if pact.offices else ()))


def _name(level: Level) -> Words:
    """Return a level as its party writes it; with its Latin letters for readers of other languages."""
    both = level.local if level.local == level.romanised else f"{level.local} ({level.romanised})"
    own = {level.language: level.local} if level.language in ("ja", "ko") else {}
    return Words(en=level.local if level.language == "en" else both, ja=own.get("ja", both), ko=own.get("ko", both))
