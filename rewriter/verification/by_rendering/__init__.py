"""A second judge of a variant's mask, which knows only what conversations render to.

It reads no template source, and shares no reading of a template with the rest of the package: each
field of each message holds words that stand nowhere else, so the text itself tells who says what.
"""

from rewriter.verification.by_rendering.conversations import Given
from rewriter.verification.by_rendering.faults import Fault
from rewriter.verification.by_rendering.verdict import judged_by_rendering

__all__ = ["Fault", "Given", "judged_by_rendering"]
