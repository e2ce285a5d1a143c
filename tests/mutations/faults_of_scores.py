"""Faults of threads, diversity and scores."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- threads ---
    Fault("threads", "heads on all threads", "heads", "    with one_blas_thread():\n", "    if True:\n"),
    Fault(
        "threads",
        "Vendi on all threads",
        "vendi",
        "    with one_blas_thread():\n        if len",
        "    if True:\n        if len",
    ),
    # --- diversity ---
    Fault(
        "diversity",
        "Vendi's interval is narrow",
        "diversity",
        "score[number] - NORMAL_95 * error, 1.0), score[number] + NORMAL_95 * error",
        "score[number] - 0.22 * error, 1.0), score[number] + 0.22 * error",
    ),
    Fault(
        "diversity",
        "Vendi's floor",
        "diversity",
        "score[number] - NORMAL_95 * error, 1.0)",
        "score[number] - NORMAL_95 * error, 0.0)",
    ),
    Fault("diversity", "the jackknife's factor", "vendi", "np.sqrt((N_FOLDS - 1) / N_FOLDS *", "np.sqrt(1 / N_FOLDS *"),
    Fault("diversity", "number of groups of the jackknife", "vendi", "N_FOLDS = 10", "N_FOLDS = 5"),
    Fault(
        "diversity",
        "threshold of the size warning",
        "diversity",
        "(diversity > n_vectors / 2) |",
        "(diversity > n_vectors / 10) |",
    ),
    Fault(
        "diversity",
        "99 % for 95 %",
        "diversity",
        "CONFIDENCE = (0.025, 0.975)",
        "CONFIDENCE = (0.005, 0.995)",
    ),
    Fault(
        "diversity",
        "half-samples are too far apart",
        "bin_vectors",
        "(estimate - unstratified) * np.sqrt(size / (n - size))",
        "(estimate - unstratified) * 50",
    ),
    Fault(
        "diversity",
        "own term of half-samples",
        "bin_vectors",
        "own_half / size / vectors.size + others * (vectors.size - 1) / vectors.size",
        "others",
    ),
    Fault(
        "diversity",
        "a half is a quarter",
        "bin_vectors",
        "rng.choice(n_groups, n_groups // 2, replace=False)",
        "rng.choice(n_groups, n_groups // 4, replace=False)",
    ),
    Fault(
        "diversity",
        "images are not mixed before grouping",
        "bin_vectors",
        "[:, None])[rng.permutation(n)]",
        "[:, None])",
        explained=(
            "The order of images carries nothing in the simulations; it matters only where similar images are "
            "neighbours in the data set."
        ),
    ),
    Fault(
        "diversity",
        "mean cosine",
        "diversity",
        "(n_vectors * square - 1) / (n_vectors - 1)",
        "(n_vectors * square - 1) / n_vectors",
    ),
    Fault(
        "diversity",
        "vectors are not of unit length",
        "linalg",
        "np.divide(x, length, out=np.zeros_like(x), where=length > 0)",
        "x",
    ),
    Fault(
        "diversity",
        "the sum of squares for the square of the sum",
        "bin_vectors",
        "float((mean**2).sum())",
        "float(((self.sums * self.weights[:, None]) ** 2).sum())",
    ),
    Fault(
        "diversity",
        "entropy to the base two",
        "vendi",
        "np.exp(-(values * np.log(values)).sum())",
        "np.exp(-(values * np.log2(values)).sum())",
    ),
    # --- samples ---
    Fault("diversity", "samples forget the seed", "samples", "[seed, number, STREAM]", "[0, number, STREAM]"),
    Fault("diversity", "one random stream for all bins", "samples", "[seed, number, STREAM]", "[seed, 0, STREAM]"),
    Fault("diversity", "strata of one sampled image", "samples", "LEAST = 2", "LEAST = 1"),
    Fault("diversity", "smallest remainders", "samples", "np.argsort(-remainder", "np.argsort(remainder"),
    Fault(
        "diversity",
        "the first images of a stratum",
        "samples",
        "rng.choice(rows[stratum == s], count, replace=False)",
        "rows[stratum == s][:count]",
    ),
    Fault("diversity", "sampling adds no bias", "bin_vectors", "** 2 - self.bias", "** 2"),
    Fault("diversity", "no finite population", "bin_vectors", "(1 / n_h - 1 / size_h)", "(1 / n_h)"),
    Fault("diversity", "variance with the divisor n", "bin_vectors", "ddof=1", "ddof=0"),
    Fault(
        "diversity",
        "the bin is one stratum",
        "bin_vectors",
        "stratify(labels[rows], n)",
        "stratify(0 * labels[rows], n)",
    ),
    Fault(
        "diversity",
        "strata weigh as sampled",
        "bin_vectors",
        "weights = (sizes / counts * n / size)[of_image]",
        "weights = np.ones(n)",
    ),
    Fault(
        "diversity",
        "vectors of the sample only",
        "diversity",
        "vectors.n_views * vectors.size",
        "vectors.n_views * len(vectors.sums)",
    ),
    Fault(
        "diversity", "no lowest estimate", "diversity", "max(vectors.square, vectors.lowest_square)", "vectors.square"
    ),
    Fault("diversity", "intervals keep the bias", "bin_vectors", "full - vectors.bias + (", "full + ("),
    # --- scores ---
    Fault(
        "scores",
        "bootstrap 99 % for 95 %",
        "scores",
        "CONFIDENCE = (0.025, 0.975)",
        "CONFIDENCE = (0.005, 0.995)",
    ),
    Fault(
        "scores",
        "bootstrap of half the images",
        "scores",
        "rng.integers(0, len(inside), len(inside))",
        "rng.integers(0, len(inside), len(inside) // 2)",
    ),
    Fault(
        "scores",
        "cosines in the wrong order",
        "diversity",
        'np.argsort(mean_cosine, kind="stable")',
        'np.argsort(-mean_cosine, kind="stable")',
    ),
    Fault("scores", "importance is Rep alone", "scores", "importance=rep_norm + div_norm", "importance=rep_norm"),
    Fault(
        "scores",
        "importance is a product",
        "scores",
        "importance=rep_norm + div_norm",
        "importance=rep_norm * div_norm",
    ),
    Fault(
        "scores",
        "share of the variance",
        "scores",
        "(count * (means - values.mean()) ** 2).sum() / total",
        "((means - values.mean()) ** 2).sum() / total",
    ),
    Fault(
        "scores", "amplification of the absolute range", "scores", "(raw_range / abs(float(raw.mean())))", "raw_range"
    ),
    Fault("scores", "minmax keeps the minimum", "scores", "(score - low) / (high - low)", "score / high"),
    Fault("scores", "ties in ranks", "scores", "(below + equal / 2)", "below"),
    Fault(
        "scores",
        "closeness to the centre of all",
        "representativeness",
        "centre = unit[inside].mean(axis=0)",
        "centre = unit.mean(axis=0)",
    ),
    Fault(
        "scores",
        "closeness of long vectors",
        "representativeness",
        "unit = unit_rows(embeddings.vectors)",
        "unit = np.asarray(embeddings.vectors, np.float64)",
    ),
    Fault("scores", "bytes for bits", "representativeness", "8 * file.tell()", "file.tell()"),
]
