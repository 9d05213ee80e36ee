"""What a trainer would see in a batch of rows: the function that every engine runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rewriter.auditing.columns import Columns, Example, NoConversation, Row
from rewriter.auditing.printed_parts import (
    Span,
    Stretch,
    end_of_turn,
    found_in,
    joined,
    stretches,
)
from rewriter.auditing.said import ASSISTANT, arguments
from rewriter.auditing.training import Training
from rewriter.auditing.unprinted import is_said, unprinted
from rewriter.picture.picture import Part
from rewriter.tokens.span_tokens import SpelledText
from rewriter.tracing.installed_transformers import rendered
from rewriter.verification.notice import ABOUT_DATA, NoticeId

Rows = Mapping[str, Sequence[Any]] | Sequence[Row]
Figures = dict[str, Any]

FLAGS: Final[tuple[NoticeId, ...]] = tuple(sorted(ABOUT_DATA))
NUMBERS: Final = ("length", "seen", "trained", "reasoning", "content", "calls", "ends", "messages")
_OF_PART: Final = {
    Part.REASONING: "reasoning",
    Part.CONTENT: "content",
    Part.CALL: "calls",
    Part.TURN_END: "ends",
}
_LONGEST_REASON: Final = 200
_MOST_NAMES: Final = 20


def batch(rows: Rows, training: Training, columns: Columns) -> dict[str, list[Any]]:
    """The figures of each row of a batch, column by column.

    It is a pure function, so any engine can run it anywhere.

    Args:
        rows: columns of values, as ``datasets`` gives them, or a list of rows.
        training: the template and tokenizer that they would be trained with.
        columns: the columns of the conversation.

    Returns:
        ``length``: the number of tokens; ``seen``: of these, up to the maximum length; ``trained``:
            of these, the trained ones, with their parts ``reasoning``, ``content``, ``calls`` and
            ``ends`` of turns. ``messages``: the number of messages. By the id of each notice on
            data, whether it holds. ``reason``: why a row is not a conversation, or raises.
            ``unprinted``: the names of what is not printed. ``roles``: roles that the template does
            not know.

    """
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in single_rows(rows):
        for name, value in _figures(row, training, columns).items():
            found[name].append(value)
    return dict(found)


def single_rows(rows: Rows) -> Sequence[Row]:
    """The rows one by one, from columns or from a list."""
    if not isinstance(rows, Mapping):
        return rows
    return [dict(zip(rows, values, strict=True)) for values in zip(*rows.values(), strict=True)]


def _figures(row: Row, training: Training, columns: Columns) -> Figures:
    try:
        example = columns.example(row)
    except NoConversation as error:
        return failed_row(NoticeId.NO_CONVERSATION, str(error))
    try:
        return _row_figures(example, training)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 — a template may refuse a row in any way
        return failed_row(NoticeId.RAISES, f"{type(error).__name__}: {error}")


def _empty() -> Figures:
    figures: Figures = {"reason": "", "unprinted": [], "roles": []}
    return {**dict.fromkeys(NUMBERS, 0), **dict.fromkeys(map(str, FLAGS), False), **figures}


def failed_row(notice: NoticeId, reason: str) -> Figures:
    """The figures of a row that failed, with the reason in one line."""
    first = reason.encode(errors="replace").decode().strip().split("\n")[0]
    return {**_empty(), notice: True, "reason": first[:_LONGEST_REASON]}


def _row_figures(example: Example, training: Training) -> Figures:
    template, messages = training.template, example.messages
    text, mask = _printed(template.text, example, training)
    spelled = _spelled(text, training)
    spans = joined(mask)
    first = 0 if example.prompt is None else _completion(example, text, spelled, training)
    last = min(spelled.size, training.max_length or spelled.size)
    hits, lost = found_in(text, spans, messages)
    counts = _counted(text, spans, hits, spelled, training, range(first, last))
    roles = {message["role"] for message in messages} - template.roles
    missing = sorted(lost | unprinted(text, messages, example.tools))[:_MOST_NAMES]
    return {
        **_empty(),
        **counts,
        "length": spelled.size,
        "seen": last,
        "messages": len(messages),
        "unprinted": missing,
        "roles": sorted(roles)[:_MOST_NAMES],
        **_stop(text, spans, spelled, training, last),
        NoticeId.NOTHING_TRAINED: not counts["trained"],
        NoticeId.OTHER_TEXT: _is_other(text, example, training),
        NoticeId.FIELD_NOT_PRINTED: any(map(is_said, missing)),
        NoticeId.STRING_ARGUMENTS: _has_string_arguments(messages),
        NoticeId.UNKNOWN_ROLE: bool(roles),
        NoticeId.CUT_TOKEN: any(spelled.is_cut_at(at) for span in spans for at in span),
        NoticeId.DOUBLE_BOS: _has_two_bos(text, training),
    }


def _printed(
    source: str, example: Example, training: Training, *, prompt: int | None = None
) -> tuple[str, list[Span]]:
    """The text that transformers prints, and the spans of the ``generation`` blocks.

    With ``prompt``, it prints only that many messages, and the header of the answer.
    """
    text, spans = rendered(
        source,
        example.messages[:prompt],
        mask=prompt is None and source == training.template.text,
        tools=example.tools,
        add_generation_prompt=prompt is not None,
        **{**training.variables, **example.flags},
    )
    return text, list(spans)


def _spelled(text: str, training: Training) -> SpelledText:
    if training.tokenizer is None:
        return SpelledText(len(text))
    encoded: Any = training.tokenizer(text, add_special_tokens=False, verbose=False)
    ids, (encoding,) = encoded["input_ids"], encoded.encodings
    return SpelledText(len(ids), ids, encoding.offsets)


def _completion(example: Example, text: str, spelled: SpelledText, training: Training) -> int:
    """The first token of the completion: where the tokens of prompt and conversation diverge."""
    asked, _ = _printed(training.template.text, example, training, prompt=example.prompt)
    prompt = _spelled(asked, training)
    pairs = enumerate(zip(prompt.ids or asked, spelled.ids or text, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(prompt.size, spelled.size))


def _counted(
    text: str,
    spans: Sequence[Span],
    hits: Sequence[Stretch],
    spelled: SpelledText,
    training: Training,
    seen: range,
) -> dict[str, int]:
    """How many of the seen tokens are trained, by part."""
    counts = dict.fromkeys(_OF_PART.values(), 0)
    at = seen.start
    for span in spans:
        tokens = spelled.trained(*span)
        if tokens is None:
            break
        own = [hit for hit in hits if span[0] <= hit.start < span[1]]
        at = max(at, tokens.start)
        for _, end, part in stretches(text, span, own, training.template.ends):
            until = tokens.stop if end >= span[1] else spelled.begun_before(end)
            until = min(until, tokens.stop, seen.stop)
            if until > at:
                counts[_OF_PART[part]] += until - at
                at = until
    return {"trained": sum(counts.values()), **counts}


def _stop(
    text: str, spans: Sequence[Span], spelled: SpelledText, training: Training, last: int
) -> dict[str, bool]:
    """Whether the last answer's end is truncated, and whether it has none that is trained."""
    end = end_of_turn(text, spans[-1], training.template.ends) if spans else None
    is_cut = end is not None and spelled.begun_before(end[1]) > last
    return {
        NoticeId.STOP_CUT: is_cut,
        NoticeId.NO_STOP_PRINTED: bool(spans) and end is None,
    }


def _is_other(text: str, example: Example, training: Training) -> bool:
    compared = training.template.compared
    return compared is not None and _printed(compared, example, training)[0] != text


def _has_string_arguments(messages: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        isinstance(given, str)
        for message in messages
        if message["role"] == ASSISTANT
        for given in arguments(message)
    )


def _has_two_bos(text: str, training: Training) -> bool:
    bos = training.variables.get("bos_token")
    return bool(bos) and text.startswith(f"{bos}{bos}")
