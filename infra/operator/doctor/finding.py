"""What a check found: how it stands, in one sentence, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a thing stands."""

    OK = "ok"
    WARNING = "warning"
    """It may be meant so, or cannot be judged from here."""
    PROBLEM = "problem"
    """Payments, or the news of them, fail by it."""


@dataclass(frozen=True, slots=True)
class About:
    """What a check looks at."""

    check: str
    merchant_id: str | None = None
    part: str | None = None
    """Which one of several: a mode, a provider, a table."""

    def ok(self, told: str) -> "Finding":
        """It is as it should be."""
        return Finding(self, Verdict.OK, told)

    def warning(self, told: str, to_do: str) -> "Finding":
        """It may be meant so."""
        return Finding(self, Verdict.WARNING, told, to_do)

    def problem(self, told: str, to_do: str) -> "Finding":
        """It is not as it should be."""
        return Finding(self, Verdict.PROBLEM, told, to_do)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found. Neither text holds a secret, or what a provider or endpoint answered."""

    about: About
    verdict: Verdict
    told: str
    to_do: str | None = None

    @property
    def line(self) -> str:
        """As a person reads it."""
        about = self.about
        names = " ".join(filter(None, (about.check, about.merchant_id, about.part)))
        return " ".join(filter(None, (f"{self.verdict:<8}", f"{names}:", self.told, self.to_do)))

    @property
    def record(self) -> dict[str, str | None]:
        """As a script reads it."""
        return {
            "check": self.about.check,
            "merchant_id": self.about.merchant_id,
            "part": self.about.part,
            "verdict": self.verdict,
            "message": self.told,
            "to_do": self.to_do,
        }
