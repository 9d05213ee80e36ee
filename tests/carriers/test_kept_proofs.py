"""What a kept proof depends on, so that no change of it goes unseen."""

from pathlib import Path

import rewriter
from rewriter.carriers.kept_proofs import _engine_files

PACKAGE = Path(rewriter.__file__).parent


def test_every_module_of_every_layer_counts_and_so_do_the_data():
    files = set(_engine_files())
    assert {*PACKAGE.rglob("*.py")} <= files
    named = {"planner.py", "labels.py", "check.py", "fields.toml", "wrap-assistant-output.toml"}
    assert named <= {file.name for file in files}
