"""Resolve a template's tests, given the answers to some of their questions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from jinja2 import nodes

from rewriter.engine.context import Context, Surroundings, in_bodies
from rewriter.engine.draft import (
    Body,
    Code,
    Compound,
    Kept,
    Node,
    Section,
    Statement,
    cut,
    dropped,
    fragments,
    mapped,
    replaced,
)
from rewriter.engine.folding import Changes, Folding
from rewriter.engine.verbs.dissolve import dissolved, trim_indentation, trim_line
from rewriter.engine.whitespace import settled
from rewriter.turns.earlier_answers import Answers


def answer(answers: Answers, body: Body, context: Context) -> Body:
    """``body`` with the questions in ``answers`` resolved."""
    folding = Folding.of(context.template, _open(answers, body, context))
    body = mapped(body, lambda statement: _folded(statement, folding, context))

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        waiting = list(reversed(siblings))
        while waiting:
            node = waiting.pop()
            kept = _resolved(node, folding, context)
            if len(kept) > 1:
                if context.text(kept):
                    trim_indentation(found, kept[1], context)
                else:
                    trim_line(found, context)
                waiting += reversed(kept)
            else:
                found += kept
        return tuple(found)

    return settled(in_bodies(body, change, lambda node: isinstance(node, Compound)), context)


def _open(answers: Answers, body: Body, context: Context) -> Answers:
    """Those whose question no other transform has taken out."""
    kept = [part for part in fragments(body) if isinstance(part, Kept)]

    def stands(question: nodes.Expr) -> bool:
        span = context.template.span(question)
        return span is not None and any(k.start <= span.start < k.end for k in kept)

    return tuple(answer for answer in answers if stands(answer[0]))


def _folded(statement: Statement, folding: Folding, context: Context) -> Statement:
    """A statement with what it prints, assigns or walks over folded; tests are for `_resolved`."""
    node: Any = statement.leaf.node if statement.leaf else None
    if isinstance(node, nodes.Assign):
        value: Any = node.node
        changes = folding.assigned(value)
    elif isinstance(node, nodes.For):
        changes = (*folding.value(node.iter), *(folding.value(node.test) if node.test else ()))
    elif isinstance(node, nodes.Expr):
        changes = folding.value(node)
    else:
        return statement
    return _changed(statement, changes, context)


def _changed(statement: Statement, changes: Changes, context: Context) -> Statement:
    code = statement.code
    for start, end, text in changes:
        context.check_untouched(code, start, end)
        code = replaced(code, start, end, text, context.by)
    return replace(statement, code=code)


def _resolved(node: Node, folding: Folding, context: Context) -> Body:
    """The node, or what is left of it."""
    if not isinstance(node, Compound) or node.keyword != "if":
        return (node,)
    verdicts = [_verdict(section, folding) for section in node.sections]
    if all(
        verdict == () or _is_else(section)
        for verdict, section in zip(verdicts, node.sections, strict=True)
    ):
        return (node,)
    end = next((at + 1 for at, verdict in enumerate(verdicts) if verdict is True), len(verdicts))
    live = [at for at, verdict in enumerate(verdicts[:end]) if verdict is not False]
    if not live or verdicts[live[0]] is True:
        return dissolved(node, live[0] if live else None, context)
    return (_reduced(node, live, verdicts, context),)


def _verdict(section: Section, folding: Folding) -> bool | Changes:
    """Whether a section is taken, as far as that is known, or what changes in its test."""
    return True if _is_else(section) else folding.test(_test(section))


def _is_else(section: Section) -> bool:
    return section.tag.leaf is None or section.tag.leaf.node is None


def _test(section: Section) -> nodes.Expr:
    node: Any = section.tag.leaf.node if section.tag.leaf else None
    test: nodes.Expr = node.test
    return test


def _reduced(
    node: Compound, live: Sequence[int], verdicts: Sequence[bool | Changes], context: Context
) -> Compound:
    """The conditional with the sections that are ``live``."""
    sections: list[Section] = []
    gone: Code = ()
    for number, section in enumerate(node.sections):
        if number not in live:
            gone += dropped(tuple(fragments((section.tag, *section.body))), context.by)
            continue
        tag, verdict = section.tag, verdicts[number]
        if not sections and number:
            tag = _opening(node, number, context)
        elif gone:
            tag = replace(tag, code=(*gone, *tag.code))
        if verdict is True:
            tag = _as_else(tag, context)
        elif isinstance(verdict, tuple):
            tag = _changed(tag, verdict, context)
        sections.append(Section(tag, section.body))
        gone = ()
    end = replace(node.end, code=(*gone, *node.end.code)) if gone else node.end
    return replace(node, sections=tuple(sections), end=end)


def _opening(node: Compound, number: int, context: Context) -> Statement:
    """The tag of section ``number``, with the first tag's opening in the place of its own."""
    tag = node.sections[number].tag
    before = [part for section in node.sections[:number] for part in (section.tag, *section.body)]
    code = tuple(fragments((*before, tag)))
    left, rest = cut(code, _keyword(node.sections[0].tag, context))
    middle, right = cut(rest, _keyword(tag, context) + len("el"))
    return replace(tag, code=(*left, *dropped(middle, context.by), *right))


def _as_else(tag: Statement, context: Context) -> Statement:
    """The tag of a section that is taken wherever those before it are not."""
    node: Any = tag.leaf.node if tag.leaf else None
    if tag.leaf is None or node is None:
        return tag  # it is one
    test = context.template.outer(node.test)
    assert test is not None, "a test is written somewhere"
    code = replaced(tag.code, _keyword(tag, context), test.end, "else", context.by)
    piece = replace(tag.leaf.piece, keyword="else")
    return replace(tag, code=code, leaf=replace(tag.leaf, piece=piece, node=None))


def _keyword(tag: Statement, context: Context) -> int:
    """Where the tag's first word stands."""
    assert tag.leaf is not None, "it was in the original"
    piece = tag.leaf.piece
    return context.template.text.index(piece.keyword, piece.inner.start)
