"""The command line: run, app, datasets, train, patches. Its options are made from the fields of `Settings`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adq_core.errors import AdqError, InputError, SettingsError
from adq_core.export import check_target, differing_digests, write_files
from adq_core.pipeline import Run
from adq_core.progress import Progress, no_progress
from adq_core.settings import Settings
from adq_core.storage import CACHE_VARIABLE, Store, default_folder

OPTIONS = {  # how an error names a setting
    field.name: "--" + field.name.replace("_", "-") for field in dataclasses.fields(Settings) if field.name != "dataset"
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0, 2 for bad input (one sentence on stderr), 130 for Ctrl-C."""
    parsed = _parser().parse_args(arguments)
    try:
        return int(COMMANDS[parsed.command](parsed))
    except AdqError as error:
        print(f"adq: {error.named(OPTIONS) if isinstance(error, SettingsError) else error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("adq: stopped. Nothing was written; finished stages are kept in the cache.", file=sys.stderr)
        return 130


def run_command(parsed: argparse.Namespace) -> int:
    """Walk the whole path and write its files into --out."""
    check_target(parsed.out, overwrite=parsed.overwrite)
    manifest = _read_manifest(parsed.settings) if parsed.settings else None
    given = _given(parsed)
    base = Settings.from_json(json.dumps(manifest)) if manifest is not None else Settings()
    settings = dataclasses.replace(base, **given)
    started = time.perf_counter()
    bars = _Bars()
    with _insistent(no_progress if parsed.quiet else bars) as progress:
        run = Run(settings, Store(parsed.cache or default_folder()), progress)
        try:
            files = run.export_files()
        finally:
            bars.close()
    write_files(files, parsed.out, overwrite=parsed.overwrite)
    if not parsed.quiet:
        print(_summary(run, time.perf_counter() - started))
        print(f"Wrote {', '.join(files)} to {parsed.out}")
    if manifest is not None and not given:
        for name in differing_digests(manifest, run.stages()):
            print(f"adq: {name} differs here from what {parsed.settings} pins; the subset may differ.", file=sys.stderr)
    return 0


def app_command(parsed: argparse.Namespace) -> int:
    """Start the app in the browser, on this machine only."""
    root = Path(__file__).resolve().parents[2]
    environment = dict(os.environ)
    if parsed.dataset is not None:
        environment["ADQ_DATASET"] = _absolute(parsed.dataset)
    if parsed.cache is not None:
        environment[CACHE_VARIABLE] = str(parsed.cache.resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(root / "app" / "main.py")]
    if parsed.port is not None:
        command += ["--server.port", str(parsed.port)]
    # Streamlit finds .streamlit/config.toml, the theme and the safe defaults, from the folder it is started in.
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def datasets_command(parsed: argparse.Namespace) -> int:
    """Print the built-in data sets and the other forms a data set can have."""
    from adq_core.data import DATASETS

    width = max(len(name) for name in DATASETS) + 2
    for name, about in DATASETS.items():
        print(f"{name:<{width}}{about}")
    print("\nAlso: a folder (a subfolder a class, or flat), a .zip of one,")
    print("an .npz with images and labels, torchvision:NAME, or a file of vectors without images:")
    print("a .npy, an .npz with vectors (labels, ids), a .parquet or a .csv (id, label)")
    return 0


def train_command(parsed: argparse.Namespace) -> int:
    """Train an encoder or a painter of patches on a data set's images and write its weights to --out."""
    from adq_core.models.training.command import train
    from adq_core.models.training.loop import unwatched
    from adq_core.models.training.report import Report

    if parsed.out.suffix != ".safetensors":
        raise InputError(f"--out must be a file that ends in .safetensors, got {parsed.out}.")
    settings = Settings(**_given(parsed))
    bars = _Bars()
    report = None if parsed.report is None else Report(parsed.report)
    progress = report or (no_progress if parsed.quiet else bars)
    watch = unwatched if report is None else report.watch
    epochs, seed = parsed.epochs, settings.seed
    try:
        dataset = Run(settings, Store(parsed.cache or default_folder()), progress).dataset
        trained = train(parsed.model, dataset, parsed.out, seed=seed, epochs=epochs, progress=progress, watch=watch)
    finally:
        bars.close()
    if not parsed.quiet:
        state = trained.state
        print(f"{len(state.history)} epochs, {state.cpu_seconds / 60:.1f} CPU minutes, best loss {state.best_loss:.4f}")
        print(f"Wrote {trained.path} (SHA-256 {trained.sha256})")
    return 0


def patches_command(parsed: argparse.Namespace) -> int:
    """Write the patch masks of a data set's images, and the images painted from the kept patches, into --out."""
    from adq_core.patches import write_patches

    bars = _Bars()
    progress = no_progress if parsed.quiet else bars
    run = Run(Settings(**_given(parsed)), Store(parsed.cache or default_folder()), progress)
    try:
        value = write_patches(run.dataset, run.patch_masks, parsed.out, model=parsed.model, progress=progress)
    finally:
        bars.close()
    if not parsed.quiet:
        print(f"{len(run.dataset):,} images, PSNR over the dropped pixels {value:.2f} dB")
        print(f"Wrote masks.parquet and painted/ to {parsed.out}")
    return 0


def _given(parsed: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that were given as options, by name."""
    given = {spec.name: getattr(parsed, spec.name, None) for spec in dataclasses.fields(Settings)}
    return {name: value for name, value in given.items() if value is not None}


def _summary(run: Run, seconds: float) -> str:
    """Return what a run did, for people: counts, seconds a stage, and what deserves a second look."""
    quotas, data = run.quotas, run.dataset
    lines = [
        f"{data.name}: {len(data):,} {data.kind} in {data.n_classes} classes, {len(data.skipped)} left out",
        f"Kept {quotas.quota.sum():,} ({quotas.reached_keep_ratio:.1%}), rule {quotas.rule}, alpha {quotas.alpha:g}",
        "Quotas  " + "  ".join(f"{q}/{n}" for q, n in zip(quotas.quota, quotas.capacity, strict=True)),
        "Seconds "
        + "  ".join(f"{name} {spent:.1f}" for name, spent in run.seconds.items())
        + f"  in all {seconds:.1f}",
    ]
    lines += [f"Left out {item.id}: {item.reason}" for item in data.skipped[:10]]
    if len(data.skipped) > 10:
        lines.append(f"... and {len(data.skipped) - 10} more, all in the manifest")
    return "\n".join(lines + [f"Note: {note}" for note in run.scores.warnings + quotas.notes])


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"--settings must be a readable file, got {path}: {error.strerror}.") from None
    except ValueError:
        raise InputError(f"--settings must be a manifest.json or settings as JSON; {path} is not JSON.") from None
    if not isinstance(read, dict):
        raise InputError(f"--settings must be a manifest.json or settings as JSON; {path} holds no JSON object.")
    return read


def _absolute(dataset: str) -> str:
    """Return a path made absolute, and a name as it is: the app is started in another folder."""
    return str(Path(dataset).resolve()) if Path(dataset).exists() else dataset


@contextmanager
def _insistent(progress: Progress) -> Iterator[Progress]:
    """Yield a progress that repeats a Ctrl-C: Python loses one that falls into the clean-up after an import."""
    heard = False

    def hear(number: int, frame: object) -> None:
        nonlocal heard
        heard = True
        raise KeyboardInterrupt

    def tell(done: int, total: int, what: str) -> None:
        if heard:
            raise KeyboardInterrupt
        progress(done, total, what)

    if threading.current_thread() is not threading.main_thread():  # where signals cannot be heard
        yield progress
        return
    former = signal.signal(signal.SIGINT, hear)
    try:
        yield tell
    finally:
        signal.signal(signal.SIGINT, former)


class _Bars:
    """Progress as one tqdm bar a stage."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._what = ""

    def __call__(self, done: int, total: int, what: str) -> None:
        from tqdm import tqdm

        if what != self._what or self._bar is None or self._bar.total != total:
            self.close()
            self._bar, self._what = tqdm(total=total, desc=what, file=sys.stderr, leave=False, dynamic_ncols=True), what
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
        self._bar = None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m adq_core", description="Adaptive Dataset Quantization in the open."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    run = commands.add_parser("run", help="from a data set to an exported subset")
    for spec in dataclasses.fields(Settings):
        _add_option(run, spec)
    run.add_argument(
        "--settings", type=Path, metavar="FILE", help="manifest.json to repeat; options given beside it win"
    )
    run.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder for the files; must be empty")
    run.add_argument("--overwrite", action="store_true", help="replace the files of an earlier export in --out")
    run.add_argument("--quiet", action="store_true", help="print nothing but errors")

    app = commands.add_parser("app", help="the app in the browser")
    app.add_argument("dataset", nargs="?", metavar="DATASET", help="data set to open first")
    app.add_argument("--port", type=int, help="port to listen on (8501)")

    listing = commands.add_parser("datasets", help="list the built-in data sets")

    train = commands.add_parser("train", help="weights of your own, from images without labels")
    train.add_argument("model", choices=("encoder", "mae", "unet"), help="vectors, or a painter of dropped patches")
    train.add_argument("--epochs", type=int, help="passes over the images (made to fit the data set)")
    train.add_argument("--out", type=Path, metavar="FILE", required=True, help="file to write, .safetensors")
    train.add_argument(
        "--report",
        type=Path,
        metavar="FILE",
        help="keep progress and losses there as JSON instead of a bar, and stop when whoever started this ends",
    )

    patches = commands.add_parser("patches", help="masks and painted images")
    patches.add_argument("--model", default="unet", help="unet, mae, fill, or a .safetensors file of your own (unet)")
    patches.add_argument("--out", type=Path, metavar="DIR", required=True, help="folder for the files; must be empty")

    options = {
        "train": ("dataset", "labels", "seed"),
        "patches": ("dataset", "labels", "patch_ranking", "patch_keep_ratio", "patch_image_size", "patch_size"),
    }
    for command, name in ((train, "train"), (patches, "patches")):
        command.add_argument("--quiet", action="store_true", help="print nothing but errors")
        for spec in dataclasses.fields(Settings):
            if spec.name in options[name]:
                _add_option(command, spec)
    for command in (run, app, listing, train, patches):
        command.add_argument("--cache", type=Path, metavar="DIR", help=f"cache folder (or set {CACHE_VARIABLE})")
    return parser


def _add_option(parser: argparse.ArgumentParser, spec: dataclasses.Field[Any]) -> None:
    """Add the option of one field. Nothing given means None, so that a manifest's value stands."""
    limits = spec.metadata
    kind = {"int": int, "float": float}.get(str(spec.type), str)
    shown = limits["help"].replace("%", "%%") + (f" ({spec.default})" if spec.default is not None else "")
    if spec.name == "dataset":
        parser.add_argument("dataset", nargs="?", metavar="DATASET", help=shown)
        return
    metavar = "{" + ",".join(limits["choices"]) + "}" if "choices" in limits else kind.__name__.upper()
    parser.add_argument(f"--{spec.name.replace('_', '-')}", type=kind, metavar=metavar, help=shown)


COMMANDS = {
    "run": run_command,
    "app": app_command,
    "datasets": datasets_command,
    "train": train_command,
    "patches": patches_command,
}
