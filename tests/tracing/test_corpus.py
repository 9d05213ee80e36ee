"""Every template of the catalogs is traced as transformers renders it, to the last character."""

from collections.abc import Iterator
from typing import Any

import pytest
from rendering import done_or_raised, printed_or_raised

from rewriter.tracing.origins import Literal, Unknown
from rewriter.tracing.probes import probes
from rewriter.tracing.render import TracedTemplate
from rewriter.tracing.trace import Trace

pytestmark = pytest.mark.usefixtures("fixed_date")


@pytest.fixture(scope="session")
def traced(shipped: str) -> TracedTemplate:
    return TracedTemplate(shipped)


def settings() -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    for messages, options in probes():
        for prompted in (False, True):
            yield messages, {**options, "add_generation_prompt": prompted}


@pytest.fixture(scope="session")
def tried(traced: TracedTemplate, fixed_date: None) -> list[Trace | str]:
    """What becomes of each probe."""
    return [
        done_or_raised(lambda: traced.render(messages, **options))  # noqa: B023 — called at once
        for messages, options in settings()
    ]


@pytest.fixture(scope="session")
def traces(tried: list[Trace | str]) -> list[Trace]:
    """The probes that the template takes."""
    return [trace for trace in tried if isinstance(trace, Trace)]


def test_text_and_marked_spans_are_those_of_transformers(tried: list[Trace | str], shipped: str):
    for trace, (messages, options) in zip(tried, settings(), strict=True):
        got = (trace.text, trace.generated) if isinstance(trace, Trace) else trace
        assert got == printed_or_raised(shipped, messages, **options)


def test_every_template_takes_some_probe(traces: list[Trace]):
    assert len(traces) >= 2


def test_the_runs_cover_every_character_without_a_gap(traces: list[Trace]):
    for trace in traces:
        position = 0
        for run in trace.runs:
            assert run.start == position < run.end
            position = run.end
        assert position == len(trace.text)


def test_only_what_was_never_text_is_of_unknown_origin(traces: list[Trace]):
    # A number, nothing at all, a default that is empty, and the date.
    textless = {"2", "None", "null", '""', "2026-01-02", "02 Jan 2026"}
    for trace in traces:
        unknown = {
            trace.text[run.start : run.end] for run in trace.runs if isinstance(run.origin, Unknown)
        }
        assert unknown <= textless


def test_every_run_was_printed_by_a_place_in_the_source(
    traces: list[Trace], traced: TracedTemplate, shipped: str
):
    tags = traced.template.output_tags
    texts = {span.start for span in traced.template.data_spans.values()}
    for trace in traces:
        for run in trace.runs:
            assert run.sites
            assert all(0 <= site < len(shipped) for site in run.sites)
            assert any(site in tags or site in texts for site in run.sites)


def test_a_character_of_the_template_stands_in_the_source_where_it_is_said_to(
    traces: list[Trace], traced: TracedTemplate, shipped: str
):
    for trace in traces:
        for run in trace.runs:
            if isinstance(run.origin, Literal):
                text = trace.text[run.start : run.end]
                offsets = traced.source_offsets(run.origin, len(text))
                assert len(offsets) == len(text)
                for offset, character in zip(offsets, text, strict=True):
                    assert shipped[offset] in (character, "\\", "\r")
