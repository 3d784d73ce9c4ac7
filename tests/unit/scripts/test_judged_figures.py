"""Figures of the benchmarks: how they are judged, and the document that holds them."""

import json

import pytest
from judged_figures import (
    as_quick,
    judge,
    make_document,
    median_ratio,
    medians,
    print_document,
    take_turns,
)

FIVE = ["name", "value", "unit", "bar", "holds"]


@pytest.fixture
def printed(capsys):
    """What one document of the given figures is when read back."""

    def printed(*figures, quick=False):
        print_document(make_document(figures, quick=quick), as_json=True)
        return json.loads(capsys.readouterr().out)

    return printed


@pytest.mark.parametrize(("value", "holds"), [(0.7501, True), (0.75, True), (0.7499, False)])
def test_a_figure_with_a_bar_is_judged(printed, value, holds) -> None:
    document = printed(judge("http_clean_ratio", value))
    assert list(document) == ["machine", "quick", "figures"]
    (figure,) = document["figures"]
    assert list(figure) == FIVE
    assert (figure["bar"], figure["holds"]) == (0.75, holds)
    assert (figure["unit"], figure["value"]) == ("of a bare route", value)


def test_what_is_shown_is_rounded_and_what_is_judged_is_not(printed) -> None:
    (figure,) = printed(judge("many_phone_per_s", 99_999))["figures"]
    assert (figure["value"], figure["holds"]) == (100_000, False)


def test_a_figure_without_a_bar_is_not_judged(printed) -> None:
    (figure,) = printed(judge("writes", 7, unit="writes"))["figures"]
    assert figure == {"name": "writes", "value": 7, "unit": "writes", "bar": None, "holds": None}


def test_what_was_measured_beside_it_stands_in_the_figure(printed) -> None:
    (figure,) = printed(judge("load_link_per_s", 30_000, baseline=120_000, against="SADD"))[
        "figures"
    ]
    assert list(figure) == [*FIVE, "baseline", "ratio", "against"]
    assert (figure["baseline"], figure["ratio"], figure["against"]) == (120_000, 0.25, "SADD")


def test_a_quick_figure_has_another_name_and_no_verdict(printed) -> None:
    document = printed(as_quick(judge("ready_10m_s", 0.1)), quick=True)
    assert document["quick"] is True
    (figure,) = document["figures"]
    assert (figure["name"], figure["bar"], figure["holds"]) == ("quick_ready_10m_s", None, None)


def test_the_machine_is_named_and_neither_its_host_nor_a_path(printed) -> None:
    machine = printed()["machine"]
    assert machine.keys() >= {"cpu", "cores", "memory GiB", "python", "server"}
    assert "/" not in "".join(text for name, text in machine.items() if name == "server")


def test_all_take_turns_and_the_first_turn_warms_up() -> None:
    turns = []
    runs = {name: lambda name=name: turns.append(name) or float(len(turns)) for name in "ab"}
    assert take_turns(runs, 2) == {"a": [3, 5], "b": [4, 6]}
    assert "".join(turns) == "ababab"
    assert medians({"a": iter([9.0, 1, 5, 2]).__next__}, 3) == {"a": 2}


def test_a_ratio_is_that_of_the_same_turn() -> None:
    """Twice as slow a turn changes nothing when both were slow in it."""
    assert median_ratio([50, 25, 60], [100, 50, 100]) == 0.5
