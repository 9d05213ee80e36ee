"""A file that holds templates comes back byte for byte, whatever its encoding."""

import json
from pathlib import Path

import pytest

from rewriter.carriers.carrier import read_any, read_carrier
from rewriter.carriers.located import located_error
from rewriter.errors import BadInput, Place, Refused
from rewriter.source.edits import Edit
from rewriter.verification.report import Failure, Report, VerificationFailed
from tests.carriers.literals import LOOP

HELD = json.dumps({"chat_template": LOOP})


def test_a_python_file_comes_back_in_the_encoding_that_it_declares(tmp_path: Path):
    path = tmp_path / "x.py"
    content = f"# coding: latin-1\r\nx = 'é'\r\ny = 'ü{LOOP}'".encode("latin-1")
    path.write_bytes(content)
    carrier = read_carrier(path)
    (template,) = carrier.templates
    assert template.text == f"ü{LOOP}"
    assert carrier.with_edits({}).encode(carrier.encoding) == content
    after = carrier.with_edits({template: (Edit(0, 1, "ß…"),)})
    assert after.encode(carrier.encoding) == content.replace(b"\xfc", b"\xdf\\u2026")


def test_a_byte_order_mark_stays(tmp_path: Path):
    for name, content in (("x.py", f"x = '{LOOP}'"), ("x.json", HELD)):
        path = tmp_path / name
        path.write_text(content, encoding="utf-8-sig")
        carrier = read_carrier(path)
        assert carrier.with_edits({}).encode(carrier.encoding) == path.read_bytes()
        after = carrier.with_edits({carrier.templates[0]: (Edit(0, 0, "a"),)})
        assert after == "\ufeff" + content.replace(LOOP, f"a{LOOP}")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.py", b"# coding: frobnicate\nx = 1", "unknown encoding"),
        (
            "x.py",
            b"# coding: ascii\nx = '\xff'",
            "not text in ascii, the encoding that the file declares",
        ),
        ("x.py", b"x = '\xff'", "not Python|not UTF-8"),
        ("x.json", b'{"a": "\xff"}', "not UTF-8: the byte at offset 7"),
    ],
)
def test_a_file_in_another_encoding_is_bad_input(
    tmp_path: Path, name: str, content: bytes, message: str
):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=message) as caught:
        read_carrier(path)
    assert caught.value.name == str(path)


def test_what_would_not_be_read_back_is_not_written(tmp_path: Path):
    path = tmp_path / "x.py"
    path.write_text(f"x = '{LOOP} '.strip()\n")
    carrier = read_carrier(path)
    end = len(LOOP)
    with pytest.raises(BadInput, match="would not be read back"):
        carrier.with_edits({carrier.templates[0]: (Edit(end, end, "\n"),)})


def test_an_error_is_about_the_line_of_the_file_and_says_in_which_template(tmp_path: Path):
    path = tmp_path / "x.py"
    path.write_text(f"\nx = '''a\n{LOOP}\n'''\n")
    carrier = read_carrier(path)
    (held,) = carrier.held
    place = Place.at(held.text, held.text.index("m.role"))
    placed = located_error(Refused("no", place=place), held)
    assert str(placed).startswith(f"{path}:3:27: x: no\n    3 | {LOOP}\n")
    assert str(located_error(Refused("no"), held)) == f"{path}:2: x: no"


def test_a_place_in_an_escaped_template_is_shown_in_the_templates_own_line(tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"a": 1, "chat_template": f"é\n\n\té {LOOP}"}))
    (held,) = read_carrier(path).held
    place = Place.at(held.text, held.text.index("m.role"))
    placed = held.placed(place)
    column = path.read_text().index("m.role") + 1
    assert placed.drawn() == place.drawn().replace("    3 |", "    1 |", 1)
    assert (placed.line, placed.column) == (1, column)
    assert (place.line, place.column) == (3, 1 + len("\té ") + LOOP.index("m.role"))


def test_a_broken_promise_is_told_at_the_originals_place_in_the_file(tmp_path: Path):
    path = tmp_path / "x.py"
    path.write_text(f"\nx = 'a{LOOP}'\n")
    (held,) = read_carrier(path).held
    place = Place.at(held.text, 1)
    failure = Failure("it holds", {"messages": []}, "a", "b", place=place, original_place=place)
    error = located_error(VerificationFailed(Report((failure,), 1, 0)), held)
    assert isinstance(error, VerificationFailed)
    (told,) = error.report.failures
    assert told.place == place  # what was rewritten is in no file yet
    assert told.original_place == Place(2, 7, f"a{LOOP}", 2)


def test_a_file_that_is_a_template_and_nothing_else_has_its_own_places(tmp_path: Path):
    path = tmp_path / "x.jinja"
    path.write_bytes(f"\r\n{LOOP}".encode())
    carrier = read_any(path)
    (held,) = carrier.held
    place = Place.at(held.text, 5)
    assert held.placed(place) == place
    assert str(located_error(Refused("no", place=place), held)).startswith(f"{path}:2:4: no\n")
    assert held.title == str(path)
    assert carrier.with_edits({held.template: (Edit(0, 1, ""),)}) == f"\n{LOOP}"
