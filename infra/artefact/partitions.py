"""`python -m infra.artefact.partitions`: write functions/plumbing/endpoints.json anew.

It is botocore's file of that name without its services, in a few KB (infra/decisions/0015).
"""

import json
from pathlib import Path
from typing import Any

import botocore

BOTOCORES = Path(botocore.__file__).parent / "data" / "endpoints.json"
OURS = Path("functions/plumbing/endpoints.json")


def without_services(endpoints: dict[str, Any]) -> dict[str, Any]:
    """The partitions and their regions alone."""
    partitions = [{**partition, "services": {}} for partition in endpoints["partitions"]]
    return {**endpoints, "partitions": partitions}


def written() -> str:
    """The file as it should be for the botocore that is installed."""
    cut = without_services(json.loads(BOTOCORES.read_text(encoding="utf-8")))
    return json.dumps(cut, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    OURS.write_text(written(), encoding="utf-8")
