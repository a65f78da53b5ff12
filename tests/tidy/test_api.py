"""The API is whole: every route says what it takes, what it answers with and what it refuses with; every act has one.

A route's return type is a shape of `comity.api.views` (a typed dictionary or a struct, or a list of them), or bytes of
a media type that it names. Which codes it may refuse with stands in `comity.api.problems`.
"""

from typing import Any, get_args, get_origin, get_type_hints, is_typeddict

import msgspec
import pytest

from comity.api.form import BY_NODE, STATEMENT_FORMS
from comity.api.paging import BOUNDED, PAGED
from comity.api.repeats import FREE, REPEATS
from comity.api.schema import list_operations
from comity.procedure.act import ACTS
from comity.procedure.registry import ENTRY_TYPES
from kit.described import make_described_app, read_document

OPERATIONS = {f"{method} {path}": handler for path, method, handler in list_operations(make_described_app())}
DOCUMENT = read_document()

OLD = {"ItemShared", "PassedOn", "RecallAnswered"}
"""Types that are read for ever and stated no more: newer ones took their place."""
MADE_BY = {
    "ItemGiven": "POST /v1/items",
    "ItemPassedOn": "POST /v1/items/pass-on",
    "PassOnReported": "POST /v1/items/pass-on",
    "ConsentGiven": "POST /v1/items/consent",
    "RefusalGroundStated": "POST /v1/items/refuse",
    "PassOnGranted": "POST /v1/items/grant",
    "PassOnDeclined": "POST /v1/items/decline",
    "RecallRequested": "POST /v1/recalls",
    "RecallPassedOn": "POST /v1/recalls/pass-on",
    "RecallReplied": "POST /v1/recalls/answer",
    "RecallReported": "POST /v1/recalls/report",
    "QuarantineReleased": "POST /v1/quarantine/release",
    "EntryDisclosed": "POST /v1/disclosed",
    "PublicWarned": "POST /v1/warning/public",
    "SeatSpoke": "POST /v1/exercises/{exercise}/seats/{seat}/words",
}
"""Which act of the API makes the statements that an officer does not write as such: they name blobs or signatures."""


def _find(asked: str) -> dict[str, Any]:
    method, _, path = asked.partition(" ")
    found: dict[str, Any] = DOCUMENT["paths"][path][method.lower()]
    return found


def _is_shape(annotation: Any) -> bool:
    if get_origin(annotation) is not None:
        return all(_is_shape(part) for part in get_args(annotation))
    is_struct = isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)
    return is_struct or is_typeddict(annotation) or annotation in (bytes, str) or annotation.__name__ == "Stream"


@pytest.mark.parametrize("asked", OPERATIONS)
def test_every_route_answers_with_a_shape_and_says_what_it_is_for(asked: str) -> None:
    """Give the handler a return type of `comity.api.views`, and a summary."""
    handler, operation = OPERATIONS[asked], _find(asked)
    assert _is_shape(handler.parsed_fn_signature.return_type.annotation), "not dict, Any or the like"
    assert len(operation["summary"].split()) > 1
    (done,) = [status for status in operation["responses"] if status.startswith("2")]
    for content in operation["responses"][done]["content"].values():
        assert content["schema"], asked


@pytest.mark.parametrize("asked", OPERATIONS)
def test_every_route_says_what_it_refuses_with(asked: str) -> None:
    """At least a fault of ours, and no access where a token is wanted; each by its code."""
    responses = _find(asked)["responses"]
    assert "api.fault" in responses["500"]["description"]
    is_open = OPERATIONS[asked].opt.get("access") == "anybody"
    assert is_open or "api.no-access" in responses["401"]["description"]


@pytest.mark.parametrize("asked", [asked for asked in OPERATIONS if asked.startswith("POST")])
def test_every_act_says_what_it_takes(asked: str) -> None:
    """A body of JSON with a schema of its own, or bytes; an act on what its path names takes none."""
    handler, operation = OPERATIONS[asked], _find(asked)
    takes = {name for name in handler.parsed_fn_signature.parameters if name in ("data", "request")}
    if takes:
        ((media, content),) = operation["requestBody"]["content"].items()
        assert content["schema"].get("$ref" if media == "application/json" else "format"), asked


def test_every_list_comes_in_pages_or_is_bounded() -> None:
    """A new view with a list goes into one of two tables of `comity.api.paging`; those in pages say so."""
    answers = {asked.removeprefix("GET "): OPERATIONS[asked] for asked in OPERATIONS if asked.startswith("GET /v1")}
    types = {path: handler.parsed_fn_signature.return_type.annotation for path, handler in answers.items()}
    with_lists = {path for path, annotation in types.items() if _has_list(annotation)}
    assert with_lists == {*PAGED, *BOUNDED}
    assert not set(PAGED) & set(BOUNDED)
    for path in answers:
        operation = _find(f"GET {path}")
        named = {row["name"] for row in operation.get("parameters", ())} & {"limit", "cursor"}
        assert named == ({"limit", "cursor"} if path in PAGED else set()), path
        assert ("Link" in operation["responses"]["200"].get("headers", {})) == (path in PAGED), path


def _has_list(annotation: Any) -> bool:
    if get_origin(annotation) in (list, tuple):
        return True
    if is_typeddict(annotation) or (isinstance(annotation, type) and issubclass(annotation, msgspec.Struct)):
        return any(_has_list(found) for found in get_type_hints(annotation).values())
    return any(_has_list(part) for part in get_args(annotation) if get_origin(annotation) is not dict)


def test_every_act_says_how_it_is_repeated() -> None:
    """A new POST goes into one of two tables: it takes a key, or may be repeated as it is (`comity.api.repeats`)."""
    posts = {asked.removeprefix("POST ") for asked in OPERATIONS if asked.startswith("POST")}
    assert posts == {*REPEATS, *FREE}
    assert not set(REPEATS) & set(FREE)
    for asked in OPERATIONS:
        takes = "Idempotency-Key" in [row["name"] for row in _find(asked).get("parameters", ())]
        assert takes == (asked.removeprefix("POST ") in REPEATS), asked


def test_whatever_an_officer_may_state_can_be_stated_by_the_api() -> None:
    """As a statement by its type, or by the act that makes it; and nothing stands in both."""
    names = {type_.__name__ for type_ in ENTRY_TYPES}
    assert set(STATEMENT_FORMS) | BY_NODE == names
    assert not set(STATEMENT_FORMS) & BY_NODE
    of_officers = {type_.__name__ for type_ in ACTS}
    assert of_officers - set(STATEMENT_FORMS) - OLD == set(MADE_BY)
    assert set(MADE_BY.values()) <= set(OPERATIONS)
