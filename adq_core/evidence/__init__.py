"""Evidence: does a strategy teach a probe better than class-balanced random images do, on this data set?"""

from .agreement import RankAgreement, rank_agreement
from .cells import CellFile, CellFiles, CellKey
from .probes import DEFAULT_PROBE, PROBES, Material, ProbeKind, check_probe
from .protocol import GIVEN, KEEP_RATIOS, Budget, Evidence, Probe, measure_evidence
from .report import content_of, figure_of, rows_of, table_of
from .splits import split_test_images
from .statistics import Difference, compare_with_baseline, seeds_needed
from .verdicts import verdict_sentence

__all__ = [
    "DEFAULT_PROBE",
    "GIVEN",
    "KEEP_RATIOS",
    "PROBES",
    "Budget",
    "CellFile",
    "CellFiles",
    "CellKey",
    "Difference",
    "Evidence",
    "Material",
    "Probe",
    "ProbeKind",
    "RankAgreement",
    "check_probe",
    "compare_with_baseline",
    "content_of",
    "figure_of",
    "measure_evidence",
    "rank_agreement",
    "rows_of",
    "seeds_needed",
    "split_test_images",
    "table_of",
    "verdict_sentence",
]
