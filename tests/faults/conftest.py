"""One service for the faults of a file, which it has to survive one after the other."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from faulted import World, faulted


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    """A service over a server of the tests' own."""
    folder = Path(tempfile.mkdtemp(prefix="bl-"))
    try:
        with faulted(folder) as world:
            yield world
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def world(shared_world: World) -> Iterator[World]:
    """The service, healthy; whatever a test did to its line is mended when it is over."""
    shared_world.heal()
    yield shared_world
    shared_world.proxy.heal()
