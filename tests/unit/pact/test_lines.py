"""The line index against tomllib: the same paths, the right lines, no exception."""

import tomllib

from hypothesis import given, settings
from hypothesis import strategies as st

from comity.base.limits import PACT_DEPTH_MAX
from comity.pact.lines import KeyPath, index_lines


def _walk(tree: object, path: KeyPath = ()) -> set[KeyPath]:
    below: set[KeyPath] = {path} if path else set()
    if isinstance(tree, dict):
        for key, value in tree.items():
            below |= _walk(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            below |= _walk(value, (*path, index))
    return below


SCALAR_TEXTS = [
    "1",
    "0x1f",
    "true",
    "2023-08-18",
    "1979-05-27 07:32:00",
    "1979-05-27T00:32:00.99Z",
    "3.5e2",
    '"a # b = [c] { \\" }"',
    "'literal \\ # ]'",
    '"""\nkey = 1 # no\n[x]\n \\""" "" x"""',
    "'''\n[[y]]\n '' ]'''",
    '"""x"""""',
    "''''a'''''",
    '""',
    "''",
    '"""line \\\n   joined"""',
]
SCALARS = st.sampled_from(SCALAR_TEXTS)
KEYS = st.sampled_from(["a", "b", "c", "d-e", '"q.r"', "'s t'", '"u\\u0041"', "1", "2023-01-01"])
DOTTED = st.lists(KEYS, min_size=1, max_size=3).map(" . ".join)
GAP = st.sampled_from(["", " ", "\n", " # note ] } , [\n", "\n\n\t"])


def _array(items: list[str], gap: str) -> str:
    return "[" + gap + ("," + gap).join(items) + (gap + "," if items and gap else "") + gap + "]"


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(_array, st.lists(inner, max_size=3), GAP),
        st.lists(st.tuples(DOTTED, inner), max_size=2).map(
            lambda rows: "{ " + ", ".join(f"{key} = {value}" for key, value in rows) + " }"
        ),
    ),
    max_leaves=6,
)
STATEMENTS = st.one_of(
    st.builds(lambda key, value: f"{key} = {value}", DOTTED, VALUES),
    DOTTED.map(lambda key: f"[{key}]"),
    DOTTED.map(lambda key: f"[[ {key} ]] # header"),
    st.sampled_from(["", "# comment = [", "\t"]),
)


@settings(max_examples=600, deadline=None)
@given(st.lists(STATEMENTS, max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_paths_are_those_of_tomllib(statements: list[str], newline: str) -> None:
    """On every text that tomllib accepts, the index has exactly the paths of the tree."""
    text = newline.join(statements)
    index = index_lines(text)
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    if index.too_deep_line is None:
        assert set(index.lines) == _walk(tree)


@settings(max_examples=300, deadline=None)
@given(st.lists(SCALARS, min_size=1, max_size=12))
def test_every_key_stands_on_its_line(values: list[str]) -> None:
    """A key's line is that of its first character, however many lines the values before it took."""
    text = "".join(f"k{number} = {value}\n" for number, value in enumerate(values))
    index = index_lines(text)
    for number in range(len(values)):
        offset = text.index(f"k{number} = ")
        assert index.lines[(f"k{number}",)] == text[:offset].count("\n") + 1


@given(st.text(alphabet="ab.=[]{}\"'\\#, \n1", max_size=200))
def test_any_text_returns(text: str) -> None:
    """Whatever the text, scanning ends and keeps to the depth limit."""
    assert all(len(path) <= PACT_DEPTH_MAX for path in index_lines(text).lines)


def test_lines_of_tables_lists_and_their_elements() -> None:
    """Tables, elements of arrays of tables, inline elements and dotted keys each have a line of their own."""
    text = "a = 1\n[[t]]\nid = 'x'\n[t.sub]\nk = [\n 1,\n {z = 2},\n]\n[[t]]\nq.r = 3\n"
    lines = index_lines(text).lines
    assert lines[("t", 0)] == 2
    assert lines[("t", 0, "sub", "k", 1, "z")] == 7
    assert lines[("t", 1)] == 9
    assert lines[("t", 1, "q", "r")] == 10


def test_an_unknown_path_has_the_line_of_what_holds_it() -> None:
    """A missing key is reported at its table; what is nowhere, at line 1."""
    index = index_lines("\n[a]\nb = 1\n")
    assert index.find_line(("a", "missing", "deep")) == 2
    assert index.find_line(("zzz",)) == 1


def test_a_quoted_key_that_tomllib_refuses_ends_the_scan() -> None:
    """An escape that TOML does not have: what stood before it keeps its line."""
    assert index_lines('a = 1\n"\\q" = 2\nb = 3').lines == {("a",): 1}


def test_depth_is_noted_before_anything_recurses() -> None:
    """Brackets, inline tables, dotted keys and headers deeper than the limit are all noted, with their line."""
    deep = 5000
    for text in ("\na = " + "[" * deep, "\na = " + "{b=" * deep, "\n" + "a." * deep + "a = 1", f"\n[{'a.' * deep}a]"):
        assert index_lines(text).too_deep_line == 2
