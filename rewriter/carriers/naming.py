"""A folder of originals and their variants, told apart by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rewriter.errors import BadInput


@dataclass(frozen=True, slots=True)
class Naming:
    """What originals and their variants are called, each with one ``*`` for what they share.

    A name may have folders in it, and ``*`` is no part of several.
    """

    originals: str
    variants: str

    def originals_in(self, folder: Path) -> tuple[str, ...]:
        """The originals below the folder, in order. What is called as a variant is none.

        Raises:
            BadInput: the folder cannot be read.

        """
        below = folder / Path(self.originals).parent
        try:
            files = [path for path in below.iterdir() if not path.is_dir()]
        except OSError as error:
            raise BadInput(f"cannot be read: {error.strerror}", name=str(below)) from error
        names = (path.relative_to(folder).as_posix() for path in files)
        return tuple(sorted(name for name in names if self._is_original(name)))

    def variant_of(self, original: str) -> str:
        """What the variant of an original is called."""
        return self.variants.replace("*", _shared(self.originals, original) or "")

    def original_of(self, name: str) -> str:
        """What the original of a variant is called; what is called as no variant is one."""
        shared = _shared(self.variants, name)
        return self.originals.replace("*", shared) if shared else name

    def _is_original(self, name: str) -> bool:
        hidden = Path(name).name.startswith(".")
        return not hidden and bool(
            _shared(self.originals, name) and not _shared(self.variants, name)
        )


def _shared(pattern: str, name: str) -> str | None:
    """What stands for the ``*`` of the pattern in the name, if the name is of it."""
    before, _, behind = pattern.partition("*")
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(behind)}", name)
    return found[1] if found else None
