"""How answers are added up before they are written down."""

from blacklist.web.tally import Latencies, Tally


def test_answers_are_added_up_by_endpoint_and_status() -> None:
    tally = Tally(bounds=(0.1, 1.0))
    for status, seconds in ((200, 0.05), (200, 0.1), (503, 2.0)):
        tally.add(("GET /a", status, seconds))
    sums = tally.collect()
    assert sums.answers == {("GET /a", 200): 2, ("GET /a", 503): 1}
    assert sums.latencies == {"GET /a": Latencies([2, 0, 1], 2.15)}


def test_what_was_collected_is_not_collected_again() -> None:
    tally = Tally()
    tally.add(("GET /a", 200, 0.05))
    tally.collect()
    assert not tally.collect().answers
