"""What a source may be called."""

import pytest

from blacklist.errors import ConfigError
from blacklist.hand import source_of
from blacklist.model import Trust
from blacklist.reports import SOURCE
from blacklist.source_names import require_free, require_shape


@pytest.mark.parametrize("name", ["a", "A.b-c_9", "9" * 64, "letters", "reports-2026", "handy"])
def test_an_ordinary_name_is_free(name: str) -> None:
    require_shape(name)
    require_free(name)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".x", "-x", "a/b", "../a", "/tmp/a", "a b", "a\n", "\x1b[31m", "é", "x" * 65],
)
def test_a_name_that_is_no_word_on_a_line_is_refused(name: str) -> None:
    """Nor one that leads to another folder."""
    with pytest.raises(ConfigError):
        require_shape(name)


@pytest.mark.parametrize(
    "name", [SOURCE.name, source_of("a1b2c3", "A bank", Trust.PARTNER).name, "Reports", "HAND-x"]
)
def test_the_programs_own_names_are_not_free(name: str) -> None:
    require_shape(name)
    with pytest.raises(ConfigError, match="another name"):
        require_free(name)
