"""Faults of quotas, sampling and patches."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- quotas ---
    Fault(
        "quotas",
        "alpha is swapped",
        "quotas",
        "r = request.alpha * request.share + (1 - request.alpha) * request.size_share",
        "r = (1 - request.alpha) * request.share + request.alpha * request.size_share",
    ),
    Fault("quotas", "the budget is rounded down", "targets", "rounding=ROUND_HALF_UP))", 'rounding="ROUND_DOWN"))'),
    Fault("quotas", "the paper's rule rounds", "quotas", "np.floor(allocation)", "np.rint(allocation)"),
    Fault(
        "quotas",
        "scaled paper forgets the size",
        "quotas",
        "_within_budget(r, r * request.capacity, request)",
        "_within_budget(r, r, request)",
    ),
    Fault(
        "quotas",
        "published code forgets the size",
        "quotas",
        "weight = request.importance * request.capacity",
        "weight = request.importance",
    ),
    Fault(
        "quotas",
        "published code rounds the budget",
        "quotas",
        "int(request.keep_ratio * request.n_images)",
        "request.total",
    ),
    Fault(
        "quotas", "uniform follows importance", "quotas", "alpha=np.zeros_like(request.alpha)", "alpha=request.alpha"
    ),
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
        "reallocated=np.where((reallocated if bounds is None else np.abs(reallocated)) > 1e-9, reallocated, 0.0)",
        "reallocated=np.zeros_like(reallocated)",
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
        "((seat_value == value) & lower & (worth > 0))",
        "((seat_value == value) & ~lower & (worth > 0))",
    ),
    Fault(
        "quotas", "published entry one off", "counterfactuals", "selected.argmax(axis=1) + 1", "selected.argmax(axis=1)"
    ),
    # --- sampling ---
    Fault(
        "sampling",
        "classes do not take turns",
        "sampling",
        "interleaved = (place + offset) / np.maximum(share[group], 1)",
        "interleaved = (place + offset)",
    ),
    Fault(
        "quotas",
        "a pinned image does not count within its bin",
        "webster",
        "rest = total - np.where(fixed, least, 0).sum(axis=1)",
        "rest = total - np.where(fixed, given, 0).sum(axis=1)",
    ),
    Fault("quotas", "a rank forgets the pinned images", "webster", "if least is not None:", "if False:"),
    Fault("quotas", "never taken images are taken", "bounds", "bin_of[~never]", "bin_of[never | ~never]"),
    Fault("quotas", "more pinned images than the target", "bounds", "if pinned > target:", "if pinned > available:"),
    Fault(
        "sampling",
        "never taken images are drawn",
        "sampling",
        "((always, FIRST), (never, LAST))",
        "((always, FIRST), (never, BETWEEN))",
    ),
    Fault(
        "sampling",
        "pinned images come in their turn",
        "sampling",
        "np.lexsort((offset, interleaved, part[rows], bin_of[rows]))",
        "np.lexsort((offset, interleaved, part[rows] == LAST, bin_of[rows]))",
    ),
    Fault("sampling", "all copies go", "copies", "~is_first & ~always[order]", "~always[order]"),
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
