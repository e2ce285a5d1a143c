"""`patches`: writes the patch masks of all images and the images reconstructed from their kept patches."""

from __future__ import annotations

import argparse

from adq_core.pipeline import Run
from adq_core.settings import Settings

from .options import Commands, add_cache, add_out_folder, add_quiet, add_settings, given_settings, open_store
from .progress_bars import terminal_progress


def add_parser(commands: Commands[argparse.ArgumentParser]) -> None:
    """Declare the command and its options."""
    parser = commands.add_parser("patches", help="write patch masks and reconstructed images")
    parser.add_argument("--model", default="unet", help="unet, mae, fill, or your own .safetensors file (unet)")
    add_out_folder(parser)
    add_quiet(parser)
    add_settings(parser, ("dataset", "labels", "patch_ranking", "patch_keep_ratio", "patch_image_size", "patch_size"))
    add_cache(parser)
    parser.set_defaults(function=patches_command)


def patches_command(parsed: argparse.Namespace) -> int:
    """Write the patch masks of a data set's images, and the reconstructed images, into --out."""
    from adq_core.patches import write_patches

    with terminal_progress(parsed) as progress:
        run = Run(Settings(**given_settings(parsed)), open_store(parsed), progress)
        psnr = write_patches(run.dataset, run.patch_masks, parsed.out, model=parsed.model, progress=progress)
    if not parsed.quiet:
        print(f"{len(run.dataset):,} images, PSNR over the dropped pixels {psnr:.2f} dB")
        print(f"Wrote masks.parquet and painted/ to {parsed.out}")
    return 0
