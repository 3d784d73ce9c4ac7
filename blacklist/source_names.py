"""What a source may be called, and which names are given by the program itself; pure.

The one place for both. A feed or a letter under the name of somebody's listings by hand, or of
what reviewers accepted, would speak in his place, and could take out what he listed.
"""

import re
from typing import Final

from blacklist.errors import ConfigError

SHAPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
HAND_PREFIX: Final = "hand-"
"""Before a key's id: what that key lists by hand."""

REPORTS: Final = "reports"
"""What reviewers accepted of reports."""


def require_shape(name: str) -> None:
    """ConfigError where a name cannot stand in answers, which show it on one line."""
    if SHAPE.fullmatch(name) is None:
        raise ConfigError("a source's name is 1 to 64 letters, digits, dots, dashes or _")


def require_free(name: str) -> None:
    """ConfigError for a name that the program gives itself, in whatever capitals."""
    folded = name.lower()
    if folded == REPORTS or folded.startswith(HAND_PREFIX):
        raise ConfigError(
            f"'{REPORTS}' and names with '{HAND_PREFIX}' before them belong to what is listed by "
            "hand: give the source another name"
        )
