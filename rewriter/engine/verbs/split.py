"""Cut an output between prompted and generated text."""

from __future__ import annotations

from rewriter.engine.context import Context, Surroundings, in_bodies, is_open
from rewriter.engine.draft import Body, Compound, Node
from rewriter.engine.transforms import Split
from rewriter.engine.verbs.choose import taken_apart
from rewriter.engine.verbs.definition import split_definitions
from rewriter.engine.verbs.formats import split_formats
from rewriter.engine.verbs.opening import split_openings
from rewriter.engine.verbs.preface import split_prefaces
from rewriter.engine.verbs.set_block import split_set_blocks
from rewriter.engine.verbs.slice import cut_texts


def split(_: Split, body: Body, context: Context) -> Body:
    """Cut each output that prints both into outputs that print one."""

    def change(siblings: Body, _: Surroundings) -> Body:
        found: list[Node] = []
        for node in siblings:
            if isinstance(node, Compound) or not node.is_output:
                found.append(node)
            else:
                found += taken_apart(node, context)
        return tuple(found)

    body = split_prefaces(split_definitions(body, context), context)
    body = cut_texts(body, context, lambda statement: taken_apart(statement, context))
    body = split_formats(split_set_blocks(body, context), context)
    return split_openings(in_bodies(body, change, is_open), context)
