"""Every engine gives the same figures, and what was done is not done again."""

from functools import cache

import pytest
from datasets import Dataset

import rewriter
from rewriter.auditing import engines
from rewriter.auditing.audit import audited
from rewriter.auditing.batch import batch
from tests.auditing.conversations import conversations
from tests.verification.chatml import VARIANT

pytestmark = pytest.mark.usefixtures("cache")
ROWS = [
    *({"messages": chat} for chat in conversations(30)),
    {"messages": [{"role": "narrator", "content": "it rains"}]},
    {"messages": []},
]


@cache
def training():
    return rewriter.audit.training(VARIANT, limits=None)


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(engines, "_CHUNK", 8)
    monkeypatch.setattr(engines, "_BATCH", 5)


@cache
def expected():
    return audited(ROWS, training()).figures


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("num_proc", [None, 2])
def test_datasets_gives_what_a_loop_gives(num_proc):
    done = []
    found = audited(
        Dataset.from_list(ROWS), training(), num_proc=num_proc, advance=done.append
    ).figures
    assert found == expected()
    assert sum(done) == found.rows == len(ROWS)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_so_does_ray():
    pytest.importorskip("ray.data")
    ray = pytest.importorskip("ray")
    ray.init(num_cpus=1, include_dashboard=False, logging_level="ERROR")
    try:
        found = audited(Dataset.from_list(ROWS), training(), engine="ray")
    finally:
        ray.shutdown()
    assert found.figures == expected()


def test_so_does_a_stream_of_which_no_row_is_lost():
    assert audited((row for row in ROWS), training()).figures == expected()
    stream = Dataset.from_list(ROWS).to_iterable_dataset()
    assert audited(stream, training()).figures == expected()


@pytest.mark.usefixtures("small_chunks")
def test_an_interrupted_run_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch):
    rows, whole = Dataset.from_list(ROWS), expected()
    seen: list[int] = []

    def interrupted(given, *rest):
        if len(seen) == 4:
            raise KeyboardInterrupt
        seen.append(len(given["messages"]))
        return batch(given, *rest)

    monkeypatch.setattr(engines, "batch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        audited(rows, training())
    # Two chunks of eight are done, in batches of five at most.
    assert seen == [5, 3, 5, 3]
    later: list[int] = []

    def noted(given, *rest):
        later.append(len(given["messages"]))
        return batch(given, *rest)

    monkeypatch.setattr(engines, "batch", noted)
    assert audited(rows, training()).figures == whole
    assert sum(later) == len(ROWS) - sum(seen)


def test_what_is_cached_is_of_this_template_and_these_columns_alone():
    rows = Dataset.from_list([{"messages": ROWS[0]["messages"], "chat": ROWS[1]["messages"]}])
    first = audited(rows, training()).figures
    assert audited(rows, training(), given={"messages": "chat"}).figures != first
    bare = rewriter.audit.training(
        VARIANT.replace("{%- generation %}", "").replace("{%- endgeneration %}", "") + " ",
        verify=False,
        limits=None,
    )
    assert audited(rows, bare).figures.length != first.length
    assert audited(rows, training()).figures == first
