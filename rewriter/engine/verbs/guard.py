"""Leave a block out if it would be empty.

An empty span trains nothing, and transformers before 5.24 may take it for one that never ends. So
the text is tested first: the expression itself if it can be evaluated twice, else the captured
output.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from jinja2 import nodes

from rewriter.engine.context import Context, captures
from rewriter.engine.draft import Added, Body, Compound, Node, Section, Statement, text_of
from rewriter.engine.text_expressions import is_surely_text
from rewriter.engine.transforms import Guard
from rewriter.engine.verbs.capture import always_prints, captured, captured_before, followed
from rewriter.source.environment import parsing_environment

_CAPTURED: Final = "printed"
# Expressions that can be evaluated twice: they read, and change nothing.
_READS: Final = (
    nodes.Name,
    nodes.Const,
    nodes.Getattr,
    nodes.Getitem,
    nodes.Slice,
    nodes.Neg,
    nodes.Add,
    nodes.Concat,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Test,
    nodes.Filter,
    nodes.Keyword,
)
_METHODS: Final = frozenset({"strip", "lstrip", "rstrip", "split", "replace", "get"})


def guard(rule: Guard, body: Body, context: Context) -> Body:
    """Each block of the rule's tag that may print nothing, in a conditional."""
    return tuple(_guarded(node, rule, context) for node in body)


def _guarded(node: Node, rule: Guard, context: Context) -> Node:
    if not isinstance(node, Compound) or captures(node):
        return node
    if node.keyword == rule.tag:
        inner = node.sections[0].body
        return node if always_prints(inner) else _conditional(node, rule.tag, context)
    sections = (Section(s.tag, guard(rule, s.body, context)) for s in node.sections)
    return replace(node, sections=tuple(sections))


def _conditional(block: Compound, tag: str, context: Context) -> Compound:
    (section,) = block.sections
    test = captured_before(section.body) or _test(section.body, context)
    if test is None:
        name = context.fresh(_CAPTURED)
        printed = f"{{% if {name} %}}{{% {tag} %}}{{{{ {name} }}}}{{% end{tag} %}}{{% endif "
        return captured(block, tag, name, printed, context)
    opening, closing = context.text((section.tag,)), context.text((block.end,))
    opening = opening.replace(f" {tag} %}}", f" if {test} %}}{{% {tag} %}}")
    closing = followed(closing, f"end{tag}", "{% endif ")
    start = replace(section.tag, code=(Added(opening, context.by),), lead=())
    end = replace(block.end, code=(Added(closing, context.by),), lead=())
    return replace(block, sections=(Section(start, section.body),), end=end)


def _test(body: Body, context: Context) -> str | None:
    """A test that holds if ``body`` prints something, or ``None`` if there is no simple one."""
    said = [node for node in body if not (isinstance(node, Statement) and node.is_blank)]
    if len(said) != 1 or not isinstance(said[0], Statement) or not said[0].is_output:
        return None
    code = text_of(said[0].code, context.template.text).strip()
    written = code.removeprefix("{{").removesuffix("}}").strip("- \t\r\n")
    (output,) = parsing_environment().parse(f"{{{{ {written} }}}}").find_all(nodes.Output)
    expression = output.nodes[0]
    if not is_pure(expression):
        return None
    if is_surely_text(expression, context.template):
        return written
    simple = isinstance(expression, (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Filter))
    return f"{written} | string" if simple else f"({written}) | string"


def is_pure(node: nodes.Node) -> bool:
    """Whether an expression can be evaluated twice."""
    if isinstance(node, nodes.Call):
        method = node.node
        pure = isinstance(method, nodes.Getattr) and method.attr in _METHODS
        return pure and all(is_pure(child) for child in method.iter_child_nodes())
    return isinstance(node, _READS) and all(map(is_pure, node.iter_child_nodes()))
