"""The verdict on a variant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from rewriter.conversations.rendering import Outcome, Rendered, Renderings
from rewriter.tracing.conversation import Conversation
from rewriter.turns.parts import Policy
from rewriter.verification.by_rendering.beginnings import beginning
from rewriter.verification.by_rendering.checks import Checks
from rewriter.verification.by_rendering.conversations import (
    ASKED,
    FLAGGED,
    NOTHING,
    Given,
    Scene,
    orders,
    scene,
    scenes,
    thoughts_of_others,
)
from rewriter.verification.by_rendering.endings import ending
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.later import decided_later
from rewriter.verification.by_rendering.learned import Learned, learned
from rewriter.verification.by_rendering.learned_stop import with_stop
from rewriter.verification.by_rendering.reading import Reading, Renderer
from rewriter.verification.by_rendering.said import between_others, others_words, own_words

SPANS = "Spans of the mask are in order, do not overlap, and hold something."


def judged_by_rendering(
    variant: str,
    policy: Policy,
    *,
    fields: Mapping[str, str] = NOTHING,
    given: Given | None = None,
    rendered: Callable[[str, Conversation], Outcome] | None = None,
) -> tuple[Fault, ...]:
    """The faults of a variant's mask that renders alone show; none if they are inconclusive.

    Args:
        variant: the text of a template with ``generation`` blocks.
        policy: where the mask's edges lie.
        fields: who writes an unknown field or variable: ``generated``, ``environment`` or
            ``header``; adds to those of ``given``.
        given: what else the caller knows about the template.
        rendered: renders the variant, like `render`; pass one to use another clock.

    Returns:
        One fault for each broken promise, in the first conversation that shows it.

    """
    facts = given or Given()
    facts = replace(facts, fields={**facts.fields, **fields})
    renderer = partial(rendered or Renderings(), variant)
    alike = _printed_alike(renderer) if facts.may_train_alike else frozenset()
    readings = [Reading(each, renderer) for each in scenes(facts) if not alike & _roles(each)]
    readings += _flagged(facts, renderer)
    readings = [r for r in readings if r.whole is not None and not _is_users(r, renderer)]
    known = with_stop(learned(readings), readings)
    faults: dict[str, Fault] = {}
    for reading in (*readings, *_asked(facts, renderer)):
        for fault in _faults(reading, known, policy, facts):
            faults.setdefault(fault.promise, fault)
    for unusual in chain(orders(facts), thoughts_of_others(facts)):
        if alike & _roles(unusual):
            continue
        for fault in _faults_of_words(Reading(unusual, renderer), known):
            faults.setdefault(fault.promise, fault)
    for fault in decided_later(facts, renderer, known):
        faults.setdefault(fault.promise, fault)
    return tuple(faults.values())


def _printed_alike(renderer: Renderer) -> frozenset[str]:
    """The roles of others that the template prints as the assistant's, as it knows no such role."""

    def text(role: str) -> str | None:
        asked = {"role": "user", "content": "a question"}
        said = ({"role": "user", "content": "a"}, {"role": role, "content": "b"}, asked)
        outcome = renderer(Conversation(said))
        return outcome.text if isinstance(outcome, Rendered) else None

    own = text("assistant")
    return frozenset(role for role in ("tool", "developer") if own and text(role) == own)


def _roles(shown: Scene) -> set[str]:
    return {str(message.get("role")) for message in shown.conversation.messages}


def _is_users(reading: Reading, renderer: Renderer) -> bool:
    """Whether the first message is printed as a user's, although it is the assistant's."""
    conversation = reading.scene.conversation
    first, *others = conversation.messages
    if first.get("role") != "assistant":
        return False
    swapped = replace(conversation, messages=({**first, "role": "user"}, *others))
    outcome = renderer(swapped)
    whole = reading.whole
    return whole is not None and isinstance(outcome, Rendered) and outcome.text == whole.text


def _flagged(given: Given, renderer: Renderer) -> Iterator[Reading]:
    """Conversations with a switch set, if it changes the text."""
    for script in FLAGGED:
        plain = Reading(scene(script, given), renderer)
        for name, values in given.flags.items():
            for value in values:
                switched = Reading(scene(script, given, flags={name: value}), renderer)
                if _texts(switched) != _texts(plain):
                    yield switched


def _asked(given: Given, renderer: Renderer) -> Iterator[Reading]:
    """Conversations with texts that change the generation prompt."""
    for script in ASKED:
        plain = Reading(scene(script, given), renderer)
        for text in given.texts:
            saying = Reading(plain.scene.saying(text), renderer)
            if _prompt(saying) != _prompt(plain):
                yield saying


def _prompt(reading: Reading) -> str | None:
    """The text that a generation prompt adds."""
    without, prompted = reading.cut(1), reading.cut(1, prompt=True)
    return prompted.text.removeprefix(without.text) if without and prompted else None


def _texts(reading: Reading) -> tuple[str | None, ...]:
    last = len(reading.scene.kinds) - 1
    shown = (reading.whole, reading.cut(last), reading.cut(last, prompt=True))
    return tuple(each.text if each else None for each in shown)


def _faults(reading: Reading, known: Learned, policy: Policy, given: Given) -> Iterator[Fault]:
    whole = reading.whole
    if whole is None:
        return
    yield from _faults_of_words(reading, known)
    checks = Checks(reading.scene.conversation, whole)
    for turn in reading.close:
        beginning(checks, reading, turn, known, policy, given.empty_thoughts)
        ending(checks, reading, turn, known, policy, given.stops)
    yield from checks.faults


def _faults_of_words(reading: Reading, known: Learned) -> Iterator[Fault]:
    """The faults that the words and the text between them show."""
    if reading.whole is None:
        return
    checks = Checks(reading.scene.conversation, reading.whole)
    _spans(checks)
    others_words(checks)
    between_others(checks, reading, known)
    for turn in reading.turns:
        own_words(checks, reading, turn, known)
    yield from checks.faults


def _spans(checks: Checks) -> None:
    at = 0
    for start, end in checks.printed.mask:
        if not at <= start < end <= len(checks.printed.text):
            checks.fault(start, SPANS)
        at = end
