"""What the OpenAPI document says of requests and answers, made from their types and from nothing else.

At run time a statement is read as a plain object and parsed by `form`, so that an unknown type has a code of its own;
a description made from that would say "any object". Here the forms themselves, made from the entry types, take its
place. What a route answers with is described from its return type, a shape of `comity.api.views`; what it may refuse
with, from the table in `problems`. It is made when somebody asks for it: a node that starts has better to do.
"""

import json
import re
import types
import typing
from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any, Final, cast, get_args, get_origin

import msgspec
from litestar import Litestar, Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import OpenAPI, Schema

from comity.api.events.told import EVENTS
from comity.api.form import STATEMENT_FORMS, find_form
from comity.api.paging import CURSOR_PATTERN, LIMIT_MAX, PAGED
from comity.api.problems import find_codes, find_problem_media
from comity.api.repeats import KEY_HEADER, KEY_PATTERN, find_repeat
from comity.api.shape import Composing, Consenting, PassingOn, Problem, Sharing, Stating
from comity.exchange.cap import MEDIA
from comity.exchange.jma import JMA_MEDIA
from comity.exchange.stix_import import STIX_MEDIA
from comity.exchange.taxii import TAXII_MEDIA
from comity.procedure.registry import ENTRY_TYPES

__all__ = ["Document", "describe", "list_operations"]

_REF: Final = "#/components/schemas/"
STATEMENT: Final = "Statement"
ENTRY: Final = "Entry"
EVENT: Final = "Event"
_NAMED: Final = re.compile(rf'"{_REF}([^"]+)"')
_BINARY: Final = {"type": "string", "format": "binary"}
_OBJECT: Final = {"type": "object"}
_OF_IMPORT: Final = (
    *(
        {"name": name, "in": "query", "schema": {"type": "array", "items": {"type": "string", "maxLength": 256}}}
        for name in ("to", "topic", "caveat")
    ),
    {"name": "level", "in": "query", "schema": {"type": "string", "maxLength": 48}},
    {"name": "preview", "in": "query", "schema": {"type": "boolean"}},
)
_KEY: Final = {
    "name": KEY_HEADER,
    "in": "header",
    "description": "Drawn at random for this act: whoever repeats the request with it hears the first answer again.",
    "schema": {"type": "string", "pattern": KEY_PATTERN},
}
_OF_PAGES: Final = (
    {
        "name": "limit",
        "in": "query",
        "description": f"How many rows, {LIMIT_MAX} at most, which is also what is given where nobody asks.",
        "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": LIMIT_MAX},
    },
    {
        "name": "cursor",
        "in": "query",
        "description": "From the `Link` of the page before.",
        "schema": {"type": "string", "pattern": CURSOR_PATTERN},
    },
)
_LINK: Final = {
    "description": 'The next page, as `<…>; rel="next"` (RFC 8288), with its `lists` where the answer is an object; '
    "none on the last.",
    "schema": {"type": "string"},
}
_MEDIA: Final = {
    "/taxii2": (TAXII_MEDIA,),
    "/metrics": ("text/plain",),
    "/v1/export/stix": (STIX_MEDIA,),
    "/feeds/misp": ("application/json",),
    "/v1/alerts/{alert}": (MEDIA, JMA_MEDIA),
    "/feeds/alerts/{alert}": (MEDIA, JMA_MEDIA),
}
_TAXII_ERROR: Final = {
    "title": "TaxiiError",
    "description": "An error message of TAXII 2.1 (section 3.6.1); `error_code` is a code of ours.",
    "type": "object",
    "properties": {name: {"type": "string"} for name in ("title", "description", "error_code", "http_status")},
    "required": ["title", "description", "error_code", "http_status"],
}
_UNIONS: Final = (typing.Union, types.UnionType)


class Document(JsonRenderPlugin):
    """Serves the document of an application, made once, and only the document itself: the pages that would render it
    come from other people's servers.
    """

    _raw = b""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:  # noqa: ARG002 -- the framework's own
        self._raw = self._raw or self.render_json(request, describe(request.app))
        return self._raw


def describe(app: Litestar) -> dict[str, Any]:
    """Return an application's document, with requests, statements, answers and refusals of every route; ask once."""
    document = app.openapi_schema
    operations = list(list_operations(app))
    answers = [part for *_, route in operations for part in _find_parts(_find_answer(route))]
    components = _make_components(answers)
    # The document takes plain JSON Schemas as they are.
    document.components.schemas.update(cast("dict[str, Schema]", components))
    for path, method, route in operations:
        _describe_answers(document, path, method, route)
        _describe_bytes(document, path, method, route)
        _describe_key(document, path, method)
        _describe_pages(document, path, method)
    return _drop_unused(document)


def _drop_unused(document: OpenAPI) -> dict[str, Any]:
    """Leave out what the framework described for itself and nothing refers to any more."""
    described: dict[str, Any] = _translate(document.to_schema())
    schemas = described["components"]["schemas"]
    while unused := schemas.keys() - set(_NAMED.findall(json.dumps(described))):
        for name in unused:
            del schemas[name]
    return described


def list_operations(app: Litestar) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """Yield path, method and served of everything that the document describes."""
    for route in app.routes:
        for served in getattr(route, "route_handlers", ()):
            for method in sorted(served.http_methods - {"OPTIONS", "HEAD"}):
                if not route.path_format.startswith("/v1/schema"):
                    yield route.path_format, method, served


def _make_components(answers: Sequence[Any]) -> dict[str, Any]:
    """Return the schemas of all forms, requests, answers and events, by name."""
    requests = (Stating, Sharing, Composing, PassingOn, Consenting, Problem)
    forms = {type_.__name__: find_form(type_) for type_ in ENTRY_TYPES}
    _, components = msgspec.json.schema_components(
        [*forms.values(), *requests, *EVENTS, *answers], ref_template=_REF + "{name}"
    )
    components[STATEMENT] = _unite(STATEMENT, sorted(STATEMENT_FORMS))
    components[ENTRY] = _unite(ENTRY, sorted(forms))
    components[EVENT] = {
        "title": EVENT,
        "oneOf": [{"$ref": f"{_REF}{type_.__name__}"} for type_ in EVENTS],
        "discriminator": {
            "propertyName": "event",
            "mapping": {str(type_.__struct_config__.tag): f"{_REF}{type_.__name__}" for type_ in EVENTS},
        },
    }
    components["TaxiiError"] = _TAXII_ERROR
    components[Stating.__name__]["properties"]["statements"]["items"] = {"$ref": _REF + STATEMENT}
    return components


def _unite(name: str, types_: Sequence[str]) -> dict[str, Any]:
    mapping = {type_: f"{_REF}{type_}Form" for type_ in types_}
    return {
        "title": name,
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _find_answer(route: HTTPRouteHandler) -> Any:
    """Return the type of what a route answers with; None for bytes and text, which its media type says."""
    annotation = route.parsed_fn_signature.return_type.annotation
    if get_origin(annotation) is Response:
        (annotation,) = get_args(annotation)
    is_plain = annotation in (bytes, str) or (isinstance(annotation, type) and issubclass(annotation, Response))
    return None if is_plain else annotation


def _find_parts(annotation: Any) -> tuple[Any, ...]:
    """Return the types of a union: JSON Schema can say either of two objects, a decoder by type cannot."""
    if annotation is None:
        return ()
    return get_args(annotation) if get_origin(annotation) in _UNIONS else (annotation,)


def _describe_answers(document: OpenAPI, path: str, method: str, route: HTTPRouteHandler) -> None:
    assert document.paths is not None, "there are paths"
    operation = getattr(document.paths[path], method.lower())
    done, answer = next(iter(operation.responses.items())), _find_answer(route)
    media = str(getattr(route.media_type, "value", route.media_type) or "")
    if answer is not None:
        content = {"application/json": {"schema": _find_schema(answer)}}
    elif media == "text/event-stream":
        content = {media: {"schema": {"type": "string"}, "itemSchema": {"$ref": _REF + EVENT}}}
    else:
        content = {one: {"schema": _OBJECT if "json" in one else _BINARY} for one in _find_media(path, media)}
    status, _ = done
    described: dict[str, Any] = {
        status: {"description": HTTPStatus(int(status)).phrase, "headers": {}, "content": content}
    }
    described.update(_describe_refusals(path, method, route))
    operation.responses = described


def _describe_bytes(document: OpenAPI, path: str, method: str, route: HTTPRouteHandler) -> None:
    """Say of a route that reads its body by itself that it takes bytes, and what else it reads."""
    assert document.paths is not None, "there are paths"
    operation = getattr(document.paths[path], method.lower())
    if method != "POST" or "request" not in route.parsed_fn_signature.parameters or operation.request_body:
        return
    media = TAXII_MEDIA if path.startswith("/taxii2") else "application/octet-stream"
    operation.request_body = {"required": True, "content": {media: {"schema": _BINARY}}}
    if path.startswith("/v1/import"):
        operation.parameters = [*(operation.parameters or ()), *_OF_IMPORT]


def _describe_key(document: OpenAPI, path: str, method: str) -> None:
    """Say of an act that it takes a key, under which it is done once however often it is asked for."""
    if find_repeat(method, path) is None:
        return
    assert document.paths is not None, "there are paths"
    operation = getattr(document.paths[path], method.lower())
    operation.parameters = [*(operation.parameters or ()), _KEY]


def _describe_pages(document: OpenAPI, path: str, method: str) -> None:
    """Say of a long list that it comes in pages, and that the answer names the next one."""
    if method != "GET" or path not in PAGED:
        return
    assert document.paths is not None, "there are paths"
    operation = getattr(document.paths[path], method.lower())
    operation.parameters = [*(operation.parameters or ()), *_OF_PAGES]
    operation.responses["200"]["headers"] = {"Link": _LINK}


def _find_media(path: str, said: str) -> tuple[str, ...]:
    """Return the media types of an answer in bytes: as the route says, or as its whole family has it."""
    return next((media for beginning, media in _MEDIA.items() if path.startswith(beginning)), (said,))


def _find_schema(answer: Any) -> dict[str, Any]:
    parts = _find_parts(answer)
    found, _ = msgspec.json.schema_components(parts, ref_template=_REF + "{name}")
    return found[0] if len(found) == 1 else {"anyOf": list(found)}


def _describe_refusals(path: str, method: str, route: HTTPRouteHandler) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every status that is not done, with the codes that it may come with."""
    media = find_problem_media(path)
    for status, codes in find_codes(path, method, route).items():
        if media == "application/problem+json":
            of_codes = {"properties": {"code": {"enum": codes}}}
            schema: dict[str, Any] = {"allOf": [{"$ref": f"{_REF}{Problem.__name__}"}, of_codes]}
        else:
            schema = {"$ref": f"{_REF}TaxiiError"}
        yield str(status), {"description": ", ".join(codes), "content": {media: {"schema": schema}}}


def _translate(value: Any) -> Any:
    r"""Write regular expressions as JSON Schema does, which has no `\Z`."""
    if isinstance(value, dict):
        return {
            name: inner.replace(r"\Z", "$") if name == "pattern" and isinstance(inner, str) else _translate(inner)
            for name, inner in value.items()
        }
    return [_translate(inner) for inner in value] if isinstance(value, list) else value
