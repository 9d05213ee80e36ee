"""Copy a chat template from another model, with the tokens that it needs."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

from rewriter.arguments import tokenizer_given
from rewriter.errors import BadInput

if TYPE_CHECKING:
    from os import PathLike

    from transformers import PreTrainedTokenizerBase


def clone_chat_template(
    model: Any,
    tokenizer: PreTrainedTokenizerBase,
    source: str | PathLike[str] | PreTrainedTokenizerBase,
    resize_to_multiple_of: int | None = 64,
) -> tuple[Any, PreTrainedTokenizerBase, list[int]]:
    """Give ``tokenizer`` the chat template of ``source``, and adapt ``model`` to it.

    Like TRL's function of the same name, it copies the template, adds the source's special tokens,
    takes over its end-of-sequence token, for the model too, and resizes the embeddings. The model
    needs torch.

    Args:
        model: a transformers model; changed in place.
        tokenizer: its tokenizer; changed in place.
        source: a tokenizer, or the path or name of one.
        resize_to_multiple_of: round the number of embeddings up to a multiple of this, and fill the
            vocabulary with unused tokens; ``None`` to not round.

    Returns:
        The model, the tokenizer, and the ids of the added tokens.

    Raises:
        BadInput: ``source`` has no chat template, or no end-of-sequence token.

    """
    tokenizer_given(tokenizer)
    if not hasattr(model, "resize_token_embeddings"):
        raise BadInput(f"this is of type {type(model).__name__}, but a model is expected")
    donor = _loaded(source)
    if donor.chat_template is None:
        raise BadInput("the source has no chat template", hint="name a tokenizer that has one")
    if donor.eos_token is None:
        raise BadInput("the source has no end-of-sequence token, so a turn would never end")
    tokenizer.chat_template = donor.get_chat_template()
    known = tokenizer.get_vocab()
    added = [token for token in donor.added_tokens_decoder.values() if token.content not in known]
    tokenizer.add_tokens(added)
    tokenizer.eos_token = donor.eos_token
    _stop_at(model, tokenizer)
    model.resize_token_embeddings(
        new_num_tokens=len(tokenizer.get_vocab()), pad_to_multiple_of=resize_to_multiple_of
    )
    added += _filled(tokenizer, model.get_input_embeddings().num_embeddings)
    numbers: Any = tokenizer.convert_tokens_to_ids([token.content for token in added])
    return model, tokenizer, numbers


def _loaded(source: Any) -> PreTrainedTokenizerBase:
    if hasattr(source, "chat_template"):
        found: PreTrainedTokenizerBase = source
        return found
    from transformers import AutoTokenizer

    try:
        loaded: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(source)
    except (OSError, TypeError, ValueError) as error:
        said = str(error).strip().split("\n")[0]
        hint = "give a tokenizer, or the path or name of one"
        raise BadInput(f"no tokenizer in it: {said}", name=str(source), hint=hint) from error
    return loaded


def _stop_at(model: Any, tokenizer: PreTrainedTokenizerBase) -> None:
    model.config.get_text_config().eos_token_id = tokenizer.eos_token_id
    if model.can_generate():
        model.generation_config.eos_token_id = tokenizer.eos_token_id


def _filled(tokenizer: PreTrainedTokenizerBase, size: int) -> list[Any]:
    """Add unused tokens until there are as many tokens as embeddings."""
    from tokenizers import AddedToken

    added: list[Any] = []
    names = (f"<extra_id_{number}>" for number in count())
    while len(tokenizer.get_vocab()) < size:
        token = AddedToken(next(names))
        if tokenizer.add_tokens(token):
            added.append(token)
    return added
