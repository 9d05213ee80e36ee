"""Every mutation operator, and what it is about: the mask alone, or the text too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.mutations import (
    conditions,
    dropping,
    expressions,
    limits,
    markers,
    masking,
    neighbours,
    settings,
    trapping,
    unmasking,
    whitespace,
)
from tests.mutations.anatomy import Anatomy

Mutants = Callable[[Anatomy], Iterator[str]]


@dataclass(frozen=True)
class Operator:
    """Makes mutants of a marked template."""

    mutants: Mutants
    about: str

    @property
    def name(self) -> str:
        return self.mutants.__name__


_MASK: tuple[Mutants, ...] = (
    markers.header_moved_in,
    markers.opener_moved_back,
    markers.opener_moved_on,
    markers.closer_moved_back,
    markers.closer_moved_on,
    markers.pair_shifted_back,
    markers.pair_shifted_on,
    markers.pair_dropped,
    markers.pair_around_its_branch,
    markers.pair_around_its_loop,
    unmasking.reasoning_moved_out,
    unmasking.content_moved_out,
    unmasking.tool_calls_moved_out,
    unmasking.turn_end_moved_out,
    unmasking.turn_end_moved_out_on_calls,
    unmasking.leaf_moved_out,
    masking.tool_result_moved_in,
    masking.user_words_moved_in,
    masking.system_words_moved_in,
    masking.frame_of_others_moved_in,
    masking.generation_prompt_moved_in,
    neighbours.others_moved_in_between_two,
    neighbours.others_moved_in_after_two,
    neighbours.others_moved_in_with_words,
    trapping.block_inside_a_macro,
    trapping.block_inside_a_set,
    trapping.block_inside_a_block,
    trapping.marker_inside_the_macro_called,
    trapping.set_trapped_before,
    trapping.set_trapped_after,
    trapping.set_trapped_alone,
    limits.thought_left_out_of_the_mask,
)
_TEXT: tuple[Mutants, ...] = (
    dropping.role_dropped,
    dropping.role_doubled,
    dropping.role_put_last,
    dropping.third_user_message_dropped,
    dropping.system_in_the_middle_dropped,
    dropping.output_dropped,
    dropping.output_doubled,
    dropping.outputs_swapped,
    dropping.operands_swapped,
    whitespace.space_added_before,
    whitespace.space_added_after,
    whitespace.space_stripped_before,
    whitespace.space_stripped_after,
    whitespace.words_trimmed,
    whitespace.dash_dropped,
    whitespace.dash_added,
    conditions.condition_inverted,
    conditions.condition_always,
    conditions.condition_never,
    conditions.condition_weakened,
    conditions.condition_strengthened,
    conditions.choice_dropped,
    expressions.literal_altered,
    expressions.text_altered,
    expressions.number_altered,
    expressions.truth_altered,
    expressions.filter_dropped,
    expressions.method_dropped,
    expressions.slice_dropped,
    expressions.field_misnamed,
    limits.messages_limited,
    limits.items_limited,
    limits.words_shortened,
    limits.words_cut_at_a_mark,
    limits.words_indented_otherwise,
    limits.output_left_out_of_so_many_messages,
    limits.output_left_out_of_long_turns,
    limits.role_shortened,
    settings.token_written_out,
    settings.date_written_out,
    settings.name_printed,
    settings.variable_printed,
)
OPERATORS = (
    *(Operator(mutants, "mask") for mutants in _MASK),
    *(Operator(mutants, "text") for mutants in _TEXT),
)
