"""Finds texts from outside that the app draws without escaping them, by reading its source.

A drawing call, such as `st.markdown(text)`, is safe if its text is made of constants, of numbers, and of values that
went through a function that escapes. Local variables, functions of the app, and functions that draw one of their
parameters are followed. Everything else counts as a text from outside: a new call is refused until it escapes its
text, or its source is listed in `text_sources.py` as one that cannot come from outside.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from .text_sources import DRAWN, ESCAPING, MARKDOWN, NOT_TEXT, NUMBERS, OPTIONS, OWN, OWN_OBJECTS, PASSING, TRUSTED
from .text_syntax import Function, assignments, bound, called, is_number, own_nodes


class TextFlow:
    """The functions of the app, and which of them draw a parameter."""

    def __init__(self, folder: Path) -> None:
        self.functions: dict[str, list[Function]] = defaultdict(list)
        self.all: list[Function] = []
        self.parents: dict[ast.AST, Function] = {}  # function definition -> the function or module around it
        self.constants: dict[Path, Function] = {}
        for path in sorted(folder.rglob("*.py")):
            module = ast.parse(path.read_text(encoding="utf-8"))
            self._add(module, module, path, None)
        self.drawing: dict[str, set[str]] = defaultdict(set)  # function -> parameters that it draws
        self._active: set[tuple[ast.AST, tuple[str, ...]]] = set()

    def _add(self, node: ast.AST, module: ast.Module, path: Path, outer: Function | None) -> None:
        assert isinstance(node, ast.FunctionDef | ast.Module)
        function = Function(node, module, path)
        self.all.append(function)
        if isinstance(node, ast.Module):
            self.constants[path] = function
        else:
            self.functions[node.name].append(function)
            assert outer is not None
            self.parents[node] = outer
        for child in own_nodes(node):
            for name, value in assignments(child):
                function.assigned[name].append(value)
            if isinstance(child, ast.FunctionDef):
                self._add(child, module, path, function)

    def problems(self) -> list[str]:
        """Return one line for each drawn text that may come from outside unescaped."""
        known = -1
        while known != sum(map(len, self.drawing.values())):  # until no more functions that draw a parameter are found
            known = sum(map(len, self.drawing.values()))
            found = sorted({problem for function in self.all for problem in self._check(function)})
        return found

    def _check(self, function: Function) -> Iterator[str]:
        for node in own_nodes(function.node):
            if not isinstance(node, ast.Call):
                continue
            for text in self._drawn_texts(node):
                unsafe = self._unsafe(text, function, {})
                if unsafe is None:
                    continue
                names = {parameter.arg for parameter in function.parameters}
                if isinstance(unsafe, ast.Name) and unsafe.id in names and isinstance(function.node, ast.FunctionDef):
                    self.drawing[function.node.name].add(unsafe.id)
                    continue
                place = f"{function.path.relative_to(function.path.parents[1])}"
                yield f"{place}:{text.lineno}: {ast.unparse(unsafe)}"

    def _drawn_texts(self, call: ast.Call) -> Iterator[ast.expr]:
        names = called(call.func)
        if any(isinstance(part, ast.Attribute) for part in ast.walk(call.func)) and names & MARKDOWN:
            name = next(iter(names & MARKDOWN))
            if name not in NOT_TEXT:
                formatted = any(keyword.arg == "format_func" for keyword in call.keywords)  # then it draws the options
                yield from call.args[: 2 if name in OPTIONS and not formatted else 1]
            for keyword in call.keywords:
                is_option = keyword.arg in ("options", "format_func") and name in OPTIONS
                if keyword.arg in DRAWN or is_option:
                    yield keyword.value
        for name in names & self.drawing.keys():
            for function in self.functions[name]:
                for parameter, value in bound(call, function):
                    if parameter in self.drawing[name]:
                        yield value

    def _unsafe(self, node: ast.expr, function: Function, safe: dict[str, bool]) -> ast.expr | None:
        """Return the part of an expression that may be a text from outside; None if there is none.

        `safe` says for the parameters of the function whether the arguments of the present call are safe.
        """
        children: Iterable[ast.expr]
        match node:
            case ast.Constant() | ast.Compare() | ast.UnaryOp():
                return None
            case ast.FormattedValue(format_spec=ast.JoinedStr(values=[ast.Constant(value=str(spec)), *_])) if is_number(
                spec
            ):
                return None
            case ast.FormattedValue(value=value):
                children = [value]
            case ast.JoinedStr(values=children) | ast.BoolOp(values=children):
                pass
            case ast.Tuple(elts=children) | ast.List(elts=children) | ast.Set(elts=children):
                pass
            case ast.Dict(keys=keys, values=values):
                children = [one for one in (*keys, *values) if one is not None]
            case ast.BinOp(left=left, op=op, right=right):
                if isinstance(op, ast.Sub | ast.Div | ast.FloorDiv | ast.Pow):
                    return None  # of numbers; a text has none of these
                children = [left, right]
            case ast.IfExp(body=body, orelse=orelse):
                children = [body, orelse]
            case ast.Starred(value=value) | ast.Await(value=value) | ast.NamedExpr(value=value):
                children = [value]
            case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element) | ast.SetComp(elt=element):
                children = [element]
            case ast.DictComp(key=key, value=value):
                children = [key, value]
            case ast.Lambda(body=body):
                children = [body]
            case ast.Subscript(value=value):
                children = [value]
            case ast.Attribute(value=value, attr=name):
                return None if name in OWN or self._unsafe(value, function, safe) is None else self._constant(node)
            case ast.Name(id=name):
                return self._unsafe_name(node, name, function, safe)
            case ast.Call():
                return self._unsafe_call(node, function, safe)
            case _:
                return node
        return next(filter(None, (self._unsafe(child, function, safe) for child in children)), None)

    def _constant(self, node: ast.Attribute) -> ast.expr | None:
        """Return the attribute, unless it is a constant of a module of the app, such as `summaries.REP_NOTES`."""
        for module in self.constants.values():
            is_module = isinstance(node.value, ast.Name) and module.path.stem == node.value.id
            if is_module and node.attr.isupper() and node.attr in module.assigned:
                return self._first_unsafe(module.assigned[node.attr], module, {})
        return node

    def _first_unsafe(self, nodes: list[ast.expr], function: Function, safe: dict[str, bool]) -> ast.expr | None:
        return next(filter(None, (self._unsafe(node, function, safe) for node in nodes)), None)

    def _unsafe_name(self, node: ast.Name, name: str, function: Function, safe: dict[str, bool]) -> ast.expr | None:
        key = (function.node, (name,))
        if name in OWN or name in OWN_OBJECTS or key in self._active:
            return None
        for parameter in function.parameters:
            if parameter.arg == name and name not in function.assigned:
                is_number = isinstance(parameter.annotation, ast.Name) and parameter.annotation.id in (
                    "int",
                    "float",
                    "bool",
                )
                return None if is_number or safe.get(name, False) else node
        outer: Function | None = function
        while outer is not None:
            if name in outer.assigned:
                self._active.add(key)
                try:
                    return self._first_unsafe(outer.assigned[name], outer, safe if outer is function else {})
                finally:
                    self._active.discard(key)
            outer = self.parents.get(outer.node) if isinstance(outer.node, ast.FunctionDef) else None
        if name.isupper() and not any(name in module.assigned for module in self.constants.values()):
            return None  # a constant of adq_core
        imported = [module for module in self.constants.values() if name.isupper() and name in module.assigned]
        if imported:
            return next(filter(None, (self._first_unsafe(one.assigned[name], one, {}) for one in imported)), None)
        return self._unsafe_function(node, name)

    def _unsafe_function(self, node: ast.expr, name: str) -> ast.expr | None:
        """Return the node if it is not a function of the app that returns safe texts for any argument."""
        found = self.functions.get(name, [])
        if name in ESCAPING or (found and all(self._returns_unsafe(one, {}) is None for one in found)):
            return None
        return node

    def _unsafe_call(self, node: ast.Call, function: Function, safe: dict[str, bool]) -> ast.expr | None:
        names = called(node.func) or self._dispatched(node.func)
        if names & (ESCAPING | NUMBERS | TRUSTED):
            return None
        parts = [*node.args, *(keyword.value for keyword in node.keywords)]
        owner = node.func.value if isinstance(node.func, ast.Attribute) else None
        if isinstance(owner, ast.Name) and owner.id in OWN_OBJECTS:
            return self._first_unsafe(parts, function, safe)
        if isinstance(node.func, ast.Name) and node.func.id in function.assigned:
            names = {name for value in function.assigned[node.func.id] for name in self._dispatched(value)}
        known = [one for name in names for one in self.functions.get(name, [])]
        if known:
            for one in known:
                arguments = dict.fromkeys((name for name, _ in bound(node, one)), True)
                for name, value in bound(node, one):
                    arguments[name] &= self._unsafe(value, function, safe) is None
                if self._returns_unsafe(one, arguments) is not None:
                    return node
            return None
        if isinstance(node.func, ast.Attribute):  # a method of a text or of a container
            parts = parts[1:] if node.func.attr in ("get", "pop") else parts
            parts.insert(0, node.func.value)
        elif not isinstance(node.func, ast.Name) or node.func.id not in PASSING:
            return node
        return self._first_unsafe(parts, function, safe)

    def _dispatched(self, node: ast.expr) -> set[str]:
        """Return the functions in the table of functions, such as `RULES`, that an expression looks up."""
        tables = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id.isupper()}
        values = [value for module in self.constants.values() for name in tables for value in module.assigned[name]]
        return {
            part.id
            for value in values
            if isinstance(value, ast.Dict)
            for part in value.values
            if isinstance(part, ast.Name)
        }

    def _returns_unsafe(self, function: Function, arguments: dict[str, bool]) -> ast.expr | None:
        key = (function.node, ("return", *sorted(name for name, value in arguments.items() if value)))
        if key in self._active:
            return None
        self._active.add(key)
        try:
            values = [
                node.value
                for node in own_nodes(function.node)
                if isinstance(node, ast.Return | ast.Yield) and node.value
            ]
            return self._first_unsafe(values, function, arguments)
        finally:
            self._active.discard(key)
