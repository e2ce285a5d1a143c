from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from adq_core import cli


def test_app_starts_streamlit_with_the_data_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started = {}

    def fake(command, folder, environment):
        started.update(command=command, cwd=folder, env=environment)
        return 0

    monkeypatch.setattr(cli.app, "run_server", fake)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    assert cli.main(["app", "mine", "--port", "8600", "--cache", "c"]) == 0
    assert started["command"][1:4] == ["-m", "streamlit", "run"]
    assert started["command"][-2:] == ["--server.port", "8600"]
    assert started["env"]["ADQ_DATASET"] == str(tmp_path / "mine")
    assert started["env"]["ADQ_CACHE"] == str(tmp_path / "c")
    script = Path(started["command"][4])
    assert (script.parent / ".streamlit" / "config.toml").exists(), (
        "Streamlit reads the configuration beside the script"
    )
    assert "ADQ_PUBLIC" not in started["env"]
    assert "--server.address" not in started["command"]


def start(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> dict[str, Any]:
    """Return the command, the folder and the environment with which `app` starts the server."""
    started: dict[str, Any] = {}

    def fake(command, folder, environment):
        started.update(command=command, cwd=folder, env=environment)
        return 0

    monkeypatch.setattr(cli.app, "run_server", fake)
    assert cli.main(["app", *arguments]) == 0
    return started


def hosts(command: list[str]) -> list[str]:
    return [value for option, value in pairwise(command) if option == "--server.allowedHosts"]


def test_a_public_server_runs_in_its_data_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "sets" / "flowers").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    started = start(monkeypatch, "flowers", "--public", "--data-root", "sets", "--host", "adq.example.org")
    assert started["env"]["ADQ_PUBLIC"] == "1"
    assert started["env"]["ADQ_DATA_ROOT"] == str(tmp_path / "sets") == str(started["cwd"])
    assert started["env"]["ADQ_DATASET"] == str(tmp_path / "sets" / "flowers")
    assert ("--server.address", "0.0.0.0") in pairwise(started["command"])
    assert hosts(started["command"]) == ["localhost", "127.0.0.1", "::1", "adq.example.org"]


def test_a_public_server_without_a_data_root_runs_in_an_empty_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    started = start(monkeypatch, "--public")
    assert started["cwd"] != cli.app.app_folder()
    assert "ADQ_DATA_ROOT" not in started["env"]
    assert "*" not in hosts(started["command"])
    assert set(hosts(started["command"])) > {"localhost"}, "other machines use the name or the address of this one"


def test_more_host_names_do_not_open_the_server_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    started = start(monkeypatch, "--host", "a.example", "--host", "b.example")
    assert hosts(started["command"])[-2:] == ["a.example", "b.example"]
    assert "--server.address" not in started["command"]


def test_wrong_data_roots_are_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert cli.main(["app", "--data-root", str(tmp_path)]) == 2
    assert "--public" in capsys.readouterr().err
    assert cli.main(["app", "--public", "--data-root", str(tmp_path / "none")]) == 2
    assert "must be a folder" in capsys.readouterr().err


SERVER = """
import os, pathlib, sys, time
pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))
time.sleep(600)
"""
PARENT = """
import sys
from pathlib import Path
from adq_core.cli import main, app
app.app_command = None
from adq_core.cli.server_process import run_server
app.add_parser = lambda commands: commands.add_parser("app").set_defaults(function=lambda parsed: run_server(
    [sys.executable, "-c", sys.argv[1], sys.argv[2]], Path(), {}), after_stop="The server has ended.")
sys.exit(main(["app"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the child of a killed process")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_the_server_ends_with_the_command(number: signal.Signals, tmp_path: Path) -> None:
    started = tmp_path / "process"
    with subprocess.Popen([sys.executable, "-c", PARENT, SERVER, str(started)], stderr=subprocess.PIPE) as parent:
        wait_until(lambda: started.exists() and started.read_text() != "")
        server = int(started.read_text())
        parent.send_signal(number)
        wait_until(lambda: not is_running(server))
        assert parent.stderr is not None
        errors = parent.stderr.read()
    if number == signal.SIGKILL:
        assert parent.returncode == -number
    else:
        assert (parent.returncode, errors) == (128 + number, b"adq: stopped. The server has ended.\n")


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
