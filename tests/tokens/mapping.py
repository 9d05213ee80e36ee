"""A tokenizer that maps spans to tokens as every one did before transformers 5.24.

By the tokens of a span's first and last character, that is, where a token that is not found and
token 0 look alike (transformers #47325). From 5.24 on each token that overlaps a span is taken.
"""

from typing import Any

from releases import DROPS_NONE
from rendering import rendered
from transformers import PreTrainedTokenizerFast

# What `apply_chat_template` keeps from the template.
_ITS_OWN = {"tokenize", "return_dict", "return_assistant_tokens_mask"}


class ByEdgesFast(PreTrainedTokenizerFast):
    def apply_chat_template(self, conversation, *, chat_template=None, **options):
        given = super().apply_chat_template(conversation, chat_template=chat_template, **options)
        if options.get("return_assistant_tokens_mask"):
            seen = {name: value for name, value in options.items() if name not in _ITS_OWN}
            source = chat_template or self.chat_template
            said = [
                {n: v for n, v in m.items() if v is not None or not DROPS_NONE}
                for m in conversation
            ]
            spans = rendered(source, said, **self.special_tokens_map, **seen).spans
            given["assistant_masks"] = mask_by_edges(given, spans)
        return given


def mask_by_edges(given, spans) -> list[int]:
    length = len(given["input_ids"])
    mask = [0] * length
    for start, end in spans:
        first, last = given.char_to_token(start), given.char_to_token(end - 1)
        if first is None:
            break
        after = last + 1 if last else length
        mask[first:after] = [1] * len(range(first, after))
    return mask


def by_edges(tokenizer: PreTrainedTokenizerFast) -> ByEdgesFast:
    named: dict[str, Any] = tokenizer.special_tokens_map
    return ByEdgesFast(
        tokenizer_object=tokenizer.backend_tokenizer,
        chat_template=tokenizer.chat_template,
        **named,
    )
