"""Moments as logs and the trail write them; pure."""

from datetime import UTC, datetime
from functools import lru_cache


def moment(second: float) -> str:
    """Return a Unix second in UTC after RFC 3339, to the millisecond."""
    whole = int(second)
    return f"{_whole_second(whole)}.{int((second - whole) * 1_000):03}Z"


@lru_cache(maxsize=2)
def _whole_second(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()[:-6]
