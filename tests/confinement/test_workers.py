"""A worker does as it is asked, tells what went wrong, and is never used again once stopped."""

import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from types import MappingProxyType

import pytest

from rewriter.confinement import workers
from rewriter.confinement.workers import close, prepare
from rewriter.errors import BadInput, Stopped
from rewriter.internal_error import InternalError
from rewriter.limits import Limits

AMPLE = Limits(seconds=30, megabytes=500)
# Without what proofs need, which takes a new process longer to import than all else.
confined = partial(workers.confined, needs=())


@pytest.fixture(
    autouse=True,
    params=[
        "spawned",
        pytest.param(
            "forked",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked there"),
        ),
    ],
)
def forks(request, monkeypatch):
    """Whichever way a worker's process begins, it does the same."""
    forks = request.param == "forked"
    monkeypatch.setattr("rewriter.confinement.worker.can_fork", lambda: forks)
    close()
    yield forks
    close()


def test_what_cannot_be_sent_is_said_and_the_worker_goes_on():
    with pytest.raises(TypeError, match="cannot be sent"):
        confined(lambda: 1, AMPLE)
    with pytest.raises(TypeError, match="cannot be sent"):
        confined(partial(compile, "1", "<text>", "eval"), AMPLE)
    assert confined(partial(len, "abc"), AMPLE) == 3


def test_what_a_task_raises_is_raised_here_with_its_traceback():
    with pytest.raises(BadInput, match="no transform") as raised:
        confined(partial(_transform, "nonsense"), AMPLE)
    assert raised.value.exit_code == 2
    assert any("transform_named" in note for note in raised.value.__notes__)


def _transform(name: str) -> object:
    from rewriter.engine.transforms import transform_named

    return transform_named(name)


def test_what_a_task_prints_is_not_taken_for_its_result():
    assert confined(partial(print, "x" * 100_000, end=""), AMPLE) is None
    assert confined(partial(os.write, 1, b"\x80\x04."), AMPLE) == 3


def test_a_process_that_dies_is_said_to_have_died():
    with pytest.raises(Stopped, match="died") as stopped:
        confined(partial(os._exit, 3), AMPLE)
    assert stopped.value.limit == "died"


def test_a_library_that_runs_out_of_memory_writes_no_backtrace_which_might_never_end(monkeypatch):
    monkeypatch.setenv("RUST_BACKTRACE", "1")
    assert confined(partial(os.getenv, "RUST_BACKTRACE"), AMPLE) == "0"


def test_a_worker_is_used_again_unless_it_was_stopped():
    first = confined(os.getpid, AMPLE)
    assert first != os.getpid()
    assert confined(os.getpid, AMPLE) == first
    with pytest.raises(Stopped):
        confined(partial(time.sleep, 20), Limits(0.05, 500))
    assert confined(os.getpid, AMPLE) != first


def test_workers_that_were_prepared_are_those_that_work():
    prepare(2)
    first = workers.confined(os.getpid, AMPLE)
    assert workers.confined(os.getpid, AMPLE) == first


def test_a_worker_finds_modules_where_its_maker_does(tmp_path, monkeypatch):
    (tmp_path / "somewhere_else.py").write_text("def found():\n    return 'here'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    from somewhere_else import found  # type: ignore[import-not-found]

    from rewriter.confinement.worker import Worker

    worker = Worker()
    assert worker.work(found, AMPLE) == "here"
    worker.kill()
    worker.kill()
    assert sys.path[0] == str(tmp_path)


def test_read_only_views_of_mappings_are_sent():
    view = MappingProxyType({"a": 1})
    assert confined(partial(_same, view), AMPLE) == view


def _same(value: object) -> object:
    return value


@pytest.mark.skipif(sys.platform == "win32", reason="the clock on the wall is the only one there")
def test_the_time_that_others_take_is_nobodys():
    slow = Limits(seconds=0.3, megabytes=500)
    assert confined(partial(time.sleep, 0.7), slow) is None
    with pytest.raises(Stopped, match=r"was stopped after 0\.3 s\n") as stopped:
        confined(_work_without_end, slow)
    assert stopped.value.limit == "0.3 s"


@pytest.mark.skipif(sys.platform == "win32", reason="the clock on the wall is the only one there")
def test_what_waits_without_end_is_stopped_too():
    with pytest.raises(Stopped, match=r"after 0\.5 s of wall-clock time"):
        confined(partial(time.sleep, 60), Limits(seconds=0.05, megabytes=500))


def _work_without_end() -> None:
    while True:
        pass


def test_what_nobody_foresaw_is_an_internal_error_with_what_to_report():
    with pytest.raises(InternalError, match="internal error: ZeroDivisionError: ") as raised:
        confined(_divide, AMPLE)
    assert raised.value.exit_code == 70
    assert "in _divide" in raised.value.frames[-1]
    assert "please report it" in str(raised.value)
    assert "Python 3." in str(raised.value)
    assert confined(partial(len, "abc"), AMPLE) == 3


def _divide() -> float:
    return 1 / 0


def test_a_task_that_cannot_be_read_is_told_and_the_worker_goes_on():
    before = confined(os.getpid, AMPLE)
    with pytest.raises(InternalError, match="internal error: ZeroDivisionError"):
        confined(partial(len, _Unreadable()), AMPLE)
    assert confined(os.getpid, AMPLE) == before


class _Unreadable:
    def __reduce__(self):
        return _divide, ()


def test_a_process_that_closes_its_output_is_said_to_have_died():
    with pytest.raises(Stopped, match="died"):
        confined(_close_everything, AMPLE)


def _close_everything() -> None:
    os.closerange(1, 20)
    time.sleep(60)


def test_what_goes_too_deep_is_stopped_and_the_worker_is_not_used_again():
    before = confined(os.getpid, AMPLE)
    with pytest.raises(Stopped, match="deeper than Python can follow") as stopped:
        confined(_descend, AMPLE)
    assert stopped.value.limit == "depth"
    assert confined(os.getpid, AMPLE) != before


def _descend() -> None:
    _descend()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="it is looked up there")
def test_a_worker_ends_with_its_maker_in_the_midst_of_its_work(forks):
    program = (
        f"from rewriter.confinement.processes import IS_OUR_OWN; IS_OUR_OWN.set({forks})\n"
        "import os, time; from functools import partial\n"
        "from rewriter.confinement.worker import Worker; from rewriter.limits import Limits\n"
        "worker = Worker(); print(worker.work(os.getpid, Limits()), flush=True)\n"
        "worker.work(partial(time.sleep, 500), Limits())"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as maker:
        assert maker.stdout
        worker = int(maker.stdout.readline())
        maker.kill()
    until = time.monotonic() + 20
    while _is_running(worker) and time.monotonic() < until:
        time.sleep(0.05)
    assert not _is_running(worker)


def _is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
