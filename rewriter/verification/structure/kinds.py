"""What a term shows about its value: that it is text, that it is defined, that it is true."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Final

from rewriter.verification.structure.terms import Term, is_const

# jinja2's filters whose result is always text, if they do not raise.
_TEXT_FILTERS: Final = frozenset(
    {"trim", "tojson", "upper", "lower", "capitalize", "title", "replace", "indent", "join"}
)
# Methods that only text has, of all values in a conversation, and that return text.
_TEXT_METHODS: Final = frozenset(
    {"strip", "lstrip", "rstrip", "upper", "lower", "title", "capitalize", "replace", "join"}
    | {"removeprefix", "removesuffix", "format", "expandtabs", "zfill", "ljust", "rjust", "center"}
    | {"swapcase", "casefold"}
)
_BOOLEAN: Final = frozenset({"eq", "in", "cmp", "test", "not"})
# Variables that transformers always passes.
_GIVEN: Final = frozenset({"messages", "tools", "documents", "add_generation_prompt"})
# Text, if a tokenizer has them; joining any other value to text raises.
_TOKENS: Final = frozenset(
    f"{name}_token" for name in ("bos", "eos", "unk", "sep", "pad", "cls", "mask")
)
_LISTS: Final = frozenset({"list", "sort", "selectattr", "rejectattr", "reverse", "unique"})
# Attributes of a loop that are numbers; `index` is also a method of text, so it is read elsewhere.
_COUNTS: Final = frozenset({"index", "index0", "depth"})
_PAIRS: Final = frozenset({"items", "dictsort"})


def _remembered(question: Callable[[Term], bool]) -> Callable[[Term], bool]:
    """A question whose answer is kept for each term, since one term may be in many others."""

    @wraps(question)
    def answer(term: Term) -> bool:
        name = question.__name__
        if name not in term.known:
            term.known[name] = question(term)
        return term.known[name]

    return answer


@_remembered
def is_text(term: Term) -> bool:
    """Whether a value is plain text, if its computation does not raise."""
    if term.marked:
        return False
    match term.kind:
        case "row" | "macro call":
            return True
        case "const":
            return isinstance(term.args[0], str)
        case "filter":
            return term.args[0] in _TEXT_FILTERS
        case "call":
            return term.args[0] in _TEXT_METHODS and not term.args[1].mutable
        case "slice":
            return is_text(term.args[0])
        case "choice":
            return is_text(term.args[1]) and is_text(term.args[2])
        case "item":
            return _is_first_or_last_part(term)
    return False


def _is_first_or_last_part(term: Term) -> bool:
    """Whether it is ``text.split('…')[0]`` or ``[-1]``, which always exist."""
    base, index = term.args[:2]
    return (
        base.kind == "call"
        and base.args[0] == "split"
        and not base.args[1].mutable
        and len(base.args) == 3
        and is_const(base.args[2], str)
        and is_const(index, int)
        and index.args[0] in (0, -1)
        and not isinstance(index.args[0], bool)
    )


@_remembered
def is_joined_as_text(term: Term) -> bool:
    """Whether ``+`` raises unless the value is text, so that the other operand must be text too."""
    if term.kind == "choice":
        return is_joined_as_text(term.args[1]) and is_joined_as_text(term.args[2])
    return is_text(term) or (term.kind == "given" and term.args[0] in _TOKENS)


def is_boolean(term: Term) -> bool:
    """Whether a value is always ``true`` or ``false``."""
    return term.kind in _BOOLEAN or is_const(term, bool)


@_remembered
def is_defined(term: Term) -> bool:
    """Whether a value is never undefined."""
    match term.kind:
        case "given":
            return term.args[0] in _GIVEN
        case "item of":
            return bool(term.args[2])
        case "choice":
            return is_defined(term.args[1]) and is_defined(term.args[2])
        case "filter" | "call":
            return is_text(term) or (term.kind == "filter" and term.args[0] in _LISTS)
        case "op" | "list" | "tuple" | "dict" | "loop" | "const" | "namespace" | "slice" | "add":
            return True
    return is_boolean(term) or is_text(term)


@_remembered
def is_of_data(term: Term) -> bool:
    """Whether a value comes unchanged from the conversation, so everything in it is defined."""
    match term.kind:
        case "given":
            return True
        case "item of":
            return bool(term.args[2])
        case "item" | "attribute" | "slice":
            return is_of_data(term.args[0])
        case "filter":
            return term.args[0] in _LISTS | _PAIRS and is_of_data(term.args[1])
        case "call":
            return term.args[0] in {"items", "keys", "values"} and is_of_data(term.args[1])
        case "function":
            return bool(term.args[0] == "range")
        case "choice":
            return is_of_data(term.args[1]) and is_of_data(term.args[2])
        case "list" | "tuple":
            return all(is_const(arg) for arg in term.args)
    return False


def is_first_or_last_message(term: Term) -> bool:
    """Whether a value is the first or last message, which exists if there are messages."""
    if term.kind != "item" or len(term.args) != 2:
        return False
    base, index = term.args
    given = base.kind == "given" and base.args[0] == "messages"
    first_or_last = is_const(index, int) and index.args[0] in (0, -1) and not is_boolean(index)
    return bool(given and first_or_last)


@_remembered
def is_number(term: Term) -> bool:
    """Whether a value is a whole number."""
    match term.kind:
        case "const":
            return isinstance(term.args[0], int)
        case "choice":
            return is_number(term.args[1]) and is_number(term.args[2])
        case "op":
            return term.args[0] in {"Sub", "Mul", "Neg"} and all(map(is_number, term.args[1:]))
        case "item":
            base, index = term.args[:2]
            return base.kind == "loop" and is_const(index, str) and bool(index.args[0] in _COUNTS)
        case "item of":
            return bool(term.args[2] == "number")
        case "add":
            return is_number(term.args[0]) and is_number(term.args[1])
        case "filter":
            is_length = term.args[0] in {"length", "count"} and len(term.args) == 2
            return is_length and is_text(term.args[1])
    return False
