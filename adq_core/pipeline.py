"""The table of contents: a `Run` walks a set of images along the whole path, one lazily computed property a stage.

    ImageDataset -> Embeddings -> Bins -> BinScores -> Quotas -> Selection -> PatchMasks -> (export)
                        \\-> Projection

The stages are plain functions that know nothing of each other; only this file knows how they are joined. What each of
them depends on, and so the key of its result, stands in `lineage.py`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import TypeVar

import numpy as np

from adq_core.data import ImageDataset, open_dataset
from adq_core.embeddings import embed, embedding_identity
from adq_core.export import export_files
from adq_core.patches import patch_masks
from adq_core.projection import project
from adq_core.quotas import make_quotas
from adq_core.scores import (
    DIVERSITIES,
    HEADS,
    apply_head,
    encode_augmentations,
    load_view_encoder,
    measure_representativeness,
    score_bins,
)
from adq_core.selection import draw_order, select
from adq_core.storage import Store
from adq_core.texture import measure_texture

from .dependencies import DEPENDENCIES, STAGE_RECORDS, cached_property, is_needed, view_encoder_identity
from .digests import derive_key
from .effective_settings import effective_settings, fitting_notes
from .progress import Progress, no_progress
from .records import (
    AugmentedFeatures,
    Bins,
    BinScores,
    DrawOrder,
    Embeddings,
    Head,
    ImageScores,
    PatchMasks,
    Projection,
    Quotas,
    Record,
    Selection,
    Texture,
)
from .settings import Settings

R = TypeVar("R", bound=Record)


class Run:
    """One walk along the path under fixed settings. Stages are computed when asked for, once, and kept in the store.

    `progress` is called by every stage; raising `Cancelled` from it stops the walk and leaves nothing half done.
    `dataset` is the data set of these settings where somebody holds it open already, as the app does.
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
        self.seconds: dict[str, float] = {}  # how long each stage took in this run; absent: it was in the store
        self._keys: dict[str, str] = {}

    def key(self, stage: str) -> str:
        """Return the key of a stage's result under these settings. Opens the data set, computes nothing else."""
        if stage == "dataset":
            return self.dataset.key
        if stage not in self._keys:
            version, before, names = DEPENDENCIES[stage]
            values = [(name, getattr(self.effective, name)) for name in names]
            if stage == "embeddings":
                identity = embedding_identity(self.effective.embeddings, self.effective.weights)
                values.append(("identity", identity))
            if stage == "views":
                values.append(("eye", view_encoder_identity(self.settings)))
            self._keys[stage] = derive_key(stage, version, [self.key(name) for name in before], values)
        return self._keys[stage]

    def ready(self, stage: str) -> bool:
        """Return whether a stage's result is at hand, or not needed, without computing it."""
        return (
            not self.uses(stage)
            or stage in self.__dict__
            or (stage in STAGE_RECORDS and self.store.get(STAGE_RECORDS[stage], self.key(stage)) is not None)
        )

    def uses(self, stage: str) -> bool:
        """Return whether these settings need this stage at all."""
        return is_needed(stage, self.effective, self.dataset.has_images)

    @property
    def image_scores(self) -> Texture | ImageScores:
        """Return what Rep is the mean of: the texture of every image, or what stands in its place."""
        return self.representativeness if self.uses("representativeness") else self.texture

    def _fetch(self, stage: str, kind: type[R], make: Callable[[str], R]) -> R:
        key = self.key(stage)

        def timed() -> R:
            started = time.perf_counter()
            made = make(key)
            self.seconds[stage] = time.perf_counter() - started
            return made

        return self.store.get_or_compute(
            kind, key, timed, waiting=lambda: self.progress(0, 1, f"{stage}: computed elsewhere")
        )

    @cached_property
    def dataset(self) -> ImageDataset:
        """The images, their labels and ids."""
        started = time.perf_counter()
        opened = open_dataset(
            self.settings.dataset, labels=self.settings.labels, cache=self.store.folder, progress=self.progress
        )
        self.seconds["dataset"] = time.perf_counter() - started
        return opened

    @cached_property
    def effective(self) -> Settings:
        """The settings in force: those given, but for what a set of vectors without images cannot have."""
        return effective_settings(self.settings, self.dataset)

    @cached_property
    def embeddings(self) -> Embeddings:
        """One feature vector an image."""
        s, data = self.effective, self.dataset
        return self._fetch(
            "embeddings",
            Embeddings,
            lambda key: embed(data, name=s.embeddings, weights=s.weights, key=key, progress=self.progress),
        )

    @cached_property
    def projection(self) -> Projection:
        """The map."""
        s, vectors = self.settings, self.embeddings.vectors
        return self._fetch(
            "projection",
            Projection,
            lambda key: project(vectors, method=s.projection, seed=s.map_seed, key=key, progress=self.progress),
        )

    @cached_property
    def bins(self) -> Bins:
        """The greedy's bins, with the order and the gain of every pick."""
        s, data, vectors = self.settings, self.dataset, self.embeddings.vectors

        def make(key: str) -> Bins:
            from adq_core import graphcut  # numba takes a third of a second, and bins that are at hand need none of it

            return graphcut.make_bins(
                vectors,
                data.labels,
                n_bins=s.n_bins,
                pool=s.pool,
                schedule=s.schedule,
                fraction=s.fraction,
                kernel=s.kernel,
                softmax=s.softmax,
                class_names=data.class_names,
                key=key,
                progress=self.progress,
            )

        return self._fetch("bins", Bins, make)

    @cached_property
    def texture(self) -> Texture:
        """The texture of every image."""
        data = self.dataset
        return self._fetch("texture", Texture, lambda key: measure_texture(data, key=key, progress=self.progress))

    @cached_property
    def representativeness(self) -> ImageScores:
        """The representativeness of every image where it is not its texture."""
        s, data, vectors, bins = self.effective, self.dataset, self.embeddings, self.bins
        return self._fetch(
            "representativeness",
            ImageScores,
            lambda key: measure_representativeness(
                data, vectors, bins.bin_of, name=s.representativeness, key=key, progress=self.progress
            ),
        )

    @cached_property
    def views(self) -> AugmentedFeatures:
        """Features of random views of every image: what diversity is measured on."""
        s, data, name = self.settings, self.dataset, view_encoder_identity(self.settings).split(":")[0]

        def make(key: str) -> AugmentedFeatures:
            weights = s.weights if name == s.embeddings and name != "published" else None
            encoder = load_view_encoder(name, seed=s.seed, weights=weights, progress=self.progress)
            return encode_augmentations(data, encoder, name=name, seed=s.seed, key=key, progress=self.progress)

        return self._fetch("views", AugmentedFeatures, make)

    @cached_property
    def head(self) -> Head:
        """The head under which views are compared: trained for these bins, or random."""
        s, bins, seen = self.settings, self.bins, self.views
        make = HEADS[s.diversity]
        return self._fetch(
            "head", Head, lambda key: make(seen, bins.bin_of, seed=s.seed, key=key, progress=self.progress)
        )

    @cached_property
    def scores(self) -> BinScores:
        """Rep, Div and the Importance score (IS) of every bin."""
        s, data, bins = self.effective, self.dataset, self.bins
        values = self.image_scores.values
        head = self.head if self.uses("head") else None

        def make(key: str) -> BinScores:
            if head is None:
                seen = AugmentedFeatures(
                    vectors=self.embeddings.vectors[None], name=s.embeddings, key=self.key("embeddings")
                )
            else:
                seen = apply_head(head, self.views)
            return score_bins(
                bins,
                values,
                data.labels,
                DIVERSITIES[s.diversity](seen, bins.bin_of, bins.n_bins, seed=s.seed),
                representativeness_name=s.representativeness,
                diversity_name=s.diversity,
                normalisation=s.normalisation,
                notes=fitting_notes(s, data),
                seed=s.seed,
                key=key,
            )

        return self._fetch("scores", BinScores, make)

    @cached_property
    def quotas(self) -> Quotas:
        """How many images each bin gives. Cheap: computed anew, never kept."""
        s, bins = self.settings, self.bins
        return make_quotas(
            self.scores.importance,
            bins.capacity,
            rule=s.rule,
            alpha=s.alpha,
            keep_ratio=s.keep_ratio,
            key=self.key("quotas"),
        )

    @cached_property
    def draw_order(self) -> DrawOrder:
        """The order in which each bin gives its images."""
        s, bins, data = self.settings, self.bins, self.dataset
        textures = self.texture.values if self.uses("texture") else np.zeros(len(data))
        return self._fetch(
            "draw_order",
            DrawOrder,
            lambda key: draw_order(
                bins.bin_of,
                data.labels,
                bins.rank,
                textures,
                n_bins=bins.n_bins,
                order=s.draw_order,
                seed=s.seed,
                key=key,
            ),
        )

    @cached_property
    def selection(self) -> Selection:
        """The subset. Cheap: computed anew, never kept."""
        return select(self.draw_order, self.bins.bin_of, self.quotas, key=self.key("selection"))

    def patch_masks(self, rows: Sequence[int]) -> PatchMasks:
        """Return the patch masks of these rows of the data set."""
        s = self.settings
        return patch_masks(
            self.dataset,
            rows,
            patch_keep_ratio=s.patch_keep_ratio,
            image_size=s.patch_image_size,
            patch_size=s.patch_size,
            ranking=s.patch_ranking,
            key=derive_key(self.key("patch_masks"), tuple(rows)),
            progress=self.progress,
        )

    def stages(self) -> dict[str, Record]:
        """Return every stage's record by name, computing what is not there yet."""
        return {
            name: getattr(self, name)
            for name in DEPENDENCIES
            if name not in ("dataset", "patch_masks") and self.uses(name)
        }

    def export_files(self) -> dict[str, bytes]:
        """Return the files of an export by name, as `python -m adq_core run` writes them."""
        return export_files(
            self.dataset,
            self.projection,
            self.bins,
            self.texture if self.uses("texture") else None,
            self.scores,
            self.quotas,
            self.selection,
            settings=asdict(self.settings),
            stages=self.stages(),
        )
