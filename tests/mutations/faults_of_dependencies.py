"""Faults of dependencies and heads."""

from __future__ import annotations

from tests.mutations.fault import Fault

FAULTS = [
    # --- dependencies ---
    Fault("dependencies", "the head forgets the seed", "lineage", '("diversity", "seed")', '("diversity",)'),
    Fault(
        "dependencies",
        "the draw order forgets the seed",
        "lineage",
        '"strategy_draw"), ("draw_order", "seed", "always", "never")),',
        '"strategy_draw"), ("draw_order", "always", "never")),',
    ),
    Fault(
        "dependencies",
        "quotas forget the images that are never taken",
        "lineage",
        '("rule", "alpha", "keep_ratio", "always", "never")',
        '("rule", "alpha", "keep_ratio", "always")',
    ),
    Fault(
        "dependencies",
        "empty lists change all keys",
        "lineage",
        "if name not in ID_LISTS or value is not None",
        "if name",
    ),
    Fault("dependencies", "scores forget the seed", "lineage", '"normalisation", "seed"),', '"normalisation"),'),
    Fault("dependencies", "scores forget the diversity", "lineage", '"diversity", "normalisation"', '"normalisation"'),
    Fault(
        "dependencies",
        "keys contain stages that are not computed",
        "stage_results",
        'tuple(name for name in before if name == "dataset" or self.uses(name))',
        "tuple(before)",
    ),
    Fault(
        "dependencies",
        "views forget the weights",
        "stage_results",
        'values.append(("eye", view_encoder_identity(self.settings)))',
        'values.append(("eye", view_encoder_identity(self.settings).split(":")[0]))',
    ),
    Fault(
        "dependencies",
        "views forget the network",
        "stage_results",
        'values.append(("eye", view_encoder_identity(self.settings)))',
        "pass",
    ),
    Fault(
        "dependencies",
        "diversity is measured on the raw vectors",
        "pipeline",
        'head = self.head if self.uses("head") else None',
        "head = None",
    ),
    Fault("dependencies", "bins forget the kernel", "lineage", '"kernel", "softmax")', '"softmax")'),
    Fault("dependencies", "bins forget the pool", "lineage", '("pool", "n_bins", ', '("n_bins", '),
    Fault("dependencies", "the map forgets its seed", "lineage", '("projection", "map_seed")),', '("projection",)),'),
    Fault(
        "dependencies",
        "quotas forget alpha",
        "lineage",
        '("rule", "alpha", "keep_ratio", "always"',
        '("rule", "keep_ratio", "always"',
    ),
    Fault(
        "dependencies",
        "the draw of a strategy forgets the seed",
        "lineage",
        '("strategy", "keep_ratio", "rule", "alpha", "draw_order", "seed", "always"',
        '("strategy", "keep_ratio", "rule", "alpha", "draw_order", "always"',
    ),
    Fault(
        "dependencies",
        "the draw of a strategy forgets the keep ratio",
        "lineage",
        '("strategy", "keep_ratio", "rule"',
        '("strategy", "rule"',
    ),
    Fault("dependencies", "all strategies have one key", "lineage", '("strategy", "keep_ratio"', '("keep_ratio"'),
    Fault("dependencies", "masks forget the side", "lineage", '"patch_image_size", "patch_size")', '"patch_size")'),
    Fault(
        "dependencies", "views forget the bins", "lineage", '(2, ("dataset", "bins"), ("div', '(2, ("dataset",), ("div'
    ),
    Fault("dependencies", "views forget the sample", "lineage", '("diversity_images", "seed")', '("seed",)'),
    Fault(
        "dependencies", "scores forget the head", "lineage", '"representativeness", "head")', '"representativeness")'
    ),
    Fault(
        "dependencies",
        "embeddings forget the weights",
        "stage_results",
        "embedding_identity(s.embeddings, s.weights, self.dataset, s.vector_columns)",
        "s.embeddings",
    ),
    Fault(
        "dependencies",
        "views always come from the shipped encoder",
        "pipeline",
        "weights = view_encoder_weights(s, name)",
        "weights = None",
    ),
    # --- heads ---
    Fault("heads", "temperature", "head_training", "TEMPERATURE = 0.07", "TEMPERATURE = 0.7"),
    Fault("heads", "a view is in its own sum", "losses", ".fill_diagonal_(-torch.inf)", ""),
    Fault("heads", "outputs are not of unit length", "losses", "z = F.normalize(z,", "z = (lambda z, dim: z)(z,"),
    Fault(
        "heads",
        "the last head is returned",
        "head_training",
        "head_of(best,",
        "head_of(snapshot(parameters),",
    ),
    Fault("heads", "the mean is not folded in", "head_training", "bias_in - scaled @ mean", "bias_in"),
    Fault("heads", "the deviation is not folded in", "head_training", "scaled = weight_in / std", "scaled = weight_in"),
    Fault(
        "heads",
        "held-out rows are trained on",
        "head_training",
        "train.append(rows[n_held_out:])",
        "train.append(rows)",
    ),
    Fault("heads", "the share held out", "head_training", "HELD_OUT = 0.1", "HELD_OUT = 0.3"),
    Fault("heads", "no bias correction of the mean", "optimizer", "/ (1 - beta1**count)", "/ 1.00"),
    Fault("heads", "no bias correction of the square", "optimizer", "/ (1 - beta2**count)", "/ 1.00"),
    Fault("heads", "patience", "head_training", "improvement >= self.patience", "improvement > self.patience"),
    Fault("heads", "a smaller gain counts", "head_training", "self.best_loss - self.min_delta", "self.best_loss"),
    Fault("heads", "the same images in every batch", "head_training", "rng.permutation(rows)[:BATCH]", "rows[:BATCH]"),
    Fault(
        "heads",
        "every bin as often",
        "head_training",
        "rng.choice(len(train), p=sizes / sizes.sum())",
        "rng.choice(len(train))",
    ),
    Fault(
        "heads",
        "no ReLU",
        "heads",
        "np.maximum(part @ head.weight_in.T + head.bias_in, 0)",
        "part @ head.weight_in.T + head.bias_in",
    ),
    Fault("heads", "random weights are positive", "heads", "rng.uniform(-1, 1, shape)", "rng.uniform(0, 1, shape)"),
    Fault(
        "heads",
        "published views scaled by ImageNet",
        "views",
        "_encoder_of(network, CIFAR), PUBLISHED_SIZE",
        "_encoder_of(network, ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))), PUBLISHED_SIZE",
    ),
    Fault(
        "heads",
        "backbones scaled by CIFAR-10",
        "views",
        "_encoder_of(loaded.network, (loaded.input.mean, loaded.input.std))",
        "_encoder_of(loaded.network, CIFAR)",
    ),
    Fault(
        "heads",
        "random network not scaled",
        "views",
        "ViewEncoder(_encoder_of(model, CIFAR), 32)",
        "ViewEncoder(_encoder_of(model, IMAGENET), 32)",
    ),
    Fault("heads", "crops of at least 20 %", "views", "SCALE = (0.08, 1.0)", "SCALE = (0.2, 1.0)"),
    Fault("heads", "crops of other ratios", "views", "RATIO = (3 / 4, 4 / 3)", "RATIO = (1 / 2, 2 / 1)"),
    Fault(
        "heads",
        "both views are the same",
        "views",
        "np.random.PCG64([seed, view])",
        "np.random.PCG64([seed, 0 * view])",
    ),
    Fault(
        "heads", "random numbers by place in the batch", "views", "stream.advance((row - position) * N_DRAWS)", "pass"
    ),
    Fault(
        "heads", "networks get bytes", "views", "np.divide(views, np.float32(255), ", "np.divide(views, np.float32(1), "
    ),
    Fault("heads", "bins of other rows", "heads", "bin_of[views.rows]", "bin_of[: len(views.rows)]"),
    Fault("heads", "flipped upside down", "views", "out[flips] = out[flips, :, ::-1]", "out[flips] = out[flips, ::-1]"),
]
