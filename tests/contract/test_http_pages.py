"""Lists that are read page by page: which part of them may be asked for, and what is refused."""

import pytest

from blacklist.callers import Scope

QUEUES = ["/v1/reports", "/v1/disputes", "/v1/listings/pending"]


@pytest.fixture(scope="module")
def headers(service, key_of) -> dict[str, str]:
    return {"Authorization": f"Bearer {key_of(service.data_dir, Scope.ADMIN)}"}


@pytest.mark.parametrize("path", QUEUES)
@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("offset=-1", "bad_page"),
        ("offset=x", "bad_page"),
        ("offset=1.5", "bad_page"),
        ("offset=99999999999999999999", "bad_page"),
        ("limit=0", "bad_page"),
        ("limit=501", "bad_page"),
        ("limit=", "bad_page"),
        ("page=2", "unknown_parameter"),
        ("limit=1&limit=2", "repeated_parameter"),
    ],
)
def test_a_page_that_cannot_be_is_refused(
    service, headers, path: str, query: str, reason: str
) -> None:
    """Also a place that no store could count to."""
    service.request("GET", f"{path}?{query}", None, headers).problem(400, reason)


@pytest.mark.parametrize("path", QUEUES)
def test_a_page_behind_the_end_is_empty(service, headers, path: str) -> None:
    answer = service.request("GET", f"{path}?offset=1000000&limit=500", None, headers)
    name = path.rpartition("/")[2]
    assert (answer.status, answer.json()) == (200, {"total": 0, name: []})


def test_an_order_that_is_none_is_refused(service, headers) -> None:
    answer = service.request("GET", "/v1/reports?order=oldest", None, headers)
    answer.problem(400, "bad_order")
