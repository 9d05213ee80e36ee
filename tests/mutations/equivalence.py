"""Whether a mutant differs from its parent at all, told without verification.

Both are rendered by transformers, on conversations that verification has not seen: others that
are generated, and some that are written here for what mutants do. Text and mask are compared
character by character.

The policy leaves some of the mask free: white space at the edge of a span, and under ``trl``
whether a token that is printed once, after the end of the last turn, is in it. What differs in
that alone breaks no promise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import cycle, groupby, islice, product
from typing import Any

from rewriter.conversations.drafting import generated
from rewriter.conversations.profile import Profile
from rewriter.conversations.rendering import Outcome, Rendered, render
from rewriter.conversations.schemas import TOOLBOXES
from rewriter.conversations.vocabulary import DOCUMENTS
from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import Policy
from tests.mutations.parents import Parent

TEXT, MASK, FREE = "text", "mask", "free"
SEED, EXAMPLES = 4711, 250


@dataclass(frozen=True)
class Difference:
    """What differs, on which conversation."""

    of: str
    conversation: Conversation


class Comparison:
    """Compares one parent with its mutants."""

    def __init__(self, parent: Parent, profile: Profile, examples: int = EXAMPLES) -> None:
        self._parent, self._profile = parent, profile
        drafts = generated(examples, SEED)
        self.conversations = (*written(profile), *map(profile.fitted, drafts))
        self._outcomes: dict[int, Outcome] = {}

    def difference(self, mutant: str) -> Difference | None:
        """The first that matters; if none does, the first that the policy leaves free."""
        free: Difference | None = None
        for number, conversation in enumerate(self.conversations):
            of = self._differs(self._outcome(number, conversation), render(mutant, conversation))
            if of == FREE:
                free = free or Difference(of, conversation)
            elif of:
                return Difference(of, conversation)
        return free

    def _outcome(self, number: int, conversation: Conversation) -> Outcome:
        if number not in self._outcomes:
            self._outcomes[number] = render(self._parent.source, conversation)
        return self._outcomes[number]

    def _differs(self, parent: Outcome, mutant: Outcome) -> str | None:
        if not (isinstance(parent, Rendered) and isinstance(mutant, Rendered)):
            return TEXT if isinstance(parent, Rendered) or isinstance(mutant, Rendered) else None
        if parent.text != mutant.text:
            return TEXT
        before, after = masked(parent), masked(mutant)
        if before == after:
            return None
        is_free = _is_free(parent.text, before, after, self._parent.policy)
        return FREE if is_free else MASK


def masked(rendered: Rendered) -> str:
    """An ``x`` for each character in the mask, a ``.`` for each other."""
    mask = ["."] * len(rendered.text)
    for start, end in rendered.mask:
        mask[start:end] = "x" * (end - start)
    return "".join(mask)


def _is_free(text: str, before: str, after: str, policy: Policy) -> bool:
    """Whether all that differs is at the edge of what was in the mask, and free there."""
    differing = (at for at in range(len(text)) if before[at] != after[at])
    rows = groupby(enumerate(differing), key=lambda pair: (pair[1] - pair[0], before[pair[1]]))
    for (_, mark), row in rows:
        places = [at for _, at in row]
        start, end = places[0], places[-1] + 1
        around = before[start - 1 : start], before[end : end + 1]
        if policy == "trl" and mark == "x" and _is_after_all_turns(text, start, end):
            continue
        if not text[start:end].isspace():
            return False
        if mark == "x" and "." not in around and "" not in around:
            return False
        # Strictly, white space may be added before a span, and none after it.
        if mark == "." and "x" not in (around if policy == "trl" else around[1:]):
            return False
    return True


def _is_after_all_turns(text: str, start: int, end: int) -> bool:
    """Whether a stretch is the end of a text but of no turn: each would be ended by the same."""
    is_last = end == len(text) and text[:start][-1:].isspace()
    return is_last and text.count(text[start:end].strip()) == 1


def _said(role: str, content: Any, **fields: Any) -> dict[str, Any]:
    return {"role": role, "content": content, **fields}


def _called(arguments: Any, content: Any = "", **fields: Any) -> dict[str, Any]:
    function = {"name": "get_weather", "arguments": arguments}
    call = {"id": "abcdef123", "type": "function", "function": function}
    return _said("assistant", content, tool_calls=[call], **fields)


def _named(name: str, arguments: Any) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    return {"id": "abcdef123", "type": "function", "function": function}


_ASK, _MORE = _said("user", "Will it rain?"), _said("user", "And tomorrow?")
_TEXT = {"type": "text", "text": "See?"}
_YES, _NO = _said("assistant", "It will."), _said("assistant", "No.\n")
_RULE = _said("system", "Answer in one word.")
_THINKS = _said("assistant", "No.", reasoning_content="Clouds are few.")
_INLINE = _said("assistant", "<think>\nClouds.\n</think>\n\nYes.")
_CALL = _called({"place": "here", "days": [1, 2], "strict": True})
_WET = _said("tool", "wet", name="get_weather", tool_call_id="abcdef123")
_WRITTEN: tuple[tuple[dict[str, Any], ...], ...] = (
    (_ASK,),
    (_ASK, _YES),
    (_RULE, _ASK, _YES, _MORE, _NO),
    (_ASK, _YES, _MORE, _NO, _said("user", " Really? "), _YES),
    (_ASK, _YES, _MORE, _NO, _said("user", "Sure?"), _YES, _said("user", "Thanks."), _NO),
    (_RULE, _ASK, _YES, _RULE, _MORE, _NO),
    (_ASK, _YES, _said("system", "Now say more."), _MORE, _NO),
    (_ASK, _MORE, _YES, _NO, _ASK),
    (_ASK, _THINKS, _MORE, _THINKS),
    (_ASK, _INLINE, _MORE, _INLINE, _ASK),
    (_ASK, _CALL),
    (_ASK, _CALL, _WET, _YES, _MORE),
    (_RULE, _ASK, _CALL, _WET, _CALL, _WET, _THINKS, _MORE, _CALL, _WET, _WET, _NO),
    (_ASK, _called("{}", None), _WET, _YES),
    (_ASK, _called('{"place": "here"}', " Looking. ", reasoning_content="Look."), _WET),
    (_ASK, {**_CALL, "tool_calls": _CALL["tool_calls"] * 3}, _WET, _WET, _WET, _NO),
    (_ASK, {**_CALL, "tool_calls": [_CALL["tool_calls"][0]["function"]]}, _WET, _YES),
    (_ASK, _said("assistant", "a", tool_calls=[]), _MORE, _said("assistant", " \n")),
    (_said("user", [{"type": "image"}, _TEXT]), _YES),
    (_ASK, _said("assistant", [{"type": "text", "text": "Yes"}, {"type": "text", "text": "."}])),
    (_said("developer", "Be kind."), _ASK, _YES),
    (_YES, _ASK),
    (_said("user", [{"type": "text", "text": " See?\n"}]), _said("assistant", [_TEXT]), _ASK),
    (_said("user", [{"type": "image"}, {"type": "video"}] * 2), _YES),
    (_ASK, _said("assistant", [{"type": "image"}, {"type": "video"}] * 2), _ASK),
    (_ASK, _called(' {"place": "here"}\n'), _WET),
    ({**_WET, "content": [{"type": "text", "text": "wet"}]}, _ASK, _NO),
    (_ASK, {**_CALL, "tool_calls": [_named(" look\n", {" place ": "here "})]}, _WET),
    (_RULE, _said("system", "Answer in two."), _said("user", "Answer in one word."), _YES),
    (_said("System", "Be brief."), _said("USER", "Well?"), _said("assistant", "Well.")),
    (_ASK, _said("guest", "Me too."), _YES),
)


# Much of everything, and what few say.
_ODDLY = "one\n    two\n\tthree #### four, SO. " * 120
_CALLS = [_named(f"look{number}", {"place": _ODDLY}) for number in range(7)]
_PARTS = [{"type": "text", "text": f"part {number}"} for number in range(9)]
_ROLES = ("system", "user", "assistant", "user")
_SIZES = (9, 11, 13, 17)
_LONG_CALLS = (
    _called({"place": "here"}, "one\n" * 450),
    _called('{"place": "here"}', "one\n" * 450),
    _called({"place": _ODDLY, _ODDLY: [_ODDLY]}, None),
    _called(json.dumps({"place": _ODDLY}), None),
    {**_called({"place": "here"}, None), "reasoning_content": _ODDLY},
    _said("assistant", "", tool_calls=[_named(_ODDLY, {"place": "here"})]),
    _called({"place": "here"}, "", name="bob", printed="so"),
    _called('{"place": "here"}', "", name="bob", printed="so"),
)


def _of_size(size: int) -> Iterator[tuple[dict[str, Any], ...]]:
    """So many messages, with a system message first or in the middle, and so many after it."""
    for steps in ((_ASK, _CALL, _WET, _YES), (_ASK, _called("{}", None), _WET, _THINKS)):
        yield tuple(islice(cycle(steps), size))
        yield (_RULE, *islice(cycle(steps), size))
        yield (_RULE, *islice(cycle(steps), size - 1))
    yield tuple(islice(cycle((_ASK, _YES, _RULE)), size))
    yield (_RULE, *islice(cycle((_ASK, _YES)), size))
    yield tuple({"role": role, "content": _PARTS} for role in islice(cycle(_ROLES[1:3]), size))


_LONG: tuple[tuple[dict[str, Any], ...], ...] = (
    (_ASK, _YES) * 35,
    *((_ASK, _YES) * half for half in (4, 5, 6, 7, 8)),
    *((*(_ASK, _YES) * half, _ASK) for half in (4, 5, 6, 7, 8)),
    (_RULE, _ASK, {**_CALL, "tool_calls": _CALLS}, *(_WET,) * 7, _YES),
    (_ASK, *({**_CALL, "reasoning_content": "Clouds."}, _WET) * 5, _THINKS),
    (_said("user", _PARTS), _said("assistant", _PARTS)),
    (_said("system", _ODDLY), _said("user", _ODDLY), _said("assistant", _ODDLY)),
    (_ASK, _said("assistant", _ODDLY, reasoning_content=_ODDLY), _ASK),
    (_ASK, _CALL, {**_WET, "content": _ODDLY}, _said("assistant", "a", reasoning_content=_ODDLY)),
    (_ASK, _said("assistant", "one\n" * 15), _ASK, _said("assistant", "one " * 450)),
    (_ASK, _said("newcomer_here", "Me too."), _YES),
    tuple({**each, "name": "bob", "printed": "so"} for each in (_RULE, _ASK, _YES, _ASK)),
    tuple({"content": _PARTS, "name": "bob", "printed": "so", "role": r} for r in _ROLES),
    *(chat for size in _SIZES for chat in _of_size(size)),
    (_ASK, _said("assistant", _ODDLY), _RULE, _ASK, _YES),
    (_ASK, _said("assistant", "one\n" * 450), _RULE, _ASK, _YES),
    *((_ASK, called, *results) for called in _LONG_CALLS for results in ((_WET,), ())),
    (_ASK, _called({"place": "here"}, _ODDLY, name="bob", printed="so"), _WET),
)
_SPEAKERS = (_ASK, _YES, _WET, _RULE)
_WORDS = ("42", "SO", '{"at": 1}', [{"type": "text", "text": "so"}])
_ORDERS: tuple[tuple[dict[str, Any], ...], ...] = (
    *((_ASK, _YES, *three, _YES) for three in product(_SPEAKERS, repeat=3)),
    *((*three, _YES) for three in product(_SPEAKERS, repeat=3)),
    *(
        (*before, {**said, "content": words}, *after, _YES)
        for before, said, after in product(((), (_ASK, _YES)), (_ASK, _WET, _RULE), ((), (_ASK,)))
        for words in _WORDS
    ),
    *((_ASK, _CALL, *({**_WET, "content": words},) * 2, _YES) for words in _WORDS),
)
_TOKENS = {"bos_token": "[BEGIN]", "eos_token": "[END]", "pad_token": "[PAD]"}
_MEDIA = ({"type": "video"}, {"video": "b.mp4"}, {"image": "b.png"}, {"image_url": "b.png"})


def written(profile: Profile) -> Iterator[Conversation]:
    """What is written here, with and without a prompt and tools, and under every flag."""
    flags: list[dict[str, Any]] = [{}]
    flags += [{name: value} for name, values in profile.flags.items() for value in values]
    shown = tuple((_said("user", [medium, _TEXT]), _YES, _ASK) for medium in _MEDIA)
    others = {name: _TOKENS[name] for name in profile.constants if name in _TOKENS}
    for messages in (*_LONG, *_ORDERS, *_WRITTEN[:6]):
        plain = Conversation(messages, flags=dict(profile.constants))
        yield plain
        yield replace(plain, flags=others, now=datetime(2019, 12, 31, 23, 59, 59))
        tools = [{**TOOLBOXES[1][0]} for _ in range(6)]
        yield replace(plain, tools=tools, flags={**profile.constants, "printed": "so"})
    for chosen, messages, prompted in product(flags, (*_WRITTEN, *shown), (False, True)):
        given = {**profile.constants, **chosen}
        plain = Conversation(messages, add_generation_prompt=prompted, flags=given)
        yield plain
        if not prompted:
            yield replace(plain, tools=TOOLBOXES[1], documents=DOCUMENTS)
