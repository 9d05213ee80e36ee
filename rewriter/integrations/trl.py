"""Lets TRL train with every template of which a variant can be proven.

    import rewriter.integrations.trl
    rewriter.integrations.trl.install()

After that, ``SFTTrainer(assistant_only_loss=True)`` and GRPO with tools accept templates that TRL
refuses by itself: it knows some thirty files, by exact equality.
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

    Where no variant can be proven, TRL's own choice is used. If TRL has none either, its
    ``ValueError`` is raised, with the refusal as its cause. Installing twice is the same as once.

    Args:
        audit_rows: audit so many rows of the data before supervised training on what the assistant
            says, and warn of what there is to know; see `rewriter.audit`, which needs ``datasets``.

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
    # Before 1.6 TRL looks for markers where it trains.
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
    """Where in TRL the functions have a name: each module that was imported has its own."""
    for home, module in list(sys.modules.items()):
        if home == "trl" or home.startswith("trl."):
            for name, value in list(vars(module).items()):
                if isinstance(value, FunctionType) and value in functions:
                    yield module, name, value


def _asking_here_first(theirs: Callable[..., str | None], module: ModuleType) -> Any:
    # Supervised training samples no tools, so it can do with a mask alone.
    wanted: list[dict[str, Any]] = [{}]
    if module.__name__.startswith(_SUPERVISED):
        wanted.append({"tools": False})

    @wraps(theirs)
    def chosen(processing_class: Any = None, tokenizer: Any = None) -> str | None:
        asked = tokenizer if processing_class is None else processing_class
        if asked is None or (processing_class is not None and tokenizer is not None):
            return theirs(processing_class, tokenizer)  # which says what is wrong
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
