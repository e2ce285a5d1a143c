"""Results of the stages of one run: their keys, their presence in the store, and the time of their computation.

`Run` in `pipeline.py` inherits from `StageResults` and adds one property per stage.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cached_property as locking_property
from typing import TYPE_CHECKING, TypeVar

from adq_core.data import ImageDataset, open_dataset
from adq_core.embeddings import embedding_identity
from adq_core.storage import Store

from .dependencies import (
    DEPENDENCIES,
    STAGE_RECORDS,
    is_needed,
    setting_values,
    stage_libraries,
    stages_read,
    view_encoder_identity,
)
from .digests import derive_key
from .progress import Progress, no_progress
from .records import Record
from .settings import Settings
from .settings_check import check
from .settings_without_images import effective_settings

R = TypeVar("R", bound=Record)

if TYPE_CHECKING:
    from functools import cached_property as cached_property
else:

    class cached_property(locking_property):
        """`functools.cached_property` without the lock of Python 3.11.

        That lock belongs to the class, so a run would wait while another run computes the same stage of other
        settings. `Store` already prevents two computations of one result.
        """

        def __get__(self, run, owner=None):
            """Return the cached value; compute and cache it at the first access."""
            if run is None:
                return self
            if self.attrname not in run.__dict__:
                run.__dict__[self.attrname] = self.func(run)
            return run.__dict__[self.attrname]


class StageResults:
    """Settings, data set, store and progress callback of one run, with the key of every stage.

    `progress` is called by every stage; raising `Cancelled` in it stops the computation, and no partial result is
    stored. `dataset` is the open data set of these settings, if the caller has it open already.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store | None = None,
        progress: Progress = no_progress,
        dataset: ImageDataset | None = None,
    ) -> None:
        self.settings = settings
        self.store = store or Store()
        self.progress = progress
        if dataset is not None:
            self.__dict__["dataset"] = dataset
        self.seconds: dict[str, float] = {}  # per stage that this run computed; stages read from the store are absent
        self._keys: dict[str, str] = {}

    @cached_property
    def dataset(self) -> ImageDataset:
        """The images, their labels and ids."""
        started = time.perf_counter()
        opened = open_dataset(
            self.settings.dataset,
            labels=self.settings.labels,
            vector_columns=self.settings.vector_columns,
            unlabelled=self.settings.unlabelled,
            cache=self.store.folder,
            progress=self.progress,
        )
        self.seconds["dataset"] = time.perf_counter() - started
        return opened

    @cached_property
    def effective(self) -> Settings:
        """The settings in force: the given ones, adapted where the data set has vectors but no images."""
        return effective_settings(self.settings, self.dataset)

    def key(self, stage: str) -> str:
        """Return the key of a stage's result under these settings. Opens the data set, computes nothing else.

        Every stage needs its key first. So settings that the data set refutes raise `SettingsError` before any stage is
        computed. Patch masks have no bins and no keep ratio, so they are not checked.
        """
        if stage == "dataset":
            return self.dataset.key
        if stage not in self._keys:
            if stage != "patch_masks":
                check(self.settings, self.dataset)
            version = DEPENDENCIES[stage][0]
            values = setting_values(stage, self.effective)
            if stage == "embeddings":
                s = self.effective
                identity = embedding_identity(s.embeddings, s.weights, self.dataset, s.vector_columns)
                values.append(("identity", identity))
            if stage == "views":
                values.append(("eye", view_encoder_identity(self.settings)))  # the name is part of stored keys
            libraries = stage_libraries(stage, self.effective)
            inputs = [self.key(name) for name in self.inputs(stage)]
            self._keys[stage] = derive_key(stage, version, inputs, values, libraries)
        return self._keys[stage]

    def made_with(self, stage: str) -> dict[str, str | None]:
        """Return the versions of the libraries that computed the stage's result: they are part of its key."""
        return stage_libraries(stage, self.effective)

    def ready(self, stage: str) -> bool:
        """Return whether a stage's result is available without computing it, or is not needed."""
        return (
            not self.uses(stage)
            or stage in self.__dict__
            or (stage in STAGE_RECORDS and self.store.get(STAGE_RECORDS[stage], self.key(stage)) is not None)
        )

    def uses(self, stage: str) -> bool:
        """Return whether these settings need this stage."""
        return is_needed(stage, self.effective, self.dataset.has_images)

    def inputs(self, stage: str) -> tuple[str, ...]:
        """Return the stages that a stage reads under these settings, those that are not needed left out."""
        before = stages_read(stage, self.effective)
        return tuple(name for name in before if name == "dataset" or self.uses(name))

    def _fetch(self, stage: str, kind: type[R], compute: Callable[[str], R]) -> R:
        """Return the stage's record from the store; compute, time and store it if it is not there."""
        key = self.key(stage)

        def timed() -> R:
            started = time.perf_counter()
            record = compute(key)
            self.seconds[stage] = time.perf_counter() - started
            return record

        return self.store.get_or_compute(
            kind, key, timed, waiting=lambda: self.progress(0, 1, f"{stage}: computed elsewhere")
        )
