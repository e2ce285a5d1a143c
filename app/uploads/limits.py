"""Limits of uploads: how much each browser and all together may store, and for how long."""

from __future__ import annotations

import logging
import math
import os
from dataclasses import dataclass

log = logging.getLogger(__name__)

MB = 1_000_000
OWNER_VARIABLE = "ADQ_UPLOAD_MB"  # megabytes of the uploads of one browser
TOTAL_VARIABLE = "ADQ_UPLOADS_TOTAL_MB"  # megabytes of all uploads
HOURS_VARIABLE = "ADQ_UPLOAD_HOURS"  # age at which an upload is removed
IDLE_VARIABLE = "ADQ_UPLOAD_IDLE_MINUTES"  # minutes after the last page of its browser is closed; public servers only


@dataclass(frozen=True)
class Limits:
    """Limits of uploads, in bytes and seconds."""

    owner_bytes: float = 1_000 * MB
    total_bytes: float = 10_000 * MB
    age: float = 24 * 3600.0
    idle: float = math.inf  # from the moment at which the last page of the owner is closed


def limits_from_environment(*, is_public: bool) -> Limits:
    """Return the limits that the environment variables set, or the default ones.

    Only a public server removes uploads whose browser has gone: on the user's own machine they stay until the age
    limit.
    """
    return Limits(
        owner_bytes=_number(OWNER_VARIABLE, 1_000) * MB,
        total_bytes=_number(TOTAL_VARIABLE, 10_000) * MB,
        age=_number(HOURS_VARIABLE, 24) * 3600,
        idle=_number(IDLE_VARIABLE, 60) * 60 if is_public else math.inf,
    )


def _number(variable: str, default: float) -> float:
    """Return the value of a variable; the default, with a line in the log, if it is not a number of at least 0."""
    text = os.environ.get(variable, "").strip()
    if not text:
        return default
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not number >= 0:
        log.warning("%s must be a number of at least 0, got %r. The limit is %g.", variable, text, default)
        return default
    return number
