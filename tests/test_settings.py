from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Collection
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adq_core import bins
from adq_core.data.labels import file_classes
from adq_core.dependencies import DEPENDENCIES
from adq_core.errors import SettingsError
from adq_core.patches import masks as patches
from adq_core.pipeline import Run
from adq_core.projection import _project
from adq_core.quotas import rules as quotas
from adq_core.scores import diversity, representativeness
from adq_core.scores import importance as scores
from adq_core.selection import draw_orders as sampling
from adq_core.settings import TYPES, Settings
from adq_core.strategies import STRATEGIES

FIELDS = {spec.name: spec for spec in dataclasses.fields(Settings)}
TABLES: dict[str, Collection[str]] = {  # setting: the table its choices stand for
    "unlabelled": file_classes.UNLABELLED_CHOICES,
    "projection": _project.PROJECTIONS,
    "schedule": bins.SCHEDULES,
    "pool": bins.POOLS,
    "kernel": bins.KERNELS,
    "softmax": bins.SOFTMAX,
    "representativeness": ["texture", *representativeness.ALTERNATIVES],  # texture is a stage of its own
    "diversity": diversity.DIVERSITIES,
    "normalisation": scores.NORMALISATIONS,
    "strategy": STRATEGIES,
    "rule": quotas.QUOTA_RULES,
    "draw_order": sampling.DRAW_ORDERS,
    "patch_ranking": patches.PATCH_RANKINGS,
}


def test_choices_are_the_names_in_the_tables_of_the_stages() -> None:
    assert {name for name, spec in FIELDS.items() if "choices" in spec.metadata} == set(TABLES)
    for name, table in TABLES.items():
        assert set(FIELDS[name].metadata["choices"]) == set(table), name
        assert FIELDS[name].default in table


def values_of(spec: dataclasses.Field[Any]) -> st.SearchStrategy[Any]:
    """Return the values that a field accepts, as far as it alone decides."""
    limits = spec.metadata
    if "choices" in limits:
        return st.sampled_from(limits["choices"])
    if spec.name == "diversity_images":
        return st.just(0) | st.integers(32)
    if spec.name == "patch_image_size":
        return st.sampled_from([32, 64, 96, 224])
    if spec.name == "patch_size":
        return st.sampled_from([4, 8, 16])
    if str(spec.type) == "int":
        return st.integers(limits["low"], limits.get("high"))
    if str(spec.type) == "float":
        return st.floats(limits["low"], limits["high"], exclude_min=bool(limits.get("open_low"))) | st.just(1)
    if limits.get("id_list"):  # ids that begin alike: no image is in both lists
        return st.none() | st.lists(st.text(min_size=1).map(lambda text: spec.name + text))
    words = st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text)
    return words if str(spec.type) == "str" else st.none() | words


ANY = st.fixed_dictionaries({}, optional={name: values_of(spec) for name, spec in FIELDS.items()}).map(
    lambda given: Settings(**given)
)


def test_a_manifest_names_later_settings_only_where_they_are_not_the_default() -> None:
    assert "strategy" not in Settings().recorded()
    assert set(Settings().recorded()) == set(FIELDS) - {"strategy", "always", "never"}
    other = Settings(strategy="k-centre")
    assert other.recorded()["strategy"] == "k-centre"
    for settings in (Settings(), other):
        assert Settings.from_mapping(settings.recorded()) == settings


@given(ANY)
def test_settings_survive_json(settings: Settings) -> None:
    assert Settings.from_json(settings.to_json()) == settings
    assert repr(Settings.from_json(settings.to_json())) == repr(settings)
    assert Settings.from_json(json.dumps({"settings": json.loads(settings.to_json()), "versions": {}})) == settings
    assert list(json.loads(settings.to_json())) == list(FIELDS)


@given(ANY)
def test_settings_hash_and_compare_by_value(settings: Settings) -> None:
    again = dataclasses.replace(settings)
    assert again == settings
    assert hash(again) == hash(settings)


@pytest.mark.parametrize("name", FIELDS)
def test_every_setting_tells_command_line_and_app_what_it_is(name: str) -> None:
    spec = FIELDS[name]
    assert str(spec.type) in TYPES
    assert len(spec.metadata["help"]) > 8
    assert not spec.metadata["help"].endswith(".")
    assert set(spec.metadata) <= {"help", "choices", "low", "high", "open_low", "omit_default", "id_list"}
    if str(spec.type) in ("int", "float"):
        assert "low" in spec.metadata


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"alpha": 1.5}, "alpha must be in [0, 1], got 1.5."),
        ({"alpha": -0.1}, "alpha must be in [0, 1], got -0.1."),
        ({"alpha": math.nan}, "alpha must be in [0, 1], got nan."),
        ({"alpha": 10**30}, "alpha must be in [0, 1], got 10000000000000000000."),
        ({"keep_ratio": 0}, "keep_ratio must be in (0, 1], got 0."),
        ({"keep_ratio": math.inf}, "keep_ratio must be in (0, 1], got inf."),
        ({"patch_keep_ratio": 0.0}, "patch_keep_ratio must be in (0, 1], got 0.0."),
        ({"n_bins": 0}, "n_bins must be 1 or more, got 0."),
        ({"seed": -1}, "seed must be in [0, 4294967295], got -1."),
        ({"diversity_images": 31}, "diversity_images must be 0 (all images) or at least 32, got 31."),
        ({"diversity_images": -1}, "diversity_images must be 0 or more, got -1."),
        ({"n_bins": 2.0}, "n_bins must be of type int, got 2.0."),
        ({"n_bins": True}, "n_bins must be of type int, got True."),
        ({"alpha": "0.5"}, "alpha must be of type float, got '0.5'."),
        ({"alpha": None}, "alpha must be of type float, got None."),
        ({"dataset": 3}, "dataset must be of type str, got 3."),
        ({"dataset": ""}, "dataset must be a name or a path, got ''."),
        ({"labels": " "}, "labels must be a name or a path, got ' '."),
        ({"embeddings": "a\0.npy"}, "embeddings must be a name or a path, got 'a\\x00.npy'."),
        ({"rule": ["budget"]}, "rule must be of type str, got ['budget']."),
        ({"pool": "bins"}, "Unknown pool 'bins'. Choose one of: class, all."),
        ({"patch_image_size": 4}, "patch_image_size must be in [8, 512], got 4."),
        (
            {"patch_image_size": 30, "patch_size": 4},
            "patch_size must divide patch_image_size (30) into 2 to 64 patches per row, got 4. "
            "Choose one of: 1, 2, 3, 5, 6, 10, 15.",
        ),
        (
            {"patch_image_size": 32, "patch_size": 32},
            "patch_size must divide patch_image_size (32) into 2 to 64 patches per row, got 32. "
            "Choose one of: 1, 2, 4, 8, 16.",
        ),
        (
            {"patch_image_size": 224, "patch_size": 2},
            "patch_size must divide patch_image_size (224) into 2 to 64 patches per row, got 2. "
            "Choose one of: 4, 7, 8, 14, 16, 28, 32, 56, 112.",
        ),
    ],
)
def test_an_invalid_value_is_an_error(change: dict[str, Any], text: str) -> None:
    for make in (lambda: Settings(**change), lambda: dataclasses.replace(Settings(), **change)):
        with pytest.raises(SettingsError) as caught:
            make()
        assert str(caught.value) == text


def test_an_unknown_choice_lists_the_choices() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings(rule="fair")
    assert str(caught.value) == f"Unknown rule 'fair'. Choose one of: {', '.join(FIELDS['rule'].metadata['choices'])}."


def test_an_unknown_setting_lists_the_settings() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_mapping({"alfa": 1})
    assert str(caught.value) == f"Unknown setting 'alfa'. Choose one of: {', '.join(FIELDS)}."


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Settings must be JSON, but line 1 is not: Expecting value."),
        (
            '{"alpha": 1,\n}',
            "Settings must be JSON, but line 2 is not: Expecting property name enclosed in double quotes.",
        ),
        ("[]", "Settings must be a JSON object with a value for each setting, got something else."),
        ("[" * 100_000, "Settings must be a JSON object with a value for each setting."),
        ('{"n_bins": ' + "9" * 5000 + "}", "Settings must be a JSON object with a value for each setting."),
        ('{"alpha": NaN}', "alpha must be in [0, 1], got nan."),
        ('{"settings": {"alpha": 7}}', "alpha must be in [0, 1], got 7."),
    ],
)
def test_json_that_is_not_settings_is_an_error(text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.from_json(text)
    # The text of this error depends on the version of Python.
    said = str(caught.value).replace(
        "line 1 is not: Illegal trailing comma before end of object",
        "line 2 is not: Expecting property name enclosed in double quotes",
    )
    assert said == sentence


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), (0.0, -0.0), (np.float64(0.25), 0.25)], ids=["int", "minus zero", "numpy"]
)
def test_numbers_that_are_equal_lead_to_the_same_keys(one: float, other: float) -> None:
    first, second = Settings(alpha=one), Settings(alpha=other)
    assert repr(first) == repr(second)
    assert first.to_json() == second.to_json()


def test_every_setting_is_a_dependency_of_a_stage() -> None:
    used = {name for _, _, names in DEPENDENCIES.values() for name in names}
    assert set(FIELDS) - used == {"embeddings", "weights"}  # keys contain the identity of the embedding instead
    assert Run(Settings()).settings == Settings()
