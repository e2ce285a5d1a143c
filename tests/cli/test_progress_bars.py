from __future__ import annotations

import contextlib
import signal

import pytest

from adq_core.cli.progress_bars import repeat_sigint


def test_a_lost_ctrl_c_is_raised_again_at_the_next_progress_call() -> None:
    calls = []
    previous = signal.getsignal(signal.SIGINT)
    with repeat_sigint(lambda *step: calls.append(step)) as progress:
        progress(1, 9, "bins")
        with contextlib.suppress(KeyboardInterrupt):  # loses it, as the clean-up after an import does
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            progress(2, 9, "bins")
    assert calls == [(1, 9, "bins")]
    assert signal.getsignal(signal.SIGINT) is previous
