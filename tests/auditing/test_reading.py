"""Data as people have it, and as nobody should."""

import json
import os
import sys
from pathlib import Path

import pytest
from datasets import Dataset, DatasetDict

from rewriter.auditing.reading import read_data
from rewriter.errors import BadInput
from tests.auditing.conversations import conversations

pytestmark = pytest.mark.usefixtures("cache")
ROWS = [{"messages": chat} for chat in conversations(4)]
LINES = "".join(json.dumps(row) + "\n" for row in ROWS)


def saved(kind: str, folder: Path) -> Path:
    """The rows in a file of some kind, or in a folder."""
    path = folder / f"data{kind}"
    rows = Dataset.from_list([{"messages": json.dumps(row["messages"])} for row in ROWS])
    if kind in (".jsonl", ".ndjson"):
        path.write_text(LINES)
    elif kind == ".json":
        path.write_text(json.dumps(ROWS))
    elif kind == ".parquet":
        rows.to_parquet(path)
    elif kind == ".arrow":
        rows.save_to_disk(folder / "whole")
        (found,) = (folder / "whole").glob("*.arrow")
        found.rename(path)
    elif kind == " saved":
        rows.save_to_disk(path)
    elif kind == " saved in splits":
        DatasetDict(train=rows, test=rows.select([0])).save_to_disk(path)
    else:
        path.mkdir()
        (path / "one.jsonl").write_text(LINES)
        (path / "two.jsonl").write_text(LINES)
    return path


@pytest.mark.parametrize(
    "kind", [".jsonl", ".ndjson", ".json", ".parquet", ".arrow", " saved", " folder"]
)
def test_every_kind_of_data_is_read(kind, tmp_path):
    data = read_data(saved(kind, tmp_path))
    assert len(data.dataset) == len(ROWS) * (2 if kind == " folder" else 1)
    assert data.dataset.column_names == ["messages"]
    assert data.remarks == ()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
@pytest.mark.parametrize("name", ["x.jsonl", "folder/x.jsonl", "saved/x.arrow"])
def test_what_has_no_end_is_named_and_not_opened(name: str, tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "a.jsonl").write_text(LINES)
    Dataset.from_list(ROWS).save_to_disk(tmp_path / "saved")
    pipe, given = tmp_path / name, tmp_path / Path(name).parts[0]
    os.mkfifo(pipe)
    for _ in range(2):
        with pytest.raises(BadInput, match="a pipe, a device or a socket") as error:
            read_data(given)
        assert error.value.name == str(pipe)
        pipe.unlink()
        pipe.symlink_to("/dev/zero")


def test_a_split_is_named_where_there_are_several(tmp_path):
    path = saved(" saved in splits", tmp_path)
    assert len(read_data(path, "test").dataset) == 1
    for split in (None, "dev"):
        with pytest.raises(BadInput) as error:
            read_data(path, split)
        assert "train, test" in error.value.hint


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("short.parquet", None),
        ("empty.parquet", b""),
        ("noise.arrow", bytes(range(256)) * 10),
        ("data.txt", b"what now"),
        ("empty.jsonl", b""),
        ("blank.jsonl", b"\n  \n"),
        ("nothing.json", b"[]"),
        ("empty", None),
    ],
)
def test_what_cannot_be_read_is_bad_input(name, content, tmp_path):
    path = tmp_path / name
    if name == "short.parquet":
        content = saved(".parquet", tmp_path).read_bytes()[:-100]
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with pytest.raises(BadInput) as error:
        read_data(path)
    assert error.value.name == str(path)


def test_lines_that_are_no_table_are_rows_of_their_own(tmp_path):
    path = tmp_path / "data.jsonl"
    path.write_bytes(LINES.encode() + b'{"messages": [\n3\n\n"x"\n\xff\xfe\n')
    data = read_data(path)
    assert len(data.dataset) == len(ROWS) + 4
    assert data.dataset.column_names == ["json"]
    assert "it is not a table" in data.remarks[0]
    # What is saved meanwhile is read anew.
    path.write_bytes(LINES.encode() + b"{\n")
    assert len(read_data(path).dataset) == len(ROWS) + 1


def test_a_list_that_is_no_table_has_its_items_as_rows(tmp_path):
    path = tmp_path / "data.json"
    path.write_text(json.dumps([*ROWS, 3]))
    assert len(read_data(path).dataset) == len(ROWS) + 1


def test_a_shard_without_a_row_is_left_out_and_without_any_there_is_nothing(tmp_path):
    rows = Dataset.from_list(ROWS)
    rows.select([]).to_parquet(tmp_path / "a.parquet")
    with pytest.raises(BadInput, match="there is no row in it"):
        read_data(tmp_path / "a.parquet")
    rows.to_parquet(tmp_path / "b.parquet")
    assert len(read_data(tmp_path).dataset) == len(ROWS)
