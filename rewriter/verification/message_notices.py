"""Notices on how a template prints messages, where training data would suffer silently.

There is no notice if the template raises: a template that refuses a system message says so itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import product
from typing import Any, Final

from rewriter.conversations.rendering import Raised, Rendered, Renderings
from rewriter.conversations.vocabulary import REASONING_FIELDS
from rewriter.tracing.conversation import Conversation
from rewriter.tracing.probes import SPECIAL_TOKENS, TOOLS
from rewriter.turns.openings import EMPTY_THOUGHT
from rewriter.verification.by_rendering.pieces import common_start
from rewriter.verification.notice import Notice, NoticeId

Message = Mapping[str, Any]

_NOTHING: Final[Mapping[str, Any]] = {}
# Words that no template contains, so that their origin in the output is known.
_USER: Final = {"role": "user", "content": "qzasks"}
_ANSWER: Final = {"role": "assistant", "content": "qzsays"}
_SYSTEM: Final = {"role": "system", "content": "qzrules"}
_LISTED: Final = {"role": "user", "content": [{"type": "text", "text": "qzasks"}]}
_WRITTEN_BLOCK: Final = re.compile(r"""\{\s*(?P<quote>['"])type(?P=quote):\s*(?P=quote)text""")
_THOUGHT: Final = "qzthinks"
_THINKING: Final = {**_ANSWER, **dict.fromkeys(REASONING_FIELDS, _THOUGHT)}
_OBJECT: Final = {"qzkey": "qzvalue"}
_TEXT: Final = '{"qzkey": "qzvalue"}'
_CALL: Final = {"id": "call00001", "type": "function"}
_MOST_FLAGS: Final = 8
_CALLED: Final = "qzcalls"
_RESULT: Final = {"role": "tool", "name": _CALLED, "tool_call_id": _CALL["id"], "content": "qzgets"}


def rendered_notices(
    source: str,
    flags: Sequence[str],
    rendered: Renderings | None = None,
    *,
    needed: Mapping[str, Any] = _NOTHING,
) -> tuple[Notice, ...]:
    """The notices from renders of a template: on messages and, if it is marked, on the mask.

    ``flags`` are those that it reads, ``rendered`` its cached renders, and ``needed`` the variables
    that it must be given.
    """
    facts = _Facts(partial(rendered or Renderings(), source), {**SPECIAL_TOKENS, **needed})
    return (*_message_notices(facts), *_mask_notices(facts, flags))


def _message_notices(facts: _Facts) -> Iterator[Notice]:
    """Message text that a template omits, garbles or changes."""
    return (
        Notice(each, message)
        for each, holds, message in (
            (
                NoticeId.NO_REASONING,
                facts.drops_reasoning,
                (
                    "a thought in a field of its own, such as reasoning_content, is not printed, "
                    "so it is not trained"
                ),
            ),
            (
                NoticeId.NO_CALLS,
                facts.drops_calls,
                "tool_calls are not printed, so no call is trained",
            ),
            (NoticeId.NO_SYSTEM, facts.drops_system, "a system message is not printed"),
            (
                NoticeId.LIST_AS_TEXT,
                facts.prints_lists_raw,
                "content that is a list is printed as Python or JSON writes it; give plain text",
            ),
            (
                NoticeId.ARGUMENTS,
                facts.wants_objects,
                "a call's arguments must be objects: where they are a string, it raises",
            ),
            (
                NoticeId.ARGUMENTS,
                facts.wants_text,
                "a call's arguments must be a string of JSON: where they are an object, it raises",
            ),
            (
                NoticeId.TURNS_CHANGE,
                facts.changes_turns,
                (
                    "what is printed of earlier turns changes once others follow, so the prefix of "
                    "a conversation is not tokenized alike; --goal prefix-preserving keeps them"
                ),
            ),
        )
        if holds()
    )


def _mask_notices(facts: _Facts, flags: Sequence[str]) -> Iterator[Notice]:
    """Text in the mask that you may want outside."""
    if facts.trains_empty_thoughts():
        yield Notice(
            NoticeId.EMPTY_THOUGHT,
            "a thought with nothing in it is trained where a message has none; "
            "--empty-thoughts prompted leaves it out",
        )
    if facts.trains_prefill() or facts.trains_prefill(after_tool=True):
        yield Notice(
            NoticeId.PREFILL,
            "the thinking that the generation prompt prints is trained; --policy strict leaves "
            "it out",
        )
        return
    for name, value in product(flags[:_MOST_FLAGS], (True, False)):
        if any(facts.trains_prefill(after_tool=each, **{name: value}) for each in (False, True)):
            yield Notice(
                NoticeId.PREFILL,
                f"with {name}={value} a generation prompt prints thinking, and that is trained",
            )


def tokenizer_notices(source: str, eos: str | None, bos: str | None) -> tuple[Notice, ...]:
    """Disagreements between a template and a tokenizer's tokens.

    Args:
        source: a template.
        eos: the tokenizer's ``eos_token``, if it is known.
        bos: its ``bos_token``, if it is known and the tokenizer adds it to every text.

    """
    facts = _Facts(partial(Renderings(), source), {"eos_token": eos or "", "bos_token": bos or ""})
    found: list[Notice] = []
    end = facts.turn_end() if eos else ""
    if eos and end and eos not in end:
        found.append(
            Notice(
                NoticeId.END_IS_NOT_EOS,
                f"the assistant's turns end in {end!r}, and eos_token is {eos!r}: generation goes "
                "on after a turn, unless its end is an eos_token_id of the generation config",
            )
        )
    if bos and facts.begins_with(bos):
        found.append(
            Notice(
                NoticeId.DOUBLE_BOS,
                f"it prints {bos!r}, and the tokenizer adds it to every text: tokenize what is "
                "rendered with add_special_tokens=False",
            )
        )
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Answers questions about a template from what it prints."""

    outcome: Callable[[Conversation], Rendered | Raised]
    tokens: Mapping[str, str] = field(default_factory=lambda: SPECIAL_TOKENS)

    def drops_reasoning(self) -> bool:
        """Whether reasoning is not printed under any of its names, even before a call."""
        thoughts = [(_USER, {**_ANSWER, name: _THOUGHT}) for name in REASONING_FIELDS]
        called = (_USER, {**_THINKING, **_call(_OBJECT)}, _RESULT)
        return _is_lost(_THOUGHT, [self.printed(*each) for each in (*thoughts, called)])

    def drops_calls(self) -> bool:
        """Whether no call is printed, whatever its arguments."""
        return _is_lost(_CALLED, [self._called(arguments) for arguments in (_OBJECT, _TEXT)])

    def drops_system(self) -> bool:
        """Whether a system message is accepted but not printed."""
        return _is_lost(_SYSTEM["content"], [self.printed(_SYSTEM, _USER, _ANSWER)])

    def prints_lists_raw(self) -> bool:
        """Whether a list of blocks, in any role's message, is printed in Python or JSON syntax."""
        asked, answered = (_LISTED, _ANSWER), (_USER, {**_LISTED, "role": "assistant"})
        printed = filter(None, (self.printed(*chat) for chat in (asked, answered)))
        return any(_WRITTEN_BLOCK.search(each.text) for each in printed)

    def wants_objects(self) -> bool:
        """Whether a call's arguments may be an object, but not a string."""
        return self._prints_call(_OBJECT) and self._called(_TEXT) is None

    def wants_text(self) -> bool:
        """Whether a call's arguments may be a string, but not an object."""
        return self._prints_call(_TEXT) and self._called(_OBJECT) is None

    def changes_turns(self) -> bool:
        """Whether turns are printed differently when others follow."""
        for earlier, later in (
            ((_USER, _ANSWER), (_USER,)),
            ((_USER, _THINKING), (_USER, _ANSWER)),
            ((_USER, _call(_OBJECT)), (_RESULT,)),
            ((_USER, _call(_OBJECT), _RESULT, _ANSWER), (_USER,)),
        ):
            before, after = self.printed(*earlier), self.printed(*earlier, *later)
            if before and after and not after.text.startswith(before.text):
                return True
        return False

    def trains_empty_thoughts(self) -> bool:
        """Whether the mask of an answer without a thought holds what closes an empty one."""
        printed = self.printed(_USER, _ANSWER)
        if printed is None:
            return False
        ends = [
            found.start() + len(found[0].rstrip()) for found in EMPTY_THOUGHT.finditer(printed.text)
        ]
        return any(start < at <= end for at in ends for start, end in printed.mask)

    def trains_prefill(self, *, after_tool: bool = False, **flags: Any) -> bool:
        """Whether the mask of an answer begins within what the generation prompt prints."""
        printed = replace(self, tokens={**self.tokens, **flags}).printed
        messages = (_USER, _call(_OBJECT), _RESULT) if after_tool else (_USER,)
        before = printed(*messages)
        prompt = printed(*messages, add_generation_prompt=True)
        answer = printed(*messages, _THINKING)
        if not before or not prompt or not answer or not answer.text.startswith(prompt.text):
            return False
        asked_until = common_start(before.text, prompt.text)
        return any(prompt.text[start:].strip() for start, _ in answer.mask if start >= asked_until)

    def turn_end(self) -> str:
        """The text after an answer, up to the turn of the user who follows."""
        answer, asked = self.printed(_USER, _ANSWER), self.printed(_USER, _ANSWER, _USER)
        if not answer or not asked:
            return ""
        alone, followed = (each.text.partition(_ANSWER["content"])[2] for each in (answer, asked))
        return alone[: common_start(alone, followed)].strip()

    def begins_with(self, token: str) -> bool:
        """Whether the text of a question begins with a token."""
        printed = self.printed(_USER)
        return printed is not None and printed.text.startswith(token)

    def _prints_call(self, arguments: object) -> bool:
        printed = self._called(arguments)
        return printed is not None and _CALLED in printed.text

    def _called(self, arguments: object) -> Rendered | None:
        return self.printed(_USER, _call(arguments), tools=TOOLS)

    def printed(self, *messages: Message, **options: Any) -> Rendered | None:
        """The printed text, or ``None`` if the template raises."""
        outcome = self.outcome(Conversation(messages, flags=self.tokens, **options))
        return outcome if isinstance(outcome, Rendered) else None


def _call(arguments: object) -> Message:
    call = {**_CALL, "function": {"name": _CALLED, "arguments": arguments}}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _is_lost(word: str, printed: Sequence[Rendered | None]) -> bool:
    """Whether a question is printed, but ``word`` is not."""
    texts = [each.text for each in printed if each and _USER["content"] in each.text]
    return bool(texts) and not any(word in text for text in texts)
