"""Every role as it is deployed: template.yaml after SAM has written its policies out.

The stack's own tests try each role (tests/e2e/test_roles.py); here is read what is there, on AWS's
side of every condition, with what the local stack does not enforce.
"""

import json
import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import pytest

from tests.unit import transformed

AWS_OWN = "arn:aws:iam::aws:policy/"
AS_IN_PRODUCTION = {"GradualDeployment": "true"}

# AWS's own policies name no resources, so each that SAM attaches needs its reason.
AWS_OWN_POLICIES: Mapping[str, str] = {
    "service-role/AWSLambdaBasicExecutionRole": "SAM gives it to every function; lines are written"
    " to logs, and none can be read or deleted",
    "AWSXrayWriteOnlyAccess": "SAM gives it with Tracing; X-Ray knows no resources, and segments"
    " can be written, not read",
    "service-role/AWSLambdaVPCAccessExecutionRole": "SAM gives it with VpcConfig, which every"
    " function has that calls a provider; Lambda's own network interfaces",
    "service-role/AWSCodeDeployRoleForLambda": "SAM gives it to CodeDeploy alone, which moves calls"
    " from one version of a function to the next",
}
TRUSTED = {"lambda.amazonaws.com", "states.amazonaws.com", "codedeploy.amazonaws.com"}
# Secrets lie under names that no deployment knows beforehand: merchant and mode.
WILDCARDS: Mapping[str, str] = {
    "providers/*": "charges go to whichever provider the merchant's routes name",
    "providers/kpay/*": "K-Pay's receiver, of every merchant",
    "providers/vpay/*": "V-Pay's receiver, of every merchant",
    "providers/dgspay/*": "DGS-Pay's receiver, of every merchant",
    "providers/rwandapay/*": "RwandaPay's receiver, of every merchant",
    "webhook-secret/*": "the secrets that merchants' webhooks are signed with",
}
SECRET = re.compile(
    r"arn:\$\{AWS::Partition\}:ssm:\$\{AWS::Region\}:\$\{AWS::AccountId\}"
    r":parameter/ishyura/\$\{AWS::StackName\}/(.+)"
)
SENDER = re.compile(r":identity/\$\{(ReceiptSender|Domain)\}$")

ASKING = {"Initialize", "Pay", "Process", "AskProvider", "Sweep"}
KEYED = {
    *("Initialize", "Verify", "Cancel", "ListPayments", "ShowPayment"),
    *("CreateLink", "ShowLinks", "DeactivateLink"),
    *("ListEvents", "ShowEvent", "Resend", "ArrangeEndpoint"),
}
MAKING_ROOM = {"OpenLink", "PayLink"}
STREAM_READERS = {"Announce", "SendReceipt"}
# Who may do what can do harm; whatever is not named here nobody may.
ONLY: Mapping[tuple[str, str], AbstractSet[str]] = {
    ("dynamodb:PutItem", "Merchants"): {"CreateLink", "PayLink"},
    ("dynamodb:DeleteItem", "Merchants"): MAKING_ROOM,
    # A key's own item is counted on each use; Deliver may disable an endpoint.
    ("dynamodb:UpdateItem", "Merchants"): {*KEYED, *MAKING_ROOM, "Deliver"},
    ("dynamodb:PutItem", "Payments"): {
        *("Initialize", "PayLink", "Announce", "SendReceipt", "Sweep"),
        # Idempotency-Keys are remembered by a put, and a test is an event.
        *("Cancel", "CreateLink", "DeactivateLink", "Resend", "ArrangeEndpoint"),
    },
    ("dynamodb:UpdateItem", "Payments"): {
        *("Initialize", "Pay", "Process", "Cancel", "ChooseTestCard", "AskProvider", "Sweep"),
        *("KpayWebhook", "VpayWebhook", "DgspayWebhook", "RwandapayWebhook", "SandboxWebhook"),
        *("Deliver", "Resend", "WatchAttempt"),
    },
    **{
        (f"dynamodb:{read}", "Payments stream"): STREAM_READERS
        for read in ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    },
    ("ssm:GetParameter", "providers/*"): ASKING,
    ("ssm:GetParameter", "providers/kpay/*"): {"KpayWebhook"},
    ("ssm:GetParameter", "providers/vpay/*"): {"VpayWebhook"},
    ("ssm:GetParameter", "providers/dgspay/*"): {"DgspayWebhook"},
    ("ssm:GetParameter", "providers/rwandapay/*"): {"RwandapayWebhook"},
    ("ssm:GetParameter", "webhook-secret/*"): {"Deliver", "ArrangeEndpoint"},
    ("ssm:PutParameter", "webhook-secret/*"): {"ArrangeEndpoint"},
    ("states:StartExecution", "WatchAttempt"): {"Announce", "Sweep"},
    ("states:StartExecution", "DeliverWebhook"): {"Announce", "Sweep"},
    ("states:SendTaskSuccess", "WatchAttempt"): {"Announce"},
    ("lambda:InvokeFunction", "AskProvider"): {"WatchAttempt"},
    ("lambda:InvokeFunction", "Deliver"): {"DeliverWebhook"},
    ("sqs:SendMessage", "DeadLetters"): STREAM_READERS,
    ("ses:SendEmail", "the sender"): {"SendReceipt"},
}
READS = {"dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"}
"""What does no harm but of the secrets and streams, which have rows of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One action on one resource, as a role has it on AWS."""

    holder: str
    """The function or state machine, by logical id."""
    action: str
    resource: str
    """Payments, Payments/index/by_owner, providers/kpay/*, WatchAttempt …"""


@pytest.fixture(scope="module")
def resources() -> Mapping[str, Any]:
    return transformed.resources(**AS_IN_PRODUCTION)


@pytest.fixture(scope="module")
def roles() -> dict[str, Any]:
    """The roles' properties, by whose they are."""
    every = transformed.of_type("AWS::IAM::Role", **AS_IN_PRODUCTION)
    return {name.removesuffix("Role"): role["Properties"] for name, role in every.items()}


@pytest.fixture(scope="module")
def grants(roles: Mapping[str, Any]) -> list[Grant]:
    return [grant for holder, role in roles.items() for grant in grants_of(holder, role)]


def grants_of(holder: str, role: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in statements(role):
        for action in listed(statement["Action"]):
            for resource in listed(on_aws(statement["Resource"])):
                yield Grant(holder=holder, action=action, resource=named(resource))


def statements(role: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in role.get("Policies", ()):
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[Any]:  # noqa: ANN401  # JSON's
    return value if isinstance(value, list) else [value]


def on_aws(value: Any) -> Any:  # noqa: ANN401  # JSON's
    """A value without the local stack's side of a condition."""
    is_by_place = isinstance(value, dict) and value.get("Fn::If", [""])[0] == "IsLocal"
    return value["Fn::If"][2] if is_by_place else value


def named(resource: Any) -> str:  # noqa: ANN401  # JSON's
    """A resource in short; as it stands where there is no short form."""
    match resource:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), "Arn"]}:
            # An alias of a function stands for it.
            return name.removesuffix("Aliaslive")
        case {"Fn::GetAtt": [name, "StreamArn"]}:
            return f"{name} stream"
        case {"Fn::Sub": str(text)} if secret := SECRET.fullmatch(text):
            return secret[1]
        case {"Fn::Sub": str(text) | [str(text), {"Domain": _}]} if SENDER.search(text):
            return "the sender"
        case {"Fn::Sub": str(text)}:
            return re.sub(r"^\$\{(\w+)\.Arn\}", r"\1", text)
    return json.dumps(resource)


def test_everyone_has_a_role_of_its_own(
    resources: Mapping[str, Any], roles: Mapping[str, Any]
) -> None:
    kinds = {"AWS::Lambda::Function": "Role", "AWS::StepFunctions::StateMachine": "RoleArn"}
    workers = {
        name: resource["Properties"][kinds[resource["Type"]]]
        for name, resource in resources.items()
        if resource["Type"] in kinds
    }
    assert workers == {name: {"Fn::GetAtt": [f"{name}Role", "Arn"]} for name in workers}
    assert workers.keys() <= roles.keys()


def test_a_role_is_trusted_to_one_service(roles: Mapping[str, Any]) -> None:
    for name, role in roles.items():
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        assert listed(trust["Action"]) == ["sts:AssumeRole"], name
        assert trust["Principal"].keys() == {"Service"}, name
        (service,) = listed(trust["Principal"]["Service"])
        assert service in TRUSTED, name
        assert (service == "codedeploy.amazonaws.com") is (name == "CodeDeployService")


def test_nothing_is_granted_but_by_allowing_what_is_named(roles: Mapping[str, Any]) -> None:
    for name, role in roles.items():
        for statement in statements(role):
            keys = statement.keys() - {"Sid", "Condition"}
            assert keys == {"Effect", "Action", "Resource"}, name
            assert statement["Effect"] == "Allow", name


def test_aws_own_policies_are_those_that_have_a_reason(roles: Mapping[str, Any]) -> None:
    attached = {arn.removeprefix(AWS_OWN) for role in roles.values() for arn in own_policies(role)}
    assert attached == AWS_OWN_POLICIES.keys()


def own_policies(role: Mapping[str, Any]) -> Iterator[str]:
    for arn in role.get("ManagedPolicyArns", ()):
        match arn:
            case {"Fn::If": [_, str(given), {"Ref": "AWS::NoValue"}]}:
                yield given
            case {"Fn::Sub": str(text)}:
                yield text.replace("${AWS::Partition}", "aws")
            case _:
                yield str(arn)


def test_only_who_calls_a_provider_is_put_into_the_network(
    resources: Mapping[str, Any], roles: Mapping[str, Any]
) -> None:
    in_network = {
        name
        for name, role in roles.items()
        if any("VPCAccess" in arn for arn in own_policies(role))
    }
    configured = {
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::Lambda::Function" and "VpcConfig" in resource["Properties"]
    }
    receivers = {"KpayWebhook", "VpayWebhook", "DgspayWebhook", "RwandapayWebhook"}
    assert in_network == configured <= ASKING | receivers


def test_no_action_has_a_wildcard(grants: list[Grant]) -> None:
    assert [grant for grant in grants if re.search(r"[*?]", grant.action)] == []


def test_a_resource_has_a_wildcard_only_where_there_is_a_reason(grants: list[Grant]) -> None:
    wild = {grant.resource for grant in grants if re.search(r"[*?]", grant.resource)}
    assert wild == WILDCARDS.keys()
    assert {grant.action for grant in grants if grant.resource in wild} == {
        "ssm:GetParameter",
        "ssm:PutParameter",
    }


def test_every_resource_is_one_of_this_stack(
    resources: Mapping[str, Any], grants: list[Grant]
) -> None:
    for grant in grants:
        first = re.split(r"[/ ]", grant.resource)[0]
        is_ours = first in resources or first in {"providers", "webhook-secret"}
        assert is_ours or grant.resource == "the sender", grant


def test_whatever_can_do_harm_is_granted_to_those_who_need_it(grants: list[Grant]) -> None:
    harmful: dict[tuple[str, str], set[str]] = {}
    for grant in grants:
        if grant.action not in READS:
            harmful.setdefault((grant.action, grant.resource), set()).add(grant.holder)
    assert harmful.keys() <= ONLY.keys()
    for granted, holders in harmful.items():
        assert holders <= ONLY[granted], granted


def test_what_is_read_is_a_table_or_one_of_its_indexes(grants: list[Grant]) -> None:
    for grant in grants:
        if grant.action in READS:
            assert re.fullmatch(r"(Payments|Merchants)(/index/by_\w+)?", grant.resource), grant


def test_nobody_may_scan_or_delete_payments(grants: list[Grant]) -> None:
    actions = {grant.action for grant in grants if grant.resource.startswith("Payments")}
    assert "dynamodb:PutItem" in actions
    assert not actions & {"dynamodb:Scan", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"}


@pytest.mark.parametrize("provider", ["kpay", "vpay", "dgspay", "rwandapay"])
def test_a_receiver_reads_its_own_providers_secrets_alone(
    grants: list[Grant], provider: str
) -> None:
    receiver = f"{provider.capitalize()}Webhook"
    secrets = {
        grant.resource
        for grant in grants
        if grant.holder == receiver and grant.action.startswith("ssm:")
    }
    assert secrets == {f"providers/{provider}/*"}


def test_a_receipt_is_sent_from_the_senders_address_alone(roles: Mapping[str, Any]) -> None:
    mailing = [s for s in statements(roles["SendReceipt"]) if s["Action"] == "ses:SendEmail"]
    assert [statement["Condition"] for statement in mailing] == [
        {"StringEquals": {"ses:FromAddress": {"Ref": "ReceiptSender"}}}
    ]


def test_a_function_is_invoked_from_outside_by_our_own_api_or_rule_alone(
    resources: Mapping[str, Any],
) -> None:
    doors = [r["Properties"] for r in resources.values() if r["Type"] == "AWS::Lambda::Permission"]
    assert doors
    for door in doors:
        assert door["Action"] == "lambda:InvokeFunction"
        if door["Principal"] == "apigateway.amazonaws.com":
            assert "${__ApiId__}" in door["SourceArn"]["Fn::Sub"][0]
            assert door["SourceArn"]["Fn::Sub"][1]["__ApiId__"] == {"Ref": "Api"}
        else:
            assert door["Principal"] == "events.amazonaws.com"
            assert resources[door["SourceArn"]["Fn::GetAtt"][0]]["Type"] == "AWS::Events::Rule"
