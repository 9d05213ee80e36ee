"""The examples in a transform's file, as its tests."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.engine.plan import Subject
from rewriter.engine.transforms import Example, Transform, transform_named
from rewriter.errors import RewriteError


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """Whether an example has the expected result, and if not, the actual one."""

    title: str
    ok: bool
    message: str = ""


def check_examples(transform: Transform) -> tuple[ExampleResult, ...]:
    """Apply ``transform`` to each of its examples, and again to each result."""
    return tuple(_checked(transform, example) for example in transform.examples)


def _checked(transform: Transform, example: Example) -> ExampleResult:
    expected = example.before if example.after is None else example.after
    try:
        got = _applied(transform, example.before, example)
        again = _applied(transform, got, example)
    except RewriteError as error:
        return ExampleResult(example.title, False, str(error))
    if got != expected:
        return ExampleResult(example.title, False, f"expected\n{expected}\ngot\n{got}")
    if again != got:
        return ExampleResult(example.title, False, f"a second time it becomes\n{again}")
    return ExampleResult(example.title, True)


def _applied(transform: Transform, source: str, example: Example) -> str:
    subject = Subject(source, example.policy)
    recipe = [*map(transform_named, example.behind), transform]
    return source if subject.template.is_marked else subject.plan(recipe).template
