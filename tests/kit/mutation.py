"""Small wrong changes to a module's code, one at a time: what a test suite that guards it has to notice.

A change replaces one node of the syntax tree. Left alone are docstrings, annotations and names for types, imports,
decorators, `__all__` and assertions, which no answer depends on; and arguments that a call cannot do without.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, cast

__all__ = ["Mutant", "find_mutants", "mutate"]

COMPARED: Final[dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]]] = {
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
JOINED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
CALLED: Final = {
    "all": "any",
    "any": "all",
    "isdisjoint": "issuperset",
    "issuperset": "isdisjoint",
    "lt": "le",
    "max": "min",
    "min": "max",
    "sorted": "list",
    "startswith": "endswith",
}
MEMBERS: Final = {
    "AgreementState": ("IN_FORCE", "NOTICE_GIVEN", "NOTICE_SUSPENDED", "SUSPENDED", "ENDED"),
    "Leg": ("DIRECT", "TO_HUB", "BY_HUB"),
    "Path": ("DIRECT", "HUB"),
    "Reason": ("NO_AGREEMENT", "UNMARKED"),
    "ThirdParty": ("FREE", "PROHIBITED", "ORIGINATOR_CONSENT"),
}
"""By what else a member of an enum is replaced."""
SPARED: Final = {"circles", "default", "evidence", "hub", "key", "latest_at", "max_length", "min_length", "rests_on"}
"""Arguments by name that a call can do without."""
SHORTENED: Final = {"AudienceDecision", "Permit", "Subject", "next"}
"""What can be called without its last argument."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change: where, and what became of what. `name` stays the same when lines above it move."""

    number: int
    line: int
    scope: str
    before: str
    after: str

    @property
    def name(self) -> str:
        """Where it is and what it does, in one line."""
        return f"{self.scope}: {self.before} -> {self.after}"


@dataclass(frozen=True, slots=True)
class _Change:
    scope: str
    node: ast.AST
    by: ast.AST
    put: Callable[[ast.AST], None]


def find_mutants(source: str) -> list[Mutant]:
    """Return every change, numbered."""
    changes = _find_changes(ast.parse(source))
    return [
        Mutant(number, getattr(one.node, "lineno", 0), one.scope, _show(one.node), _show(one.by))
        for number, one in enumerate(changes)
    ]


def mutate(source: str, number: int) -> ast.Module:
    """Return the module with one change made."""
    tree = ast.parse(source)
    for place, one in enumerate(_find_changes(tree)):
        if place == number:
            one.put(one.by)
            return ast.fix_missing_locations(tree)
    raise IndexError(number)


def _show(node: ast.AST) -> str:
    if isinstance(node, ast.If | ast.For):
        # The head is what changes.
        node = copy.copy(node)
        node.body, node.orelse = [ast.Pass()], []
    text = " ".join(ast.unparse(ast.fix_missing_locations(copy.deepcopy(node))).split())
    return text if len(text) <= 160 else f"{text[:157]}..."


def _find_changes(tree: ast.Module) -> Iterator[_Change]:
    yield from _walk(tree, "module")


def _walk(node: ast.AST, scope: str) -> Iterator[_Change]:
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases", "type_comment", "ctx", "ops", "op", "args_"):
            continue
        if isinstance(node, ast.ClassDef) and name == "keywords":
            continue
        if isinstance(value, list):
            for place, child in enumerate(value):
                if isinstance(child, ast.AST):

                    def put(by: ast.AST, into: list[object] = value, place: int = place) -> None:
                        into[place] = by

                    yield from _change(child, scope, put)
        elif isinstance(value, ast.AST):

            def put_field(by: ast.AST, name: str = name) -> None:
                setattr(node, name, by)

            yield from _change(value, scope, put_field)


def _change(node: ast.AST, scope: str, put: Callable[[ast.AST], None]) -> Iterator[_Change]:
    if isinstance(node, ast.Assert | ast.Import | ast.ImportFrom | ast.arguments) or _is_documentation(node):
        return
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        scope = node.name if scope == "module" else f"{scope}.{node.name}"
    for by in _vary(node):
        yield _Change(scope, node, by, put)
    yield from _walk(node, scope)


def _is_documentation(node: ast.AST) -> bool:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if not isinstance(node, ast.Assign):
        return False
    return ast.unparse(node.targets[0]) == "__all__" or _is_type(node.value)


def _is_type(value: ast.expr) -> bool:
    """Whether this is a name for a type: `dict[…]`, `A | B`."""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr):
        return isinstance(value.right, ast.Name)
    return isinstance(value, ast.Subscript) and ast.unparse(value.value) in {"Callable", "dict", "tuple"}


def _replace(node: ast.AST, **fields: object) -> ast.AST:
    """A copy of a node with other fields; what is not changed is shared."""
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _vary(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Compare():
            for place, op in enumerate(node.ops):
                for other in COMPARED.get(type(op), ()):
                    yield _replace(node, ops=[*node.ops[:place], other(), *node.ops[place + 1 :]])
        case ast.BoolOp():
            yield _replace(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
            for place in range(len(node.values)):
                rest = [value for at, value in enumerate(node.values) if at != place]
                yield rest[0] if len(rest) == 1 else _replace(node, values=rest)
        case ast.UnaryOp(op=ast.Not()):
            yield node.operand
        case ast.BinOp():
            if type(node.op) in JOINED:
                yield _replace(node, op=JOINED[type(node.op)]())
        case ast.If() | ast.While():
            for value in (True, False):
                yield _replace(node, test=ast.Constant(value))
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.comprehension():
            for place in range(len(node.ifs)):
                yield _replace(node, ifs=[*node.ifs[:place], *node.ifs[place + 1 :]])
            yield _replace(node, iter=ast.Tuple([], ast.Load()))
        case ast.For():
            yield _replace(node, iter=ast.Tuple([], ast.Load()))
        case ast.Constant():
            yield from _vary_constant(node.value)
        case ast.Call():
            yield from _vary_call(node)
        case ast.Attribute(value=ast.Name(id=kind)) if kind in MEMBERS:
            yield from (_replace(node, attr=name) for name in MEMBERS[kind] if name != node.attr)
        case ast.Set() | ast.List() | ast.Tuple() if isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            for place in range(len(node.elts)):
                rest = [*node.elts[:place], *node.elts[place + 1 :]]
                yield (
                    _replace(node, elts=rest)
                    if rest or not isinstance(node, ast.Set)
                    else ast.Call(ast.Name("frozenset", ast.Load()), [], [])
                )
        case ast.Dict():
            for place in range(len(node.keys)):
                keys, values = [*node.keys], [*node.values]
                del keys[place], values[place]
                yield _replace(node, keys=keys, values=values)
        case ast.Slice():
            yield from (_replace(node, **{name: None}) for name in ("lower", "upper") if getattr(node, name))
        case _:
            yield from _vary_statement(node)


def _vary_constant(value: object) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int():
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case str():
            yield ast.Constant(f"{value}X")


def _vary_call(node: ast.Call) -> Iterator[ast.AST]:
    called = node.func
    if isinstance(called, ast.Name) and called.id in CALLED:
        yield _replace(node, func=ast.Name(CALLED[called.id], ast.Load()))
    if isinstance(called, ast.Attribute) and called.attr in CALLED:
        yield _replace(node, func=_replace(called, attr=CALLED[called.attr]))
    for place, keyword in enumerate(node.keywords):
        if keyword.arg in SPARED:
            yield _replace(node, keywords=[*node.keywords[:place], *node.keywords[place + 1 :]])
    if len(node.args) > 1 and isinstance(called, ast.Name) and called.id in SHORTENED:
        yield _replace(node, args=node.args[:-1])


def _vary_statement(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.Return(value=ast.expr()):
            if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                yield _replace(node, value=ast.Constant(None))
        case ast.Expr() | ast.Assign() | ast.AugAssign() | ast.Raise() | ast.Delete():
            yield cast("ast.AST", ast.Pass())
        case ast.Continue():
            yield ast.Break()
        case ast.Break():
            yield ast.Continue()
