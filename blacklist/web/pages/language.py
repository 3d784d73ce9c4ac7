"""The languages of the pages: Vietnamese, and English where somebody chose it.

What a browser asks for (``Accept-Language``) is not looked at: many telephones in Vietnam are sold
set to English, and whoever is frightened should not have to look for the switch. The choice is kept
in a cookie that says ``vi`` or ``en`` and nothing else.

Texts stand in code and templates in English, as ``_("…")``; ``translations/LANGUAGE.po`` holds them
in the other language, side by side for who reviews them. It is read as it is, once a process
(some 30 ms): nothing has to be compiled, so no build can forget to, and no compiled file differs.
"""

from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, Response, g, request
from flask_babel import Babel, Domain, get_locale

DEFAULT: Final = "vi"
LANGUAGES: Final = {"vi": "Tiếng Việt", "en": "English"}
"""Each by its own name; English is what the texts are written in."""

PARAMETER: Final = "lang"
COOKIE: Final = "lang"
_TIMEZONE: Final = "Asia/Ho_Chi_Minh"
_COOKIE_SECONDS: Final = 365 * 86_400


class _Texts(Domain):  # type: ignore[misc]  # flask-babel has no types
    """Translations from the ``.po`` files themselves."""

    def get_translations(self) -> NullTranslations:
        return translations(str(get_locale()))


def install(app: Flask) -> None:
    """Give templates ``_()`` and dates in the language of each request."""
    babel = Babel(
        app,
        default_locale=DEFAULT,
        default_timezone=_TIMEZONE,
        locale_selector=language,
    )
    babel.domain_instance = _Texts()


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language; empty for the one they are written in."""
    file = files("blacklist.web").joinpath("translations", f"{language}.po")
    if not file.is_file():
        return NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(file.read_bytes()), locale=language))
    compiled.seek(0)
    return Translations(compiled)


def language() -> str:
    """The language of this request."""
    found: str | None = g.get("language")
    if found is None:
        sent = (request.args.get(PARAMETER), request.cookies.get(COOKIE))
        found = g.language = next((one for one in sent if one in LANGUAGES), DEFAULT)
    return found


def choose(word: str) -> None:
    """Take the language that a form asks for, if it is one."""
    if word in LANGUAGES:
        speak(word)
        g.chosen_language = word


def speak(word: str) -> None:
    """Answer this one request in a language, if it is one: nothing is remembered."""
    if word in LANGUAGES:
        g.language = word


def remember(response: Response) -> Response:
    """Let a page keep what was chosen in this request, by a link or a form."""
    chosen = g.get("chosen_language") or request.args.get(PARAMETER)
    if chosen in LANGUAGES:
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=_COOKIE_SECONDS,
            httponly=True,
            secure=request.is_secure,
            samesite="Lax",
        )
    return response
