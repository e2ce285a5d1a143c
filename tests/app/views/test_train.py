"""The page Train: the choice of a model, start, stop, and the use of weights; no network is trained here."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from adq_core import Run
from adq_core.errors import Cancelled
from adq_core.progress import Progress
from app import stores, trainings
from app.pages import script
from tests.app.conftest import at_rest, until, write_stripes
from tests.app.pages import Open, captions_of, chart, headings_of, number, press, texts_of, widget

WEIGHTS = Path(__file__).parents[3] / "adq_core" / "models" / "pretrained"


@pytest.fixture
def trained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty folder that replaces the folder of trained weights of the server."""
    monkeypatch.setattr(trainings, "folder", lambda: tmp_path)
    return tmp_path


def epochs_of(app: AppTest) -> Any:
    return next(box for box in app.number_input if box.label == "Epochs")


def test_the_model_and_the_number_of_epochs_can_be_changed(open_app: Open, trained: Path) -> None:
    app = open_app("train")
    assert "(SimCLR)" in texts_of(app)
    assert (number(app, "images"), number(app, "held out"), epochs_of(app).value) == ("80", "4", 200)
    widget(app, "train").set_value("unet").run()
    assert "Reconstructs dropped patches with a convolutional" in texts_of(app)
    epochs_of(app).set_value(3).run()
    assert captions_of(app)[0].startswith("80 images, 3 epochs: about ")
    assert epochs_of(app).key == "epochs_unet_80", "each model has its own number of epochs"
    widget(app, "train").set_value("encoder").run()
    assert captions_of(app)[0].startswith("80 images, 200 epochs: about ")


def test_a_training_is_started_with_its_epochs_and_stopped(
    open_app: Open, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, int]] = []
    may_stop = threading.Event()

    def work(training: trainings.Training, epochs: int) -> Callable[[Progress], Path]:
        def train(progress: Progress) -> Path:
            started.append((training.model, epochs))
            try:
                while not may_stop.wait(0.02):
                    progress(2, 9, "steps")
            except Cancelled:
                raise Cancelled(trainings.RESUMABLE) from None
            return training.out

        return train

    monkeypatch.setattr(trainings, "work", work)
    app = open_app("train", train="mae")
    epochs_of(app).set_value(5).run()
    press(app, "Train")
    until(app, lambda: "2 of 9" in "".join(bar.proto.text for bar in app.get("progress")))
    assert app.get("progress")[0].proto.text.startswith("Training the mae on stripes · steps · 2 of 9")
    assert started == [("mae", 5)]
    press(app, "Stop")
    until(app, lambda: bool(app.info))
    assert app.info[0].value == trainings.RESUMABLE
    assert not app.get("progress")
    assert epochs_of(app).value == 5, "as entered"
    may_stop.set()


def test_weights_are_used_by_a_button_and_downloaded(open_app: Open, trained: Path) -> None:
    shutil.copy(WEIGHTS / "unet.safetensors", trained / "cats-0123-unet.safetensors")
    shutil.copy(WEIGHTS / "small.safetensors", trained / "cats-0123-encoder.safetensors")
    app = open_app("train")
    assert {f"`cats-0123-{what}.safetensors` · {what}" for what in ("unet", "encoder")} == {
        " · ".join(text.value.split(" · ")[:2]) for text in app.markdown if text.value.startswith("`cats")
    }
    assert "In use." not in captions_of(app)
    press(app, "Use as embedding")
    assert captions_of(app).count("In use.") == 1
    settings = app.session_state["settings"]
    assert (settings.embeddings, settings.weights) == ("small", str(trained / "cats-0123-encoder.safetensors"))
    press(app, "Use for reconstruction")
    assert captions_of(app).count("In use.") == 2
    assert "See its reconstructions" in [link.value for link in app.get("page_link")]
    assert [button.proto.label for button in app.get("download_button")] == ["Download", "Download"]
    assert app.session_state["weights"] == "cats-0123-encoder.safetensors", "the address has no path of the server"
    assert app.session_state["painter"] == "cats-0123-unet.safetensors"
    assert app.session_state["patches"] == "painted again"
    app.switch_page(script("patches")).run()
    at_rest(app)
    assert "Your own weights: cats-0123-unet.safetensors. Kept pixels are unchanged." in captions_of(app)
    assert not app.error


def test_the_curve_shows_the_reported_losses(open_app: Open, trained: Path, run: Run) -> None:
    training = trainings.training_of(run, "unet")
    training.report.write_text(
        '{"history": [{"epoch": 1, "held_out_loss": 0.01, "cpu_seconds": 60},'
        ' {"epoch": 2, "held_out_loss": 0.001, "cpu_seconds": 150}]}'
    )
    training.checkpoint.touch()
    app = open_app("train", train="unet")
    assert (number(app, "best held-out PSNR"), number(app, "epochs")) == ("30.00 dB", "2")
    line = chart(app, "learning")["data"][0]
    assert (line["x"], line["y"]) == ([1.0, 2.5], [pytest.approx(20.0), pytest.approx(30.0)])
    assert "Resume" in [button.label for button in app.button], "a stopped training can be resumed"
    assert captions_of(app)[0].endswith("; a part of the training is already done.")


def test_two_users_of_a_shared_server_have_their_own_trainings(open_app: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    started = threading.Event()

    def work(training: trainings.Training, epochs: int) -> Callable[[Progress], Path]:
        def train(progress: Progress) -> Path:
            while True:
                progress(1, 9, "steps")
                started.set()
                time.sleep(0.02)

        return train

    monkeypatch.setattr(trainings, "work", work)
    one, two = (open_app("train", train="mae") for _ in range(2))
    press(one, "Train")
    assert started.wait(10)
    two.run()
    assert one.run().get("progress")
    assert not two.get("progress"), "another user does not see it"
    assert "Train" in [button.label for button in two.button]
    assert len(trainings.jobs().running()) == 1
    press(one, "Stop")
    until(one, lambda: bool(one.info))
    assert not two.run().info


def test_a_training_goes_on_when_another_data_set_is_open_and_its_owner_finds_it(
    open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(training: trainings.Training, epochs: int) -> Callable[[Progress], Path]:
        def train(progress: Progress) -> Path:
            while True:
                progress(1, 9, "steps")
                time.sleep(0.02)

        return train

    monkeypatch.setattr(trainings, "work", work)
    app = open_app("train", train="mae")
    press(app, "Train")
    until(app, lambda: bool(app.get("progress")))
    app.switch_page(script("dataset")).run()
    widget(app, "typed_path").set_value(str(write_stripes(tmp_path / "other.npz"))).run()
    app.switch_page(script("train")).run()
    until(app, lambda: "Your other trainings" in headings_of(app))
    assert "Train" in [button.label for button in app.button], "this data set is not trained"
    until(app, lambda: bool(app.get("progress")))
    assert app.get("progress")[0].proto.text.startswith("Training the mae on stripes")
    press(app, "Stop")
    until(app, lambda: not trainings.jobs().running())
    assert "Your other trainings" not in headings_of(app.run())


def test_weights_of_another_owner_cannot_be_opened(
    open_app: Open, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = cache / "library" / "trained" / ("0" * 32)
    others.mkdir(parents=True, exist_ok=True)
    shutil.copy(WEIGHTS / "small.safetensors", others / "secret-0123-encoder.safetensors")
    without_owner = others.parent / "old-0123-encoder.safetensors"
    shutil.copy(WEIGHTS / "small.safetensors", without_owner)
    app = open_app("train")
    listed = [text.value for text in app.markdown]
    assert not [text for text in listed if "secret" in text]
    assert [text for text in listed if "old-0123" in text], "weights of earlier versions, on the user's own machine"
    for where in (others / "secret-0123-encoder.safetensors", others / ".." / others.name / "missing.safetensors"):
        app = open_app("dataset", embeddings="small", weights=str(where))
        assert app.error[0].value.startswith("There is no file or folder ")
    app = open_app("patches", painter=str(others / "secret-0123-encoder.safetensors"))
    assert app.error[0].value.startswith("There is no file or folder ")
    assert not open_app("dataset", embeddings="small", weights=str(without_owner)).error
    monkeypatch.setattr(stores, "is_public", lambda: True)
    assert not [text.value for text in open_app("train").markdown if "old-0123" in text.value]
    without_owner.unlink()
