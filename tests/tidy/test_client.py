"""The client has every act and view, and sends what the API takes: a new path gets a method in `comity.client`."""

import inspect
import json
from collections.abc import Callable
from typing import Any, get_args, get_origin

import httpx
import pytest

from comity.api.repeats import REPEATS
from comity.api.schema import list_operations
from comity.client import Client, Connection
from kit.described import find_operation, make_described_app, read_document

OF_CONSUMERS = ("/taxii2", "/feeds")
"""What consumers poll, with clients of their own kinds."""
METHODS = {
    name: method
    for name, method in inspect.getmembers(Client, inspect.isfunction)
    if not name.startswith("_") and name not in dir(Connection) and name not in ("listen", "post_for_part")
}


def _make_argument(annotation: Any) -> Any:
    if annotation is bytes:
        return b"raw"
    if annotation is int or int in get_args(annotation):
        return 1
    if annotation is bool:
        return True
    return [{"marking": {}}] if "Mapping" in str(annotation) and get_origin(annotation) else "x"


def _call(client: Client, method: Callable[..., Any]) -> None:
    signature = inspect.signature(method)
    given = {
        name: _make_argument(parameter.annotation)
        for name, parameter in signature.parameters.items()
        if name not in ("self", "key", "statements")
    }
    method(client, **given)


@pytest.fixture(scope="module")
def asked() -> dict[str, httpx.Request]:
    """What each method sends."""
    sent: dict[str, httpx.Request] = {}
    body = {"ids": [], "item": "", "position": ""}
    headers = {"x-drop-number": "1", "x-drop-reached": "1.0", "x-drop-more": "0"}
    for name, method in METHODS.items():

        def answer(request: httpx.Request, name: str = name) -> httpx.Response:
            request.read()
            sent[name] = request
            return httpx.Response(200, json=body, headers=headers)

        with Client("http://node.test", "t", transport=httpx.MockTransport(answer)) as client:
            _call(client, method)
    return sent


def test_every_act_and_view_has_a_method(asked: dict[str, httpx.Request]) -> None:
    """Each path of the description, but for what consumers poll; and no method asks for what is not there."""
    found = set()
    for name, request in asked.items():
        operation = find_operation(request.method, request.url.path)
        assert operation is not None, name
        found.add(f"{request.method} {operation[0]}")
    described = {
        f"{method} {path}"
        for path, method, _ in list_operations(make_described_app())
        if not path.startswith(OF_CONSUMERS)
    }
    assert found == described - {"GET /v1/events"}


def test_every_method_sends_fields_that_the_api_takes(asked: dict[str, httpx.Request]) -> None:
    """Of the body and of the query, by name; and a key with every act that takes one."""
    schemas = read_document()["components"]["schemas"]
    for name, request in asked.items():
        path, operation = find_operation(request.method, request.url.path) or ("", {})
        known = {row["name"] for row in operation.get("parameters", ()) if row["in"] == "query"}
        assert set(request.url.params) <= known, name
        if request.method == "POST" and path in REPEATS:
            assert len(request.headers["idempotency-key"]) >= 16
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content:
            schema = schemas[content["schema"]["$ref"].rpartition("/")[2]]
            sent = json.loads(request.content)
            assert set(sent) <= set(schema["properties"]), name
            assert set(schema.get("required", ())) <= set(sent), name


def test_every_method_is_typed_and_says_what_it_does() -> None:
    """Parameters and answers, so that an editor and a type checker know them."""
    for name, method in METHODS.items():
        assert method.__doc__, name
        signature = inspect.signature(method)
        assert signature.return_annotation not in (inspect.Signature.empty, Any), name
        assert all(one.annotation is not one.empty for key, one in signature.parameters.items() if key != "self"), name
