"""AWS clients, made as soon as botocore can make them: each cold start waits for the first.

botocore's own session gives the clients that boto3 would give, without the import of boto3; and it
is told which services there are, where it would else look through the folders of all of them,
several hundred, for every client (tests/benchmarks/RESULTS.md has the figures).
"""

import gc

# Python looks for rings of objects whenever a few hundred new ones stand. While modules are
# loaded nearly all that is new stays, and it would look through them over and over. Here it is
# first of what every function imports; an invocation makes far fewer.
gc.set_threshold(50_000, 20, 100)

import json  # noqa: E402  # as below
from pathlib import Path  # noqa: E402  # as below
from typing import Any  # noqa: E402  # the line above comes before all that is large

from botocore.config import Config  # noqa: E402  # as above
from botocore.loaders import Loader  # noqa: E402  # as above
from botocore.session import Session  # noqa: E402  # as above

ENDPOINTS = Path(__file__).with_name("endpoints.json")
"""botocore's file of that name without its services; a test holds it to botocore's."""
SERVICES = ("dynamodb", "ssm", "stepfunctions", "sesv2")

# Short enough that a Lambda outlives its own retries.
AWS = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 4},
    parameter_validation=False,
    # botocore's own account of itself takes a seventh of a warm call to write, twice a request.
    user_agent="Ishyura",
)


class OurServices(Loader):
    """botocore's reader of what it knows of services, for those that we call."""

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """Read what botocore keeps under a name: of the endpoints, the partitions alone.

        A service's own rules say where its endpoint is. Of this file, 1.3 MB and a fifth of the
        time that a client takes, they ask for nothing but a region's partition.
        """
        if name == "endpoints":
            return json.loads(ENDPOINTS.read_text(encoding="utf-8")), str(ENDPOINTS)
        found: tuple[Any, str] = super().load_data_with_path(name)
        return found

    def list_available_services(self, type_name: str) -> list[str]:
        """Name them; botocore only asks whether a service is among them."""
        del type_name
        return list(SERVICES)


def aws_client(service: str) -> Any:  # noqa: ANN401  # one for each service
    """A client of one of the services, by the name that botocore has for it."""
    session = Session()
    session.register_component("data_loader", OurServices(session.get_config_variable("data_path")))
    return session.create_client(service, config=AWS)
