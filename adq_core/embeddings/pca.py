"""Principal components in whole numbers: the same bytes on every machine for the same features."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from adq_core.linalg import fix_signs, one_blas_thread, principal_axes
from adq_core.records import Floats

AXIS_BITS = 20  # bits of an entry of an axis
FEATURE_BITS = 14  # bits of a feature: the sums of products over a sample of 4,096 rows stay below 2^53


class WholeAxes(NamedTuple):
    """Principal axes as whole numbers: components are (x @ axes - offset) * step for whole numbers x."""

    axes: NDArray[np.float64]  # (d, k) whole numbers below 2^20
    offset: NDArray[np.float64]  # (k,) mean of the sample times the axes
    step: float  # value of one whole number, a power of two

    def components(self, x: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return the components of rows of whole numbers, (n, d) -> (n, k). Exact, so no thread or batch matters."""
        return np.asarray((x @ self.axes - self.offset) * self.step, np.float32)


def whole_axes(axes: Floats, x: NDArray[np.float64]) -> WholeAxes:
    """Return the axes (d, k), rounded to 20 bits, with the mean of the sample x (n, d) of whole numbers along them."""
    step = 2.0 ** (np.ceil(np.log2(np.abs(axes).max())) - AXIS_BITS)
    whole = np.rint(axes / step)
    offset = x.sum(axis=0).astype(np.int64) @ whole.astype(np.int64) / len(x)
    return WholeAxes(whole, offset, float(step))


class FeatureReduction:
    """The reduction of features to principal components, fitted on a sample of them.

    A feature f becomes the whole number round(f / unit), where `unit` is a power of two that gives the largest feature
    of the sample 14 bits. The components are those of these whole numbers, times `unit`. Centred: the mean of the
    sample is subtracted. Rounding moves a feature by at most 1/16,384 of the largest one.
    """

    def __init__(self, sample: NDArray[np.float32], n_components: int) -> None:
        """Fit on (n, d) features, n at most 4,096; k is below `n_components` if the sample has fewer axes."""
        largest = float(np.abs(sample).max())
        self.unit = 2.0 ** (np.ceil(np.log2(largest)) - FEATURE_BITS) if largest > 0 else 1.0
        x = self._whole(sample)
        n, d = x.shape
        sums = x.sum(axis=0)
        if n >= d:  # covariance of the features, times n^2: exact
            _, axes = principal_axes((n * (x.T @ x) - np.outer(sums, sums)) / n**2, n_components)
        else:
            products = x @ x.T
            means = products.mean(axis=0)
            _, coordinates = principal_axes(products - means[:, None] - means[None, :] + means.mean(), n_components)
            with one_blas_thread():
                axes = (x - sums / n).T @ coordinates
            axes = fix_signs(axes / np.maximum(np.linalg.norm(axes, axis=0), 1e-300))
        if axes.shape[1] == 0:  # all features are equal
            axes = np.eye(d, 1)
        self.whole = whole_axes(axes, x)

    @property
    def width(self) -> int:
        """Return k, the number of components."""
        return len(self.whole.offset)

    def components(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the components of features, (n, d) -> (n, k) float32."""
        return self.whole.components(self._whole(features)) * np.float32(self.unit)

    def _whole(self, features: NDArray[np.float32]) -> NDArray[np.float64]:
        return np.rint(np.asarray(features, np.float64) / self.unit)
