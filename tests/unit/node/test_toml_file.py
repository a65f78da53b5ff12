"""The files that a person writes: for any bytes a struct, or one refusal with its code."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.base.errors import UsageError
from comity.exchange.misp_table import read_table
from comity.node.alarm.plan import parse_plan
from comity.node.contacts import Unfit, find_faults, parse_contacts
from comity.node.provider import parse_provider
from comity.node.toml_file import parse_toml


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str = ""


def _read(raw: bytes) -> _File:
    return parse_toml(raw, _File, size_bytes_max=100_000, code="contacts.malformed")


def test_a_file_is_read() -> None:
    """Its fields are the struct's."""
    assert _read(b'name = "x"').name == "x"
    assert _read(b"") == _File()


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"x" * 100_001, "larger than 100000 bytes"),
        (b"name = " + b"[" * 5_000, "too deep"),
        (b"name = \xff", "utf-8"),
        (b"name = 7", "Expected"),
        (b"other = 1", "unknown field"),
        (b"name", "Expected '='"),
    ],
)
def test_what_is_no_such_file_is_refused_with_why(raw: bytes, why: str) -> None:
    """One code, and what is wrong."""
    with pytest.raises(UsageError) as refused:
        _read(raw)
    assert refused.value.code == "contacts.malformed"
    assert why in str(refused.value.details["why"])
    assert len(str(refused.value.details["why"])) <= 200


def _find_code(parse: Callable[[bytes], object], raw: bytes) -> str:
    try:
        parse(raw)
    except UsageError as error:
        return error.code
    return ""


@given(st.binary(max_size=400) | st.text(alphabet="[]{}=\"'\n.a1 ", max_size=200).map(str.encode))
def test_for_any_bytes_each_file_is_read_or_refused(raw: bytes) -> None:
    """Nothing else is raised, whichever file it is."""
    for parse, code in (
        (parse_plan, "callout.plan-malformed"),
        (parse_contacts, "contacts.malformed"),
        (parse_provider, "oidc.malformed"),
    ):
        assert _find_code(parse, raw) in ("", code)


def test_deep_text_reaches_no_decoder_that_recurses() -> None:
    """Of the alarm, the contacts, the provider, the table of MISP."""
    deep = b"a = " + b"[" * 20_000
    for parse in (parse_plan, parse_contacts, parse_provider, lambda raw: read_table(raw, None)):  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="malformed"):
            parse(deep)


def test_what_a_card_leaves_out_is_found() -> None:
    """A party that is none, and a language of no card; what is printed is no fault."""
    held = parse_contacts(b'[[contact]]\nparty = "XYZ"\nreach = "1"\n[[contact]]\nparty = "KOR"\nreach = "2"\n'
                          b'[challenge]\nko = "a"\nfr = "b"')  # fmt: skip
    found = list(find_faults(held, parties=("JPN", "KOR"), languages=("en", "ko")))
    assert [(one.why, one.row, one.what) for one in found] == [(Unfit.PARTY, 1, "XYZ"), (Unfit.LANGUAGE, 0, "fr")]
