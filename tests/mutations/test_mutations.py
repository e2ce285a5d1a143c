"""The faults fit the code, which is quick to see, and the tests notice at least 90 % of them, which takes minutes."""

from __future__ import annotations

import pytest

from tests.mutations.faults import FAULTS, MODULES, TESTS, TESTS_OF_MODULE
from tests.mutations.runner import ROOT, check_texts, files_of, main


def test_every_fault_fits_the_code_of_today() -> None:
    check_texts(FAULTS)
    assert len({(fault.module, fault.old, fault.new) for fault in FAULTS}) == len(FAULTS)
    assert {fault.area for fault in FAULTS} == set(TESTS)
    assert {fault.module for fault in FAULTS} == set(MODULES) >= set(TESTS_OF_MODULE)
    for name in [*MODULES.values(), *files_of(FAULTS)]:
        assert (ROOT / name).is_file(), name


@pytest.mark.slow
def test_nine_of_ten_faults_are_noticed() -> None:
    assert main([]) == 0
