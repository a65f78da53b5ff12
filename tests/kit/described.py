"""Whether an answer is one that the OpenAPI document describes: status, media type, every field and no other.

Asked of every answer that any test of the API gets, so that no view can drift from its shape and no code from the
table of those that a route may refuse with. The document leaves room for fields that a later version adds; here there
is none.
"""

import functools
import json
import re
from typing import Any
from unittest.mock import MagicMock

import httpx
import jsonschema_rs
from litestar import Litestar

from comity.api.app import make_app
from comity.api.metrics import Metrics
from comity.api.schema import describe

__all__ = ["check_described", "find_operation", "make_described_app", "read_document"]

_UNDESCRIBED = ("/v1/schema",)


@functools.cache
def make_described_app() -> Litestar:
    """An application that serves everything, over no node: it is asked for nothing but its description."""
    return make_app(MagicMock(), token="t", metrics=Metrics())


@functools.cache
def read_document() -> dict[str, Any]:
    """The document of an application that serves everything."""
    document: dict[str, Any] = json.loads(json.dumps(describe(make_described_app())))
    return document


@functools.cache
def _list_paths() -> list[tuple[re.Pattern[str], str]]:
    """The paths as patterns, those with the fewest free parts first."""
    paths = sorted(read_document()["paths"], key=lambda path: (path.count("{"), path))
    return [(re.compile(re.sub(r"\\{\w+\\}", "[^/]*", re.escape(path)) + "/?"), path) for path in paths]


def find_operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """The path in the document that a request goes to, and what stands there; None where it goes nowhere."""
    asked = path.partition("?")[0]
    for pattern, name in _list_paths():
        if pattern.fullmatch(asked) and method.lower() in read_document()["paths"][name]:
            return name, read_document()["paths"][name][method.lower()]
    return None


@functools.cache
def _find_validator(method: str, name: str, status: str, media: str) -> Any:
    schema = read_document()["paths"][name][method]["responses"][status]["content"][media]["schema"]
    return jsonschema_rs.validator_for({**_close(schema), "components": _close_components()})


@functools.cache
def _close_components() -> dict[str, Any]:
    schemas = read_document()["components"]["schemas"]
    return {"schemas": {part: _close(inner) for part, inner in schemas.items()}}


def _close(schema: Any) -> Any:
    """Leave no room for what is not described."""
    if isinstance(schema, dict):
        closed = {name: inner if name == "enum" else _close(inner) for name, inner in schema.items()}
        if schema.get("type") == "object" and "properties" in schema:
            closed.setdefault("additionalProperties", False)
        return closed
    return [_close(inner) for inner in schema] if isinstance(schema, list) else schema


def check_described(method: str, path: str, response: httpx.Response) -> None:
    """Fail unless the document says that this may be answered."""
    found = find_operation(method, path)
    if found is None or path.startswith(_UNDESCRIBED):
        return
    name, operation = found
    status = str(response.status_code)
    assert status in operation["responses"], f"{method} {name} answered {status}: {response.text[:300]}"
    content = operation["responses"][status]["content"]
    given = response.headers.get("content-type", "").partition(";")[0]
    medias = {media.partition(";")[0]: media for media in content}
    assert given in medias, f"{method} {name} answered with {given}, described are {set(medias)}"
    if given.endswith("json") and content[medias[given]]["schema"].get("format") != "binary":
        validator = _find_validator(method.lower(), name, status, medias[given])
        faults = [f"{fault.instance_path}: {fault.message}" for fault in validator.iter_errors(response.json())]
        assert not faults, f"{method} {name} answered {status}: {faults[:3]} in {response.text[:500]}"
