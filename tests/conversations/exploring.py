"""A template explored with what every template is verified on, and steered or not."""

from rewriter.conversations.coverage import Coverage
from rewriter.conversations.drafting import generated
from rewriter.conversations.first_look import FirstLook
from rewriter.conversations.fixed import fixed_conversations
from rewriter.conversations.profiling import probed
from rewriter.conversations.steering.search import steered


def first_looked(source: str, *, examples: int = 30) -> FirstLook:
    """A first look at the fixed conversations, and some generated ones."""
    first_look = FirstLook(None, source)
    profile = probed(source)
    for conversation in fixed_conversations(profile):
        first_look.outcomes(conversation)
    for draft in generated(examples, 0):
        first_look.outcomes(profile.fitted(draft))
    return first_look


def explored(source: str, *, examples: int = 30) -> Coverage:
    """What is reached of a template when it is steered."""
    first_look = first_looked(source, examples=examples)
    for conversation in steered(first_look.explorers):
        first_look.outcomes(conversation)
    (coverage,) = first_look.coverage
    return coverage
