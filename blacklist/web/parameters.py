"""What an address line may say: known parameters, each once."""

from collections.abc import Collection

from flask import request

from blacklist.web.problems import Refusal


def require_parameters(known: Collection[str]) -> None:
    """Raise Refusal 400 for a parameter that is not known, or comes twice."""
    if not set(request.args) <= set(known):
        told = f"known parameters: {', '.join(sorted(known))}" if known else "it takes no parameter"
        raise Refusal(400, "unknown_parameter", told)
    if any(len(request.args.getlist(name)) > 1 for name in request.args):
        raise Refusal(400, "repeated_parameter", "give every parameter once")
