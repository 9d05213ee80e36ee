"""A small repository that is laid out as trl is, and the command that brings a family into it."""

from pathlib import Path

from click.testing import CliRunner, Result

from rewriter.cli import main

MODULE = "trl/chat_template_utils.py"
README = "trl/chat_templates/README.md"
FOLDER = "trl/chat_templates"
PAGE = "docs/source/chat_templates.md"
TESTS = "tests/test_chat_template_utils.py"
FEW = ("--examples", "10")
PARAMETERS = """\
import pytest


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("me/tiny-Llama-3", id="llama3"),
        pytest.param("me/tiny-Phi-3", id="phi3"),
    ],
)
class TestGetTrainingChatTemplate:
    pass
"""


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def new_family(repository: Path, name: str, template: Path, *options: str) -> Result:
    given = ["new-family", name, str(template), "--into", str(repository), *FEW, *options]
    return CliRunner().invoke(main, given)


SMALL = {
    MODULE: '''\
from pathlib import Path

_CHAT_TEMPLATES_DIR = Path(__file__).parent / "chat_templates"

chatty_chat_template = (_CHAT_TEMPLATES_DIR / "chatty.jinja").read_text()

chatty_training_chat_template = (_CHAT_TEMPLATES_DIR / "chatty_training.jinja").read_text()


def get_training_chat_template(chat_template):
    """The template to train with. The supported templates are listed in the README."""
    if chat_template == chatty_chat_template:
        return chatty_training_chat_template

    raise ValueError(chat_template)
''',
    README: """\
# Chat Templates

## Original templates

### `chatty.jinja`

Original Chatty chat template.

## Training templates

### `chatty_training.jinja`

Patched Chatty template.
""",
    f"{FOLDER}/chatty.jinja": "{{ messages[0].content }}",
    f"{FOLDER}/chatty_training.jinja": "{{ messages[0].content }}|marked",
}
