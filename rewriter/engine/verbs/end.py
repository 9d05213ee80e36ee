"""End the assistant's turns that have no end in the tokenizer's ``eos_token``.

It goes after the last generated text, and before white space that only separates turns, if that is
printed separately.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from rewriter.engine.assistant_tests import Speaker
from rewriter.engine.context import Context, atoms, label_of
from rewriter.engine.draft import Atom, Body, Compound, Node, Statement, last_of, text_of
from rewriter.engine.markers import SWALLOWS_BEFORE, SWALLOWS_BEHIND
from rewriter.engine.transforms import End
from rewriter.engine.turn_ends import says, with_ends
from rewriter.source.literals import literal
from rewriter.turns.label import Label
from rewriter.turns.missing_ends import MissingEnds, When
from rewriter.turns.parts import ASSISTANT

_ASKED: Final[dict[When | None, tuple[str, ...]]] = {
    None: ("false",),
    When.ALWAYS: (),
    When.LAST: ("loop.last", "not add_generation_prompt"),
    When.FOLLOWED: ("not loop.last",),
}


def end(_: End, body: Body, context: Context) -> Body:
    """An end for each turn that lacks one."""
    missing = context.outline.missing_ends
    if missing is None:
        return body

    def put(siblings: Body, following: Statement | None, who: Speaker) -> Body:
        tag = context.text((following,) if following else ())
        return _with_end(siblings, tag, _text(siblings, who, missing), context)

    return with_ends(body, context, put)


def _text(siblings: Body, who: Speaker, missing: MissingEnds) -> str:
    """The end as an expression, which is nothing where there is one already."""
    asked = _asked(missing, who)
    if label_of(siblings) & Label.ELSEWHERE:
        asked = [who.has(ASSISTANT), *asked]
    text = literal(missing.text, who.quote) if missing.text else "eos_token"
    return f"{text} if {' and '.join(asked)} else {who.quote * 2}" if asked else text


def _with_end(siblings: Body, tag: str, text: str, context: Context) -> Body:
    """The siblings, before a ``tag``, with an output after the last generated text."""
    at = max(index for index, node in enumerate(siblings) if says((node,))) + 1
    before, behind = siblings[:at], siblings[at:]
    if trails := _trailing(before[-1]):
        return (*before[:-1], _in_branches(trails, text, context), *behind)
    last, layout = last_of(before), context.layout
    dash = "-" if _swallows(last, behind, context.text(behind) + tag, context) else ""
    if layout.own_line(last) and not last.is_text:
        output = context.added(f"{{{{- {text} {dash}}}}}", layout.line(layout.indentation(last)))
    else:
        output = context.added(f"{{{{ {text} {dash}}}}}")
    start = next((atom.start for node in before for atom in atoms(node)), 0)
    output = replace(output, atoms=(Atom(start, start, Label.GENERATED),))
    return (*before, output, *behind)


def _trailing(node: Node) -> Compound | None:
    """The node, if white space trails what is generated in each of its branches."""
    if not isinstance(node, Compound) or node.keyword != "if" or not node.block:
        return None
    has_else = node.block.clauses[-1].tag.node is None
    each_says = has_else and all(says(section.body) for section in node.sections)
    trails = any(not says(section.body[-1:]) for section in node.sections) if each_says else False
    return node if trails else None


def _in_branches(node: Compound, text: str, context: Context) -> Compound:
    """The node with an end in each of its branches."""
    tags = [*(section.tag for section in node.sections[1:]), node.end]
    sections = tuple(
        replace(section, body=_with_end(section.body, context.text((tag,)), text, context))
        for section, tag in zip(node.sections, tags, strict=True)
    )
    return replace(node, sections=sections)


def _asked(missing: MissingEnds, who: Speaker) -> list[str]:
    """A test that holds if a turn lacks an end."""
    answer, calls = _ASKED[missing.answer], _ASKED[missing.calls]
    if missing.answer == missing.calls:
        return list(answer)
    if missing.calls is None:
        return [f"not {who.calls}", *answer]
    if missing.answer is None:
        return [who.calls, *calls]
    return [
        f"({' and '.join(calls) or 'true'} if {who.calls} else {' and '.join(answer) or 'true'})"
    ]


def _swallows(last: Statement, behind: Body, after: str, context: Context) -> bool:
    """Whether a statement swallows the white space ``after`` it, and nothing else does.

    By a dash or, after a tag that ends its line, where nothing of the next line is printed.
    """
    if after.lstrip().startswith(SWALLOWS_BEFORE):
        return False
    code = text_of(last.code, context.template.text).rstrip()
    if code.endswith(SWALLOWS_BEHIND):
        return True
    return code.endswith("%}") and bool(behind) and _is_blank(behind[0])


def _is_blank(node: Node) -> bool:
    return isinstance(node, Statement) and node.is_blank
