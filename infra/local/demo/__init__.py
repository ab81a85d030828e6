"""`make demo`: payments that end in every way, without a person, and a table of what happened."""

from infra.local.demo.show import main

__all__ = ["main"]
