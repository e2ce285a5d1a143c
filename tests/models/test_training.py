"""A training: it lowers the loss, and a stopped and resumed one gives the same result; also on the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from adq_core import cli
from adq_core.errors import Cancelled, InputError, SettingsError, StorageError

torch = pytest.importorskip("torch")

from adq_core.models.training.config import TrainingConfig  # noqa: E402
from adq_core.models.training.encoder import train_encoder  # noqa: E402
from adq_core.models.training.inpainter import train_inpainter  # noqa: E402
from adq_core.models.training.loop import batch_at, split  # noqa: E402
from adq_core.models.training.train import train  # noqa: E402
from tests.learning import TINY, some_dataset, some_images  # noqa: E402

pytestmark = pytest.mark.usefixtures("one_thread")
CONFIG = TrainingConfig(epochs=2, batch_size=8, learning_rate=2e-3, held_out=0.2)


def run(what: str, checkpoint: Path, config: TrainingConfig = CONFIG, progress=lambda *_: None, images=None):
    images = some_images() if images is None else images
    given = {"checkpoint": checkpoint, "config": config, "network_config": TINY[what], "progress": progress}
    if what == "encoder":
        return train_encoder(images, **given)
    return train_inpainter(images, architecture=what, **given)


def same(one, two) -> bool:
    return all(torch.equal(value, two.state_dict()[name]) for name, value in one.state_dict().items())


@pytest.mark.parametrize("what", TINY)
def test_a_few_steps_lower_the_loss(what: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int, str]] = []
    config = replace(CONFIG, epochs=4, batch_size=20, learning_rate=1e-3)
    _, state = run(what, tmp_path / "c", config, lambda *now: seen.append(now), some_images(100))
    assert seen == [(step, 16, what) for step in range(17)]
    assert [epoch["epoch"] for epoch in state.history] == [1, 2, 3, 4]
    assert state.history[-1]["train_loss"] < state.history[0]["train_loss"]
    assert state.best_loss == min(epoch["held_out_loss"] for epoch in state.history)


@pytest.mark.parametrize("what", TINY)
def test_a_resumed_training_gives_the_same_result_as_an_uninterrupted_one(what: str, tmp_path: Path) -> None:
    whole, whole_state = run(what, tmp_path / "whole")

    def stop_at(limit: int):
        def progress(done: int, total: int, what: str) -> None:
            if done == limit:
                raise Cancelled("enough")

        return progress

    for limit in (3, 6):  # in the first epoch, and in the second
        with pytest.raises(Cancelled):
            run(what, tmp_path / "parts", progress=stop_at(limit))
    resumed, state = run(what, tmp_path / "parts")
    assert same(whole, resumed)
    assert [epoch["held_out_loss"] for epoch in state.history] == [
        epoch["held_out_loss"] for epoch in whole_state.history
    ]


def test_the_result_depends_on_the_seed_and_the_global_generator_is_unchanged(tmp_path: Path) -> None:
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, _ = run("unet", tmp_path / "a")
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(6)
    assert same(one, run("unet", tmp_path / "b")[0])
    assert not same(one, run("unet", tmp_path / "c", replace(CONFIG, seed=1))[0])


def test_a_cancelled_training_keeps_its_checkpoint_and_names_it(tmp_path: Path) -> None:
    def progress(done: int, total: int, what: str) -> None:
        if done == 2:
            raise Cancelled("enough")

    checkpoint = tmp_path / "c"
    with pytest.raises(Cancelled) as caught:
        run("unet", checkpoint, progress=progress)
    assert str(caught.value) == (
        f"Training of the unet was stopped at step 2 of 8. The checkpoint {checkpoint} is kept: start the same "
        "training again to continue from it."
    )
    assert [path.name for path in tmp_path.iterdir()] == ["c"]


def test_an_interrupt_in_the_middle_of_a_step_keeps_the_last_complete_checkpoint(tmp_path: Path) -> None:
    def progress(done: int, total: int, what: str) -> None:
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(Cancelled, match="stopped at step 6 of 8"):
        run("unet", tmp_path / "c", progress=progress)
    assert json.loads(torch.load(tmp_path / "c", weights_only=True)["state"])["step"] == 4  # the end of epoch 1
    assert same(run("unet", tmp_path / "c")[0], run("unet", tmp_path / "whole")[0])


def test_a_checkpoint_of_another_training_or_a_damaged_one_is_refused(tmp_path: Path) -> None:
    checkpoint = tmp_path / "c"
    run("unet", checkpoint)
    with pytest.raises(InputError, match="belongs to another training"):
        run("unet", checkpoint, replace(CONFIG, seed=1))
    with pytest.raises(InputError, match="belongs to another training"):
        run("unet", checkpoint, replace(CONFIG, data="other images"))
    with pytest.raises(InputError, match="cannot be read or does not fit this network"):
        run("mae", checkpoint)
    checkpoint.write_bytes(checkpoint.read_bytes()[:-500])
    with pytest.raises(InputError, match="cannot be read or does not fit this network"):
        run("unet", checkpoint)


def test_more_epochs_continue_from_a_checkpoint(tmp_path: Path) -> None:
    run("unet", tmp_path / "c")
    _, state = run("unet", tmp_path / "c", replace(CONFIG, epochs=3))
    assert [epoch["epoch"] for epoch in state.history] == [1, 2, 3]


def test_training_stops_early_and_returns_the_best(tmp_path: Path) -> None:
    config = replace(CONFIG, epochs=50, learning_rate=0.0, patience=3)  # with a rate of 0 the loss never improves
    _, state = run("unet", tmp_path / "c", config)
    assert len(state.history) == 4


def test_the_learning_rate_rises_stays_and_falls() -> None:
    config = TrainingConfig(epochs=1, batch_size=1, learning_rate=1.0, warmup=0.1, decay=0.4)
    rates = [config.learning_rate_at(step, 100) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9:61] == [1.0] * 52
    assert rates[99] == pytest.approx(1 / 40)
    assert all(a >= b for a, b in pairwise(rates[60:]))


def test_an_epoch_takes_every_training_image_once_and_never_a_held_out_one() -> None:
    config = TrainingConfig(epochs=1, batch_size=8, learning_rate=1.0, held_out=0.2)
    train_rows, held_out = split(50, config)
    assert sorted([*train_rows, *held_out]) == list(range(50))
    assert len(held_out) == 10
    for epoch in range(3):
        rows = np.concatenate([batch_at(step + 5 * epoch, train_rows, config) for step in range(5)])
        assert sorted(rows) == train_rows.tolist()
    with pytest.raises(InputError) as caught:
        split(15, config)
    assert str(caught.value) == "Training needs at least 16 images, got 15. Choose a larger data set."


def test_train_writes_weights_that_load_and_removes_the_checkpoint(tmp_path: Path, monkeypatch) -> None:
    from adq_core.models.training import train as train_module
    from adq_core.models.weights import load_network, weights_identity

    monkeypatch.setitem(train_module.TRAINING_CONFIGS, "unet", CONFIG)
    out = tmp_path / "mine.safetensors"
    trained = train("unet", some_dataset(), out, epochs=1)
    assert trained.sha256 == weights_identity(out)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.safetensors"]
    load_network(out, ("unet",))
    with pytest.raises(SettingsError) as caught:
        train("gan", some_dataset(), out)
    assert str(caught.value) == "Unknown model to train 'gan'. Choose one of: encoder, mae, unet."


def test_the_command_line_refuses_another_suffix(tmp_path: Path, capsys) -> None:
    assert cli.main(["train", "unet", "digits", "--out", str(tmp_path / "a.pt")]) == 2
    assert capsys.readouterr().err == f"adq: --out must be a file that ends in .safetensors, got {tmp_path / 'a.pt'}.\n"


@pytest.mark.slow
@pytest.mark.parametrize("what", ["encoder", "unet", "mae"])
def test_training_from_the_command_line_survives_ctrl_c(what: str, tmp_path: Path) -> None:
    out = tmp_path / "mine.safetensors"
    command = [sys.executable, "-m", "adq_core", "train", what, "digits", "--epochs", "2", "--out", str(out)]
    command += ["--cache", str(tmp_path / "cache")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    first = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    checkpoint = tmp_path / "mine.safetensors.checkpoint"
    for _ in range(3000):
        if checkpoint.exists():
            break
        time.sleep(0.1)
    first.send_signal(signal.SIGINT)
    error = first.communicate()[1]
    assert first.returncode == 130
    assert "is kept: start the same training again to continue from it." in error
    assert checkpoint.exists()
    assert subprocess.run([*command, "--quiet"], env=environment, check=False).returncode == 0
    assert out.exists()
    assert not checkpoint.exists()


def test_the_report_contains_the_progress_and_an_interrupt_stops_between_two_steps(tmp_path: Path) -> None:

    from adq_core.models.training.config import TrainingState
    from adq_core.models.training.progress_file import ProgressFile

    before = signal.getsignal(signal.SIGINT)
    try:
        report = ProgressFile(tmp_path / "r.json")
        report(3, 3, "unet")
        report.on_epoch_end(TrainingState(step=3, history=[{"held_out_loss": 0.5}]))
        written = json.loads((tmp_path / "r.json").read_text())
        assert written == {"done": 3, "total": 3, "what": "unet", "history": [{"held_out_loss": 0.5}]}
        os.kill(os.getpid(), signal.SIGINT)  # no KeyboardInterrupt: the training stops at its next step
        with pytest.raises(Cancelled):
            report(4, 9, "unet")
        assert json.loads((tmp_path / "r.json").read_text()) == written
        with pytest.raises(StorageError, match=r"^Could not write .*: File exists\. .* with --report\.$"):
            ProgressFile(tmp_path / "r.json" / "r.json")
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_training_whose_parent_has_ended_before_its_report_began_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from adq_core.models.training.config import PARENT_VARIABLE
    from adq_core.models.training.progress_file import ProgressFile

    before = signal.getsignal(signal.SIGINT)
    try:
        monkeypatch.setenv(PARENT_VARIABLE, str(os.getppid()))
        ProgressFile(tmp_path / "r.json")(1, 2, "unet")
        ended = subprocess.Popen([sys.executable, "-c", ""])
        ended.wait()
        monkeypatch.setenv(PARENT_VARIABLE, str(ended.pid))
        with pytest.raises(Cancelled):
            ProgressFile(tmp_path / "r.json")(1, 2, "unet")
    finally:
        signal.signal(signal.SIGINT, before)
