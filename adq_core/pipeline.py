"""The whole pipeline: `Run` has one lazily computed property per stage.

    ImageDataset -> Embeddings -> Bins -> BinScores -> Quotas -> Selection -> PatchMasks -> (export)
                        \\-> Projection

The stages are plain functions that do not import each other; only this file connects them. The last stages, from the
scores to the subset, are in `selection_stages.py`. `dependencies.py` lists the dependencies of each stage, and
`stage_results.py` reads results from the store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adq_core.embeddings import embed
from adq_core.export import Subset, export_files, subset_of_files
from adq_core.patches import patch_masks
from adq_core.projection import project
from adq_core.scores import (
    DIVERSITIES,
    HEADS,
    apply_head,
    encode_augmentations,
    load_view_encoder,
    measure_representativeness,
    published_note,
    sample_bins,
    score_bins,
)
from adq_core.texture import measure_texture

from .dependencies import DEPENDENCIES, view_encoder_name, view_encoder_weights
from .digests import derive_key
from .id_lists import ids_of_text
from .records import (
    AugmentedFeatures,
    Bins,
    BinScores,
    Embeddings,
    Head,
    ImageScores,
    PatchMasks,
    Projection,
    Record,
    Texture,
)
from .selection_stages import SelectionStages
from .settings import ID_LISTS
from .settings_check import small_class_notes
from .settings_without_images import score_notes
from .stage_results import cached_property


class Run(SelectionStages):
    """All stages under fixed settings. A stage is computed at the first access, once, and kept in the store."""

    @property
    def image_scores(self) -> Texture | ImageScores:
        """The image scores whose mean per bin is Rep: texture, or the chosen measure of representativeness."""
        return self.representativeness if self.uses("representativeness") else self.texture

    @cached_property
    def embeddings(self) -> Embeddings:
        """One feature vector per image."""
        s, data = self.effective, self.dataset
        return self._fetch(
            "embeddings",
            Embeddings,
            lambda key: embed(
                data,
                name=s.embeddings,
                weights=s.weights,
                vector_columns=s.vector_columns,
                key=key,
                progress=self.progress,
            ),
        )

    @cached_property
    def projection(self) -> Projection:
        """The map: one point in the plane per image."""
        s, vectors = self.settings, self.embeddings.vectors
        return self._fetch(
            "projection",
            Projection,
            lambda key: project(vectors, method=s.projection, seed=s.map_seed, key=key, progress=self.progress),
        )

    @cached_property
    def bins(self) -> Bins:
        """The bin of every image, and the rank and gain at which the greedy selection took it."""
        s, data, vectors = self.settings, self.dataset, self.embeddings.vectors

        def compute(key: str) -> Bins:
            from .bins import make_bins  # imports numba (0.3 s), which stored bins do not need

            return make_bins(
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

        return self._fetch("bins", Bins, compute)

    @cached_property
    def texture(self) -> Texture:
        """The texture of every image."""
        data = self.dataset
        return self._fetch("texture", Texture, lambda key: measure_texture(data, key=key, progress=self.progress))

    @cached_property
    def representativeness(self) -> ImageScores:
        """The representativeness of every image, if it is measured by something other than texture."""
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
        """Features of random augmentations of the images on which diversity is measured."""
        s, data, bins, name = self.settings, self.dataset, self.bins, view_encoder_name(self.settings)

        def compute(key: str) -> AugmentedFeatures:
            weights = view_encoder_weights(s, name)
            encoder = load_view_encoder(name, seed=s.seed, weights=weights, progress=self.progress)
            rows = sample_bins(bins.bin_of, data.labels, bins.n_bins, s.diversity_images, seed=s.seed)
            return encode_augmentations(
                data, encoder, name=name, rows=rows, seed=s.seed, key=key, progress=self.progress
            )

        return self._fetch("views", AugmentedFeatures, compute)

    @cached_property
    def head(self) -> Head:
        """The projection head applied to these features: trained for these bins, or random."""
        s, bins, features = self.settings, self.bins, self.views
        make_head = HEADS[s.diversity]
        return self._fetch(
            "head", Head, lambda key: make_head(features, bins.bin_of, seed=s.seed, key=key, progress=self.progress)
        )

    @cached_property
    def scores(self) -> BinScores:
        """Rep, Div and the Importance score (IS) of every bin."""
        s, data, bins = self.effective, self.dataset, self.bins
        values = self.image_scores.values
        head = self.head if self.uses("head") else None

        def compute(key: str) -> BinScores:
            if head is None:
                features = AugmentedFeatures(
                    vectors=self.embeddings.vectors[None], name=s.embeddings, key=self.key("embeddings")
                )
            else:
                features = apply_head(head, self.views)
            return score_bins(
                bins,
                values,
                data.labels,
                DIVERSITIES[s.diversity](features, bins.bin_of, bins.n_bins, labels=data.labels, seed=s.seed),
                representativeness_name=s.representativeness,
                diversity_name=s.diversity,
                normalisation=s.normalisation,
                notes=(
                    *score_notes(s, data),
                    *small_class_notes(s, data),
                    *(published_note() if s.diversity == "published" else ()),
                ),
                seed=s.seed,
                key=key,
            )

        return self._fetch("scores", BinScores, compute)

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
        """Return the record of every stage by name; computes the missing ones."""
        return {
            name: getattr(self, name)
            for name in DEPENDENCIES
            if name not in ("dataset", "patch_masks") and self.uses(name)
        }

    def export_files(self) -> dict[str, bytes]:
        """Return the content of every exported file by name, as `python -m adq_core run` writes them."""
        lists = {name: ids_of_text(getattr(self.settings, name)) for name in ID_LISTS}
        return export_files(
            self.dataset,
            self.projection,
            self.bins,
            self.texture if self.uses("texture") else None,
            self.scores,
            self.quotas,
            self.selection,
            settings=self.settings.recorded(),
            lists={name: ids for name, ids in lists.items() if ids},
            stages=(stages := self.stages()),
            made_with={name: self.made_with(name) for name in stages},
        )

    def subset(self, files: Mapping[str, bytes] | None = None) -> Subset:
        """Return the selected images, to be written in a format of `adq_core.export`.

        `files` are the exported files, if the caller has them already.
        """
        rows = self.selection.indices
        return subset_of_files(files or self.export_files(), self.dataset, lambda: self.embeddings.vectors[rows])
