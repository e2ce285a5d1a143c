"""Faults that a test must notice: a text of the code and the wrong text that is put in its place."""

from __future__ import annotations

from tests.mutations import (
    faults_of_app,
    faults_of_bins,
    faults_of_dependencies,
    faults_of_files,
    faults_of_javascript,
    faults_of_listings,
    faults_of_map,
    faults_of_pages,
    faults_of_quotas,
    faults_of_scores,
    faults_of_texts,
)

CORE = "adq_core/"
MODULES = {  # name of a module here: its file
    "lineage": CORE + "dependencies.py",
    "pipeline": CORE + "pipeline.py",
    "heads": CORE + "scores/contrastive.py",
    "head_training": CORE + "scores/head_training.py",
    "losses": CORE + "models/training/losses.py",
    "linalg": CORE + "linalg.py",
    "views": CORE + "scores/augmentations.py",
    "diversity": CORE + "scores/diversity.py",
    "samples": CORE + "scores/samples.py",
    "scores": CORE + "scores/importance.py",
    "representativeness": CORE + "scores/representativeness.py",
    "quotas": CORE + "quotas/rules.py",
    "webster": CORE + "quotas/apportionment.py",
    "counterfactuals": CORE + "quotas/thresholds.py",
    "sampling": CORE + "selection/draw_orders.py",
    "reconstruction": CORE + "patches/reconstruction.py",
    "patches": CORE + "patches/masks.py",
    "patchfiles": CORE + "patches/files.py",
    "stage_results": CORE + "stage_results.py",
    "manifest": CORE + "export/manifest.py",
    "tables": CORE + "export/tables.py",
    "export": CORE + "export/files.py",
    "umap": CORE + "projection/umap.py",
    "pca": CORE + "projection/pca.py",
    "map_quality": CORE + "projection/quality.py",
    "embeddings": CORE + "embeddings/pixels.py",
    "loop": CORE + "models/training/loop.py",
    "optimizer": CORE + "models/training/optimizer.py",
    **faults_of_bins.MODULES,
    **faults_of_listings.MODULES,
    **faults_of_app.MODULES,
    **faults_of_pages.MODULES,
    **faults_of_texts.MODULES,
    **faults_of_map.MODULES,
    **faults_of_javascript.MODULES,
}
SCORES = "tests/scores/test_"
T = "tests/"
TESTS = {  # area: the test files that must notice its faults, the quickest first
    "dependencies": [T + "test_stage_dependencies.py", T + "test_key_completeness.py", T + "test_pipeline.py"],
    "heads": [SCORES + "contrastive.py", SCORES + "augmentations.py"],
    "threads": [SCORES + "blas_threads.py"],
    "diversity": [SCORES + "diversity.py", SCORES + "samples.py", SCORES + "intervals.py"],
    "scores": [
        SCORES + "importance.py",
        SCORES + "intervals.py",
        SCORES + "representativeness.py",
    ],
    "quotas": [T + "quotas/test_rules.py", T + "quotas/test_apportionment.py", T + "quotas/test_thresholds.py"],
    "sampling": [T + "selection/test_selection.py", T + "selection/test_draw_orders.py"],
    "reconstruction": [T + "patches/test_reconstruction_parts.py"],
    "patches": [T + "patches/test_masks.py"],
    "files": [T + "export/test_written_files.py"],
    "maps": [T + "embeddings/test_embedding_samples.py"],
    "training": [T + "models/test_training_optimizer.py"],
    **faults_of_bins.TESTS,
    **faults_of_listings.TESTS,
    **faults_of_app.TESTS,
    **faults_of_pages.TESTS,
    **faults_of_texts.TESTS,
    **faults_of_map.TESTS,
    **faults_of_javascript.TESTS,
}
TESTS_OF_MODULE = {  # module: the test files for its faults where not all of the area are needed
    **faults_of_app.TESTS_OF_MODULE,
    **faults_of_pages.TESTS_OF_MODULE,
    **faults_of_texts.TESTS_OF_MODULE,
    **faults_of_map.TESTS_OF_MODULE,
}

FAULTS = [
    *faults_of_dependencies.FAULTS,
    *faults_of_scores.FAULTS,
    *faults_of_quotas.FAULTS,
    *faults_of_files.FAULTS,
    *faults_of_bins.FAULTS,
    *faults_of_listings.FAULTS,
    *faults_of_app.FAULTS,
    *faults_of_pages.FAULTS,
    *faults_of_texts.FAULTS,
    *faults_of_map.FAULTS,
    *faults_of_javascript.FAULTS,
]
