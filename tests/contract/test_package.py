"""What is tested is what is shipped: the installed package, with its data files."""

import tomllib
from importlib.metadata import metadata
from importlib.resources import files
from pathlib import Path

import blacklist
import loaders
from servers import ROOT


def test_the_tests_run_against_the_installed_package() -> None:
    """Run by scripts/test; an environment with an editable install is not what users have."""
    for package in (blacklist, loaders):
        assert "site-packages" in Path(package.__file__).parts


def test_every_data_file_of_the_tree_is_in_the_package() -> None:
    for name in ("blacklist", "loaders"):
        tree = ROOT / name
        shipped = files(name)
        for path in tree.rglob("*"):
            if path.is_file() and path.suffix != ".pyc":
                assert shipped.joinpath(*path.relative_to(tree).parts).is_file(), path


def test_the_pinned_packages_are_those_the_project_is_made_of() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {requirement.split(">=")[0].split("[")[0] for requirement in project["dependencies"]}
    assert names >= {"flask", "redis", "pybloom-live", "phonenumbers", "tldextract", "gunicorn"}
    assert all(">=" in requirement for requirement in project["dependencies"])
    assert metadata("blacklist")["License-Expression"] == "Apache-2.0"
