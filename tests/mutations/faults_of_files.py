"""Faults of reconstruction, files, maps and training."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- reconstruction ---
    Fault(
        "reconstruction",
        "kept pixels are not pasted back",
        "reconstruction",
        "return np.where(known[..., None], images, pixels)",
        "return pixels",
    ),
    Fault(
        "reconstruction",
        "the network sees dropped pixels",
        "reconstruction",
        "blanked = np.where(known[..., None], images, np.uint8(0))",
        "blanked = images",
    ),
    Fault(
        "reconstruction",
        "the mirror image is not mirrored back",
        "reconstruction",
        "kept.flip(3)).flip(3))",
        "kept.flip(3)))",
    ),
    Fault(
        "reconstruction",
        "the mask is not mirrored",
        "reconstruction",
        "network(batch.flip(3), kept.flip(3))",
        "network(batch.flip(3), kept)",
    ),
    Fault(
        "reconstruction",
        "pixels are cut, not rounded",
        "reconstruction",
        ".mul(255).round().byte()",
        ".mul(255).byte()",
    ),
    Fault("reconstruction", "output is not clamped", "reconstruction", ".clamp(0, 1).mul(255)", ".mul(255)"),
    Fault(
        "reconstruction",
        "padding of the mask with dropped pixels",
        "reconstruction",
        'mask = np.pad(known, ((0, 0), (0, padding), (0, padding)), mode="edge")',
        "mask = np.pad(known, ((0, 0), (0, padding), (0, padding)))",
    ),
    Fault(
        "reconstruction", "the last part is left out", "reconstruction", "for part in parts:", "for part in parts[:-1]:"
    ),
    # --- files ---
    Fault("files", "no file is left out", "manifest", "[asdict(item) for item in dataset.skipped]", "[]"),
    Fault("files", "bits from the right", "patchfiles", "np.packbits(keep)", 'np.packbits(keep, bitorder="little")'),
    Fault(
        "files",
        "ranks for draw positions",
        "tables",
        '"draw_position": selection.draw_position',
        '"draw_position": bins.rank',
    ),
    Fault("files", "x for y", "tables", '"umap_y": projection.xy[:, 1]', '"umap_y": projection.xy[:, 0]'),
    Fault("files", "six digits", "texts", ".to_csv(index=False,", '.to_csv(index=False, float_format="%.6g",'),
    Fault("files", "notes of quotas only", "manifest", "*scores.warnings, *quotas.notes]", "*quotas.notes]"),
    Fault(
        "files",
        "rows instead of indices",
        "export",
        "_npy(dataset.indices[selection.indices])",
        "_npy(selection.indices)",
    ),
    Fault(
        "files",
        "indices are rows of the table",
        "tables",
        '"index": dataset.indices',
        '"index": np.arange(len(dataset))',
    ),
    # --- maps ---
    Fault(
        "maps",
        "squared distances",
        "umap",
        "np.linalg.norm(components[rows, None] - components[nearest], axis=2)",
        "np.linalg.norm(components[rows, None] - components[nearest], axis=2) ** 2",
    ),
    Fault(
        "maps",
        "no point is its own neighbour",
        "umap",
        "indices[rows, 0], distances[rows, 0] = rows, 0",
        "indices[rows, 0], distances[rows, 0] = nearest[:, 0], 0",
    ),
    Fault("maps", "seed of the pixel sample", "embeddings", "SAMPLE_SEED = 0", "SAMPLE_SEED = 1"),
    Fault(
        "maps",
        "seed of the map's sample",
        "pca",
        "SAMPLE_SEED = 0",
        "SAMPLE_SEED = 1",
    ),
    Fault(
        "maps",
        "seed of the judged sample",
        "map_quality",
        "np.sort(np.random.default_rng(SAMPLE_SEED).choice(m, RECALL_SAMPLE, replace=False))",
        "np.arange(RECALL_SAMPLE)",
    ),
    # --- training ---
    Fault(
        "training",
        "the last parameters are kept",
        "loop",
        "    network.load_state_dict(saved.best)\n    network.eval()",
        "    network.eval()",
    ),
    Fault(
        "training",
        "an equal loss is a gain",
        "loop",
        "if held_out_loss < state.best_loss:",
        "if held_out_loss <= state.best_loss:",
    ),
    Fault(
        "training",
        "patience one longer",
        "loop",
        "state.epochs_since_best < config.patience",
        "state.epochs_since_best <= config.patience",
    ),
    Fault("training", "no bias correction", "optimizer", "/ (1 - beta1**count)", "/ 1.0"),
    Fault("training", "no bias correction of the square", "optimizer", "/ (1 - beta2**count)", "/ 1.0"),
    Fault(
        "training",
        "steps are not orthogonalised",
        "optimizer",
        "direction: Tensor = orthogonalized(matrix).reshape(gradient.shape) * scale",
        "direction: Tensor = matrix.reshape(gradient.shape) * scale",
    ),
    Fault("training", "no momentum", "optimizer", "gradient.lerp(mean, momentum)", "gradient"),
    Fault(
        "training",
        "decay of vectors",
        "optimizer",
        '{"params": vectors, "muon": False, "weight_decay": 0.0}',
        '{"params": vectors, "muon": False, "weight_decay": weight_decay}',
    ),
]
