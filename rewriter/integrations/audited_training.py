"""Make TRL's supervised trainer audit the first rows of its data before it trains."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Final
from warnings import warn

from rewriter.data_audit import audit
from rewriter.errors import BadInput
from rewriter.tokens.token_masks import template_of

_SUPERVISED: Final = "trl.trainer.sft_trainer"
_METHOD: Final = "_prepare_dataset"


def audit_before_training(rows: int) -> Callable[[], None]:
    """Make `SFTTrainer` audit this many rows of each data set; returns a function that undoes it.

    Notices become warnings. Data that is already tokenized is not audited, nor is any data unless
    training is on the assistant's text alone.

    Raises:
        ImportError: TRL is not installed.

    """
    from importlib import import_module

    trainer: Any = import_module(_SUPERVISED).SFTTrainer
    theirs = getattr(trainer, _METHOD)
    if getattr(theirs, "is_of_rewriter", False):
        return lambda: None

    @wraps(theirs)
    def audited(self: Any, dataset: Any, processing_class: Any, args: Any, *rest: Any) -> Any:
        if args.assistant_only_loss:
            _audit(self, dataset, processing_class, args, rows)
        return theirs(self, dataset, processing_class, args, *rest)

    audited.is_of_rewriter = True  # type: ignore[attr-defined]
    setattr(trainer, _METHOD, audited)
    return lambda: setattr(trainer, _METHOD, theirs)


def _audit(trainer: Any, dataset: Any, processing_class: Any, args: Any, rows: int) -> None:
    # TRL either sets a training template, or keeps it beside the tokenizer's own.
    template = getattr(trainer, "chat_template", None)
    try:
        found = audit(
            dataset,
            template if isinstance(template, str) else template_of(processing_class),
            tokenizer=processing_class,
            max_length=None if args.packing else args.max_length,
            rows=rows,
            verify=False,
            name="the training data",
            # TRL does not rename roles.
            roles={"human": "human", "gpt": "gpt"},
        )
    except BadInput as error:
        warn(f"the data is not audited: {error.message}", stacklevel=3)
        return
    if found.notices:
        warn(f"before training:\n{found}", stacklevel=3)
