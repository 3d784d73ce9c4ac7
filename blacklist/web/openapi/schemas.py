"""JSON Schemas of the types that views read and answer with.

msgspec tells what it accepts, so a member with a default may be left out. Of an answer more is
true: it has every member, but for those that are UNSET or left out at their defaults.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import inspect

from blacklist.web.described import Media
from blacklist.web.openapi.prose import plain

REFERENCE: Final = "#/components/schemas/{name}"

_GENERIC: Final = re.compile(r"(\w+)_(\w+)_$")

Schema = dict[str, Any]

Types = Callable[[Any], Schema]
"""The schema of a type."""


def components(
    *, asked: Iterable[Any], answered: Iterable[Any]
) -> tuple[Mapping[Any, Schema], dict[str, Schema]]:
    """The schema of each type, and the components that they refer to, by name."""
    answers = _types(answered)
    types = list(dict.fromkeys([*answers, *_types(asked)]))
    found, named = msgspec.json.schema_components(types, ref_template=REFERENCE)
    for shape in _structs(inspect.multi_type_info(answers)):
        named[shape.__name__]["required"] = _always_there(shape)
    schemas = dict(zip(types, found, strict=True))
    return (
        {kind: _written(schema) for kind, schema in schemas.items()},
        {_name(name): _written(schema) for name, schema in named.items()},
    )


def of_struct(shape: type[msgspec.Struct]) -> Schema:
    """The schema of a Struct alone, in which others are written out."""
    found, named = msgspec.json.schema_components([shape], ref_template="{name}")
    own: Schema = named[found[0]["$ref"]]
    others = {name: schema for name, schema in named.items() if schema is not own}
    own["properties"] = {
        name: others[schema["$ref"]] | {n: v for n, v in schema.items() if n != "$ref"}
        if "$ref" in schema
        else schema
        for name, schema in own["properties"].items()
    }
    return {"properties": _written(own["properties"])}


def _written(schema: Any) -> Any:
    """A schema with its descriptions, which are docstrings, as Markdown, and with our names."""
    if isinstance(schema, dict):
        written = {name: _written(one) for name, one in schema.items()}
        if isinstance(schema.get("description"), str):
            written["description"] = plain(schema["description"])
        if "$ref" in schema:
            written["$ref"] = _name(schema["$ref"])
        return written
    return [_written(one) for one in schema] if isinstance(schema, list | tuple) else schema


def _name(name: str) -> str:
    """What msgspec calls ``Batch_Item_`` is a BatchOfItem."""
    return _GENERIC.sub(r"\1Of\2", name)


def _types(kinds: Iterable[Any]) -> list[Any]:
    return [kind for kind in dict.fromkeys(kinds) if not isinstance(kind, Media)]


def _always_there(shape: type[msgspec.Struct]) -> list[str]:
    config = shape.__struct_config__
    return [
        field.encode_name
        for field in msgspec.structs.fields(shape)
        if not (config.omit_defaults and not field.required) and field.default is not msgspec.UNSET
    ]


def _structs(infos: Iterable[inspect.Type]) -> Iterable[type[msgspec.Struct]]:
    """Every Struct in some types, however deep."""
    seen: set[type[msgspec.Struct]] = set()
    rest: list[Any] = list(infos)
    while rest:
        info = rest.pop()
        if isinstance(info, inspect.StructType):
            if info.cls in seen:
                continue
            seen.add(info.cls)
            rest += [field.type for field in info.fields]
        elif isinstance(info, inspect.UnionType):
            rest += info.types
        elif isinstance(info, inspect.DictType):
            rest += [info.key_type, info.value_type]
        elif isinstance(info, inspect.TupleType):
            rest += info.item_types
        elif isinstance(info, inspect.Metadata):
            rest.append(info.type)
        elif isinstance(info, inspect.ListType | inspect.VarTupleType | inspect.CollectionType):
            rest.append(info.item_type)
    return seen
