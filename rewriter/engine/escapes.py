"""Refuse what escapes the template's own text: ``'<b>' + (m.content | e)`` prints ``&lt;b&gt;``.

`Markup` escapes text that is added to it, so splitting the output would change the text.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Any, Final

from jinja2 import nodes

from rewriter.errors import Place, Reason, Refused
from rewriter.source.edits import Edit
from rewriter.source.lexer import Span
from rewriter.source.template import Template
from rewriter.source.walk import find_all

# Filters whose result is Markup, all but the last of which escape, and those that give Markup for
# Markup.
_ESCAPING: Final = frozenset({"e", "escape", "forceescape", "xmlattr", "urlize"})
_MARKING: Final = _ESCAPING | {"safe"}
_KEEPING: Final = frozenset(
    {"trim", "replace", "upper", "lower", "capitalize", "title", "default", "d", "indent", "join"}
)
_ESCAPED: Final = frozenset("<>&'\"")


def refuse_escapes(template: Template, edits: Sequence[Edit]) -> None:
    """Refuse the template if its own text may be escaped by a value that it is added to.

    Where nothing but ``safe`` makes Markup, text may be escaped that no edit takes apart.

    Raises:
        Refused: naming the place.

    """
    names = _marked_names(template.tree)
    escapes = any(each.name in _ESCAPING for each in find_all(template.tree, nodes.Filter))
    for added in find_all(template.tree, nodes.Add):
        for marked, text in ((added.left, added.right), (added.right, added.left)):
            if _may_be_marked(marked, names) and _is_escaped(text):
                span = template.outer(added)
                if span is None or not (escapes or any(_meets(edit, span) for edit in edits)):
                    continue
                raise Refused(
                    "this escapes the text that it adds, so it does not print what is written",
                    reason=Reason.UNSUPPORTED,
                    place=Place.at(template.text, span.start),
                    hint="join the two by ~, or print them in outputs of their own",
                )


def _meets(edit: Edit, span: Span) -> bool:
    """Whether an edit changes something of a span, or puts something in it."""
    return edit.start < span.end and span.start < max(edit.end, edit.start + 1)


def _marked_names(tree: nodes.Template) -> frozenset[str]:
    """The names that may be set to Markup."""
    found: frozenset[str] = frozenset()
    more = True
    while more:
        marked = (e for e in find_all(tree, nodes.Assign) if _may_be_marked(e.node, found))
        now = found.union(e.target.name for e in marked if isinstance(e.target, nodes.Name))
        more, found = now != found, now
    return found


def _may_be_marked(node: Any, names: Set[str]) -> bool:
    match node:
        case nodes.Name(name=name):
            return name in names
        case nodes.Filter(name=name, node=filtered):
            return name in _MARKING or (name in _KEEPING and _may_be_marked(filtered, names))
        case nodes.CondExpr(expr1=one, expr2=other):
            return _may_be_marked(one, names) or _may_be_marked(other, names)
        case nodes.Or(left=one, right=other) | nodes.And(left=one, right=other):
            return _may_be_marked(one, names) or _may_be_marked(other, names)
        case nodes.Add(left=one, right=other):
            return _may_be_marked(one, names) or _may_be_marked(other, names)
    return False


def _is_escaped(node: nodes.Node) -> bool:
    """Whether an operand is text of the template's own that escaping changes."""
    if isinstance(node, nodes.Const):
        return isinstance(node.value, str) and not _ESCAPED.isdisjoint(node.value)
    return isinstance(node, nodes.Add) and (_is_escaped(node.left) or _is_escaped(node.right))
