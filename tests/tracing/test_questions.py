"""What a template asks before it prints."""

from rewriter.source.template import Template
from rewriter.tracing.questions import asking, questions_of


def questions_reading(text: str, name: str) -> set[str] | None:
    """The questions that read a variable, as they are written."""
    template = Template(text)
    questions = questions_of(template)
    (found,) = asking(template.tree, questions, [name])
    return None if found is None else {template.source(questions[number]) for number in found}


def test_a_variable_that_is_printed_is_read_by_more_than_questions() -> None:
    assert questions_reading("{% if flag %}{{ flag }}{% endif %}", "flag") is None


def test_a_variable_in_a_slice_is_read_by_more_than_questions() -> None:
    assert questions_reading("{{ messages[flag:] }}", "flag") is None


def test_a_variable_that_only_tests_read_is_read_by_their_questions() -> None:
    text = "{% if a and flag is defined %}x{% endif %}{% if b %}y{% elif not flag %}z{% endif %}"
    assert questions_reading(text, "flag") == {"flag is defined", "flag"}


def test_a_variable_that_nothing_reads_is_read_by_no_question() -> None:
    assert questions_reading("{% if a %}x{% endif %}", "flag") == set()
