"""The templates in a file or folder, and the tokenizer beside them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from rewriter.cli.errors import reporting_bugs
from rewriter.cli.output import show_error
from rewriter.errors import BadInput, RewriteError

if TYPE_CHECKING:
    from rewriter.carriers.carried import Held
    from rewriter.limits import Limits


def templates_in(file: Path, limits: Limits) -> tuple[list[Held], int]:
    """The templates in the file or folder, and the exit code for files that cannot be read."""
    from rewriter.cli.folders import files_given
    from rewriter.cli.inputs import opened, report_unreadable

    found: list[Held] = []
    code = 0
    for each in files_given([file], limits):
        try:
            with reporting_bugs(str(each)):
                carrier = opened(each, limits)
                code = max(code, report_unreadable(carrier))
                found += carrier.held
        except RewriteError as error:
            show_error(error.named(str(each)))
            code = max(code, error.exit_code)
    return found, code


def tokenizer_in(folder: Path) -> Any:
    """The tokenizer that is saved in a folder; no code from the folder is run.

    Raises:
        BadInput: there is none.

    """
    from transformers import AutoTokenizer

    hint = "name the folder that has the model's tokenizer.json and tokenizer_config.json"
    if not folder.is_dir():
        raise BadInput("this is not a folder", name=str(folder), hint=hint)
    try:
        return AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except MemoryError:
        raise
    except Exception as error:
        said = str(error).strip().split("\n")[0]
        raise BadInput(f"no tokenizer in it: {said}", name=str(folder), hint=hint) from error
