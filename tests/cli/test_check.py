from __future__ import annotations

import json
from pathlib import Path

import pytest

from adq_core import cli

FAST = ["digits", "--embeddings", "pixels", "--diversity", "vectors", "--checks", "arithmetic,balance"]


def test_check_prints_verdicts_and_writes_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "verdicts.json"
    assert cli.main(["check", *FAST, "--cache", str(tmp_path / "c"), "--json", str(file)]) == 0
    printed = capsys.readouterr().out
    content = json.loads(file.read_text())
    assert {one["check"].split(".")[0] for one in content["verdicts"]} == {"arithmetic", "balance"}
    assert content["level"] == "good"
    for one in content["verdicts"]:
        assert one["check"] in printed
    assert printed.rstrip().endswith(f"{len(content['verdicts'])} good")


def test_a_bad_verdict_comes_first_and_fails_only_a_strict_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = [*FAST, "--rule", "paper", "--cache", str(tmp_path / "c")]
    assert cli.main(["check", *bad]) == 0
    assert capsys.readouterr().out.startswith("bad     arithmetic.total")
    assert cli.main(["check", *bad, "--strict", "--quiet"]) == 1
    assert capsys.readouterr().out == ""


def test_an_unknown_check_is_an_error_that_lists_the_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["check", "digits", "--embeddings", "pixels", "--diversity", "vectors", "--checks", "colour"]
    assert cli.main([*arguments, "--cache", str(tmp_path)]) == 2
    assert "coverage" in capsys.readouterr().err
