"""Random edits, and what must hold of a file after them."""

from collections.abc import Sequence

from hypothesis import strategies as st

from rewriter.carriers.carried import Carried
from rewriter.source.edits import Edit, apply

# A template that is found wherever it stands; what comes before it is the test's own.
LOOP = "{% for m in messages %}{{ m.role }}{% endfor %}"


@st.composite
def edits_of(draw: st.DrawFn, text: str, inserted: st.SearchStrategy[str]) -> tuple[Edit, ...]:
    """Edits of the text in order, which do not overlap."""
    places = st.integers(0, len(text))
    ends = sorted(draw(st.lists(places, min_size=2, max_size=6).filter(lambda ls: not len(ls) % 2)))
    pairs = zip(ends[::2], ends[1::2], strict=True)
    return tuple(Edit(start, end, draw(inserted)) for start, end in pairs)


def changed(file: str, template: Carried, edits: Sequence[Edit]) -> str:
    """The file after edits of one of its templates."""
    return apply(file, template.literal.edited(edits))
