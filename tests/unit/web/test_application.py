"""What is left out of Flask's work for each request changes nothing of what it does."""

import pytest
from flask import Blueprint, after_this_request, request, session

from blacklist.web.application import Application


@pytest.fixture
def app() -> Application:
    app = Application(__name__)
    inner, outer = Blueprint("inner", __name__), Blueprint("outer", __name__)

    @inner.get("/asked")
    def asked() -> dict[str, object]:
        after_this_request(lambda response: response)
        return {"blueprints": request.blueprints, "again": request.blueprints}

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


def test_functions_of_blueprints_are_called(app: Application) -> None:
    called = []
    for name in ("outer", "outer.inner"):
        app.before_request_funcs.setdefault(name, []).append(lambda: called.append(1))
    app.test_client().get("/asked")
    assert called == [1, 1]
    app.test_client().get("/empty")
    assert called == [1, 1]


def test_nothing_can_be_kept_in_flasks_own_session(app: Application) -> None:
    app.testing = True
    with pytest.raises(RuntimeError, match="session is unavailable"):
        app.test_client().get("/kept")
    assert app.test_client().get("/empty").json == {}
    assert "Set-Cookie" not in app.test_client().get("/empty").headers


def test_an_address_without_a_route_has_no_blueprints(app: Application) -> None:
    assert app.test_client().get("/nowhere").status_code == 404
