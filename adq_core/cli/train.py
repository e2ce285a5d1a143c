"""`train`: trains an encoder or an inpainting network on the images of a data set."""

from __future__ import annotations

import argparse

from adq_core.errors import InputError
from adq_core.pipeline import Run
from adq_core.settings import Settings

from .options import Commands, add_cache, add_quiet, add_settings, given_settings, open_store, path
from .progress_bars import terminal_progress


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("train", help="train weights on your own images, without labels")
    parser.add_argument(
        "model", choices=("encoder", "mae", "unet"), help="encoder: images to vectors; mae, unet: fill dropped patches"
    )
    parser.add_argument("--epochs", type=int, help="passes over the images (chosen by the size of the data set)")
    parser.add_argument("--out", type=path, metavar="FILE", required=True, help="file to write, .safetensors")
    parser.add_argument(
        "--report",
        type=path,
        metavar="FILE",
        help="write progress and losses to this JSON file instead of showing a bar; "
        "stop when the process that started the training ends",
    )
    add_quiet(parser)
    add_settings(parser, ("dataset", "labels", "seed"))
    add_cache(parser)
    parser.set_defaults(
        function=train_command,
        after_stop="No weights were written; the same command continues from the checkpoint.",
    )


def train_command(parsed: argparse.Namespace) -> int:
    """Train a network on a data set's images and write its weights to --out."""
    from adq_core.models.training.config import no_callback
    from adq_core.models.training.progress_file import ProgressFile
    from adq_core.models.training.train import train

    if parsed.out.suffix != ".safetensors":
        raise InputError(f"--out must be a file that ends in .safetensors, got {parsed.out}.")
    settings = Settings(**given_settings(parsed))
    report = None if parsed.report is None else ProgressFile(parsed.report)
    on_epoch_end = no_callback if report is None else report.on_epoch_end
    epochs, seed = parsed.epochs, settings.seed
    with terminal_progress(parsed, is_shown=report is None) as bars:
        progress = report or bars
        dataset = Run(settings, open_store(parsed), progress).dataset
        result = train(
            parsed.model, dataset, parsed.out, seed=seed, epochs=epochs, progress=progress, on_epoch_end=on_epoch_end
        )
    if not parsed.quiet:
        state = result.state
        print(f"{len(state.history)} epochs, {state.cpu_seconds / 60:.1f} CPU minutes, best loss {state.best_loss:.4f}")
        print(f"Wrote {result.path} (SHA-256 {result.sha256})")
    return 0
