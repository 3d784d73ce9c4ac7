"""How results are printed: one JSON document, or text that a terminal may show."""

import click
import msgspec


def print_json(document: object) -> None:
    """Print the one document of ``--json``, indented."""
    click.echo(msgspec.json.format(msgspec.json.encode(document)).decode())


def printable(text: str) -> str:
    """Return a text of a stranger's as a terminal may show it: no control characters."""
    return "".join(char if char.isprintable() else "�" for char in text)
