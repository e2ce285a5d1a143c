"""Faults of the setting `strategy`: draws, their keys, and their sentences."""

from __future__ import annotations

from tests.mutations.fault import Fault

CORE = "adq_core/"
T = "tests/"
MODULES = {
    "draws": CORE + "strategies/draws.py",
    "strategy_table": CORE + "strategies/table.py",
    "selection_stages": CORE + "selection_stages.py",
    "settings": CORE + "settings.py",
    "strategy_texts": "app/text/strategies.py",
}
TESTS = {"strategies": [T + "strategies/test_runs.py", T + "app/text/test_strategies.py", T + "test_settings.py"]}
FAULTS = [
    Fault("strategies", "an image more of each group", "draws", "self.place < self.quota", "self.place <= self.quota"),
    Fault("strategies", "images that are left out are drawn", "draws", "place[np.isinf(priority)] = -1", ""),
    Fault(
        "strategies",
        "every strategy depends on alpha",
        "lineage",
        "name not in STRATEGIES[settings.strategy].settings",
        "False",
    ),
    Fault(
        "strategies",
        "every strategy reads all stages",
        "lineage",
        "lambda settings: stage not in STRATEGIES[settings.strategy].reads",
        "lambda settings: False",
    ),
    Fault(
        "strategies",
        "alpha does not decide adq+margin",
        "strategy_table",
        'OF_ADQ = ("rule", "alpha", "draw_order", "seed")',
        'OF_ADQ = ("rule", "draw_order", "seed")',
    ),
    Fault(
        "strategies",
        "the margins have another seed",
        "selection_stages",
        "seed=s.seed,",
        "seed=s.seed + 1,",
    ),
    Fault("strategies", "a slow strategy is silent", "selection_stages", "progress=self.progress,", ""),
    Fault(
        "strategies",
        "the selected images are not first",
        "sampling",
        "(place, never, ~selected, bin_of)",
        "(place, never, bin_of)",
    ),
    Fault(
        "strategies",
        "a manifest of ADQ names the strategy",
        "settings",
        "if name not in omitted or value",
        "if True or value",
    ),
    Fault(
        "strategies",
        "classes are not needed",
        "settings_check",
        "if STRATEGIES[settings.strategy].needs_classes:",
        "if False:",
    ),
    Fault(
        "strategies",
        "picks count from zero",
        "strategy_texts",
        "image.place - image.pinned + 1, ",
        "image.place - image.pinned, ",
    ),
    Fault("strategies", "easier for harder", "strategy_texts", "it is easier than", "it is harder than"),
]
