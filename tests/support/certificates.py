"""A certificate for 127.0.0.1 that signs itself, made by openssl for one test."""

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

OPENSSL = shutil.which("openssl")


class Certificate(NamedTuple):
    """Files: what is shown, and its key."""

    shown: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """A new one, for a day."""
    assert OPENSSL is not None
    made = Certificate(folder / "shown.pem", folder / "key.pem")
    subprocess.run(
        [
            *(OPENSSL, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", made.key, "-out", made.shown),
        ],
        check=True,
        capture_output=True,
    )
    return made
