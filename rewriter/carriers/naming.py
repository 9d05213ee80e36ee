"""Tell originals and variants in a folder apart by their names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rewriter.errors import BadInput


@dataclass(frozen=True, slots=True)
class Naming:
    """The patterns of the names of originals and variants; ``*`` is the part that both share.

    A pattern may have folders in it, but ``*`` matches within one part of the path only.
    """

    originals: str
    variants: str

    def originals_in(self, folder: Path) -> tuple[str, ...]:
        """The originals below the folder, in order, without those named like a variant.

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
        """The name of an original's variant."""
        return self.variants.replace("*", _shared(self.originals, original) or "")

    def original_of(self, name: str) -> str:
        """The name of a variant's original; a name that is not a variant's is its own."""
        shared = _shared(self.variants, name)
        return self.originals.replace("*", shared) if shared else name

    def _is_original(self, name: str) -> bool:
        hidden = Path(name).name.startswith(".")
        return not hidden and bool(
            _shared(self.originals, name) and not _shared(self.variants, name)
        )


def _shared(pattern: str, name: str) -> str | None:
    """What ``*`` of the pattern stands for in the name, if the name matches."""
    before, _, after = pattern.partition("*")
    found = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", name)
    return found[1] if found else None
