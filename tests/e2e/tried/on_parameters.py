"""Calls on the parameters that hold secrets: all of a merchant that there is not."""

from collections.abc import Mapping

from tests.e2e.aws_clients import AwsClients
from tests.e2e.tried.deployed import Call, Deployed

PROVIDERS = {"kpay": "K-Pay", "vpay": "V-Pay", "dgspay": "DGS-Pay", "rwandapay": "RwandaPay"}
NOBODYS_CREDENTIALS = "providers/kpay/mer_nobody/live"
NOBODYS_SECRET = "webhook-secret/mer_nobody/live"


def on_parameter(operation: str, path: str, **details: object) -> Call:
    """An operation that names one parameter of the stack's own."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        name = f"{deployed.stack['parameter_prefix']}/{path}"
        return getattr(clients("ssm"), operation)(Name=name, **details)

    return call


def read(path: str) -> Call:
    return on_parameter("get_parameter", path, WithDecryption=True)


def read_several(path: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        name = f"{deployed.stack['parameter_prefix']}/{path}"
        return clients("ssm").get_parameters(Names=[name], WithDecryption=True)

    return call


def read_all_below(path: str) -> Call:
    def call(clients: AwsClients, deployed: Deployed) -> object:
        above = f"{deployed.stack['parameter_prefix']}/{path}"
        return clients("ssm").get_parameters_by_path(
            Path=above, Recursive=True, WithDecryption=True
        )

    return call


def read_history(path: str) -> Call:
    return on_parameter("get_parameter_history", path, WithDecryption=True)


def write(path: str) -> Call:
    return on_parameter("put_parameter", path, Value="none", Type="SecureString", Overwrite=True)


def delete(path: str) -> Call:
    return on_parameter("delete_parameter", path)


def read_elsewhere(clients: AwsClients, _: Deployed) -> object:
    """A parameter of some other program in the same account."""
    return clients("ssm").get_parameter(Name="/somebody/elses/secret", WithDecryption=True)


ON_PARAMETERS: Mapping[str, Call] = {
    **{
        f"read {title}'s credentials": read(f"providers/{name}/mer_nobody/live")
        for name, title in PROVIDERS.items()
    },
    **{
        f"write {title}'s credentials": write(f"providers/{name}/mer_nobody/e2e")
        for name, title in PROVIDERS.items()
    },
    "read a webhook secret": read(NOBODYS_SECRET),
    "write a webhook secret": write("webhook-secret/mer_nobody/e2e"),
    "read several credentials at once": read_several(NOBODYS_CREDENTIALS),
    "read every provider's credentials": read_all_below("providers"),
    "read every secret": read_all_below(""),
    "read what credentials were": read_history(NOBODYS_CREDENTIALS),
    "delete credentials": delete(NOBODYS_CREDENTIALS),
    "delete a webhook secret": delete(NOBODYS_SECRET),
    "list the parameters": lambda clients, _: clients("ssm").describe_parameters(),
    "read a stranger's parameter": read_elsewhere,
}
