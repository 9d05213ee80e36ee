"""The project's data files, and how to read them against their schemas."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from rewriter.errors import BadInput

_PACKAGE = Path(__file__).resolve().parent


class Record(BaseModel):
    """Something read from a data file: immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


RecordT = TypeVar("RecordT", bound=Record)


def data_folder(name: Literal["corpus", "transforms"]) -> Path:
    """The data folder of that name: inside an installed package, or beside it in a checkout."""
    for folder in (_PACKAGE / name, _PACKAGE.parent / name):
        if folder.is_dir():
            return folder
    raise BadInput(
        f"the data folder {name!r} is missing",
        name=str(_PACKAGE / name),
        hint="the installation is damaged: install chat-template-rewriter again",
    )


def read_record(path: Path, schema: type[RecordT]) -> RecordT:
    """Read the TOML file ``path`` as ``schema``.

    Raises:
        BadInput: it is not TOML, or a key is invalid; the error names the file, the key and what
            was expected.

    """
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        message = f"not UTF-8: byte {error.start} cannot be decoded"
        raise BadInput(message, name=str(path)) from error
    return record(parsed(text, str(path)), schema, str(path))


def parsed(text: str, name: str) -> dict[str, Any]:
    """Parse the TOML ``text`` of the file ``name``.

    Raises:
        BadInput: it is not TOML.

    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"not valid TOML: {error}", name=name) from error
    except RecursionError:
        raise BadInput("the TOML is nested too deeply to be read", name=name) from None


def record(data: object, schema: type[RecordT], name: str, within: str = "") -> RecordT:
    """Read the table ``within`` of the file ``name`` as ``schema``.

    Raises:
        BadInput: a key is invalid; the error names the file, the key and what was expected.

    """
    try:
        return schema.model_validate(data)
    except ValidationError as error:
        raise BadInput(_first_problem(error, within), name=name) from error


def _first_problem(error: ValidationError, within: str) -> str:
    problem = error.errors(include_url=False)[0]
    place = [within] if within else []
    key = ".".join(place + [str(part) for part in problem["loc"]]) or "the file"
    return f"{key}: {problem['msg'][:1].lower()}{problem['msg'][1:]}"
