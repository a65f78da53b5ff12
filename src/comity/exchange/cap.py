"""The Common Alerting Protocol as values: what an alert says, and the table of its elements (OASIS CAP 1.2).

The table is the schema: order, how often an element may stand, what its text may be. Reader and writer both walk it,
so that what is written here is read here, and neither has a list of its own. CAP 1.1, of which much is still about,
differs in its namespace and in the few places named in `cap_read`.
"""

import enum
from dataclasses import dataclass
from typing import Final

__all__ = [
    "ALERT",
    "AREA",
    "BLOCK",
    "CAP",
    "CAP_1_1",
    "MEDIA",
    "PAIR",
    "RESOURCE",
    "SIGNATURE",
    "Alert",
    "Area",
    "Block",
    "Category",
    "Certainty",
    "Field",
    "Group",
    "Kind",
    "MessageType",
    "Pair",
    "Resource",
    "ResponseType",
    "Scope",
    "Severity",
    "Status",
    "Urgency",
]

CAP: Final = "urn:oasis:names:tc:emergency:cap:1.2"
CAP_1_1: Final = "urn:oasis:names:tc:emergency:cap:1.1"
SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
MEDIA: Final = "application/cap+xml"
"""The media type of a portion that holds an alert's own bytes."""


class Status(enum.StrEnum):
    """For whom an alert is."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    SYSTEM = "System"
    TEST = "Test"
    DRAFT = "Draft"


class MessageType(enum.StrEnum):
    """What an alert does."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"
    ACK = "Ack"
    ERROR = "Error"


class Scope(enum.StrEnum):
    """Who may have it."""

    PUBLIC = "Public"
    RESTRICTED = "Restricted"
    PRIVATE = "Private"


class Category(enum.StrEnum):
    """What it is about."""

    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class ResponseType(enum.StrEnum):
    """What people should do."""

    SHELTER = "Shelter"
    EVACUATE = "Evacuate"
    PREPARE = "Prepare"
    EXECUTE = "Execute"
    AVOID = "Avoid"
    MONITOR = "Monitor"
    ASSESS = "Assess"
    ALL_CLEAR = "AllClear"
    NONE = "None"


class Urgency(enum.StrEnum):
    """How soon."""

    IMMEDIATE = "Immediate"
    EXPECTED = "Expected"
    FUTURE = "Future"
    PAST = "Past"
    UNKNOWN = "Unknown"


class Severity(enum.StrEnum):
    """How grave."""

    EXTREME = "Extreme"
    SEVERE = "Severe"
    MODERATE = "Moderate"
    MINOR = "Minor"
    UNKNOWN = "Unknown"


class Certainty(enum.StrEnum):
    """How sure."""

    OBSERVED = "Observed"
    LIKELY = "Likely"
    POSSIBLE = "Possible"
    UNLIKELY = "Unlikely"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A name and a value whose meaning a profile of CAP fixes."""

    value_name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """Something that goes with an alert: named by an address or, `content`, enclosed in Base64. Never fetched."""

    description: str
    media: str = ""
    size_bytes: str = ""
    uri: str = ""
    content: str = ""
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where. A polygon is `lat,lon lat,lon …`, its last point the first; a circle is `lat,lon radius` in kilometres."""

    description: str
    polygons: tuple[str, ...] = ()
    circles: tuple[str, ...] = ()
    geocodes: tuple[Pair, ...] = ()
    altitude_ft: str = ""
    ceiling_ft: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """What an alert says in one language. Times are as they were written; `cap_time` reads them."""

    language: str = ""
    categories: tuple[str, ...]
    event: str
    responses: tuple[str, ...] = ()
    urgency: str
    severity: str
    certainty: str
    audience: str = ""
    event_codes: tuple[Pair, ...] = ()
    effective: str = ""
    onset: str = ""
    expires: str = ""
    sender_name: str = ""
    headline: str = ""
    description: str = ""
    instruction: str = ""
    web: str = ""
    contact: str = ""
    parameters: tuple[Pair, ...] = ()
    resources: tuple[Resource, ...] = ()
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One message. `is_signed`: an XML signature came with it, which nobody here has verified (X32)."""

    identifier: str
    sender: str
    sent: str
    status: str
    message_type: str
    source: str = ""
    scope: str
    restriction: str = ""
    addresses: str = ""
    codes: tuple[str, ...] = ()
    note: str = ""
    references: str = ""
    incidents: str = ""
    blocks: tuple[Block, ...] = ()
    version: str = "1.2"
    is_signed: bool = False

    @property
    def reference(self) -> str:
        """How another message names this one: `sender,identifier,sent`."""
        return f"{self.sender},{self.identifier},{self.sent}"


class Kind(enum.Enum):
    """What the text of an element may be."""

    TEXT = enum.auto()
    NAME = enum.auto()
    """No space, comma, `<` or `&`: it is part of references."""
    TIME = enum.auto()
    LANGUAGE = enum.auto()
    REFERENCES = enum.auto()
    POLYGON = enum.auto()
    CIRCLE = enum.auto()
    NUMBER = enum.auto()


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table: the element, the attribute that holds it, how often, and what it holds."""

    element: str
    attribute: str
    holds: "Kind | type[enum.StrEnum] | Group" = Kind.TEXT
    is_required: bool = False
    is_list: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The table of an element that has elements, and the value that it builds."""

    builds: type
    fields: tuple[Field, ...]


PAIR: Final = Group(
    Pair, (Field("valueName", "value_name", is_required=True), Field("value", "value", is_required=True))
)
RESOURCE: Final = Group(
    Resource,
    (
        Field("resourceDesc", "description", is_required=True),
        Field("mimeType", "media", is_required=True),
        Field("size", "size_bytes", Kind.NUMBER),
        Field("uri", "uri"),
        Field("derefUri", "content"),
        Field("digest", "digest"),
    ),
)
AREA: Final = Group(
    Area,
    (
        Field("areaDesc", "description", is_required=True),
        Field("polygon", "polygons", Kind.POLYGON, is_list=True),
        Field("circle", "circles", Kind.CIRCLE, is_list=True),
        Field("geocode", "geocodes", PAIR, is_list=True),
        Field("altitude", "altitude_ft", Kind.NUMBER),
        Field("ceiling", "ceiling_ft", Kind.NUMBER),
    ),
)
BLOCK: Final = Group(
    Block,
    (
        Field("language", "language", Kind.LANGUAGE),
        Field("category", "categories", Category, is_required=True, is_list=True),
        Field("event", "event", is_required=True),
        Field("responseType", "responses", ResponseType, is_list=True),
        Field("urgency", "urgency", Urgency, is_required=True),
        Field("severity", "severity", Severity, is_required=True),
        Field("certainty", "certainty", Certainty, is_required=True),
        Field("audience", "audience"),
        Field("eventCode", "event_codes", PAIR, is_list=True),
        Field("effective", "effective", Kind.TIME),
        Field("onset", "onset", Kind.TIME),
        Field("expires", "expires", Kind.TIME),
        Field("senderName", "sender_name"),
        Field("headline", "headline"),
        Field("description", "description"),
        Field("instruction", "instruction"),
        Field("web", "web"),
        Field("contact", "contact"),
        Field("parameter", "parameters", PAIR, is_list=True),
        Field("resource", "resources", RESOURCE, is_list=True),
        Field("area", "areas", AREA, is_list=True),
    ),
)
ALERT: Final = Group(
    Alert,
    (
        Field("identifier", "identifier", Kind.NAME, is_required=True),
        Field("sender", "sender", Kind.NAME, is_required=True),
        Field("sent", "sent", Kind.TIME, is_required=True),
        Field("status", "status", Status, is_required=True),
        Field("msgType", "message_type", MessageType, is_required=True),
        Field("source", "source"),
        Field("scope", "scope", Scope, is_required=True),
        Field("restriction", "restriction"),
        Field("addresses", "addresses"),
        Field("code", "codes", is_list=True),
        Field("note", "note"),
        Field("references", "references", Kind.REFERENCES),
        Field("incidents", "incidents"),
        Field("info", "blocks", BLOCK, is_list=True),
    ),
)
