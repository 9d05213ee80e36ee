"""Run `batch` in a process that can be stopped: a row that exceeds a limit is only counted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final

from rewriter.auditing.batch import Rows, batch, failed_row, single_rows
from rewriter.auditing.columns import Columns, Row
from rewriter.auditing.training import Training
from rewriter.confinement.workers import confined
from rewriter.errors import BadInput, Stopped
from rewriter.internal_error import InternalError
from rewriter.limits import Limits
from rewriter.verification.notice import NoticeId

_Work = tuple[Training, Columns]

_NEEDED: Final = ("rewriter.auditing.limited_batch", "transformers.utils.chat_template_utils")


def limited_batch(
    rows: Rows, training: Training, columns: Columns, limits: Limits
) -> dict[str, list[Any]]:
    """The results of `batch`, made in a process of its own.

    If the rows together exceed ``limits``, each is tried alone; one that still does is counted,
    with the reason.

    Raises:
        BadInput: the tokenizer's class exists only in this process.

    """
    rows = single_rows(rows)
    try:
        return _confined(rows, (training, columns), limits)
    except Stopped as error:
        if len(rows) == 1:
            failure = failed_row(NoticeId.STOPPED, error.message)
            return {name: [value] for name, value in failure.items()}
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        for name, (value,) in limited_batch([row], training, columns, limits).items():
            found[name].append(value)
    return dict(found)


def _confined(rows: Sequence[Row], work: _Work, limits: Limits) -> dict[str, list[Any]]:
    training, columns = work
    key = f"{training.key} {columns!r}"
    found = confined(partial(_figures, rows, key), limits, _NEEDED)
    if found is not None:
        return found
    try:
        found = confined(partial(_figures, rows, key, work), limits, _NEEDED)
    except (InternalError, TypeError) as error:
        raise BadInput(
            f"the tokenizer cannot be sent to another process: {error}",
            hint="limits=None audits rows in this process, without limits",
        ) from error
    assert found is not None, "the worker has just been given the training"
    return found


def _figures(
    rows: Sequence[Row], key: str, work: _Work | None = None
) -> dict[str, list[Any]] | None:
    """The work of a worker; ``None`` if it does not have the training for this key yet."""
    known = _known()
    if work:
        known.clear()
        known[key] = work
    return batch(rows, *known[key]) if key in known else None


@cache
def _known() -> dict[str, _Work]:
    """The training that a worker got last: a tokenizer is too large to send with every batch."""
    return {}
