"""What is left out of Flask's work for each request changes nothing of what it does."""

import pytest
from flask import Blueprint, after_this_request, request, session, url_for

from blacklist.web.application import Application


@pytest.fixture
def app() -> Application:
    app = Application(__name__)
    inner, outer = Blueprint("inner", __name__), Blueprint("outer", __name__)

    @inner.get("/asked")
    def asked() -> dict[str, object]:
        after_this_request(lambda response: response)
        return {"blueprints": request.blueprints, "again": request.blueprints}

    @app.get("/folder/")
    def folder() -> dict[str, object]:
        return {"address": url_for("folder")}

    @app.get("/kept")
    def kept() -> str:
        session["a"] = "b"
        return ""

    @app.get("/empty")
    def empty() -> dict[str, object]:
        return dict(session)

    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    return app


def test_the_blueprints_of_a_route_are_told(app: Application) -> None:
    named = ["outer.inner", "outer"]
    assert app.test_client().get("/asked").json == {"blueprints": named, "again": named}


@pytest.mark.parametrize("hook", ["before_request", "teardown_request", "url_value_preprocessor"])
def test_functions_of_a_blueprint_that_would_not_be_called_are_refused(
    app: Application, hook: str
) -> None:
    late = Blueprint("late", __name__)
    getattr(late, hook)(lambda *_: None)
    with pytest.raises(TypeError, match="late"):
        app.register_blueprint(late)


def test_the_first_function_that_answers_is_the_answer(app: Application) -> None:
    called = []
    app.before_request(lambda: called.append(1))
    app.before_request(lambda: {"answered": "early"})
    app.before_request(lambda: called.append(2))
    assert app.test_client().get("/empty").json == {"answered": "early"}
    assert called == [1]


def test_nothing_can_be_kept_in_flasks_own_session(app: Application) -> None:
    app.testing = True
    with pytest.raises(RuntimeError, match="session is unavailable"):
        app.test_client().get("/kept")
    answer = app.test_client().get("/empty")
    assert answer.json == {}
    assert "Set-Cookie" not in answer.headers


def test_routes_are_found_whatever_the_host(app: Application) -> None:
    client = app.test_client()
    for host in ("a.example:8000", "[::1]:8000", "xn--bcher-kva.example", "a..example", "-", ""):
        answer = client.get("/folder/?a=%20b", headers={"Host": host})
        assert answer.status_code == 200, host
    assert client.get("/nowhere").status_code == 404
    assert client.post("/folder/").status_code == 405


def test_a_redirect_keeps_host_and_query(app: Application) -> None:
    answer = app.test_client().get("/folder?a=%C3%A9&b", headers={"Host": "a.example:8000"})
    assert answer.status_code == 308
    assert answer.headers["Location"] == "http://a.example:8000/folder/?a=%C3%A9&b"


def test_below_a_prefix_routes_are_found_and_built(app: Application) -> None:
    answer = app.test_client().get("/folder/", environ_overrides={"SCRIPT_NAME": "/below"})
    assert answer.json == {"address": "/below/folder/"}
