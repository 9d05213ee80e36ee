"""A second judge of a variant's mask, which only renders conversations.

It reads no template source, and shares no analysis of templates with the rest of the package. Each
field of each message has words of its own, so the text itself shows who says what.

Begin with `verdict`. `conversations` makes the conversations, `reading` renders them whole and cut
short, and `learned` collects what they show. The rules are `beginnings`, `said`, `endings` and
`later`.
"""

from rewriter.verification.by_rendering.conversations import Given
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.verdict import judged_by_rendering

__all__ = ["Fault", "Given", "judged_by_rendering"]
