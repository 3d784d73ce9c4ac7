"""Options that several commands have; cheap to import, as ``check`` has them too."""

import click

from blacklist.model import Audience, Kind

KINDS = click.Choice([str(kind) for kind in Kind])

as_json = click.option(
    "--json", "as_json", is_flag=True, help="One JSON document on standard output."
)
region = click.option("--region", help="Country of numbers written without one (two letters).")
kind_of_rows = click.option("--kind", type=KINDS, help="What rows are that do not say.")
audience = click.option(
    "--audience",
    type=click.Choice([str(one) for one in Audience]),
    help="Who is shown its references and notes; public.",
)
