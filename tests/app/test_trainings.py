"""Training as a job of the app: estimates, a real training in its process that is stopped and resumed, and the page."""

from __future__ import annotations

import math
import subprocess
import sys
import time
from pathlib import Path

import pytest

from adq_core.errors import AdqError, Cancelled
from adq_core.models.training.config import TRAINING_CONFIGS, held_out_count
from app import trainings
from app.pages import script
from app.trainings import Training
from app.views.train import progress
from tests.app.conftest import at_rest
from tests.app.pages import Open


@pytest.fixture
def training(small_set: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Training:
    monkeypatch.setattr(trainings, "folder", lambda: tmp_path / "trained")
    return Training("unet", tmp_path / "trained" / "stripes-unet.safetensors", str(small_set), None, 80)


def quiet(done: int, total: int, what: str) -> None:
    del done, total, what


def test_the_parameters_of_trainings_are_read_without_torch() -> None:
    code = "import sys; import adq_core.models.training.config; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_number_of_held_out_images_is_that_of_the_training() -> None:
    from adq_core.models.training import loop

    for n_images in (16, 80, 1000, 60_000):
        config = TRAINING_CONFIGS["unet"]
        assert held_out_count(n_images, config) == len(loop.split(n_images, config)[1])


def test_the_estimate_agrees_with_the_cards_of_the_bundled_weights() -> None:
    for model, expected in (("encoder", 25), ("unet", 7.2), ("mae", 20.2)):
        recipe = TRAINING_CONFIGS[model]
        assert trainings.minutes(model, 50_000, recipe.epochs, recipe.batch_size) == pytest.approx(expected, rel=0.03)


def test_scores_checked_by_hand() -> None:
    history = [{"held_out_loss": 0.01}, {"held_out_loss": 0.001}, {"held_out_loss": 0.1}]
    name, values, best = progress.score("unet", history)
    assert (name, best) == ("held-out PSNR", pytest.approx(30.0))
    assert values == pytest.approx([20.0, 30.0, 10.0])
    assert progress.score("encoder", history) == ("held-out loss", [0.01, 0.001, 0.1], 0.001)
    assert all(map(math.isfinite, progress.score("mae", [{"held_out_loss": 0.0}])[1]))


def test_a_report_that_cannot_be_read_is_none(training: Training) -> None:
    assert training.last_report() == {}
    training.report.parent.mkdir(parents=True)
    for broken in ("", "{", "[1]"):
        training.report.write_text(broken)
        assert training.last_report() == {}


def test_the_error_of_the_process_is_the_error_of_the_job(training: Training, tmp_path: Path) -> None:
    missing = Training("unet", training.out, str(tmp_path / "nowhere.npz"), None, 80)
    with pytest.raises(AdqError) as caught:
        trainings.work(missing, 1)(quiet)
    assert "nowhere.npz" in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.slow
def test_a_training_is_stopped_and_resumed_and_its_weights_reconstruct(training: Training) -> None:
    from adq_core.models.weights import load_network

    seen: list[tuple[int, int]] = []

    def until_the_tenth(done: int, total: int, what: str) -> None:
        seen.append((done, total))
        if what == "steps" and done >= 10:
            raise Cancelled("enough")

    with pytest.raises(Cancelled) as caught:
        trainings.work(training, 200)(until_the_tenth)
    assert str(caught.value) == trainings.RESUMABLE
    assert training.checkpoint.exists()
    assert not training.out.exists()
    before = len(training.last_report()["history"])
    assert before >= 1
    assert trainings.work(training, before + 3)(quiet) == training.out
    assert not training.checkpoint.exists()
    assert len(training.last_report()["history"]) >= before + 3
    assert trainings.trained(("unet",)) == [training.out]
    assert trainings.trained(("encoder",)) == []
    load_network(training.out, ("unet",))


@pytest.mark.slow
def test_the_page_trains_and_the_weights_can_be_used(open_app: Open) -> None:
    app = open_app("train", train="unet")
    app.number_input[-1].set_value(2)
    next(button for button in app.button if button.label == "Train").click()
    app.run()
    deadline = time.monotonic() + 240
    while not any(button.label == "Use for reconstruction" for button in app.button):
        assert time.monotonic() < deadline
        assert not app.error
        time.sleep(1)
        app.run()
    next(button for button in app.button if button.label == "Use for reconstruction").click()
    app.run()
    assert app.session_state["painter"].endswith("-unet.safetensors")
    assert [chart for chart in app.get("plotly_chart") if chart.proto.id.endswith("-learning")]
    app.switch_page(script("patches")).run()
    at_rest(app)
    assert not app.error
    assert "Your own weights" in "\n".join(element.value for element in app.caption)
