"""Compare a variant with the tokenizer beside it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rewriter.errors import Reason, Refused

if TYPE_CHECKING:
    from rewriter.limits import Limits
    from rewriter.rewriting.result import Rewrite
    from rewriter.verification.notice import Notice


def with_end_token(result: Rewrite, file: Path) -> Rewrite:
    """The result, without the notice on ``eos_token`` if the tokenizer beside ``file`` has one.

    Raises:
        Refused: the tokenizer has none, so nothing would end the turns.

    """
    from rewriter.carriers.special_tokens import has_eos_token
    from rewriter.verification.notice import NoticeId

    others = tuple(each for each in result.notices if each.id is not NoticeId.NEEDS_EOS_TOKEN)
    is_there = has_eos_token(file.parent) if others != result.notices else None
    if is_there is False:
        raise Refused(
            "the assistant's turns would end in eos_token, and the tokenizer beside the template "
            "has none",
            reason=Reason.NO_STOP_TOKEN,
            hint="set eos_token in tokenizer_config.json, or drop the goal stop-token",
        )
    return replace(result, notices=others) if is_there else result


def with_tokenizer_notices(result: Rewrite, file: Path, limits: Limits) -> Rewrite:
    """The result, with notices on its disagreements with the tokenizer beside ``file``."""
    from rewriter.engine.families import is_original

    # The template of a known family is safe to render in this process.
    held = None if is_original(result.source) else limits
    found = notices_beside(result.template, file, held)
    return replace(result, notices=(*result.notices, *found))


def notices_beside(template: str, file: Path, limits: Limits | None) -> tuple[Notice, ...]:
    """Notices on disagreements between a template and the tokenizer beside its file.

    Without limits, the template is rendered in this process.
    """
    from rewriter.carriers.special_tokens import adds_bos_token, special_token
    from rewriter.confinement.workers import confined
    from rewriter.verification.message_notices import tokenizer_notices

    folder = file if file.is_dir() else file.parent
    eos = special_token(folder, "eos_token")
    bos = special_token(folder, "bos_token") if adds_bos_token(folder) else None
    if eos is None and bos is None:
        return ()
    work = partial(tokenizer_notices, template, eos, bos)
    if limits is None:
        return work()
    return confined(work, limits, ["rewriter.verification.message_notices"])
