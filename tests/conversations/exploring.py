"""A template explored with what every template is verified on, and steered or not."""

from rewriter.conversations.coverage import Coverage
from rewriter.conversations.drafting import generated
from rewriter.conversations.first_look import Survey
from rewriter.conversations.fixed import standing
from rewriter.conversations.profiling import probed
from rewriter.conversations.steering.search import steered


def surveyed(source: str, *, examples: int = 30) -> Survey:
    """A survey that has seen the standing conversations, and some generated ones."""
    survey = Survey(None, source)
    profile = probed(source)
    for conversation in standing(profile):
        survey.glance(conversation)
    for draft in generated(examples, 0):
        survey.glance(profile.fitted(draft))
    return survey


def explored(source: str, *, examples: int = 30) -> Coverage:
    """What is reached of a template when it is steered."""
    survey = surveyed(source, examples=examples)
    for conversation in steered(survey.explorers):
        survey.glance(conversation)
    (coverage,) = survey.coverage
    return coverage
