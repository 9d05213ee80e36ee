"""Garbage is looked for seldom while templates are worked on, and then as before."""

import gc

import pytest

from rewriter.confinement.garbage import collecting_seldom


@pytest.fixture(autouse=True)
def _as_before():
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)


@pytest.mark.parametrize("threshold", [(0, 10, 10), (1_000_000, 10, 10)])
def test_who_looks_for_garbage_more_seldom_or_never_is_left_alone(threshold):
    gc.set_threshold(*threshold)
    with collecting_seldom():
        assert gc.get_threshold() == threshold
    assert gc.get_threshold() == threshold


def test_garbage_is_looked_for_as_before_also_after_an_error():
    gc.set_threshold(701, 11, 12)
    with pytest.raises(ZeroDivisionError):
        _fail()
    assert gc.get_threshold() == (701, 11, 12)


def _fail():
    with collecting_seldom():
        assert gc.get_threshold()[0] > 701
        raise ZeroDivisionError


def test_of_two_at_work_the_first_sets_it_back():
    gc.set_threshold(701, 11, 12)
    first, second = collecting_seldom(), collecting_seldom()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    second.__exit__(None, None, None)
    assert gc.get_threshold() == (701, 11, 12)
