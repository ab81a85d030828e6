"""All calls that each role tries, by what they do."""

from collections.abc import Mapping

from botocore.exceptions import ClientError

from tests.e2e.aws_clients import AwsClients
from tests.e2e.tried.deployed import Call, Deployed
from tests.e2e.tried.on_parameters import ON_PARAMETERS
from tests.e2e.tried.on_programs import ON_DEAD_LETTERS, ON_FUNCTIONS, ON_LOGS, ON_MACHINES
from tests.e2e.tried.on_tables import OF_NOBODYS, ON_ITEMS, ON_WHOLE_TABLES
from tests.e2e.tried.on_the_account import ON_THE_ACCOUNT

CALLS: Mapping[str, Call] = {
    **ON_ITEMS,
    **OF_NOBODYS,
    **ON_WHOLE_TABLES,
    **ON_PARAMETERS,
    **ON_MACHINES,
    **ON_FUNCTIONS,
    **ON_DEAD_LETTERS,
    **ON_LOGS,
    **ON_THE_ACCOUNT,
}
# SNS has a word of its own.
DENIED = {"AccessDenied", "AccessDeniedException", "AuthorizationError"}


def is_let_through(call: Call, clients: AwsClients, deployed: Deployed) -> bool:
    """Whether a role may make a call; what else may be wrong with it comes after the role."""
    try:
        call(clients, deployed)
    except ClientError as refused:
        return refused.response["Error"]["Code"] not in DENIED
    return True


def let_through(clients: AwsClients, deployed: Deployed) -> set[str]:
    """The calls that a role may make."""
    return {name for name, call in CALLS.items() if is_let_through(call, clients, deployed)}
