"""What an address line may say: known parameters, each once, each in its shape."""

from collections.abc import Collection, Mapping
from typing import Final, TypeVar

import msgspec
from flask import request

from blacklist.items import field_of
from blacklist.model import ItemError
from blacklist.web.problems import Refusal

PROBLEMS: Final = ("unknown_parameter", "repeated_parameter")
"""Words of what :func:`require_parameters` refuses."""

Shape = TypeVar("Shape", bound=msgspec.Struct)


def exactly(pattern: str) -> msgspec.Meta:
    """What a text must be from its first character to its last.

    (``$`` alone lets a line end stand behind it in Python, and not in a document's schemas.)
    """
    return msgspec.Meta(
        pattern=rf"\A(?:{pattern})\Z", extra_json_schema={"pattern": f"^(?:{pattern})$"}
    )


class NoParameters(msgspec.Struct):
    """An address line that takes none."""


def read_parameters(shape: type[Shape], wrong: Mapping[str, ItemError] = {}) -> Shape:
    """The parameters of the request; Refusal 400 for a wrong one, by the word for its name."""
    require_parameters(shape.__struct_fields__)
    try:
        return msgspec.convert(request.args.to_dict(), shape, strict=False)
    except msgspec.ValidationError as exc:
        error = wrong[field_of(exc)]
        raise Refusal(400, error.reason, error.detail) from exc


def require_parameters(known: Collection[str]) -> None:
    """Raise Refusal 400 for a parameter that is not known, or comes twice."""
    if not set(request.args) <= set(known):
        told = f"known parameters: {', '.join(sorted(known))}" if known else "it takes no parameter"
        raise Refusal(400, "unknown_parameter", told)
    if any(len(request.args.getlist(name)) > 1 for name in request.args):
        raise Refusal(400, "repeated_parameter", "give every parameter once")
