"""What the OpenAPI document says of requests: every form that an officer may state, told apart by `type`.

At run time a statement is read as a plain object and parsed by `form`, so that an unknown type has a code of its own;
a description made from that would say "any object". Here the forms themselves, made from the entry types, take its
place, and the other requests are described from their types in the same way.
"""

from typing import Any, Final, cast

import msgspec
from litestar.openapi.spec import OpenAPI, Schema

from comity.api.form import STATEMENT_FORMS
from comity.api.shape import Composing, Consenting, PassingOn, Sharing, Stating

__all__ = ["describe_requests"]

_REF: Final = "#/components/schemas/"
STATEMENT: Final = "Statement"


def describe_requests(document: OpenAPI) -> None:
    """Put the requests and the union of statement forms into the document, as JSON Schemas."""
    names = sorted(STATEMENT_FORMS)
    forms = [STATEMENT_FORMS[name] for name in names]
    requests = (Stating, Sharing, Composing, PassingOn, Consenting)
    references, components = msgspec.json.schema_components([*forms, *requests], ref_template=_REF + "{name}")
    of_forms = references[: len(names)]
    components[STATEMENT] = {
        "title": STATEMENT,
        "oneOf": list(of_forms),
        "discriminator": {
            "propertyName": "type",
            "mapping": {name: reference["$ref"] for name, reference in zip(names, of_forms, strict=True)},
        },
    }
    components[Stating.__name__]["properties"]["statements"]["items"] = {"$ref": _REF + STATEMENT}
    assert not set(components) & (set(document.components.schemas) - {type_.__name__ for type_ in requests} - _NESTED)
    # The document takes plain JSON Schemas as they are.
    document.components.schemas.update(cast("dict[str, Schema]", _translate(components)))


_NESTED: Final = frozenset(
    {
        *("AgreementState", "PortionForm", "PortionMarking", "RefusalReason"),
        *("Likelihood", "Confidence", "Reliability", "Credibility"),
    }
)
"""Parts of requests that the framework described too, in the same words."""


def _translate(value: Any) -> Any:
    r"""Write regular expressions as JSON Schema does, which has no `\Z`."""
    if isinstance(value, dict):
        return {
            name: inner.replace(r"\Z", "$") if name == "pattern" and isinstance(inner, str) else _translate(inner)
            for name, inner in value.items()
        }
    return [_translate(inner) for inner in value] if isinstance(value, list) else value
