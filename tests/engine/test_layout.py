"""A tag that is put in changes nothing that is printed, however the file is laid out."""

import re
from itertools import product
from typing import Any, NamedTuple

import pytest
from rendering import Rendered, rendered

import rewriter
from rewriter.engine.plan import Plan, Subject
from rewriter.engine.transforms import transform_named
from rewriter.source.edits import apply

TRANSFORMS = ("move-turn-end-into-branches", "split-role-header", "wrap-assistant-output")
RECIPE = [transform_named(name) for name in TRANSFORMS]
HEADER, END = "<|assistant|>", "<|end|>"

HI = {"role": "user", "content": "hi"}
YES = {"role": "assistant", "content": "yes"}
THOUGHT = {**YES, "reasoning_content": "hm"}
CONVERSATIONS: list[list[dict[str, Any]]] = [
    [HI, YES],
    [HI, THOUGHT, HI, YES],
    [YES, YES, HI],
    [{"role": "system", "content": "be"}, HI, {**YES, "content": "  \n yes \n"}, HI],
]

# Each line with its depth. `%` opens and closes tags, `{` and `}` open and close outputs.
SHAPES: dict[str, list[tuple[int, str]]] = {
    "text that all roles share": [
        (0, "%for m in messages%"),
        (1, "<|{m.role}|>{m.content}<|end|>"),
        (0, "%endfor%"),
    ],
    "one output that all roles share": [
        (0, "%for m in messages%"),
        (1, "{'<|' + m.role + '|>' + m.content + '<|end|>'}"),
        (0, "%endfor%"),
    ],
    "an output for each part": [
        (0, "%for m in messages%"),
        (1, "{'<|' + m.role + '|>'}"),
        (1, "{m.content}"),
        (1, "{'<|end|>'}"),
        (0, "%endfor%"),
    ],
    "a branch with text": [
        (0, "%for m in messages%"),
        (1, "%if m.role == 'assistant'%"),
        (2, "<|assistant|>{m.content}<|end|>"),
        (1, "%else%"),
        (2, "<|{m.role}|>{m.content}<|end|>"),
        (1, "%endif%"),
        (0, "%endfor%"),
    ],
    "a branch with an output": [
        (0, "%for m in messages%"),
        (1, "%if m['role'] == \"assistant\"%"),
        (2, "{'<|assistant|>' + m.content + '<|end|>'}"),
        (1, "%else%"),
        (2, "{'<|' + m.role + '|>' + m.content + '<|end|>'}"),
        (1, "%endif%"),
        (0, "%endfor%"),
    ],
    "a branch with a conditional": [
        (0, "%for m in messages%"),
        (1, "%if m.role == 'assistant'%"),
        (2, "{'<|assistant|>'}"),
        (2, "%if m.reasoning_content%"),
        (3, "<t>{m.reasoning_content}</t>"),
        (2, "%endif%"),
        (2, "{m.content}<|end|>"),
        (1, "%else%"),
        (2, "{'<|' + m.role + '|>' + m.content + '<|end|>'}"),
        (1, "%endif%"),
        (0, "%endfor%"),
    ],
    "an end after the branches": [
        (0, "%for m in messages%"),
        (1, "%if m.role == 'assistant'%"),
        (2, "{'<|assistant|>' + m.content}"),
        (1, "%elif m.role == 'user'%"),
        (2, "{'<|user|>' + m.content}"),
        (1, "%else%"),
        (2, "{'<|system|>' + m.content}"),
        (1, "%endif%"),
        (1, "<|end|>"),
        (0, "%endfor%"),
    ],
    "a comment and a set between": [
        (0, "%for m in messages%"),
        (1, "{# who it is #}"),
        (1, "%set who = m.role%"),
        (1, "<|{who}|>"),
        (1, "%set what = m.content | trim%"),
        (1, "{what + '<|end|>'}"),
        (0, "%endfor%"),
    ],
}
LINES = {
    "one line": None,
    "lines": ("\n", ""),
    "indented": ("\n", "  "),
    "tabs, CRLF": ("\r\n", "\t"),
}
TAGS = [("{% ", " %}"), ("{%- ", " %}"), ("{% ", " -%}"), ("{%- ", " -%}")]
OUTPUTS = [("{{ ", " }}"), ("{{- ", " }}"), ("{{", "}}")]
AFTER_END = {"nothing": "", "a newline": "\n", "an escape": "{'\\n'}"}


def laid_out(shape: list[tuple[int, str]], lines, tag, output, after: str) -> str:
    newline, unit = lines or ("", "")
    marks = iter(tag * 99)
    source = ""
    for depth, line in [*shape, (0, "%if add_generation_prompt%<|assistant|>%endif%")]:
        joined = re.sub(r"<\|end\|>('})?", lambda end: end.group() + after, line)
        joined = re.sub(r"\{(?!#)", "\0", joined)
        joined = re.sub(r"(?<!#)\}", output[1], joined).replace("\0", output[0])
        joined = re.sub("%", lambda _: next(marks), joined)
        source += unit * depth + joined.replace("\n", newline or "\n") + newline
    return source


def expected(text: str, cue: str) -> Rendered:
    """Each turn from the end what the cue has too to after its end."""
    spans: list[tuple[int, int]] = []
    for header in re.finditer(re.escape(HEADER), text):
        start = header.start() + shared(text[header.start() :], cue)
        spans.append((start, text.index(END, start) + len(END)))
    return Rendered(text, tuple(spans))


def shared(one: str, other: str) -> int:
    """How many first characters are the same."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


@pytest.mark.parametrize("after", AFTER_END)
@pytest.mark.parametrize("lines", LINES)
@pytest.mark.parametrize("shape", SHAPES)
def test_text_and_mask_are_right_in_every_layout(shape: str, lines: str, after: str):
    for tag, output in product(TAGS, OUTPUTS):
        source = laid_out(SHAPES[shape], LINES[lines], tag, output, AFTER_END[after])
        wanted = prints(source)
        subjects = {policy: Subject(source, policy) for policy in ("strict", "trl")}
        # What it prints does not depend on the policy, nor, without empty thoughts, who writes it.
        subjects["trl"].traced = subjects["strict"].traced
        subjects["trl"].labels = subjects["strict"].labels
        plans = {policy: subject.plan(RECIPE) for policy, subject in subjects.items()}
        for policy, plan in plans.items():
            check(plan, policy, wanted)
    # The last stands for all: what is planned is what everybody gets.
    for policy, plan in plans.items():
        found = rewriter.rewrite(
            source, policy=policy, transforms=TRANSFORMS, verify=False, limits=None
        )
        assert (found.template, found.edits) == (plan.template, plan.edits)


class Wanted(NamedTuple):
    """What is to be printed in a conversation, and what of its turns is to be in the mask."""

    messages: list[dict[str, Any]]
    prompted: bool
    text: str
    turns: Rendered


def prints(source: str) -> list[Wanted]:
    cue = rendered(source, [HI], add_generation_prompt=True).text
    cue = cue[cue.rindex(HEADER) :]
    wanted = []
    for messages in CONVERSATIONS:
        plain = rendered(source, messages).text
        prompted = rendered(source, messages, add_generation_prompt=True).text
        turns = expected(plain, cue)
        wanted += [Wanted(messages, False, plain, turns), Wanted(messages, True, prompted, turns)]
    return wanted


def check(plan: Plan, policy: str, wanted: list[Wanted]) -> None:
    template = plan.template
    assert apply(plan.source, plan.edits) == template
    if "\r\n" in plan.source:
        assert "\n" not in template.replace("\r\n", "")
    for messages, prompted, text, turns in wanted:
        found = rendered(template, messages, add_generation_prompt=prompted)
        assert found.text == text, template
        if policy == "strict":
            assert found.mask.rstrip(".") == turns.mask.rstrip("."), (template, found.marked)
        else:
            assert found.core == turns.core, (template, found.marked)
