"""A cache of proofs, so that nothing is proven twice on this machine.

A proof is filed under everything that it depends on: the original, the request, and the engine
itself. If any of these changes, the old proof is no longer found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from pydantic import ValidationError

import rewriter
from rewriter.carriers.kept import keep, kept_text
from rewriter.carriers.packages import cache_folder
from rewriter.data import Record, data_folder
from rewriter.errors import BadInput
from rewriter.source.digest import digest_of
from rewriter.verification.notice import Notice

if TYPE_CHECKING:
    from rewriter.rewriting.request import Request

# The libraries that text, masks and conversations depend on.
_DAYS: Final = 90
_LIBRARIES: Final = ("hypothesis", "jinja2", "transformers")


class Kept(Record):
    """A proven variant and how it came about; ``version`` is that of the file format."""

    version: Literal[1] = 1
    template: str
    transforms: tuple[str, ...]
    edits: int
    lines: int
    notices: tuple[Notice, ...] = ()


def recall(request: Request) -> Kept | None:
    """The variant that was proven for exactly this request, if one is on record.

    Raises:
        BadInput: the file is damaged; it is removed.

    """
    file = _file(request)
    text = kept_text(file)
    if text is None:
        return None
    try:
        return Kept.model_validate_json(text)
    except ValidationError as error:
        raise BadInput("this is not a proof", name=str(file)) from error


def remember(request: Request, proven: Kept) -> None:
    """Keep a proof if the cache can be written; if not, it will be proven again.

    Proofs that were not used for three months are cleared, those of other engines too.
    """
    file = _file(request)
    with suppress(BadInput):
        keep(file, proven.model_dump_json(), days=_DAYS)


def _file(request: Request) -> Path:
    settings = [
        request.source,
        request.policy,
        getattr(request.family, "name", request.family),
        request.transforms,
        request.goals,
        request.examples,
        request.seed,
        request.header_comment,
        request.fields.declared,
        request.exclude_turns_by,
        request.empty_thoughts,
    ]
    return cache_folder() / "proofs" / f"{engine()}-{digest_of(json.dumps(settings))}.json"


@cache
def engine() -> str:
    """A digest that identifies this engine: its own files, and the libraries that it uses."""
    digest = sha256("\n".join(version(name) for name in _LIBRARIES).encode())
    for file in sorted(_engine_files()):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _engine_files() -> Iterator[Path]:
    package = Path(rewriter.__file__).parent
    for kind in ("*.py", "*.toml", "*.jsonl"):
        yield from package.rglob(kind)
    for data in ("transforms", "corpus"):
        yield from data_folder(data).glob("*.toml")
