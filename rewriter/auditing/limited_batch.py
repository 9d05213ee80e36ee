"""`batch` run where it can be stopped: a row that takes too much is counted, and the rest go on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final

from rewriter.auditing.batch import Rows, batch, failed, listed
from rewriter.auditing.columns import Columns, Row
from rewriter.auditing.training import Training
from rewriter.confinement.workers import confined
from rewriter.errors import BadInput, Stopped
from rewriter.internal_error import InternalError
from rewriter.limits import Limits
from rewriter.verification.notices import NoticeId

_With = tuple[Training, Columns]

_NEEDED: Final = ("rewriter.auditing.limited_batch", "transformers.utils.chat_template_utils")


def limited_batch(
    rows: Rows, training: Training, columns: Columns, limits: Limits
) -> dict[str, list[Any]]:
    """The figures of each row, as `batch` gives them, made in a process of its own.

    If the rows together take more than ``limits``, each is tried alone; one that still does is
    counted, with the reason.

    Raises:
        BadInput: the tokenizer's class is known to this process alone.

    """
    rows = listed(rows)
    try:
        return _confined(rows, (training, columns), limits)
    except Stopped as error:
        if len(rows) == 1:
            told = failed(NoticeId.STOPPED, error.message)
            return {name: [value] for name, value in told.items()}
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for name, (value,) in limited_batch([row], training, columns, limits).items():
            found[name].append(value)
    return dict(found)


def _confined(rows: Sequence[Row], given: _With, limits: Limits) -> dict[str, list[Any]]:
    training, columns = given
    key = f"{training.key} {columns!r}"
    found = confined(partial(_figures, rows, key), limits, _NEEDED)
    if found is not None:
        return found
    try:
        found = confined(partial(_figures, rows, key, given), limits, _NEEDED)
    except (InternalError, TypeError) as error:
        raise BadInput(
            f"the tokenizer cannot be sent to another process: {error}",
            hint="limits=None audits rows in this process, whatever they take",
        ) from error
    assert found is not None, "a worker knows what it is given"
    return found


def _figures(
    rows: Sequence[Row], key: str, given: _With | None = None
) -> dict[str, list[Any]] | None:
    """What a worker does; ``None`` if it does not know yet what the key stands for."""
    known = _known()
    if given:
        known.clear()
        known[key] = given
    return batch(rows, *known[key]) if key in known else None


@cache
def _known() -> dict[str, _With]:
    """What a worker was given last: a tokenizer is too large to be sent with every batch."""
    return {}
