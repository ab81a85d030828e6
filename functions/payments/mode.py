"""The two worlds of a merchant: rehearsal and money."""

from enum import StrEnum


class Mode(StrEnum):
    """Which world a key, and every payment opened with it, belongs to. They never meet."""

    TEST = "test"
    LIVE = "live"
