"""Statements as JSON: every entry type has one object form, and what is written comes back the same."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from comity.api.form import BY_NODE, STATEMENT_FORMS, find_form, parse_form, simplify
from comity.base.errors import UsageError
from comity.procedure.call import Acknowledged
from comity.procedure.entry import Entry
from comity.procedure.registry import ENTRY_TYPES, encode_entry
from kit.drawing import draw_struct

STATED = tuple(type_ for type_ in ENTRY_TYPES if type_.__name__ not in BY_NODE)
CALL = "01" * 32
FORM = {"type": "Acknowledged", "consultation": CALL, "role": "watch-officer", "officer": "duty-1"}


@pytest.mark.parametrize("type_", STATED, ids=lambda type_: type_.__name__)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(values=st.data())
def test_the_json_form_of_an_entry_parses_to_the_same_entry(type_: type[Entry], values: st.DataObject) -> None:
    """What a view shows of a statement can be stated as it stands: one vocabulary, both ways."""
    entry = values.draw(draw_struct(type_))
    form = simplify(entry)
    assert isinstance(form, dict)
    assert form["type"] == type_.__name__
    assert parse_form(json.loads(json.dumps(form))) == entry
    assert msgspec.convert(form, STATEMENT_FORMS[type_.__name__]) is not None


@pytest.mark.parametrize("type_", ENTRY_TYPES, ids=lambda type_: type_.__name__)
def test_every_type_has_a_form_with_the_same_fields(type_: type[Entry]) -> None:
    """Also those that only the node states: views show them."""
    names = [field.name for field in msgspec.structs.fields(find_form(type_))]
    assert names == list(type_.__struct_fields__)


def test_bytes_are_lower_case_hexadecimal_of_twice_their_length() -> None:
    """Too short, too long, upper case, half a byte, spaces: none is a statement."""
    assert parse_form(FORM) == Acknowledged(bytes.fromhex(CALL), "watch-officer", "duty-1")
    for wrong in (CALL[:-2], CALL + "00", CALL[:-1], "AB" * 32, " ".join(["01"] * 32), "zz" * 32, "", None, 7, [CALL]):
        with pytest.raises(UsageError, match=r"statement\.malformed-form"):
            parse_form({**FORM, "consultation": wrong})


@pytest.mark.parametrize(
    "name", ["NoSuchThing", "", "acknowledged", "Entry", "AcknowledgedForm", None, 7, ["Acknowledged"]]
)
def test_an_unknown_type_is_named_and_cut(name: object) -> None:
    """The code is its own, so that a script can tell a typing error from a wrong field."""
    with pytest.raises(UsageError, match=r"statement\.unknown-type"):
        parse_form({**FORM, "type": name})
    with pytest.raises(UsageError) as caught:
        parse_form({"type": "x" * 10_000})
    assert len(str(caught.value.details["type"])) == 64


@pytest.mark.parametrize("name", sorted(BY_NODE))
def test_what_the_node_states_no_officer_states(name: str) -> None:
    """A machine's word about itself, and what names blobs or signatures, can't be imitated through the API."""
    with pytest.raises(UsageError, match=r"statement\.by-node"):
        parse_form({"type": name})
    assert name not in STATEMENT_FORMS


@pytest.mark.parametrize(
    "form", [{**FORM, "more": 1}, {key: FORM[key] for key in ("type", "role", "officer")}, {**FORM, "role": "no prose"}]
)
def test_a_form_has_exactly_its_fields(form: dict[str, Any]) -> None:
    """A field too many is a misunderstanding, and an id has no room for prose."""
    with pytest.raises(UsageError, match=r"statement\.malformed-form"):
        parse_form(form)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(form=st.dictionaries(st.text(max_size=8), _JSON, max_size=4), type_=st.sampled_from(STATED), data=st.data())
def test_any_object_is_an_entry_that_encodes_or_a_refusal(
    form: dict[str, object], type_: type[Entry], data: st.DataObject
) -> None:
    """Whatever passes has a form on the record: no number, text or depth gets through that the machine can't write."""
    names = [field.name for field in msgspec.structs.fields(type_)]
    known = data.draw(st.fixed_dictionaries({}, optional=dict.fromkeys(names, _JSON)))
    entry: Entry | None
    try:
        entry = parse_form({"type": type_.__name__, **known, **form})
    except UsageError as error:
        entry, code = None, error.code
    if entry is None:
        assert code in {"statement.malformed-form", "statement.unknown-type", "statement.by-node"}
    else:
        encode_entry(entry)
