"""Faults of quotas, sampling and patches."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- quotas ---
    Fault(
        "quotas",
        "alpha is swapped",
        "quotas",
        "r = asked.alpha * asked.share + (1 - asked.alpha) * asked.size_share",
        "r = (1 - asked.alpha) * asked.share + asked.alpha * asked.size_share",
    ),
    Fault("quotas", "the budget is rounded down", "quotas", "rounding=ROUND_HALF_UP))", 'rounding="ROUND_DOWN"))'),
    Fault("quotas", "the paper's rule rounds", "quotas", "np.floor(allotted)", "np.rint(allotted)"),
    Fault(
        "quotas",
        "scaled paper forgets the size",
        "quotas",
        "_within_budget(r, r * asked.capacity, asked)",
        "_within_budget(r, r, asked)",
    ),
    Fault(
        "quotas",
        "published code forgets the size",
        "quotas",
        "weight = asked.importance * asked.capacity",
        "weight = asked.importance",
    ),
    Fault(
        "quotas",
        "published code rounds the budget",
        "quotas",
        "int(asked.keep_ratio * int(asked.capacity.sum()))",
        "asked.total",
    ),
    Fault("quotas", "uniform follows importance", "quotas", "alpha=np.zeros_like(asked.alpha)", "alpha=asked.alpha"),
    Fault(
        "quotas",
        "an overfull bin is not refused",
        "quotas",
        "over = np.flatnonzero(quota > capacity)",
        "over = np.flatnonzero(quota > 2 * capacity)",
    ),
    Fault(
        "quotas",
        "moved images",
        "quotas",
        "moved=np.where(moved > 1e-9, moved, 0.0)",
        "moved=np.zeros_like(moved)",
    ),
    Fault(
        "quotas",
        "another divisor",
        "webster",
        "value = np.where(seats < room, weights / (2 * seats + 1), -1.0)",
        "value = np.where(seats < room, weights / (seats + 1), -1.0)",
    ),
    Fault(
        "quotas",
        "full bins are filled further",
        "webster",
        "value = np.where(seats < room, ",
        "value = np.where(seats <= room, ",
    ),
    Fault(
        "quotas",
        "ties of an entry go up",
        "webster",
        "((has == value) & lower & (worth > 0))",
        "((has == value) & ~lower & (worth > 0))",
    ),
    Fault("quotas", "published entry one off", "counterfactuals", "given.argmax(axis=1) + 1", "given.argmax(axis=1)"),
    # --- sampling ---
    Fault(
        "sampling",
        "classes do not take turns",
        "sampling",
        "when = (place + offset) / size[group]",
        "when = (place + offset)",
    ),
    Fault(
        "sampling",
        "the same offset in every bin",
        "sampling",
        "pair = np.arange(n_bins) // 2",
        "pair = 0 * np.arange(n_bins)",
    ),
    Fault("sampling", "no opposite offsets", "sampling", "1.0 - offset, offset)", "offset, offset)"),
    Fault(
        "sampling",
        "least texture first",
        "sampling",
        "-np.asarray(texture, np.float64)",
        "np.asarray(texture, np.float64)",
    ),
    Fault("sampling", "latest pick first", "sampling", "np.asarray(rank, np.float64)", "-np.asarray(rank, np.float64)"),
    Fault(
        "sampling",
        "one image too many",
        "sampling",
        "order.draw_position < quotas.quota[bin_of]",
        "order.draw_position <= quotas.quota[bin_of]",
    ),
    Fault("sampling", "the seed is forgotten", "sampling", "np.random.default_rng(seed))", "np.random.default_rng(0))"),
    # --- patches ---
    Fault(
        "patches",
        "the lowest patches are kept",
        "patches",
        'np.argsort(-saliency, axis=1, kind="stable")',
        'np.argsort(saliency, axis=1, kind="stable")',
    ),
    Fault(
        "patches",
        "the later of equal patches",
        "patches",
        'np.argsort(-saliency, axis=1, kind="stable")',
        'np.argsort(saliency[:, ::-1], axis=1, kind="stable")[:, ::-1]',
    ),
    Fault("patches", "the count is rounded down", "patches", "ratio, 9) + 0.5)", "ratio, 9))"),
    Fault("patches", "half a patch is lost", "patches", "round(n_patches * ratio, 9)", "n_patches * ratio"),
    Fault("patches", "the highest texture for the mean", "patches", ".mean(axis=(2, 4))", ".max(axis=(2, 4))"),
    Fault(
        "patches",
        "patches column by column",
        "patches",
        "reshape(k, cells, patch_size, cells, patch_size)",
        "transpose(0, 2, 1).reshape(k, cells, patch_size, cells, patch_size)",
    ),
]
