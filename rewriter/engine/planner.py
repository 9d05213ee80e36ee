"""Find transforms that meet some goals, for a template of an unknown family.

Every recipe of the mask's transforms is tried on one analysis of the template. If one refuses,
another may succeed. Of those that succeed, the one with the smallest edits comes first.
Verification decides which of them holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from rewriter.engine.plan import Plan, Subject
from rewriter.engine.transforms import (
    MASK,
    STOP_TOKEN,
    Goal,
    Inline,
    Leave,
    Sink,
    Transform,
    Uncover,
    Wrap,
    load_transforms,
)
from rewriter.engine.verbs.slice import BY_LENGTH
from rewriter.errors import BadInput, Conflict, Reason, Refused
from rewriter.tracing.render import TracedTemplate
from rewriter.turns.missing_ends import ends_taken, unended

Recipe = tuple[Transform, ...]

# Transforms that move outputs come before those that cut them, so that moved outputs are cut too.
_MOVES: Final = (Inline, Sink)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A recipe, and its result."""

    recipe: Recipe
    plan: Plan

    @property
    def size(self) -> tuple[bool, bool, int, int]:
        """A measure of the change: characters removed and inserted, then the number of edits.

        Before these, whether texts are cut by their beginning or by their length.
        """
        edits = self.plan.edits
        by_length = any(edit.reason == BY_LENGTH for edit in edits)
        characters = sum(e.end - e.start + len(e.replacement) for e in edits)
        return _uncovers(self.recipe), by_length, characters, len(edits)


@dataclass(frozen=True, slots=True)
class Rejected:
    """A rejected recipe, and the reason."""

    transforms: tuple[str, ...]
    error: Refused | Conflict

    def __str__(self) -> str:
        return f"{' + '.join(self.transforms) or 'no transform'}: {self.error.message}"


def candidates(
    subject: Subject, recipes: Iterable[Recipe]
) -> tuple[tuple[Candidate, ...], tuple[Rejected, ...]]:
    """The candidates of some recipes, the smallest edits first, and the rejected recipes.

    Recipes with the same result are one candidate. A recipe that does no more than another here is
    left out.
    """
    found: dict[str, Candidate] = {}
    rejected: list[Rejected] = []
    recipes = tuple(recipes)
    for recipe in recipes:
        if len(recipes) > 1 and not _applies(recipe, subject):
            continue
        either = (False, True) if _uncovers(recipe) and subject.may_leave_space else (False,)
        for leaves_space in either:
            try:
                plan = subject.plan(recipe, leaves_space=leaves_space)
                check_wrapped(plan, recipe)
            except (Refused, Conflict) as error:
                rejected.append(Rejected(tuple(t.name for t in recipe), error))
            else:
                found.setdefault(plan.template, Candidate(recipe, plan))
    return tuple(sorted(found.values(), key=lambda each: each.size)), tuple(rejected)


def serving(goals: Iterable[Goal]) -> Recipe:
    """The transforms of ``goals`` but the mask and what ends turns, which have their own places.

    Hazardous transforms are never applied unasked.
    """
    return tuple(t for t in _harmless() if t.goal in goals and t.goal not in (MASK, STOP_TOKEN))


def ending(subject: Subject, goals: Sequence[Goal]) -> Recipe:
    """The transform that ends turns without an end, if that is a goal; none or one."""
    verb = subject.ending_verb if STOP_TOKEN in goals else None
    return tuple(t for t in load_transforms() if t.uses(verb)) if verb else ()


def ended(recipe: Recipe, ends: Recipe) -> Recipe:
    """A recipe with ``ends`` before the wrapping transform, unless it already ends turns."""
    if any(transform.goal == STOP_TOKEN for transform in recipe):
        return recipe
    at = next((number for number, each in enumerate(recipe) if wraps(each)), len(recipe))
    return (*recipe[:at], *ends, *recipe[at:])


def excluding(recipe: Recipe, key: str) -> Recipe:
    """A recipe that leaves out turns whose message has a value for ``key`` that is not true.

    Raises:
        BadInput: a template could not read such a key by its name.

    """
    if not (key.isascii() and key.isidentifier()):
        hint = "a letter or underscore, then letters, digits and underscores"
        raise BadInput(f"{key!r} is no key to leave turns out by", hint=hint)
    leaves = next(transform for transform in load_transforms() if transform.uses(Leave))
    rules = tuple(
        rule.model_copy(update={"key": key}) if isinstance(rule, Leave) else rule
        for rule in leaves.rules
    )
    others = (transform for transform in recipe if transform.name != leaves.name)
    return (*others, leaves.model_copy(update={"rules": rules}))


def recipes_for(goals: Sequence[Goal], ends: Recipe = ()) -> Iterator[Recipe]:
    """Every choice of preparing transforms, with every way to wrap at the end.

    ``ends`` are the transforms that end turns.
    """
    others = serving(goals)
    if MASK not in goals:
        yield (*others, *ends)
        return
    own = [transform for transform in _harmless() if transform.goal == MASK]
    steps = sorted((t for t in own if not wraps(t)), key=lambda t: not _moves(t))
    for wrap in filter(wraps, own):
        for number in range(len(steps) + 1):
            for chosen in combinations(steps, number):
                yield *others, *chosen, *ends, wrap


def wrapped_otherwise(recipe: Recipe) -> Iterator[Recipe]:
    """A recipe, and its versions with every other way to wrap."""
    yield recipe
    for at, own in enumerate(recipe):
        for wrap in filter(wraps, _harmless()) if wraps(own) else ():
            if wrap not in recipe:
                yield *recipe[:at], wrap, *recipe[at + 1 :]


def check_wrapped(plan: Plan, recipe: Sequence[Transform]) -> None:
    """Refuse a variant without marks if a mask was asked for.

    Raises:
        Refused: if so.

    """
    wrapping = {transform.name for transform in recipe if wraps(transform)}
    if wrapping and not wrapping & set(plan.transforms):
        raise Refused(
            "nothing that the assistant generates was found, so there is nothing to wrap",
            reason=Reason.NOTHING_FOUND,
            hint="the messages must be printed within a loop over them",
        )


def check_ended(candidate: Candidate, subject: Subject) -> None:
    """Refuse a variant in which some of the assistant's turns have no end.

    Raises:
        Refused: if so.

    """
    if subject.missing_ends is None:
        return
    template = TracedTemplate(candidate.plan.template, subject.fields)
    if lacking := unended(template, subject.stops_of(candidate.recipe)):
        raise Refused(
            f"nothing ends {' or '.join(lacking)}, and no end could be put there",
            reason=Reason.NO_STOP_TOKEN,
            hint="print one by hand, or leave the goal stop-token out",
        )


def check_ends_kept(candidate: Candidate, subject: Subject) -> None:
    """Refuse a variant that keeps earlier turns unchanged by removing their ends.

    Raises:
        Refused: if so.

    """
    applied = (t for t in candidate.recipe if t.name in candidate.plan.transforms)
    if not any(transform.contract.buys == "prefix-preserving" for transform in applied):
        return
    variant = TracedTemplate(candidate.plan.template, subject.fields)
    if taken := ends_taken(subject.traced, variant):
        raise Refused(
            f"{' and '.join(taken)} would end in nothing any more, as the last turn does",
            reason=Reason.NO_STOP_TOKEN,
            hint="let the template print the end of the last turn too",
        )


def _applies(recipe: Recipe, subject: Subject) -> bool:
    """Whether there is a prefill to uncover, if the recipe does that."""
    return not _uncovers(recipe) or subject.has_unsure_prefill


def _uncovers(recipe: Recipe) -> bool:
    return any(transform.uses(Uncover) for transform in recipe)


def _harmless() -> Iterator[Transform]:
    return (transform for transform in load_transforms() if transform.hazard is None)


def wraps(transform: Transform) -> bool:
    """Whether it puts blocks in."""
    return transform.uses(Wrap)


def _moves(transform: Transform) -> bool:
    return transform.uses(*_MOVES)
