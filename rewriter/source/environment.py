"""The jinja2 syntax that chat templates are written in."""

from __future__ import annotations

from functools import cache, lru_cache

from jinja2 import Environment, TemplateSyntaxError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser


class GenerationTag(Extension):
    """Parses ``{% generation %}`` into the same tree as transformers.

    Source: ``AssistantTracker.parse`` in transformers' ``utils/chat_template_utils.py``. Only the
    syntax lives here; templates are rendered in transformers' own sandbox.
    """

    tags = {"generation"}  # noqa: RUF012 — as jinja2 declares it

    def parse(self, parser: Parser) -> nodes.Node:
        """Parse the block into a ``CallBlock``, as transformers does."""
        lineno = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        call = self.call_method("_generation_support")
        return nodes.CallBlock(call, [], [], body).set_lineno(lineno)


def is_generation(block: nodes.CallBlock) -> bool:
    """Whether this is a ``generation`` block rather than a macro call."""
    return (
        isinstance(block.call.node, nodes.ExtensionAttribute)
        and block.call.node.identifier == GenerationTag.identifier
    )


@cache
def parsing_environment() -> Environment:
    """An environment with the syntax of transformers' own, only for parsing."""
    return Environment(
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[GenerationTag, loopcontrols],
        cache_size=0,
    )


@lru_cache(maxsize=8)
def parsed(source: str) -> nodes.Template:
    """The tree of a template. It is cached and shared, so do not change it.

    Raises:
        jinja2.TemplateSyntaxError: ``source`` does not parse.

    """
    try:
        return parsing_environment().parse(source)
    except ValueError as error:
        # Python refuses to read numbers of more than a few thousand digits.
        raise TemplateSyntaxError(str(error), 1) from None
