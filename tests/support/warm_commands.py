"""Console commands as processes of their own that need not import everything again.

Most of what a short command costs, and a service until it is ready, is reading modules. So one
process has read them and forks for each command: a process with its own settings, files, session
and exit code, and the same ``main``. What concerns the start itself is tested with the console
script (``test_cli.py``, ``test_serve.py``).

Run as a program it is that process: it listens on a unix socket, is sent each command with the
files of its standard streams, and answers with the process id and then the exit code.
"""

import atexit
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

START_SECONDS = 60
_MESSAGE_BYTES = 1 << 20


class WarmCommands:
    """Runs commands; its process ends when it is closed, or when who made it is gone.

    Commands that run then end by themselves.
    """

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._address = str(Path(self._folder.name) / "warm")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self._address)
        self._listener.listen()
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(self._listener.fileno())],
            pass_fds=[self._listener.fileno()],
            stdin=subprocess.PIPE,  # ends with us, which tells it to end
            stdout=subprocess.DEVNULL,  # no terminal, as it is for the commands
        )

    def close(self) -> None:
        """End the process."""
        self._process.communicate(timeout=START_SECONDS)
        self._listener.close()
        self._folder.cleanup()

    def run(
        self, arguments: Sequence[str], *, env: dict[str, str], stdin: str, timeout: float
    ) -> subprocess.CompletedProcess[str]:
        """Run a command to its end, as ``subprocess.run`` does; TimeoutExpired past the time."""
        with (
            tempfile.TemporaryFile() as given,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            given.write(stdin.encode())
            given.seek(0)
            command = self.start(arguments, env=env, cwd=Path.cwd(), files=(given, out, err))
            try:
                code = command.wait(timeout)
            except subprocess.TimeoutExpired:
                command.kill()
                raise
            return subprocess.CompletedProcess(list(arguments), code, _read(out), _read(err))

    def start(
        self, arguments: Sequence[str], *, env: dict[str, str], cwd: Path, files: Sequence[Any]
    ) -> "Started":
        """Start a command that leads a session of its own; ``files`` are its standard streams."""
        told = socket.socket(socket.AF_UNIX)
        told.settimeout(START_SECONDS)
        told.connect(self._address)
        what = {"arguments": [str(one) for one in arguments], "env": env, "cwd": str(cwd)}
        message = json.dumps(what).encode() + b"\n"
        socket.send_fds(told, [message], [one.fileno() for one in files])
        return Started(told, [str(one) for one in arguments])


@cache
def shared() -> WarmCommands:
    """What runs the commands and services of all tests of this process."""
    commands = WarmCommands()
    atexit.register(commands.close)
    return commands


class Started:
    """A command that was started: what ``subprocess.Popen`` tells of one."""

    def __init__(self, told: socket.socket, arguments: list[str]) -> None:
        self._told = told
        self._arguments = arguments
        self._answers = told.makefile()
        self.pid = int(self._answers.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, None as long as it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """The exit code; TimeoutExpired when it still runs after some seconds."""
        if self.returncode is None:
            with selectors.DefaultSelector() as selector:
                selector.register(self._told, selectors.EVENT_READ)
                if not selector.select(timeout):
                    raise subprocess.TimeoutExpired(self._arguments, timeout or 0)
            self._told.settimeout(None)
            self.returncode = int(self._answers.readline())
            self._answers.close()
            self._told.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it as a crash would."""
        self.send_signal(signal.SIGKILL)


def _read(file: Any) -> str:
    file.seek(0)
    return file.read().decode()


def _listen(listener: socket.socket) -> None:
    """Fork for each command, which returns from here in a process of its own."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if sys.stdin in ready:
            os._exit(0)
        told, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _serve(told)
            return
        told.close()


def _serve(told: socket.socket) -> None:
    """Start the command and wait for its end; returns in the command's process only."""
    data, files, _, _ = socket.recv_fds(told, _MESSAGE_BYTES, 3)
    while not data.endswith(b"\n"):
        data += told.recv(_MESSAGE_BYTES)
    what = json.loads(data)
    pid = os.fork()
    if pid:
        told.sendall(b"%d\n" % pid)
        _, status = os.waitpid(pid, 0)
        told.sendall(b"%d\n" % os.waitstatus_to_exitcode(status))
        os._exit(0)
    told.close()
    os.setsid()
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(what["cwd"])
    os.environ.clear()
    os.environ.update(what["env"])
    sys.argv = ["blacklist", *what["arguments"]]


if __name__ == "__main__":
    import gc
    import pkgutil
    from importlib import import_module

    import blacklist.cli
    import blacklist.web.pages.templates

    for module in pkgutil.iter_modules(blacklist.cli.__path__):
        import_module(f"blacklist.cli.{module.name}")
    blacklist.web.pages.templates.prepare()
    gc.freeze()  # as each command does when it has imported what it needs
    _listen(socket.socket(fileno=int(sys.argv[1])))
    blacklist.cli.main()
