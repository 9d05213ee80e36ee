"""A fingerprint that ignores quotes, spaces and comments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from itertools import groupby

from jinja2 import nodes

from rewriter.source.environment import is_generation, parsed


def fingerprint(source: str, *, dissolved: bool = False) -> str:
    """The SHA-256, in hex, of everything in ``source`` that can change what it prints.

    It ignores comments, quote styles, redundant parentheses, spaces inside tags and whitespace that
    is never printed. With ``dissolved``, it also ignores empty outputs and the tags of
    ``generation`` blocks, but not the blocks' content.

    Raises:
        jinja2.TemplateSyntaxError: ``source`` does not parse.

    """
    canonical = _canonical(parsed(source), dissolved)
    return sha256("\n".join(canonical).encode()).hexdigest()


def _canonical(tree: nodes.Template, dissolved: bool) -> Iterator[str]:
    """The tree in prefix order, each value with its type and each list with its length.

    It uses a stack since a long chain of operators makes a tree deeper than Python can recurse.
    """
    pending: list[object] = [tree]
    while pending:
        item = pending.pop()
        if isinstance(item, nodes.Node):
            fields = [value for _, value in item.iter_fields()]
            yield type(item).__name__
        elif isinstance(item, list | tuple):
            fields = list(_merged(_dissolved(item) if dissolved else item))
            yield f"[{len(fields)}]"
        else:
            fields = []
            yield repr(item)
        pending.extend(reversed(fields))


def _dissolved(items: Iterable[object]) -> Iterator[object]:
    """The items, with each ``generation`` block replaced by its content."""
    for item in items:
        if isinstance(item, nodes.CallBlock) and is_generation(item):
            yield from _dissolved(item.body)
        elif isinstance(item, nodes.Output):
            if said := [node for node in item.nodes if not _is_nothing(node)]:
                yield nodes.Output(said)
        else:
            yield item


def _is_nothing(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Const) and node.value == ""


def _merged(items: Iterable[object]) -> Iterator[object]:
    """The items, with neighbouring texts joined, since a comment may have separated them."""
    for kind, run in groupby(items, type):
        if kind is nodes.TemplateData:
            text = "".join(item.data for item in run if isinstance(item, nodes.TemplateData))
            if text:
                yield nodes.TemplateData(text)
        elif kind is nodes.Output:
            printed = [
                node for item in run if isinstance(item, nodes.Output) for node in item.nodes
            ]
            yield nodes.Output(printed)
        else:
            yield from run
