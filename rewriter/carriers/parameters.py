"""Add a family to the parameters of a test."""

from __future__ import annotations

import re
from collections.abc import Iterator
from operator import attrgetter

import libcst as cst

from rewriter.carriers.python_source import PythonSource, found_in
from rewriter.carriers.siblings import Sibling, entry_in_list
from rewriter.engine.registry import MISFIT, Tests
from rewriter.errors import BadInput
from rewriter.source.edits import Edit, apply


def with_parameters(text: str, tests: Tests, family: str, model: str, name: str) -> str:
    """The tests' source with the family among the parameters; unchanged if it is there already.

    Raises:
        BadInput: it is not Python, or has no such parameters; the error says where.

    """
    source = PythonSource.read(text, name)
    edits = [
        edit
        for called in tests.parameters
        for edit in _added(source, tests, called, family, model, name)
    ]
    return apply(text, sorted(edits, key=attrgetter("span")))


def _added(
    source: PythonSource, tests: Tests, called: str, family: str, model: str, name: str
) -> Iterator[Edit]:
    where = source.definition(called)
    if not isinstance(where, cst.ClassDef | cst.FunctionDef):
        raise BadInput(f"there is no test {called} here", name=name, hint=MISFIT)
    pattern = _pattern(tests.entry)
    siblings = [
        Sibling(found["name"], source.start(element), source.end(element))
        for decorator in where.decorators
        for element in found_in(decorator, cst.Element)
        if (found := pattern.fullmatch(source.code(element)))
    ]
    if not siblings:
        message = f"no parameter of {called} looks like {tests.entry}"
        raise BadInput(message, name=name, place=source.place(where), hint=MISFIT)
    if family not in {each.family for each in siblings}:
        entry = tests.entry.replace("{name}", family).replace("{model}", model)
        yield from entry_in_list(source.text, siblings, family, entry, source.newline)


def _pattern(entry: str) -> re.Pattern[str]:
    """A pattern for the entry of any family."""
    written = re.escape(entry)
    for key in ("name", "model"):
        written = written.replace(re.escape(f"{{{key}}}"), rf"(?P<{key}>[^\"']*)")
    return re.compile(written)
