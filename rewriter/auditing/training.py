"""What data would be trained with: a template and a tokenizer, prepared for an audit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from jinja2 import nodes

from rewriter.picture.drawing import Drawing
from rewriter.picture.examples import Examples
from rewriter.picture.picture import Part
from rewriter.rewriting.request import Request
from rewriter.rewriting.result import Rewrite
from rewriter.rewriting.rewrite import rewritten
from rewriter.source.digest import digest_of
from rewriter.source.template import Template
from rewriter.source.walk import find_all
from rewriter.verification.message_notices import tokenizer_notices
from rewriter.verification.notice import Notice

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

# The roles that a template is assumed to know if it prints the role itself.
_USUAL: Final = frozenset({"system", "developer", "user", "assistant", "tool"})
_ROLE: Final = nodes.Const("role")
_READS: Final = (nodes.Getattr, nodes.Getitem)


@dataclass(frozen=True)
class TrainingTemplate:
    """A training template, and what is known about it before it sees data.

    Attributes:
        text: the template, with its ``generation`` blocks.
        compared: the original, unless the texts are proven equal for every conversation.
        ends: the texts that end answers and calls, as far as the mask holds them.
        roles: the roles that it knows.
        notices: notices about the template.
        made: how the variant came about, for people.

    """

    text: str
    compared: str | None
    ends: tuple[str, ...]
    roles: frozenset[str]
    notices: tuple[Notice, ...]
    made: Rewrite


def training_template(
    request: Request, variables: Mapping[str, str], eos: str | None
) -> TrainingTemplate:
    """The training variant of a template, or the template itself if it is marked.

    Args:
        request: the template, and how to make the variant.
        variables: the special tokens, by name; placeholders if there is no tokenizer.
        eos: the tokenizer's ``eos_token``, if there is one.

    Raises:
        Refused: there is no variant.
        BadInput: it is not a template.

    """
    result = rewritten(request)
    drawing = Drawing.asked_for(request, result.template)
    drawn = Examples(result.template, drawing.conversation, variables).drawn()
    ends = {
        each.text[run.start : run.end].strip()
        for each in drawn
        for run in each.runs
        if run.trained and run.part is Part.TURN_END
    }
    beside = tokenizer_notices(result.template, eos, None)
    return TrainingTemplate(
        result.template,
        _compared(result),
        # The longest first, since a longer one may end in a shorter one.
        tuple(sorted(ends - {""}, key=lambda end: (-len(end), end))),
        _roles(result.source),
        (*result.notices, *beside),
        result,
    )


def _compared(result: Rewrite) -> str | None:
    is_proven = result.proof == "structure" or result.template == result.source
    return None if is_proven else result.source


def _roles(source: str) -> frozenset[str]:
    """The roles that a template names; the usual roles, if it prints the role itself."""
    tree = Template(source).tree
    named = {node.value for node in find_all(tree, nodes.Const) if isinstance(node.value, str)}
    return frozenset(named | (_USUAL if _prints_role(tree) else set()))


def _prints_role(tree: nodes.Template) -> bool:
    """Whether a role is read other than for a comparison, and so may be printed."""
    compared = {
        id(node) for each in find_all(tree, nodes.Compare) for node in each.find_all(_READS)
    }
    return any(_is_role(read) and id(read) not in compared for read in find_all(tree, _READS))


def _is_role(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Getattr):
        return node.attr == "role"
    return isinstance(node, nodes.Getitem) and node.arg == _ROLE


@dataclass(frozen=True)
class Training:
    """A training template with a tokenizer and a length.

    Attributes:
        template: the template.
        variables: the tokenizer's variables that ``apply_chat_template`` passes to a template.
        tokenizer: a fast tokenizer; ``None``: characters are counted.
        max_length: the number of tokens to which a row is truncated.

    """

    template: TrainingTemplate
    variables: Mapping[str, Any]
    tokenizer: PreTrainedTokenizerBase | None = None
    max_length: int | None = None

    @property
    def unit(self) -> str:
        """The unit of counting."""
        return "tokens" if self.tokenizer else "characters"

    @cached_property
    def key(self) -> str:
        """A key that differs for any other training with other figures."""
        tokenizer: Any = self.tokenizer
        spelled = tokenizer.backend_tokenizer.to_str() if tokenizer else ""
        template = self.template
        parts = (template.text, template.compared, template.ends, sorted(template.roles))
        given = repr((parts, spelled, sorted(self.variables.items()), self.max_length))
        return digest_of(given)
