"""Faults that a test must notice: a text of the code and the wrong text that is put in its place."""

from __future__ import annotations

from tests.mutations import faults_of_dependencies, faults_of_files, faults_of_quotas, faults_of_scores

CORE = "adq_core/"
MODULES = {  # name of a module here: its file
    "lineage": CORE + "lineage.py",
    "pipeline": CORE + "pipeline.py",
    "heads": CORE + "heads.py",
    "views": CORE + "views.py",
    "diversity": CORE + "diversity.py",
    "scores": CORE + "scores.py",
    "representativeness": CORE + "representativeness.py",
    "quotas": CORE + "quotas.py",
    "webster": CORE + "webster.py",
    "counterfactuals": CORE + "counterfactuals.py",
    "sampling": CORE + "sampling.py",
    "reconstruction": CORE + "reconstruction.py",
    "patches": CORE + "patches.py",
    "patchfiles": CORE + "patchfiles.py",
    "export": CORE + "export.py",
    "projection": CORE + "projection.py",
    "embeddings": CORE + "embeddings.py",
    "loop": CORE + "training/loop.py",
    "optimizer": CORE + "training/optimizer.py",
}
T = "tests/test_"
TESTS = {  # area: the test files that must notice its faults, the quickest first
    "dependencies": [T + "stage_dependencies.py", T + "key_completeness.py", T + "pipeline.py"],
    "heads": [T + "heads.py", T + "views.py"],
    "threads": [T + "blas_threads.py"],
    "diversity": [T + "diversity.py", T + "intervals.py"],
    "scores": [T + "scores.py", T + "intervals.py", T + "representativeness.py"],
    "quotas": [T + "quotas.py", T + "counterfactuals.py"],
    "sampling": [T + "selection.py", T + "sampling.py"],
    "reconstruction": [T + "reconstruction_parts.py"],
    "patches": [T + "patches.py"],
    "files": [T + "written_files.py"],
    "maps": [T + "embedding_samples.py"],
    "training": [T + "training_optimizer.py"],
}

FAULTS = [
    *faults_of_dependencies.FAULTS,
    *faults_of_scores.FAULTS,
    *faults_of_quotas.FAULTS,
    *faults_of_files.FAULTS,
]
