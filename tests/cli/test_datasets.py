from __future__ import annotations

from adq_core import cli


def test_datasets_lists_the_built_in_data_sets(capsys) -> None:
    assert cli.main(["datasets"]) == 0
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("digits", "photos", "shapes", "torchvision:NAME"))
