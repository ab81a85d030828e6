"""The file that stands in for botocore's endpoints says what botocore's says, as far as we ask."""

import json
from pathlib import Path
from typing import Any

import botocore
import pytest
from botocore.loaders import Loader
from botocore.session import Session

from infra.artefact import partitions
from plumbing.aws_clients import AWS, ENDPOINTS, SERVICES, OurServices

BOTOCORES: dict[str, Any] = json.loads(
    (Path(botocore.__file__).parent / "data" / "endpoints.json").read_text()
)
# Every partition's, and one that AWS may open tomorrow.
REGIONS = [*(name for part in BOTOCORES["partitions"] for name in part["regions"]), "af-north-9"]
ASKED = {
    "dynamodb": ("list_tables", {}),
    "ssm": ("get_parameter", {"Name": "name"}),
    "stepfunctions": ("list_activities", {}),
    "sesv2": ("get_account", {}),
}


class Sent(Exception):  # what happened
    """A request was about to leave."""


def sent(loader: Loader, service: str, region: str) -> tuple[str, str, str]:
    """Where a request would go, under which scope it is signed, and the client's partition."""
    session = Session()
    session.set_credentials("key", "secret")
    session.register_component("data_loader", loader)
    client = session.create_client(service, region_name=region, config=AWS)
    seen: list[tuple[str, str]] = []

    def stop(request: Any, **_: object) -> None:  # noqa: ANN401  # botocore's own
        scope = request.headers["Authorization"].decode().split("/", 2)[2].split(",")[0]
        seen.append((request.url, scope))
        raise Sent

    client.meta.events.register("before-send.*", stop)
    operation, given = ASKED[service]
    with pytest.raises(Sent):
        getattr(client, operation)(**given)
    return *seen[0], client.meta.partition


def test_it_is_botocores_without_the_services() -> None:
    left = [{**part, "services": {}} for part in BOTOCORES["partitions"]]
    assert json.loads(ENDPOINTS.read_text()) == {**BOTOCORES, "partitions": left}


def test_make_lock_writes_it_anew() -> None:
    assert ENDPOINTS.read_text() == partitions.written()


def test_every_service_of_ours_is_asked_here() -> None:
    assert set(ASKED) == set(SERVICES)


@pytest.mark.parametrize("service", SERVICES)
def test_requests_go_where_botocore_would_send_them(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    ours, theirs = OurServices(), Loader(include_default_search_paths=True)
    for region in REGIONS:
        assert sent(ours, service, region) == sent(theirs, service, region), region
