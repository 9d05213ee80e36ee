"""What is given to the mutation suite on its command line."""

from __future__ import annotations

import pytest

from tests.mutations.__main__ import main


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--parents", "nobodys"], "no parent's name contains 'nobodys'"),
        (["--parents", "qwen3,nobodys"], "no parent's name contains 'nobodys'"),
        (["--operators", "nobodys"], "there is no such operator"),
        (["--about", "nobodys"], "there is no such operator"),
    ],
)
def test_a_name_that_fits_nothing_is_an_error_and_no_success(given, said, capsys):
    with pytest.raises(SystemExit) as ended:
        main(given)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
