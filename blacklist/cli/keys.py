"""``blacklist keys``: who may ask and write. A key is shown once and kept as a hash."""

import time
from typing import Any

import click
import msgspec

from blacklist.callers import DEFAULT_POLICY, NAME, Caller, Scope, mint
from blacklist.cli import options
from blacklist.cli.opened import for_reading, for_writing
from blacklist.cli.printed import print_json, printable
from blacklist.config import Settings
from blacklist.errors import ConfigError
from blacklist.model import Audience, Trust
from blacklist.policies import Policies
from blacklist.store import callers, durability, usage
from blacklist.verdict import rfc3339

_DAY_SECONDS = 86_400


@click.group()
def keys() -> None:
    """Keys of those who ask and write: banks, operators, authorities, reviewers."""


def _scopes(_context: click.Context, _option: click.Parameter, text: str) -> list[Scope]:
    try:
        return [Scope(word.strip()) for word in text.split(",") if word.strip()]
    except ValueError as exc:
        raise click.BadParameter(f"known scopes: {', '.join(Scope)}") from exc


@keys.command("create")
@click.option("--name", required=True, help="Whose it is; it stands in the audit trail.")
@click.option(
    "--scope", "scopes", default="check", callback=_scopes, help="check,report,list,admin; some of."
)
@click.option(
    "--trust",
    type=click.Choice([Trust.AUTHORITY.value, Trust.PARTNER.value]),
    default=Trust.PARTNER.value,
    help="What its listings are worth; a partner's need a second key.",
)
@click.option(
    "--audience",
    type=click.Choice([one.value for one in Audience]),
    default=Audience.INSTITUTIONS.value,
    help="Whether it is shown what is meant for institutions.",
)
@click.option("--policy", default=DEFAULT_POLICY, help="What it is told to do.")
@click.option("--quota", type=click.IntRange(min=1), help="Things it may ask a day.")
@click.option("--test", is_flag=True, help="A key that is answered with fixed values only.")
@options.as_json
def create(name: str, policy: str, *, as_json: bool, **told: Any) -> None:
    """Make a key and show it, once."""
    settings = Settings.from_env()
    if NAME.fullmatch(name) is None or not name.isprintable():
        raise ConfigError("a key's name is one line of 1 to 64 characters")
    policies = Policies(settings.policies)
    if policy not in policies:
        raise ConfigError(f"no policy has this name; there are {', '.join(policies.names)}")
    told |= {"trust": Trust(told["trust"]), "audience": Audience(told["audience"])}
    caller, token = mint(name, now=int(time.time()), policy=policy, **told)
    _write(settings, caller)
    if as_json:
        print_json({"key": token, **_shown(caller)})
        return
    click.echo(token)
    click.echo("this is shown once: keep it where only its owner can read it", err=True)


@keys.command("list")
@options.as_json
def list_keys(as_json: bool) -> None:  # noqa: FBT001
    """List the keys, what each may do, and what it asked today."""
    with for_reading(Settings.from_env()) as client:
        known = sorted(callers.read(client).by_id.values(), key=lambda one: one.created)
        asked = usage.read(client, int(time.time()) // _DAY_SECONDS)
    if as_json:
        print_json({"keys": [_shown(one) | {"today": asked.get(one.id, 0)} for one in known]})
        return
    for one in known:
        state = f"revoked {rfc3339(one.revoked)}" if one.revoked else ",".join(sorted(one.scopes))
        quota = f" of {one.quota:,}" if one.quota else ""
        click.echo(
            f"{one.id}  {printable(one.name)}  {state}  {one.trust}, {one.policy}"
            f"{', test' if one.test else ''}  {asked.get(one.id, 0):,}{quota} today"
        )


@keys.command("revoke")
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Let a key count no more; returns when every worker refuses it."""
    settings = Settings.from_env()
    with for_reading(settings) as client:
        caller = callers.read(client).by_id.get(key_id)
    if caller is None:
        raise ConfigError("no key has this id; see 'blacklist keys list'")
    _write(settings, msgspec.structs.replace(caller, revoked=int(time.time())))
    click.echo("revoked on every worker")


def _write(settings: Settings, caller: Caller) -> None:
    with for_writing(settings) as publisher:
        durability.require(publisher.client)
        callers.write(publisher.client, caller)
        publisher.acknowledge()


def _shown(caller: Caller) -> dict[str, object]:
    """Return a key as it is shown: without its hash."""
    document: dict[str, object] = msgspec.to_builtins(caller, str_keys=True)
    document.pop("digest", None)
    return document | {"scopes": sorted(caller.scopes)}
