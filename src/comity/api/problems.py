"""With which codes each route may refuse: what the OpenAPI document and the reference say of errors.

Some may come from any route that wants a token, some from any act that puts statements on the record: the machine, the
funnel, the officers' powers and the second officer answer all of those alike. The rest stands by route. Every refusal
that any test of the API meets is looked for here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from litestar.handlers import HTTPRouteHandler

from comity.api.doorkeeper import CONSUMER
from comity.api.health import ANYBODY
from comity.api.paging import PAGED
from comity.api.repeats import find_repeat
from comity.base.catalogue import CODES
from comity.exchange.taxii import TAXII_MEDIA

__all__ = ["PROBLEM_MEDIA", "find_codes", "find_problem_media"]

PROBLEM_MEDIA: Final = "application/problem+json"

_EVERY: Final = (
    "api.malformed",
    "api.no-access",
    "api.no-path",
    "api.too-often",
    "api.fault",
    "officer.book-malformed",
)
_OF_CONSUMERS: Final = ("api.malformed", "api.no-access", "api.no-path", "consumer.too-often", "api.fault")
_STATING: Final = (
    *("approval.", "officer.", "statement.", "entry.", "node.", "store.full", "store.refilling"),
    *("release.withheld", "release.needs-consent", "journal.reckoning", "journal.forked", "pact.not-in-force"),
    *("pact.other-version", "pact.party-left", "key.superseded", "standby.not-promoted"),
    *("phrase.", "shift.", "text.", "consent.", "disclosure.", "exercise.", "inject.", "bytes.too-large"),
)
_OF_KEYS: Final = (
    *("api.key-malformed", "api.key-under-way", "api.answer-lost"),
    *("statement.key-taken", "statement.key-damaged"),
)
_ITEMS: Final = ("item.", "attachment.", "blob.", "bytes.", "release.withheld")

_OF_PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "GET /v1/timeline": ("cli.no-such-object",),
    "GET /v1/texts/": ("cli.no-such-object",),
    "GET /v1/items/": (*_ITEMS, "cli.no-such-object", "node.", "store.full"),
    "GET /v1/alerts": ("cap.", "item.read-unrecorded", "release.no-party"),
    "GET /v1/indicators/": ("indicator.",),
    "GET /v1/exercises/": ("record.unknown",),
    "GET /v1/events": ("events.too-many", "events.too-many-of-one", "node.stopping"),
    "GET /v1/warning/": ("warning.not-running", "warning.busy", "warning.not-kept", "store.damaged"),
    "GET /v1/health/ready": ("node.", "store.full", "store.refilling", "pact.not-in-force", "journal."),
    "GET /v1/calendar": ("release.no-party",),
    "GET /v1/areas": ("release.no-party",),
    "GET /v1/release/graph": ("release.no-party",),
    "GET /v1/reads": ("officer.wrong-role",),
    "GET /v1/export": ("consumer.unknown", "item.read-unrecorded"),
    "POST /v1/statements": _STATING,
    "POST /v1/exercises/": (*_STATING, "seat.", "statement.malformed-form"),
    "POST /v1/disclosed": (*_STATING, "disclosure.", "cli.no-such-object", "item.not-here"),
    "POST /v1/items": (*_STATING, *_ITEMS, "recall.", "cli.no-such-object"),
    "POST /v1/quarantine": (*_STATING, *_ITEMS, "quarantine."),
    "POST /v1/recalls": (*_STATING, *_ITEMS, "recall."),
    "POST /v1/alerts": (*_STATING, *_ITEMS, "cap.", "jma.", "xml."),
    "POST /v1/indicators": (*_STATING, "indicator.", "instant.malformed"),
    "POST /v1/release": ("item.not-here", "release.no-agreement", "release.one-supposition", "proof.too-large"),
    "POST /v1/approvals": (*_STATING,),
    "POST /v1/attachments": ("attachment.", "bytes.too-large", "store.full", "item.too-large"),
    "DELETE /v1/attachments": ("attachment.unknown",),
    "POST /v1/bundle": ("officer.wrong-role", "bundle.", "bytes.", "node.", "store.full", "pact."),
    "POST /v1/drop": (
        *("drop.", "bundle.", "bytes.", "cli.no-such-party", "node.", "store.full", "officer.wrong-role"),
    ),
    "GET /v1/deposits/": ("deposit.",),
    "POST /v1/deposits": (*_STATING, *_ITEMS, "deposit.", "exchange.", "stix.", "consumer.unknown"),
    "GET /v1/exchange": ("misp.", "consumer."),
    "POST /v1/exchange": ("misp.",),
    "POST /v1/import": (*_STATING, *_ITEMS, "exchange.", "stix.", "misp."),
    "POST /v1/consumers": ("consumer.", "officer.wrong-role", "bytes.too-large"),
    "DELETE /v1/consumers": ("consumer.", "officer.wrong-role"),
    "POST /v1/alarms": ("callout.unknown", "officer.wrong-role"),
    "GET /v1/contacts": ("contacts.malformed",),
    "GET /v1/officers": ("officer.wrong-role", "passkey.book-malformed"),
    "POST /v1/officers": ("officer.", "passkey.book-malformed"),
    "DELETE /v1/officers": ("officer.", "passkey.book-malformed"),
    "GET /v1/roster": ("officer.wrong-role",),
    "POST /v1/roster": ("officer.",),
    "POST /v1/delegations": ("officer.",),
    "POST /v1/store": ("store.", "officer.wrong-role"),
    "POST /v1/doctor": ("node.", "outbox.", "store.full", "officer.wrong-role"),
    "GET /v1/doctor": ("outbox.",),
    "GET /feeds/alerts": ("cap.", "item.read-unrecorded"),
    "GET /feeds": ("item.read-unrecorded",),
    "GET /taxii2": ("taxii.", "item.read-unrecorded"),
    "POST /taxii2": (*_STATING, *_ITEMS, "taxii.", "exchange.", "stix.", "consumer.may-not-add"),
}
"""Codes, and rooms of codes, by the beginning of method and path; the longest that fits is a route's own."""


def find_codes(path: str, method: str, route: HTTPRouteHandler) -> dict[int, list[str]]:
    """Return the codes with which a route may refuse, sorted, by the status that they come with."""
    found: dict[int, list[str]] = {}
    for code in _list_codes(path, method, route):
        found.setdefault(CODES[code].http_status, []).append(code)
    if method == "POST":
        found[413] = ["bytes.too-large"]  # by the framework, before a route is asked
    if "taxii.not-acceptable" in found.get(406, ()):
        found[415] = ["taxii.not-acceptable"]
    return dict(sorted(found.items()))


def _list_codes(path: str, method: str, route: HTTPRouteHandler) -> list[str]:
    access, asked = str(route.opt.get("access", "")), f"{method} {path}"
    every = {CONSUMER: _OF_CONSUMERS, ANYBODY: ("api.malformed", "api.no-path", "api.fault")}.get(access, _EVERY)
    own = max((beginning for beginning in _OF_PATHS if asked.startswith(beginning)), key=len, default="")
    keys = () if find_repeat(method, path) is None else _OF_KEYS
    pages = ("api.cursor-unknown",) if method == "GET" and path in PAGED else ()
    return sorted({*every, *keys, *pages, *_expand(_OF_PATHS.get(own, ()))})


def find_problem_media(path: str) -> str:
    """Return the media type of a route's refusals: TAXII has a form of its own."""
    return TAXII_MEDIA if path.startswith("/taxii2") else PROBLEM_MEDIA


def _expand(codes: Iterable[str]) -> Iterator[str]:
    for code in codes:
        found = [known for known in CODES if known == code or (code.endswith(".") and known.startswith(code))]
        assert found, f"{code} is neither a code nor a room of codes"
        yield from found
