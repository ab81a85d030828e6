"""Calls on what the account has beside the stack's own: roles, keys, files, the stack itself."""

from collections.abc import Mapping

from infra.local.settings import STACK_NAME
from tests.e2e.aws_clients import AwsClients
from tests.e2e.tried.deployed import Call, Deployed

NOBODY = "nobody"


def take_anothers_role(clients: AwsClients, deployed: Deployed) -> object:
    return clients("sts").assume_role(
        RoleArn=deployed.roles["ArrangeEndpoint"], RoleSessionName="e2e"
    )


def take_a_role_that_trusts_us(clients: AwsClients, deployed: Deployed) -> object:
    """One that leaves it to the taker's own policy, where a function's role trusts Lambda alone."""
    return clients("sts").assume_role(RoleArn=deployed.role_of_nobodys, RoleSessionName="e2e")


def read_a_role(clients: AwsClients, deployed: Deployed) -> object:
    return clients("iam").get_role(RoleName=deployed.roles["Announce"].rpartition("/")[2])


def widen_a_role(clients: AwsClients, _: Deployed) -> object:
    return clients("iam").put_role_policy(
        RoleName=NOBODY, PolicyName="wide", PolicyDocument='{"Version": "2012-10-17"}'
    )


def decrypt(clients: AwsClients, _: Deployed) -> object:
    return clients("kms").decrypt(CiphertextBlob=b"nothing", KeyId="alias/aws/ssm")


def read_a_file(clients: AwsClients, deployed: Deployed) -> object:
    return clients("s3").get_object(Bucket=deployed.bucket_of_nobodys, Key=NOBODY)


def write_a_file(clients: AwsClients, deployed: Deployed) -> object:
    return clients("s3").put_object(Bucket=deployed.bucket_of_nobodys, Key=NOBODY, Body=b"")


def list_the_files(clients: AwsClients, deployed: Deployed) -> object:
    return clients("s3").list_objects_v2(Bucket=deployed.bucket_of_nobodys, MaxKeys=1)


def send_an_email(clients: AwsClients, _: Deployed) -> object:
    return clients("sesv2").send_email(
        FromEmailAddress="nobody@example.rw",
        Destination={"ToAddresses": ["nobody@example.rw"]},
        Content={"Simple": {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}},
    )


def publish(clients: AwsClients, deployed: Deployed) -> object:
    topic = f"arn:aws:sns:{deployed.stack['region']}:000000000000:{NOBODY}"
    return clients("sns").publish(TopicArn=topic, Message="x")


ON_THE_ACCOUNT: Mapping[str, Call] = {
    "take another function's role": take_anothers_role,
    "take a role that trusts the account": take_a_role_that_trusts_us,
    "read a role": read_a_role,
    "widen a role": widen_a_role,
    "list the roles": lambda clients, _: clients("iam").list_roles(),
    "make an access key": lambda clients, _: clients("iam").create_access_key(UserName=NOBODY),
    "decrypt": decrypt,
    "list the encryption keys": lambda clients, _: clients("kms").list_keys(),
    "list the buckets": lambda clients, _: clients("s3").list_buckets(),
    "list the files of a bucket": list_the_files,
    "read a file of a bucket": read_a_file,
    "write a file into a bucket": write_a_file,
    "read a secret of Secrets Manager": lambda clients, _: clients(
        "secretsmanager"
    ).get_secret_value(SecretId=NOBODY),
    "describe the stack": lambda clients, _: clients("cloudformation").describe_stacks(
        StackName=STACK_NAME
    ),
    "delete a stack": lambda clients, _: clients("cloudformation").delete_stack(StackName=NOBODY),
    "list the APIs": lambda clients, _: clients("apigateway").get_rest_apis(),
    "read who called what": lambda clients, _: clients("cloudtrail").lookup_events(MaxResults=1),
    "list the schedules": lambda clients, _: clients("events").list_rules(),
    "send an e-mail": send_an_email,
    "publish to a topic": publish,
}
