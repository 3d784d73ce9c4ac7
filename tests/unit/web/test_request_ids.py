"""Which ids of requests are taken from callers."""

import pytest

from blacklist.web.request_ids import ENVIRON, RequestIds

UUID = "0b9f7f3e-7d3c-4c55-9f64-2f0f8f6f6a11"


@pytest.mark.parametrize("sent", [UUID, UUID.upper(), UUID.replace("-", "")])
def test_a_uuid_is_taken(sent: str) -> None:
    environ: dict[str, object] = {"HTTP_X_REQUEST_ID": sent}
    assert RequestIds().take(environ) == sent == environ[ENVIRON]


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "vn-bank.example",
        "0900000123",
        "0" * 32,
        "00000000-0000-0000-0000-000000000000",
        "DE89370400440532013000",
        UUID + "\n",
        UUID + "\r\nSet-Cookie: a=b",
        UUID + '","event":"forged',
        UUID * 2,
        "Ａ" * 32,
        "a" * 100_000,
    ],
)
def test_anything_else_is_not(sent: str) -> None:
    made = RequestIds().take({"HTTP_X_REQUEST_ID": sent})
    assert made != sent
    assert len(made) == 32
    assert set(made) <= set("0123456789abcdef")


def test_ids_differ_from_request_to_request_and_process_to_process() -> None:
    made = [ids.take({}) for ids in (RequestIds(), RequestIds()) for _ in range(1_000)]
    assert len(set(made)) == len(made)
