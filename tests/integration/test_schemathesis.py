"""The API as a stranger meets it who has only its description: schemathesis draws requests from the OpenAPI document.

Each operation of a served node is asked with what the document allows and with what it does not. Whatever is sent, the
answer is one that the document describes, and never a fault of the node's. SCHEMATHESIS_EXAMPLES says how many requests
are drawn for each operation: 4, and 50 by `make described`.
"""

import os
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from kit.api import TOKEN
from kit.described import read_document
from kit.floor import Floor
from kit.nodes import AllAccepted, Nodes

pytestmark = [pytest.mark.server, pytest.mark.timeout(1_800)]

EXAMPLE_COUNT: Final = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "4"))
STREAMS: Final = ("/v1/events",)
"""Their answer has no end; tests/unit/api/events ask them."""
CHECKS: Final[Any] = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance,
]  # fmt: skip
HTTP_OUTAGE: Final = 503
NOT_SERVED: Final = "warning.not-running"
"""The node that is served here has no warning process beside it, and says so."""
OPERATIONS: Final = sorted(
    (path, method)
    for path, methods in read_document()["paths"].items()
    for method in methods
    if method in {"get", "post", "put", "delete", "patch"} and path not in STREAMS
)


@pytest.fixture(scope="module")
def served(accepted: AllAccepted, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where a node of three is served."""
    with Floor(Nodes(accepted, tmp_path_factory.mktemp("stores"))) as floor:
        yield floor.origins["USA"].replace("usa.localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def document() -> Any:
    """The description, as schemathesis reads it."""
    return schemathesis.openapi.from_dict(read_document())


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: str(mode.value))
@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda part: part)
def test_an_operation_answers_as_it_is_described(
    served: str, document: Any, path: str, method: str, mode: GenerationMode
) -> None:
    """No request makes the node fail or answer what the document does not have."""
    headers = {"Authorization": f"Bearer {TOKEN}"}

    @seed(20231219)
    @settings(
        max_examples=EXAMPLE_COUNT, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=document[path][method.upper()].as_strategy(mode))
    def ask(case: Any) -> None:
        answer = case.call(base_url=served, headers=headers, timeout=60)
        checks = [check for check in CHECKS if not (answer.status_code == HTTP_OUTAGE and check is not_a_server_error)]
        assert answer.status_code != HTTP_OUTAGE or answer.json()["code"] == NOT_SERVED, "what runs here answers"
        case.validate_response(answer, checks=checks)

    ask()
