"""`app`: starts the app in the browser."""

from __future__ import annotations

import argparse
import os
import socket
import sys
import tempfile
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

from adq_core.errors import InputError
from adq_core.storage import CACHE_VARIABLE

from .options import Commands, add_cache, path
from .server_process import run_server

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
PUBLIC_VARIABLE, ROOT_VARIABLE = "ADQ_PUBLIC", "ADQ_DATA_ROOT"  # as in app/public_server.py


def app_folder() -> Path:
    """Return the folder that has the package `app`: the repository, or the installed module `adq_explorer`."""
    module = find_spec("adq_explorer")
    if module is None or module.origin is None:
        raise InputError("The app is not installed. Run: pip install -r requirements.txt")
    return Path(module.origin).parent


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("app", help="start the app in the browser")
    parser.add_argument("dataset", nargs="?", metavar="DATASET", help="data set to open first")
    parser.add_argument("--port", type=int, help="port of the server (8501)")
    parser.add_argument(
        "--public",
        action="store_true",
        help="let other machines connect; users can open only built-in data sets, uploads and files in --data-root",
    )
    parser.add_argument(
        "--data-root", type=path, metavar="DIR", help="folder with the data sets of a public server; nothing above it"
    )
    parser.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="host name that browsers use for this server, such as adq.example.org or *.example.org; can be repeated",
    )
    add_cache(parser)
    parser.set_defaults(function=app_command, after_stop="The server has ended.")


def app_command(parsed: argparse.Namespace) -> int:
    """Start the app; its server accepts connections from this machine only, unless it is public."""
    if parsed.data_root is not None and not parsed.public:
        raise InputError("--data-root is for a public server. Give --public as well, or leave --data-root out.")
    environment = {**os.environ, **_variables(parsed)}
    command = [
        sys.executable,
        "-m",
        "streamlit",
        "run",
        str(app_folder() / "app" / "main.py"),
        *_server_options(parsed),
    ]
    if parsed.port is not None:
        command += ["--server.port", str(parsed.port)]
    with ExitStack() as stack:
        return run_server(command, _working_folder(parsed, stack), environment)


def _variables(parsed: argparse.Namespace) -> dict[str, str]:
    """Return the environment variables that carry the options to the server."""
    variables = {}
    if parsed.dataset is not None:
        variables["ADQ_DATASET"] = _absolute(parsed.dataset, parsed.data_root)
    if parsed.cache is not None:
        variables[CACHE_VARIABLE] = str(parsed.cache.expanduser().resolve())
    if parsed.public:
        variables[PUBLIC_VARIABLE] = "1"
    if parsed.data_root is not None:
        root = parsed.data_root.expanduser().resolve()
        if not root.is_dir():
            raise InputError(f"--data-root must be a folder, but there is none at {root}.")
        variables[ROOT_VARIABLE] = str(root)
    return variables


def _server_options(parsed: argparse.Namespace) -> list[str]:
    """Return the options of Streamlit: the address, and the host names that the server answers."""
    if not parsed.public and not parsed.host:
        return []  # as in app/.streamlit/config.toml
    hosts = [*LOCAL_HOSTS, *(parsed.host or _own_names())]
    options = ["--server.address", "0.0.0.0"] if parsed.public else []
    return options + [part for host in dict.fromkeys(hosts) for part in ("--server.allowedHosts", host)]


def _own_names() -> list[str]:
    """Return the names and addresses of this machine, by which others may reach a server without `--host`."""
    name = socket.gethostname()
    found = {name, f"{name}.local", socket.getfqdn()}
    with suppress(OSError):  # the name of this machine has no address
        found |= {str(address[4][0]) for address in socket.getaddrinfo(name, None)}
    return sorted(found)


def _working_folder(parsed: argparse.Namespace, stack: ExitStack) -> Path:
    """Return the folder in which the server runs: names of data sets without a folder are relative to it."""
    if not parsed.public:
        return app_folder()
    if parsed.data_root is not None:
        return Path(parsed.data_root.expanduser().resolve())
    return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="adq-app-")))


def _absolute(dataset: str, root: Path | None) -> str:
    """Return a path as an absolute path, because the app is started in another folder; return a name unchanged."""
    paths = [Path(dataset).expanduser(), *([root.expanduser() / dataset] if root is not None else [])]
    return next((str(path.resolve()) for path in paths if path.exists()), dataset)
