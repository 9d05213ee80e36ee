"""What ends the turns of a variant, and whether the tokenizer beside it has that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import Reason, Refused

if TYPE_CHECKING:
    from rewriter.rewriting.rewrite import Rewrite


def with_end_token(result: Rewrite, file: Path) -> Rewrite:
    """The result, without the notice on ``eos_token`` where the tokenizer beside ``file`` has it.

    Raises:
        Refused: it has none, so nothing would end the turns.

    """
    from rewriter.carriers.special_tokens import has_eos_token
    from rewriter.verification.notices import NoticeId

    others = tuple(each for each in result.notices if each.id is not NoticeId.NEEDS_EOS_TOKEN)
    is_there = has_eos_token(file.parent) if others != result.notices else None
    if is_there is False:
        raise Refused(
            "the assistant's turns would end in eos_token, and the tokenizer beside the template "
            "has none",
            reason=Reason.NO_STOP_TOKEN,
            hint="set eos_token in tokenizer_config.json, or leave the goal stop-token out",
        )
    return replace(result, notices=others) if is_there else result
