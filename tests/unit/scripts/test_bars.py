"""The bars: which there are, and when one holds."""

import pytest
from bars import BARS

from servers import ROOT

EXPECTED = {
    "http_clean_ratio": "≥ 0.75",
    "http_clean_ratio_full": "≥ 0.7",
    "http_listed_ratio": "≥ 0.45",
    "http_batch_per_s": "≥ 60000",
    "many_phone_per_s": "≥ 100000",
    "many_account_per_s": "≥ 80000",
    "many_link_per_s": "≥ 15000",
    "load_phone_per_s": "≥ 50000",
    "load_link_per_s": "≥ 15000",
    "bytes_phone_1m": "≤ 30",
    "bytes_phone_3m": "≤ 30",
    "bytes_phone_10m": "≤ 30",
    "bytes_link_1m": "≤ 110",
    "bytes_30_sources": "≤ 50",
    "ready_10m_s": "≤ 2",
    "ack_p99_s": "≤ 1.2",
    "check_p99_during_writes_ratio": "≤ 1.5",
    "growth_p50_ratio": "≤ 1.2",
    "wrong_answers": "≤ 0",
}


def test_the_bars_are_these() -> None:
    """Whoever changes one says so here, too."""
    assert {name: f"{bar.sign} {bar.value}" for name, bar in BARS.items()} == EXPECTED


@pytest.mark.parametrize("name", BARS)
def test_a_bar_is_measured_by_a_program_that_exists(name) -> None:
    program = BARS[name].program
    file = f"{program}.py" if program == "soak" else f"{program}_benchmark.py"
    assert (ROOT / "scripts" / file).is_file()


@pytest.mark.parametrize("name", BARS)
def test_a_bar_holds_at_its_value_and_on_its_good_side_only(name) -> None:
    bar = BARS[name]
    above, below = bar.value * 1.001 + 0.001, bar.value * 0.999 - 0.001
    good, bad = (above, below) if bar.sign == "≥" else (below, above)
    assert (bar.holds(bar.value), bar.holds(good), bar.holds(bad)) == (True, True, False)
