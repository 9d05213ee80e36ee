"""Let TRL train with every template that has a provable variant.

    import rewriter.integrations.trl
    rewriter.integrations.trl.install()

After that, ``SFTTrainer(assistant_only_loss=True)`` and GRPO with tools accept templates that TRL
alone refuses: it knows only about thirty files, by exact equality.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any, Final

from rewriter.errors import RewriteError
from rewriter.training.templates import get_training_chat_template, has_generation_markers

_HOME: Final = "trl.chat_template_utils"
_SUPERVISED: Final = "trl.trainer.sft_trainer"


def install(*, audit_rows: int = 0) -> Callable[[], None]:
    """Make TRL ask rewriter for training templates; returns a function that undoes it.

    If no variant can be proven, TRL's own choice is used. If TRL has none either, its
    ``ValueError`` is raised, with the refusal as its cause. Installing twice is the same as once.

    Args:
        audit_rows: audit this many rows of the data before supervised training on the assistant's
            text, and give the notices as warnings; see `rewriter.audit`, which needs ``datasets``.

    Raises:
        ImportError: TRL is not installed.

    """
    undo = [_ask_here_first()]
    if audit_rows:
        from rewriter.integrations.audited_training import audit_before_training

        undo.append(audit_before_training(audit_rows))

    def uninstall() -> None:
        for each in reversed(undo):
            each()

    return uninstall


def _ask_here_first() -> Callable[[], None]:
    from importlib import import_module

    home: Any = import_module(_HOME)
    theirs = home.get_training_chat_template
    if getattr(theirs, "is_of_rewriter", False):
        return lambda: None
    # Before 1.6, TRL looks for markers in the trainer.
    markers = getattr(home, "has_generation_markers", None)
    before = list(_uses({theirs, markers}))
    for module, name, value in before:
        ours = _asking_here_first(theirs, module) if value is theirs else has_generation_markers
        setattr(module, name, ours)

    def uninstall() -> None:
        for module, name, value in before:
            setattr(module, name, value)

    return uninstall


def _uses(functions: set[Any]) -> Iterator[tuple[ModuleType, str, Any]]:
    """Where TRL's modules refer to the functions: each that imports one has its own name for it."""
    for home, module in list(sys.modules.items()):
        if home == "trl" or home.startswith("trl."):
            for name, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and value in functions:
                    yield module, name, value


def _asking_here_first(theirs: Callable[..., str | None], module: ModuleType) -> Any:
    # Supervised training does not sample tool calls, so a mask is enough.
    wanted: list[dict[str, Any]] = [{}]
    if module.__name__.startswith(_SUPERVISED):
        wanted.append({"tools": False})

    @wraps(theirs)
    def chosen(processing_class: Any = None, tokenizer: Any = None) -> str | None:
        asked = tokenizer if processing_class is None else processing_class
        if asked is None or (processing_class is not None and tokenizer is not None):
            return theirs(processing_class, tokenizer)  # whose error says what is wrong
        for options in wanted:
            try:
                return get_training_chat_template(asked, **options)
            except RewriteError as error:
                refusal = error
        try:
            return theirs(asked)
        except ValueError as error:
            raise error from refusal

    chosen.is_of_rewriter = True  # type: ignore[attr-defined]
    return chosen
