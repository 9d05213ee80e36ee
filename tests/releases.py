"""What the installed release of transformers does, told by its number.

The package asks transformers itself; so that it asks rightly, tests go by the release notes.
"""

import pytest
import transformers

RELEASE = tuple(map(int, transformers.__version__.split(".")[:2]))

SEES_FIRST_BLOCK = RELEASE >= (5, 4)
PROCESSORS_MASK_BY_OVERLAP = RELEASE >= (5, 18)
ALIASES_REASONING = RELEASE >= (5, 21)
MAKES_DATA_PLAIN = RELEASE >= (5, 22)
DROPS_NONE = RELEASE >= (5, 24)
MASKS_BY_OVERLAP = RELEASE >= (5, 24)

sees_first_block = pytest.mark.skipif(
    not SEES_FIRST_BLOCK, reason="transformers before 5.4 gives what stands first no span"
)
