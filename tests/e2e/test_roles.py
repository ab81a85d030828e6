"""Every role of the stack, under enforcement: what it may do is exactly what its work needs.

Each function's role and each state machine's is taken and tries every call of tests/e2e/tried/, on
items, parameters and executions that do not exist, so that a call that is let through changes
nothing. Before that counts for anything, a role without any policy is denied each of them, and one
that may do everything is denied none: so a denial here comes of the role's own policies.

What the local AWS does not enforce, and tests/unit/test_roles_in_template.py looks at instead:
it checks states:SendTaskSuccess and the reading of a stream against "*" alone, so the resources
that these have on AWS are not tried (there Announce has the one and is denied the other); and what
a state machine calls by itself, or Lambda reads of a stream, is not checked against the role,
though the role is tried here like every other.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache

import pytest
from botocore.exceptions import ClientError

from tests.e2e.aws_clients import clients_with
from tests.e2e.merchant import Merchant
from tests.e2e.tried.deployed import Deployed, clients_of, deployed_beside_nobodys
from tests.e2e.tried.every_call import CALLS, let_through
from tests.e2e.tried.on_tables import KEY, OF_NOBODYS
from tests.figures import publish

# A function's role trusts Lambda, so that nobody may take it, whatever their own policy says.
HELD_BY_TRUST = {"take another function's role"}
# A transaction is allowed by the actions of its parts, on AWS as here.
MADE_OF: Mapping[str, AbstractSet[str]] = {
    "read both tables in one transaction": {"read a payment", "read a merchant"},
    "write both tables in one transaction": {"open a payment", "write a merchant"},
}
# AWS's own policy that SAM gives every function (AWSLambdaBasicExecutionRole) names no log: a
# function may add lines to another's. It may read none.
EVERY_FUNCTION = {"write in another's log"}
CHARGING = {
    "read a payment",
    "change a payment",
    "read a merchant",
    "read K-Pay's credentials",
    "read V-Pay's credentials",
    "read DGS-Pay's credentials",
    "read RwandaPay's credentials",
}
# Whoever finds a link used up gives back the uses of payments that ended without money.
MAKING_ROOM = {
    "read payments in a batch",
    "read a merchant",
    "read the uses of a link",
    "change a merchant",
    "delete what is a merchant's",
}
# A signed notification is read against the payment before anything is written.
HEARING = {"read a payment", "change a payment"}
MAY: Mapping[str, set[str]] = {
    "Initialize": CHARGING | {"open a payment", "change a merchant"},
    "Verify": {"read a payment", "look a tx_ref up", "read a merchant", "change a merchant"},
    "Page": {"read a payment", "read a merchant"},
    "Pay": CHARGING,
    "Process": CHARGING,
    "Cancel": {
        "read a payment",
        "open a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
    },
    "ListPayments": {"list what is a merchant's", "read a merchant", "change a merchant"},
    "ShowPayment": {"read what lies beside a payment", "read a merchant", "change a merchant"},
    "TurnAway": set(),
    "Describe": set(),
    "ChooseTestCard": {"read a payment", "change a payment"},
    "ShowLogo": {"read a merchant"},
    "CreateLink": {"open a payment", "read a merchant", "write a merchant", "change a merchant"},
    "ShowLinks": {"read a merchant", "list a merchant's links", "change a merchant"},
    "DeactivateLink": {"open a payment", "read a merchant", "change a merchant"},
    "DrawQr": {"read a merchant"},
    "OpenLink": MAKING_ROOM,
    "PayLink": MAKING_ROOM | {"read a payment", "open a payment", "write a merchant"},
    "PrintPoster": {"read a merchant"},
    "KpayWebhook": {"change a payment", "read K-Pay's credentials"},
    "VpayWebhook": HEARING | {"read V-Pay's credentials"},
    "DgspayWebhook": HEARING | {"read DGS-Pay's credentials"},
    "RwandapayWebhook": HEARING | {"read RwandaPay's credentials"},
    "SandboxWebhook": {"change a payment"},
    "AskProvider": CHARGING - {"read a merchant"},
    "Sweep": {
        *(CHARGING - {"read a merchant"}),
        "read what lies beside a payment",
        "open a payment",
        "look what is due",
        "list what a person has to look at",
        "start a watch",
        "start a delivery",
    },
    "Announce": {
        "open a payment",
        "start a watch",
        "start a delivery",
        "wake a watch",
        "write a dead letter",
    },
    "Deliver": {
        "read a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
        "read a webhook secret",
    },
    "ListEvents": {"list what is a merchant's", "read a merchant", "change a merchant"},
    "ShowEvent": {"read a payment", "read a merchant", "change a merchant"},
    "Resend": {
        "list what is a merchant's",
        "read a payment",
        "open a payment",
        "change a payment",
        "read a merchant",
        "change a merchant",
    },
    "ArrangeEndpoint": {
        "open a payment",
        "read a merchant",
        "change a merchant",
        "read a webhook secret",
        "write a webhook secret",
    },
}
MACHINES_MAY: Mapping[str, set[str]] = {
    "WatchAttempt": {"change a payment", "invoke AskProvider"},
    "DeliverWebhook": {"invoke Deliver"},
}


@pytest.fixture(scope="module")
def deployed(merchant: Merchant) -> Iterator[Deployed]:
    with deployed_beside_nobodys(merchant.stack, merchant.administrator) as described:
        yield described


def may_all(own: AbstractSet[str]) -> set[str]:
    """A role's own calls, and those that they make up."""
    return {*own, *(name for name, parts in MADE_OF.items() if parts <= own)}


Done = Callable[[str], set[str]]


@pytest.fixture(scope="module")
def done_by(merchant: Merchant, deployed: Deployed) -> Done:
    """The calls that a role may make, tried once."""

    @cache
    def done(role: str) -> set[str]:
        with clients_of(merchant.stack, merchant.administrator, role) as clients:
            return let_through(clients, deployed)

    return done


def test_everyone_has_a_role_of_its_own(deployed: Deployed) -> None:
    assert deployed.roles.keys() == MAY.keys() | MACHINES_MAY.keys()
    assert len(set(deployed.roles.values())) == len(deployed.roles)


def test_a_role_without_policies_is_denied_every_call(deployed: Deployed, done_by: Done) -> None:
    assert done_by(deployed.role_of_nobodys) == set()


def test_a_role_that_may_do_everything_is_denied_none(deployed: Deployed, done_by: Done) -> None:
    assert done_by(deployed.role_of_everything) == CALLS.keys() - HELD_BY_TRUST


@pytest.mark.parametrize("function", MAY)
def test_a_function_may_do_its_own_work_and_nothing_else(
    deployed: Deployed, done_by: Done, function: str
) -> None:
    assert done_by(deployed.roles[function]) == may_all(MAY[function]) | EVERY_FUNCTION


@pytest.mark.parametrize("machine", MACHINES_MAY)
def test_a_state_machine_may_do_its_own_work_and_nothing_else(
    deployed: Deployed, done_by: Done, machine: str
) -> None:
    assert done_by(deployed.roles[machine]) == MACHINES_MAY[machine]


def test_nobody_touches_what_is_nobodys(deployed: Deployed, done_by: Done) -> None:
    done = {name: done_by(role) for name, role in deployed.roles.items()}
    assert [name for name, calls in done.items() if calls & OF_NOBODYS.keys()] == []
    allowed = sum(len(calls) for calls in done.values())
    publish(
        "IAM under enforcement",
        f"{len(MAY)} functions and {len(MACHINES_MAY)} state machines x {len(CALLS)} calls:"
        f" {allowed} are their work and let through, the other"
        f" {len(done) * len(CALLS) - allowed} denied",
    )


def test_what_each_may_is_something_that_is_tried() -> None:
    assert set().union(*MAY.values(), *MACHINES_MAY.values(), EVERY_FUNCTION) <= CALLS.keys()


def test_credentials_that_nobody_gave_open_nothing(merchant: Merchant) -> None:
    stranger = {"aws_access_key_id": "AKIASTRANGER00000000", "aws_secret_access_key": "none"}
    with (
        clients_with(merchant.stack, stranger) as clients,
        pytest.raises(ClientError, match="security token"),
    ):
        clients("dynamodb").get_item(TableName=merchant.stack["tables"]["payments"], Key=KEY)
