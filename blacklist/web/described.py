"""What a view says of itself, beside its docstring and what it needs: for ``/openapi.json``.

Types are those with which the view reads and answers, so the document is made of what is true. Each
part of it that several views share stands where the shared thing is done (``parameters.py`` for the
words on parameters, ``answers.py`` for those of a limit, …). Read by ``blacklist/web/openapi``.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple, TypeVar

import msgspec

View = TypeVar("View", bound=Callable[..., object])


class Header(NamedTuple):
    """A request's header that a view, or all views of a sort, look at; none is ever required."""

    name: str
    meaning: str
    schema: Mapping[str, Any] = {"type": "string"}


class Media(NamedTuple):
    """A body that is no JSON: of which media types, and what stands in it."""

    types: tuple[str, ...]
    meaning: str


class Described(msgspec.Struct, frozen=True):
    """``answers``: by status the type of the JSON body, Media, or None where there is no body.

    ``parameters`` is a Struct of the address line's, ``path`` the type of each variable part,
    ``problems`` the words (``reasons.py``) of its problem documents, ``in_items`` those of single
    items in an answer, ``beside`` by a word the Struct of what such a document may have beside
    the usual members. What holds for every request is not told here.
    """

    answers: Mapping[int, Any] = {}
    body: Any = None
    parameters: type[msgspec.Struct] | None = None
    path: Mapping[str, Any] = {}
    headers: tuple[Header, ...] = ()
    problems: frozenset[str] = frozenset()
    in_items: frozenset[str] = frozenset()
    beside: Mapping[str, type[msgspec.Struct]] = {}


def describes(
    *,
    answers: Mapping[int, Any] = {},
    body: Any = None,
    parameters: type[msgspec.Struct] | None = None,
    path: Mapping[str, Any] = {},
    headers: tuple[Header, ...] = (),
    problems: Collection[str] = (),
    in_items: Collection[str] = (),
    beside: Mapping[str, type[msgspec.Struct]] = {},
) -> Callable[[View], View]:
    """Say of a view what it takes and answers; said more than once, it adds up.

    So whatever wraps or marks views can say what it adds to each: a header, a problem.
    """

    def mark(view: View) -> View:
        told = description_of(view)
        view.described = Described(  # type: ignore[attr-defined]
            answers={**told.answers, **answers},
            body=body or told.body,
            parameters=parameters or told.parameters,
            path={**told.path, **path},
            headers=(*told.headers, *headers),
            problems=told.problems | frozenset(problems),
            in_items=told.in_items | frozenset(in_items),
            beside={**told.beside, **beside},
        )
        return view

    return mark


def description_of(view: object) -> Described:
    """What a view says of itself; nothing where it says nothing."""
    found: Described = getattr(view, "described", _NOTHING)
    return found


_NOTHING = Described()
