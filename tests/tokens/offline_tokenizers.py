"""Fast tokenizers of the kinds that models have, each built for one template without a download.

A tokenizer knows the special tokens that stand in the template's text; everything else it
spells in the manner of its kind. (A module called ``tokenizers`` would stand before the package
of that name while the tests run.)
"""

import re
from collections.abc import Callable, Iterable
from functools import cache

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import PreTrainedTokenizerFast

SPECIAL = re.compile(
    r"""<[|｜][^\s|｜<>'"]+[|｜]>|<\|?/?[^\s|<>'"{}()]{1,40}\|?>|\[/?[A-Z_]{2,30}\]"""
)
BYTES = sorted(pre_tokenizers.ByteLevel.alphabet())
# What merges are learned from.
READING = [
    "Hi there, what now? Hello. It rains. Greet the user and look it up.\n\n",
    "Let me see. Both. So long. Bye!\nThat is all, thank you.\n",
    '{"name": "weather", "arguments": {"city": "Oslo", "days": 2}}\n',
] * 4


def special_tokens(source: str) -> list[str]:
    """What looks like a special token in a template's text, each once."""
    return list(dict.fromkeys(SPECIAL.findall(source)))


def byte_level(source: str) -> PreTrainedTokenizerFast:
    """A token for each byte."""
    return finished(spelling_bytes(), source)


def byte_level_merging(source: str) -> PreTrainedTokenizerFast:
    """Bytes, merged within words as learned."""
    tokenizer = spelling_bytes()
    trainer = trainers.BpeTrainer(vocab_size=600, initial_alphabet=BYTES, show_progress=False)
    tokenizer.train_from_iterator(READING, trainer)
    return finished(tokenizer, source)


def byte_level_crossing(source: str) -> PreTrainedTokenizerFast:
    """Bytes, and a line's end is merged with whatever letter follows."""
    letters = [byte for byte in BYTES if byte.isascii() and byte.isalpha()]
    tokenizer = spelling_bytes([("Ċ", letter) for letter in letters], splits_words=False)
    return finished(tokenizer, source)


def byte_level_trimming(source: str) -> PreTrainedTokenizerFast:
    """Bytes, and no token owns up to the white space that it holds."""
    tokenizer = spelling_bytes()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=True)
    return finished(tokenizer, source)


def metaspace(source: str) -> PreTrainedTokenizerFast:
    """Pieces as SentencePiece learns them, and bytes for what it never saw."""
    tokenizer = Tokenizer(models.BPE(byte_fallback=True))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first")
    tokenizer.decoder = decoders.Sequence(
        [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    )
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=fallback, show_progress=False)
    tokenizer.train_from_iterator(READING, trainer)
    return finished(tokenizer, source)


def dropping_whitespace(source: str) -> PreTrainedTokenizerFast:
    """Bytes of words; what is between the words is gone."""
    tokenizer = spelling_bytes(splits_words=False)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), tokenizer.pre_tokenizer]
    )
    return finished(tokenizer, source)


KINDS: dict[str, Callable[[str], PreTrainedTokenizerFast]] = {
    kind.__name__: cache(kind)
    for kind in (
        byte_level,
        byte_level_merging,
        byte_level_crossing,
        metaspace,
        dropping_whitespace,
    )
}


def spelling_bytes(
    merges: Iterable[tuple[str, str]] = (), *, splits_words: bool = True
) -> Tokenizer:
    merges = list(merges)
    tokens = [*BYTES, *("".join(pair) for pair in merges)]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(
        add_prefix_space=False, use_regex=splits_words
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def finished(tokenizer: Tokenizer, source: str) -> PreTrainedTokenizerFast:
    names = dict.fromkeys(["<s>", "</s>", *special_tokens(source)])
    tokenizer.add_special_tokens([AddedToken(name, normalized=False) for name in names])
    # Releases of transformers differ in whether it is typed.
    made: Callable[..., PreTrainedTokenizerFast] = PreTrainedTokenizerFast
    return made(tokenizer_object=tokenizer, bos_token="<s>", eos_token="</s>", chat_template=source)
