"""Parts of Python's syntax that `text_flow.py` reads: functions, calls and assignments."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .text_sources import ADDING


@dataclass
class Function:
    """A function of the app and the module that holds it; the module itself counts as a function."""

    node: ast.FunctionDef | ast.Module
    module: ast.Module
    path: Path
    assigned: dict[str, list[ast.expr]] = field(default_factory=lambda: defaultdict(list))

    @property
    def parameters(self) -> list[ast.arg]:
        if isinstance(self.node, ast.Module):
            return []
        arguments = self.node.args
        more = [arguments.vararg] if arguments.vararg is not None else []
        return [*arguments.posonlyargs, *arguments.args, *more, *arguments.kwonlyargs]


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes of a function without those of the functions inside it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from own_nodes(child)


def called(node: ast.expr) -> set[str]:
    """Return the names of the functions that a call may call, without their modules."""
    match node:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return {name}
        case ast.IfExp(body=body, orelse=orelse):
            return called(body) | called(orelse)
    return set()


def bound(call: ast.Call, function: Function) -> Iterator[tuple[str, ast.expr]]:
    """Yield (parameter, argument) of a call."""
    names = [parameter.arg for parameter in function.parameters]
    if names[:1] == ["self"]:
        names = names[1:]
    if isinstance(function.node, ast.FunctionDef) and function.node.args.vararg is not None:
        names = [name for name in names if name != function.node.args.vararg.arg]
        yield from ((function.node.args.vararg.arg, value) for value in call.args[len(function.node.args.args) :])
    yield from zip(names, call.args, strict=False)
    yield from ((keyword.arg, keyword.value) for keyword in call.keywords if keyword.arg is not None)


def assignments(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, value) of the names that a statement or a loop binds."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    match node:
        case ast.Assign(targets=targets, value=value):
            pairs = [(target, value) for target in targets]
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.AugAssign(target=target, value=value):
            pairs = [(target, value)]
        case ast.NamedExpr(target=target, value=value):
            pairs = [(target, value)]
        case ast.For(target=target, iter=value) | ast.comprehension(target=target, iter=value):
            pairs = [(target, value)]
        case ast.Call(func=ast.Attribute(value=ast.Name() as target, attr=attr), args=values) if attr in ADDING:
            pairs = [(target, value) for value in values]
    for target, value in pairs:
        yield from unpacked(target, value)


def unpacked(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    match target:
        case ast.Name(id=name):
            yield name, value
        case ast.Subscript(value=ast.Name(id=name)):
            yield name, value
        case ast.Tuple(elts=targets):
            values = elements(value, len(targets))
            for place, one in enumerate(targets):
                yield from unpacked(one, values[place] if values else value)


def elements(value: ast.expr, count: int) -> list[ast.expr] | None:
    """Return the parts of a value that a tuple of `count` names receives, None if they cannot be told apart."""
    match value:
        case ast.Tuple(elts=values) if len(values) == count:
            return values
        case ast.Tuple(elts=rows) if rows and all(
            isinstance(row, ast.Tuple) and len(row.elts) == count for row in rows
        ):
            return [ast.List([row.elts[place] for row in rows if isinstance(row, ast.Tuple)]) for place in range(count)]
        case ast.Call(func=ast.Name(id="zip"), args=values) if len(values) == count:
            return values
        case ast.Call(func=ast.Name(id="enumerate"), args=[values, *_]) if count == 2:
            return [ast.Constant(0), values]
    return None


def is_number(spec: str) -> bool:
    """Return whether a format is only for numbers: with a text, it raises an error."""
    return spec[-1:] in tuple("dfgex%") or "," in spec or ("." in spec and spec[-1:] in tuple("fg%"))
