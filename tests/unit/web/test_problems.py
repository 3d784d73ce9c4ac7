"""What is logged of requests that fail: enough to find them, and nothing that was asked."""

import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blacklist.errors import Unavailable
from blacklist.web import problems

PATH = "/v1/listings/zq9unlikely7"


@pytest.fixture
def client() -> FlaskClient:
    app = Flask(__name__)
    problems.install(app)

    @app.route("/v1/listings/<value>", methods=["GET", "PUT"])
    def write(value: str) -> str:
        raise Unavailable("the store takes no writes")

    @app.post("/broken/<value>")
    def broken(value: str) -> str:
        raise ZeroDivisionError(value)

    return app.test_client()


def test_a_write_that_was_refused_is_an_event(client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.put(PATH).status_code == 503
    (record,) = caplog.records
    assert (record.event, record.levelno) == ("refused", logging.WARNING)
    assert record.told["endpoint"] == "PUT /v1/listings/<value>"
    assert record.told["reason"] == "store_unavailable"
    assert "zq9unlikely7" not in str(record.__dict__)


def test_a_question_that_was_refused_is_none(client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.get(PATH).status_code == 503
    assert caplog.records == []


def test_a_defect_is_told_by_its_class(client, caplog: pytest.LogCaptureFixture) -> None:
    assert client.post("/broken/zq9unlikely7").status_code == 500
    (record,) = caplog.records
    assert (record.event, record.told["error"]) == ("defect", "ZeroDivisionError")
    assert "zq9unlikely7" not in str(record.told) + record.getMessage()
