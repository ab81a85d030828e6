"""Walking through a merchant's list, as far as one request may."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ledger.listing import Place
from plumbing import wiring

# What one request may cost: where nothing passes the filters it ends with an empty page and a
# place to go on from.
MOST_PAGES = 5
PAGE_SIZE = 100

Page = tuple[list[dict[str, Any]], Place | None]
"""Records, newest first, and where to go on; None when there is no more."""


def pages(
    owner: str,
    *,
    since: datetime | None,
    until: datetime | None,
    after: Place | None,
    size: int = PAGE_SIZE,
) -> Iterator[Page]:
    """So many pages of the index as one request may read."""
    for _ in range(MOST_PAGES):
        records, after = wiring.listing().page(
            owner, since=since, until=until, after=after, size=size
        )
        yield records, after
        if after is None:
            break
