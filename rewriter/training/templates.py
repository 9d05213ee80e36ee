"""Find and set the training template of a tokenizer or processor, and restore the original."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from warnings import warn

from rewriter.api import rewrite
from rewriter.arguments import source_given, tokenizer_given
from rewriter.errors import Reason, Refused
from rewriter.tokens.token_masks import template_of, tokenizer_of
from rewriter.training.needs import ends_turns, has_markers, missing, takes_tools
from rewriter.turns.parts import EmptyThoughts, Policy
from rewriter.verification.notice import NoticeId

if TYPE_CHECKING:
    from rewriter.tokens.token_masks import ProcessingClass

# It caches by template, not by tokenizer: a run has one or two.
_KEPT: Final = 64

# A processing class has one template, or named ones, of which `default` is used.
Carried: TypeAlias = str | dict[str, str] | None


def has_generation_markers(chat_template: str | dict[str, str]) -> bool:
    """Whether a template has ``generation`` blocks, outside comments and strings.

    As in TRL, of named templates the ``default`` is checked.

    Raises:
        BadInput: it is no template.

    """
    source = chat_template.get("default") if isinstance(chat_template, dict) else chat_template
    return has_markers(source_given(source))


def supports_tool_calling(processing_class: ProcessingClass) -> bool:
    """Whether the template prints all of a call and its result: name, arguments, content.

    It means the same as TRL's function of this name. TRL searches the template's text for words;
    this function traces where the printed text comes from.
    """
    tokenizer_given(processing_class)
    if processing_class.chat_template is None:
        return False
    return takes_tools(template_of(processing_class), blocks=_is_processor(processing_class))


def get_training_chat_template(
    processing_class: ProcessingClass,
    *,
    assistant_only_loss: bool = True,
    tools: bool | None = None,
    stop_token: bool = True,
    policy: Policy = "strict",
    empty_thoughts: EmptyThoughts | None = None,
) -> str | None:
    """A template to train with, or ``None`` if the current one will do.

    Like TRL's function of the same name, but for every template that has a provable variant. The
    first call for a template takes seconds; later calls are a lookup.

    Args:
        processing_class: a tokenizer, or a processor.
        assistant_only_loss: whether the loss is on the assistant's text alone, which needs
            ``generation`` blocks.
        tools: whether tool calls are trained on or sampled, so that printed text must stay the same
            when a tool's result follows; ``None`` if the template decides, by whether it takes
            tools.
        stop_token: whether every kind of turn must end in something that is trained; a model that
            never sees an end never stops. Ignored without ``assistant_only_loss``.
        policy: where the mask's edges lie, as for `rewriter.rewrite`.
        empty_thoughts: whether empty thoughts are in the mask, as for `rewriter.rewrite`.

    Raises:
        BadInput: there is no chat template, or it is not a template.
        Refused: no variant could be proven, or turns would end in a token that the tokenizer does
            not have.

    """
    source = template_of(processing_class)
    blocks = _is_processor(processing_class)
    ends = assistant_only_loss and stop_token
    asked = source, assistant_only_loss, tools, blocks, ends, policy, empty_thoughts
    found = _training_template(*asked)
    if ends and tokenizer_of(processing_class).eos_token is None:
        _check_ends(found or source)
    return found


def _check_ends(template: str) -> None:
    """Refuse a template whose turns end in a token that the tokenizer does not have."""
    if not ends_turns(template, has_eos=False):
        raise Refused(
            "the assistant's turns end in eos_token, and the tokenizer has none, so nothing would "
            "end them",
            reason=Reason.NO_STOP_TOKEN,
            hint="set the tokenizer's eos_token, or ask with stop_token=False",
        )


@lru_cache(maxsize=_KEPT)
def _training_template(
    source: str,
    mask: bool,
    tools: bool | None,
    blocks: bool,
    stop_token: bool,
    policy: Policy,
    empty_thoughts: EmptyThoughts | None,
) -> str | None:
    if tools is None:
        tools = takes_tools(source, blocks=blocks)
    asked = {"mask": mask, "tools": tools, "blocks": blocks, "stop_token": stop_token}
    goals = tuple(missing(source, **asked))
    if mask and has_markers(source):
        goals = ("assistant-mask", *goals)
    if not goals:
        return None
    result = rewrite(source, goals=goals, policy=policy, empty_thoughts=empty_thoughts)
    for notice in result.notices:
        if notice.id is NoticeId.WRONG_MARKS:
            warn(str(notice), stacklevel=4)
    return None if result.template == source else result.template


def apply(
    processing_class: ProcessingClass,
    *,
    assistant_only_loss: bool = True,
    tools: bool | None = None,
    stop_token: bool = True,
    policy: Policy = "strict",
    empty_thoughts: EmptyThoughts | None = None,
) -> Carried:
    """Set the training template on the processing class, and return what it had before.

    To undo it, set ``chat_template`` to the return value, or save within `saved_for_serving`. The
    arguments and errors are those of `get_training_chat_template`. Of named templates, it replaces
    ``default``.
    """
    tokenizer_given(processing_class)
    carried: Carried = processing_class.chat_template
    found = get_training_chat_template(
        processing_class,
        assistant_only_loss=assistant_only_loss,
        tools=tools,
        stop_token=stop_token,
        policy=policy,
        empty_thoughts=empty_thoughts,
    )
    if found is not None:
        _set(
            processing_class, {**carried, "default": found} if isinstance(carried, dict) else found
        )
    return carried


@contextmanager
def saved_for_serving(processing_class: ProcessingClass, original: Carried) -> Iterator[None]:
    """Set ``original`` on the processing class while you save it.

    Serve a model with the template that it came with, since engines may not know ``generation``
    blocks:

        original = rewriter.apply(tokenizer)
        ...
        with rewriter.saved_for_serving(tokenizer, original):
            tokenizer.save_pretrained(folder)
    """
    tokenizer_given(processing_class)
    carried: Carried = processing_class.chat_template
    _set(processing_class, original)
    try:
        yield
    finally:
        _set(processing_class, carried)


def _set(processing_class: ProcessingClass, carried: Carried) -> None:
    """Replace the template, and that of a processor's tokenizer if it is the same."""
    before: Any = processing_class.chat_template
    for each in (processing_class, tokenizer_of(processing_class)):
        if each.chat_template == before:
            each.chat_template = carried


def _is_processor(processing_class: ProcessingClass) -> bool:
    return tokenizer_of(processing_class) is not processing_class
