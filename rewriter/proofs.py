"""What was proven on this machine, so that it is not proven again.

A proof is kept under all that it depends on: the original, what was asked for, and the engine
itself. Whatever changes in one of them, the proof is not found any more.
"""

from __future__ import annotations

import json
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pydantic import ValidationError

from rewriter.carriers.files import make_folder, read_template, write_template
from rewriter.carriers.packages import cache_folder
from rewriter.data import Record, data_folder
from rewriter.errors import BadInput
from rewriter.notices import Notice

if TYPE_CHECKING:
    from rewriter.rewriting import Asked

# What text, masks and conversations depend on beside this package.
_LIBRARIES: Final = ("hypothesis", "jinja2", "transformers")


class Kept(Record):
    """A proven variant and how it came about; ``sha256`` tells that it was kept whole."""

    template: str
    sha256: str
    transforms: tuple[str, ...]
    edits: int
    lines: int
    notices: tuple[Notice, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether the variant is the one that was proven."""
        return _digest(self.template) == self.sha256


def kept(
    template: str,
    transforms: tuple[str, ...],
    *,
    edits: int,
    lines: int,
    notices: tuple[Notice, ...] = (),
) -> Kept:
    """A proven variant, ready to be remembered."""
    return Kept(
        template=template,
        sha256=_digest(template),
        transforms=transforms,
        edits=edits,
        lines=lines,
        notices=notices,
    )


def recall(asked: Asked) -> Kept | None:
    """The variant that was proven for just this, if there is one on record."""
    try:
        found = Kept.model_validate_json(read_template(_file(asked)))
    except (BadInput, ValidationError):
        return None
    return found if found.is_whole else None


def remember(asked: Asked, proven: Kept) -> None:
    """Keep what was proven, if the cache can be written: without it, it is proven again."""
    file = _file(asked)
    with suppress(BadInput):
        make_folder(file.parent)
        write_template(file, proven.model_dump_json())


def _file(asked: Asked) -> Path:
    settings = [
        asked.source,
        asked.policy,
        getattr(asked.family, "name", asked.family),
        asked.transforms,
        asked.goals,
        asked.examples,
        asked.seed,
        asked.header_comment,
        asked.fields.declared,
        asked.exclude_turns_by,
    ]
    return cache_folder() / "proofs" / _engine() / f"{_digest(json.dumps(settings))}.json"


@cache
def _engine() -> str:
    """What tells this engine from every other: its own files, and the libraries that it uses."""
    package = Path(__file__).parent
    files = [
        *package.rglob("*.py"),
        *package.rglob("*.toml"),
        *(data_folder("transforms")).glob("*.toml"),
    ]
    files += data_folder("corpus").glob("*.toml")
    digest = sha256("\n".join(version(name) for name in _LIBRARIES).encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _digest(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()
