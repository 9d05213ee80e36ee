"""Check the arguments of the library's functions, with errors that say what was given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from os import PathLike
from pathlib import PurePath
from typing import Any, Final, TypeVar

from rewriter.errors import UNNAMED, BadInput
from rewriter.limits import Limits

T = TypeVar("T")

_FILES: Final = frozenset({".jinja", ".jinja2", ".json", ".py"})
_CARRIED: Final = "chat_template"


def source_given(source: object, name: str = UNNAMED) -> str:
    """The template's text.

    Raises:
        BadInput: it is not a string, but a path, bytes, a tokenizer or anything else.

    """
    if isinstance(source, str) and not ("{" not in source and PurePath(source).suffix in _FILES):
        return source
    wrong, hint = f"this is of type {type(source).__name__}", "give the template's text, a str"
    if isinstance(source, (str, PathLike)):
        wrong, hint = f"this is the path {str(source)!r}", "read it: Path(…).read_text()"
    elif isinstance(source, bytes):
        wrong, hint = "these are bytes", "decode them: ….decode()"
    elif isinstance(source, dict):
        wrong, hint = "these are several templates", "give one of them, such as …['default']"
    elif hasattr(source, _CARRIED):
        wrong = f"this is a {type(source).__name__}"
        hint = "give its chat_template; rewriter.apply takes the tokenizer itself"
    raise BadInput(f"{wrong}, but a template is expected", name=name, hint=hint)


def tokenizer_given(processing_class: object) -> None:
    """Check that it is a tokenizer or a processor.

    Raises:
        BadInput: it is a path, a template or anything else.

    """
    if not hasattr(processing_class, _CARRIED):
        kind = type(processing_class).__name__
        raise BadInput(
            f"this is of type {kind}, but a tokenizer or processor is expected",
            name="<tokenizer>",
            hint="load it: AutoTokenizer.from_pretrained(…)",
        )


def names_given(values: Iterable[T] | None, what: str) -> tuple[T, ...] | None:
    """The names, or other values, as a tuple.

    Raises:
        BadInput: they are no list, or a single string, which would be read as a list of letters.

    """
    if isinstance(values, str) or not isinstance(values, Iterable | None):
        raise BadInput(
            f"{what} are {values!r}, but a list of them is expected",
            name=UNNAMED,
            hint=f"write {what}=[{values!r}]",
        )
    return None if values is None else tuple(values)


def mapping_given(value: object, what: str) -> None:
    """Check that it is a mapping or ``None``.

    Raises:
        BadInput: it is not.

    """
    if not isinstance(value, Mapping | None):
        raise BadInput(f"{what} are {value!r}, but a mapping of names is expected", name=UNNAMED)


def data_given(dataset: object) -> None:
    """Check that it can be a data set, or a list of rows.

    Raises:
        BadInput: it is a path, a tokenizer or anything else.

    """
    is_other = isinstance(dataset, (str, bytes, PathLike)) or hasattr(dataset, _CARRIED)
    if is_other or not (isinstance(dataset, Iterable) or hasattr(dataset, "iter_batches")):
        hint = "give a list of rows, or load it: datasets.load_dataset(…)"
        if isinstance(dataset, (str, PathLike)):
            hint = "`rewriter audit` takes files; in Python, load it: datasets.load_dataset(…)"
        kind = type(dataset).__name__
        raise BadInput(
            f"this is of type {kind}, but a data set is expected", name="<data>", hint=hint
        )


def choice_given(value: T, choices: Sequence[T], what: str) -> T:
    """The value.

    Raises:
        BadInput: it is not one of the choices.

    """
    if value in choices:
        return value
    hint = f"they are: {', '.join(map(str, choices))}"
    raise BadInput(f"there is no {what} {value!r}", name=UNNAMED, hint=hint)


def text_given(value: object, what: str) -> None:
    """Check that it is a string or ``None``.

    Raises:
        BadInput: it is not.

    """
    if value is not None and not isinstance(value, str):
        raise BadInput(f"{what} is {value!r}, but a str is expected")


def count_given(value: object, what: str) -> None:
    """Check that it is a whole number above zero.

    Raises:
        BadInput: it is not.

    """
    if not isinstance(value, int) or value < 1:
        raise BadInput(f"{what} is {value!r}, but a whole number above zero is expected")


def whole_given(value: object, what: str) -> None:
    """Check that it is a whole number.

    Raises:
        BadInput: it is not.

    """
    if not isinstance(value, int):
        raise BadInput(f"{what} is {value!r}, but a whole number is expected")


def limits_given(limits: Any) -> None:
    """Check that they are limits, or ``None`` for no limit.

    Raises:
        BadInput: they are not.

    """
    if limits is not None and not isinstance(limits, Limits):
        hint = "write limits=rewriter.Limits(seconds=…, megabytes=…)"
        raise BadInput(f"limits are {limits!r}, but Limits are expected", name=UNNAMED, hint=hint)
