"""Draw the drafts that travel with the package: `python -m tests.conversations.shipping`."""

import json
from hashlib import sha256
from importlib.metadata import version
from itertools import chain

from rewriter.conversations import kinds, schemas, strategies, vocabulary
from rewriter.conversations.drafting import drawn
from rewriter.conversations.shipped_drafts import EXAMPLES, FILE, SEED


def strategies_digest() -> str:
    """A digest of the modules that decide what is drawn."""
    sources = (FILE.with_name(f"{module.__name__.rpartition('.')[2]}.py") for module in _MODULES)
    return sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


_MODULES = (kinds, schemas, strategies, vocabulary)


def main() -> None:
    about = {"hypothesis": version("hypothesis"), "strategies": strategies_digest()}
    rows = (draft.as_json() for draft in drawn(EXAMPLES, SEED))
    lines = (json.dumps(each) + "\n" for each in chain([about], rows))
    FILE.write_text("".join(lines), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
