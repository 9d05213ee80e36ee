"""What README and the documentation show is what happens."""

import json
import re
from pathlib import Path
from shutil import copytree

import documented
import pytest
import yaml

import rewriter
from rewriter.carriers.project import Project
from rewriter.data import parsed, record
from rewriter.limits import Limits
from rewriter.report.message import KINDS
from rewriter.verification.message_notices import tokenizer_notices
from rewriter.verification.notices import ABOUT_DATA, ABOUT_MESSAGES, NoticeId
from tests.tokens.offline_tokenizers import byte_level_crossing

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted(DOCS.rglob("*.md")) if not re.match(r"catalog|findings", page.name)),
]
RUN = [
    page
    for page in PAGES
    if {fence.language for fence in documented.fences(page.read_text("utf-8"))}
    & {"console", "python"}
]


def page(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def titled(text: str) -> dict[str, str]:
    return {each.title: each.text for each in documented.fences(text) if each.title}


def sections(text: str) -> dict[str, str]:
    """The text below each heading of the second level."""
    return dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))


def example(section: str) -> documented.Fence:
    return next(each for each in documented.fences(section) if each.language == "jinja")


def goals(fence: documented.Fence) -> list[str]:
    return re.findall(r"--goal (\S+)", fence.title) or ["assistant-mask"]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template and the model folder that the tutorial makes."""
    folder = tmp_path_factory.mktemp("documentation")
    files = titled(page("tutorial.md"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("chatml.jinja").write_text(files["chatml.jinja"], encoding="utf-8")
        exec(files["make_model.py"], {})
    Path(folder, "chat_templates").mkdir()
    Path(folder, "chat_templates", "chatml.jinja").write_text(files["chatml.jinja"], "utf-8")
    return folder


@pytest.mark.parametrize("file", RUN, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_command_and_snippet_does_what_the_page_says(
    file: Path, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    documented.run(file.read_text(encoding="utf-8"))


def test_the_project_that_is_shown_is_one():
    table = parsed(titled(page("how-to/folder.md"))["pyproject.toml"], "folder.md")
    project = record(table["tool"]["rewriter"], Project, "folder.md")
    assert (project.originals, project.variants) == (Project().originals, Project().variants)


def test_every_setting_is_listed_and_no_other():
    keys = {field.alias or name for name, field in Project.model_fields.items()}
    rows = set(re.findall(r"^\| `([a-z-]+)` \|", page("reference/settings.md"), re.MULTILINE))
    assert rows == keys | {"family", "transforms"}


def test_the_hooks_that_are_shown_are_there():
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    config = yaml.safe_load(titled(page("how-to/folder.md"))[".pre-commit-config.yaml"])
    shown = {hook["id"] for entry in config for hook in entry["hooks"]}
    assert shown < {hook["id"] for hook in hooks}


def test_every_kind_of_message_is_listed_and_no_other():
    section = sections(page("reference/output.md"))["`messages` and `results`"]
    assert re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE) == list(KINDS)


def test_every_public_name_is_on_the_page_of_the_api():
    shown = re.findall(r"^::: rewriter\.(\w+)$", page("reference/api.md"), re.MULTILINE)
    assert {*shown} - {"strategies"} == {*rewriter.__all__} - {"__version__"}


REFUSED = sections(page("reference/refusals.md"))
# A fault of our own has no example that could be relied on.
EXAMPLES = [reason for reason in REFUSED if reason != "broken-promise"]


def test_every_reason_has_its_section_and_no_other():
    assert list(REFUSED) == [reason.value for reason in rewriter.Reason]


def refused(fence: documented.Fence) -> None:
    if fence.title == "rewriter serve":
        rewriter.served(fence.text)
    limits = Limits(seconds=1) if "--time-limit" in fence.title else None
    rewriter.rewrite(fence.text, goals=goals(fence), limits=limits)


@pytest.mark.parametrize("reason", EXAMPLES)
def test_each_example_is_refused_for_the_reason_it_stands_under(reason: str):
    with pytest.raises(rewriter.Refused) as error:
        refused(example(REFUSED[reason]))
    assert error.value.reason == reason


NOTICED = sections(page("reference/notices.md"))


def test_every_notice_has_its_section_and_no_other():
    assert list(NOTICED) == [notice.value for notice in NoticeId]


# Nothing is known that causes the first, and an example of the second would take its time.
WITHOUT_EXAMPLE = {NoticeId.OTHER_TEXT, NoticeId.STOPPED}
ON_DATA = sorted(ABOUT_DATA - {NoticeId.DOUBLE_BOS, *WITHOUT_EXAMPLE})


@pytest.mark.parametrize("notice", ON_DATA)
def test_each_row_gives_the_notice_it_stands_under_and_no_other(notice: NoticeId):
    fence = example(NOTICED[notice])
    (row,) = (f.text for f in documented.fences(NOTICED[notice]) if f.language == "json")
    tokenizer = byte_level_crossing(fence.text)
    length = re.search(r"--max-length (\d+)", fence.title)
    training = rewriter.audit.training(
        fence.text,
        tokenizer=tokenizer,
        max_length=int(length.group(1)) if length else None,
        verify=False,
        limits=None,
    )
    found = rewriter.audit.batch([json.loads(row)], training)
    assert [each for each in NoticeId if found.get(each) == [True]] == [notice]


@pytest.mark.parametrize(
    "notice", [each for each in NOTICED if each not in {*ON_DATA, *WITHOUT_EXAMPLE}]
)
def test_each_example_gives_the_notice_it_stands_under(notice: str):
    fence = example(NOTICED[notice])
    proven = "generation" in fence.text  # only marks are judged by the proof
    policy = "trl" if "--policy trl" in fence.title else "strict"
    result = rewriter.rewrite(
        fence.text, policy=policy, goals=goals(fence), verify=proven, limits=None
    )
    beside = tokenizer_notices(fence.text, "</s>", "<s>")
    given = {found.id for found in (*result.notices, *beside)}
    assert notice in given
    # Of those that every command gives it is the only one.
    assert given - ABOUT_MESSAGES - {"N012", "N014"} <= {notice}


def test_every_decision_is_on_the_index():
    index = page("decisions/index.md")
    files = sorted(each for each in (DOCS / "decisions").glob("0*.md"))
    for file in files:
        number, title = re.match(r"# (\d+)\. (.+)", file.read_text("utf-8")).groups()
        assert f"[{number}. {title}]({file.name})" in index


def test_a_decision_that_was_replaced_says_so_at_the_top_and_on_the_index():
    index = page("decisions/index.md")
    for file in (DOCS / "decisions").glob("0*.md"):
        first = file.read_text("utf-8").split("\n\n")[1]
        (line,) = re.findall(rf"\({re.escape(file.name)}\)(.*)", index)
        for word in ("Replaced by [", "In part replaced by ["):
            assert first.startswith(word) == (f" — {word[:-2].lower()}" in line), file.name
