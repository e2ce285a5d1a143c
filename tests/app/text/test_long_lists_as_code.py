"""A long list of images in copied code is named as its file in the export."""

from __future__ import annotations

from adq_core import Settings
from app.text import as_code

SHORT, LONG = ["a", "b"], [f"image {number}.png" for number in range(500)]


def test_a_long_list_is_a_file_and_a_short_one_is_written_out() -> None:
    settings = Settings(always=SHORT, never=LONG)
    code, command = as_code.python_code(settings), as_code.command_lines(settings)
    assert 'always=\'["a","b"]\',' in code
    assert "never=open('never_ids.txt', encoding='utf-8').read().splitlines()," in code
    assert "--always always.json --never never_ids.txt" in command
    assert "image 7.png" not in code + command
