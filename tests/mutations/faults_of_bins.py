"""Faults of the bins. Changes of sizes and costs in `candidates.py` alone change no pick and are not listed."""

from __future__ import annotations

from tests.mutations.fault import Fault

BINS = "adq_core/bins/"
MODULES = {
    "bins_compiled_loops": BINS + "_compiled_loops.py",
    "bins_compiled_set_loops": BINS + "_compiled_set_loops.py",
    "bins_candidates": BINS + "candidates.py",
    "bins_greedy": BINS + "greedy.py",
    "bins_gains": BINS + "gains.py",
    "bins_gradients": BINS + "gradients.py",
    "bins_graphcut": BINS + "graphcut.py",
    "bins_schedules": BINS + "schedules.py",
    "checking": "adq_core/checking.py",
}
TESTS = {
    "bins": [
        f"tests/bins/test_{name}.py"
        for name in ("schedules", "refusals", "bounds", "greedy_bounds", "graphcut", "greedy_lazy", "gradients")
    ],
    "checking": ["tests/test_checking.py"],
}
K, S, C, G, A, D, M = (
    "bins_compiled_loops",
    "bins_compiled_set_loops",
    "bins_candidates",
    "bins_greedy",
    "bins_gains",
    "bins_gradients",
    "bins_graphcut",
)
FAULTS = [
    # --- constants of the error bounds ---
    Fault("bins", "an error factor of 1", K, "ERROR_FACTOR = 16.0", "ERROR_FACTOR = 1.0"),
    Fault("bins", "a coarser tie scale", K, "TIE_SCALE = 2.0**34", "TIE_SCALE = 2.0**30"),
    Fault("bins", "updates accumulate longer", K, "REFRESH = 64", "REFRESH = 640"),
    Fault("bins", "the slack has no step", K, "math.sqrt(norm2) + 1.5 / TIE_SCALE", "math.sqrt(norm2)"),
    Fault("bins", "the dense slack has no step", K, "state.unit + 1.5 / TIE_SCALE", "state.unit"),
    Fault(
        "bins", "the dense slack has no kernel error", K, "slack += 4 * since * entry_error", "slack += 0 * entry_error"
    ),
    Fault("bins", "a smaller error of a kernel entry", G, "(d + 4) * 2.0**-24", "(d + 4) * 2.0**-30"),
    Fault("bins", "B is not rounded up", K, "+ ERROR_FACTOR * (v.shape[0] + 16) * 2.0**-53 * norm2)", ")"),
    Fault("bins", "p is not rounded up", K, " + ERROR_FACTOR * unit_error * square)", ")"),
    # --- bounds ---
    Fault("bins", "B is halved", K, "return a, math.sqrt(", "return a, 0.5 * math.sqrt("),
    Fault("bins", "p of another length", K, "square - along[i] ** 2", "square - 1.1 * along[i] ** 2"),
    Fault("bins", "the direction is not of length 1", K, "n[:] = v / length", "n[:] = v / (1.01 * length)"),
    Fault("bins", "the bound of a row drops p B", K, " + across[i] * b[direction_of[i]]"),
    Fault("bins", "the bound outside drops q", K, "max(0.0, b - outside.weight[k] * a) * outside.across[k]", "0.0"),
    Fault(
        "bins", "the bound outside counts w twice", K, "b - outside.weight[k] * a)", "b - 2 * outside.weight[k] * a)"
    ),
    Fault("bins", "no bound outside for an opposite V", K, "np.inf, 4.0", "-np.inf, 4.0"),
    Fault("bins", "the largest p outside is lost", S, "max(outside_across, across[i])", "outside_across"),
    Fault("bins", "the largest h outside is lost", S, "max(outside_total, totals[i]),", "totals[i],"),
    Fault(
        "bins",
        "members are copied without their p",
        S,
        "below_across[n] = rows[i], along[i], across[i]",
        "below_across[n] = rows[i], along[i], 0.0",
    ),
    # --- picks ---
    Fault("bins", "a tie goes to the higher row", K, "and r < members[best])", "and r > members[best])"),
    Fault("bins", "values decide without rounding", K, "step = np.rint(value * TIE_SCALE)", "step = value * TIE_SCALE"),
    Fault("bins", "V loses the pick once", K, "state.fixed[j] -= 2 *", "state.fixed[j] -="),
    Fault("bins", "the last coordinate of V stays", K, "v[-1] -= 2 * rows.last_contribution", "v[-1] -= 0.0"),
    Fault(
        "bins",
        "lanes are added in another order",
        K,
        "lanes[j] += lanes[j + width]",
        "lanes[j] += lanes[2 * width - 1 - j]",
    ),
    Fault("bins", "the kernel row is subtracted once", K, "- 2.0 * kernel_row[i]", "- kernel_row[i]"),
    Fault(
        "bins",
        "only the best value is a contender",
        K,
        "contenders = np.flatnonzero(values >= top - slack)",
        "contenders = np.flatnonzero(values >= top)",
    ),
    Fault("bins", "no refill for rows outside", K, "if size == 0 or largest_outside >= best - slack:", "if size == 0:"),
    Fault(
        "bins",
        "the moved row keeps the place of another p",
        K,
        "= active.along[m], active.across[m]",
        "= active.along[m], active.across[place]",
    ),
    Fault(
        "bins",
        "evaluated rows keep their old direction",
        K,
        "active.direction_of[places], active.counts[N_DIRECTIONS] = k, k + 1",
        "active.counts[N_DIRECTIONS] = k + 1",
    ),
    Fault(
        "bins",
        "refreshed rows keep their old direction",
        K,
        "active.direction_of[places], active.counts[N_DIRECTIONS] = number, number + 1",
        "active.counts[N_DIRECTIONS] = number + 1",
    ),
    # --- sets ---
    Fault("bins", "taken rows stay in the sets", S, "if not taken[rows[i]]:", "if True:"),
    Fault(
        "bins",
        "a set has the direction of another pick",
        C,
        "outside.direction[k] = self._directions[k]",
        "outside.direction[k] = self._directions[0]",
    ),
    Fault("bins", "the next set forgets its direction", C, "self._directions[k + 1] = self._directions[k]", "pass"),
    Fault("bins", "the active set keeps old directions", C, "active.direction_of[: self._size[ACTIVE]] = 0", "pass"),
    # --- bins ---
    Fault("bins", "the next bin begins with V", G, "fixed[:] = (start + fixed) // 2", "fixed[:] = start"),
    Fault("bins", "the pool does not shrink", G, "pool.left -= size", "pool.left -= 0"),
    Fault(
        "bins",
        "the kernel of half the rows is wrong",
        G,
        "pool.kernel[np.ix_(keep, keep)], pool.members[keep]",
        "pool.kernel[: len(keep), : len(keep)], pool.members[keep]",
    ),
    Fault(
        "bins",
        "the lazy algorithm is never left",
        G,
        "and pool.n_evaluated > count * left / 5",
        "and pool.n_evaluated > count * left * 5",
    ),
    Fault("bins", "the kernel is held too early", G, "count * left / 5", "count * left / 500"),
    Fault(
        "bins",
        "the gain forgets the pool",
        A,
        "return order, pool_sizes / 2 - n_picked + 0.5 * values\n\n\ndef euclidean",
        "return order, 0.5 * values\n\n\ndef euclidean",
    ),
    Fault("bins", "distances forget the picks", A, "2 * picked_before - pool_sums", "picked_before - pool_sums"),
    Fault(
        "bins",
        "distances are not centred",
        A,
        "    y -= y.mean(axis=0)\n",
        "",
    ),
    Fault(
        "bins",
        "a zero row has a length",
        A,
        "(lengths > 0).astype(np.float64)",
        "np.ones(len(x))",
        "The bounds of zero rows become larger than necessary, which changes no pick.",
    ),
    # --- gradients ---
    Fault("bins", "two softmaxes are one", D, "r = _softmax(p) - y", "r = p - y"),
    Fault(
        "bins",
        "the constant coordinate is lost",
        D,
        "eps[:, 0], eps[:, 1:] = 1.0, vectors",
        "eps[:, 0], eps[:, 1:] = 0.0, vectors",
    ),
    Fault("bins", "a pick is subtracted once", D, "values[i] -= 2 * row[i]", "values[i] -= row[i]"),
    Fault("bins", "the next bin keeps the picks", D, "sums = (sums + values) / 2", "sums = sums + 0 * values"),
    # --- make_bins ---
    Fault(
        "bins",
        "ids do not break ties",
        M,
        'together = by_id[np.argsort(groups[by_id], kind="stable")]',
        'together = np.argsort(groups, kind="stable")',
    ),
    Fault("bins", "the progress of other threads goes on", M, "raise self.raised", "return"),
    Fault("bins", "labels are not checked", M, "    check_labels(labels, len(vectors), len(class_names) or None)\n"),
    Fault("bins", "the order is not checked", M, "    check_row_order(by_id, len(groups))\n"),
    Fault("bins", "larger bins come last", "bins_schedules", "number < n % n_bins", "number >= n_bins - n % n_bins"),
    Fault("bins", "a share of the pool, not of what is left", "bins_schedules", "round(left * (", "round(n * ("),
    Fault(
        "checking",
        "a repeated row passes",
        "checking",
        "(np.sort(order) != np.arange(n_images)).any()",
        "order.max() >= n_images",
    ),
    Fault(
        "checking",
        "negative labels pass",
        "checking",
        "not 0 <= labels.min() <= labels.max() < n_classes",
        "not labels.max() < n_classes",
    ),
    Fault("checking", "infinity passes", "checking", "np.isfinite(vectors).all()", "(vectors == vectors).all()"),
]
