"""A section in somebody's Markdown: put among its kind, and nothing else is touched."""

import pytest

from rewriter.engine.registry import Names
from rewriter.errors import BadInput
from rewriter.report.markdown import with_section
from tests.carriers.inserted import inserted

FILES = Names(original="{name}.jinja", variant="{name}_t.jinja")
NAME = "README.md"
TEXT = """\
# Templates

## Kept

Words.

### `beta.jinja`

The beta.

```
## Kept
### `zeta.jinja`
```

#### A detail

Of beta.

### `delta.jinja` / `delta2.jinja`

Both.

## Patched

### `beta_t.jinja`

The patched beta.
"""


def added(text: str, family: str, below: str = "Kept") -> str:
    file = FILES.of(family)[below == "Patched"]
    return with_section(text, below, FILES, family, f"### `{file}`\n\nOn {family}.", NAME)


@pytest.mark.parametrize("family", ["beta", "delta", "delta2"])
def test_a_family_that_has_a_section_changes_nothing(family: str):
    assert added(TEXT, family) == TEXT


@pytest.mark.parametrize("family", ["alpha", "carbon", "zeta"])
@pytest.mark.parametrize("below", ["Kept", "Patched"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_only_lines_are_put_in_and_all_else_stays(family: str, below: str, newline: str):
    text = TEXT.replace("\n", newline)
    changed = added(text, family, below)
    assert len(inserted(text, changed)) == 4
    assert changed.count("\n") == changed.count(newline)
    assert added(changed, family, below) == changed


def test_it_stands_among_its_kind_in_order_of_names():
    text = added(added(added(TEXT, "carbon"), "alpha"), "carbon", "Patched")
    headings = [line for line in text.splitlines() if line.startswith("#")]
    assert headings == [
        "# Templates",
        "## Kept",
        "### `alpha.jinja`",
        "### `beta.jinja`",
        "## Kept",
        "### `zeta.jinja`",
        "#### A detail",
        "### `carbon.jinja`",
        "### `delta.jinja` / `delta2.jinja`",
        "## Patched",
        "### `beta_t.jinja`",
        "### `carbon_t.jinja`",
    ]


def test_a_heading_of_another_level_gets_sections_below_its_own():
    deeper = TEXT.replace("## ", "### ").replace("# Templates", "# Templates")
    assert "\n#### `carbon.jinja`\n" in added(deeper, "carbon")


def test_a_missing_heading_is_refused():
    with pytest.raises(BadInput, match="there is no heading 'Kept' here") as caught:
        added(TEXT.replace("## Kept\n\nWords", "## Left\n\nWords"), "alpha")
    assert caught.value.name == NAME


def test_a_heading_without_sections_on_files_is_refused_with_its_place():
    with pytest.raises(BadInput, match="no section below 'Patched' describes a file") as caught:
        added(TEXT.replace("_t.jinja", ".html"), "alpha", "Patched")
    assert (caught.value.name, caught.value.excerpt) == (NAME, "## Patched")
