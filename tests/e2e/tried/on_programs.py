"""Calls on the state machines, the functions and the queue.

Functions are invoked dry, executions are nobody's, messages are blank: nothing comes of a call that
is let through.
"""

from collections.abc import Mapping

from tests.e2e.aws_clients import AwsClients
from tests.e2e.tried.deployed import Call, Deployed

A_MOMENT = 0
# Globals.Function.AutoPublishAlias of template.yaml.
ALIAS = "live"


def start(machine: str) -> Call:
    """A run with an input that is no JSON, which is refused where it is not denied."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        return clients("stepfunctions").start_execution(
            stateMachineArn=deployed.machine(machine), name="of-nothing", input="{"
        )

    return call


def on_execution(operation: str, machine: str) -> Call:
    """An operation that names an execution."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        execution = deployed.machine(machine).replace(":stateMachine:", ":execution:")
        return getattr(clients("stepfunctions"), operation)(executionArn=f"{execution}:nobodys")

    return call


def on_machine(operation: str, machine: str) -> Call:
    """An operation that names a state machine."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        return getattr(clients("stepfunctions"), operation)(
            stateMachineArn=deployed.machine(machine)
        )

    return call


def change_the_watch(clients: AwsClients, deployed: Deployed) -> object:
    return clients("stepfunctions").update_state_machine(
        stateMachineArn=deployed.machine("watch"),
        # What it has.
        roleArn=deployed.roles["WatchAttempt"],
    )


def wake_somebody(clients: AwsClients, _: Deployed) -> object:
    return clients("stepfunctions").send_task_success(taskToken="nobodys", output="{}")


def fail_somebody(clients: AwsClients, _: Deployed) -> object:
    return clients("stepfunctions").send_task_failure(taskToken="nobodys")


def invoke(function: str) -> Call:
    """Ask whether a function could be invoked, by the name that everyone calls it by."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        return clients("lambda").invoke(
            # Not by `Qualifier`, which the local AWS leaves out of what it compares with policies.
            FunctionName=f"{deployed.functions[function]}:{ALIAS}",
            InvocationType="DryRun",
        )

    return call


def on_function(operation: str, **details: object) -> Call:
    """An operation that names a function."""

    def call(clients: AwsClients, deployed: Deployed) -> object:
        name = deployed.functions["Announce"]
        return getattr(clients("lambda"), operation)(FunctionName=name, **details)

    return call


def write_a_dead_letter(clients: AwsClients, deployed: Deployed) -> object:
    # Blank, which is refused where it is not denied.
    return clients("sqs").send_message(QueueUrl=deployed.queues["DeadLetters"], MessageBody="")


def read_dead_letters(clients: AwsClients, deployed: Deployed) -> object:
    return clients("sqs").receive_message(
        QueueUrl=deployed.queues["DeadLetters"], VisibilityTimeout=A_MOMENT
    )


def delete_a_dead_letter(clients: AwsClients, deployed: Deployed) -> object:
    return clients("sqs").delete_message(
        QueueUrl=deployed.queues["DeadLetters"], ReceiptHandle="nobodys"
    )


def redrive_dead_letters(clients: AwsClients, deployed: Deployed) -> object:
    address = deployed.queues["DeadLetters"]
    name = address.rpartition("/")[2]
    arn = f"arn:aws:sqs:{deployed.stack['region']}:000000000000:{name}"
    return clients("sqs").start_message_move_task(SourceArn=arn)


def empty_the_dead_letters(clients: AwsClients, deployed: Deployed) -> object:
    # Nobody's: those that there are tell of trouble.
    address = f"{deployed.queues['DeadLetters']}-of-nobody"
    return clients("sqs").purge_queue(QueueUrl=address)


def write_in_anothers_log(clients: AwsClients, deployed: Deployed) -> object:
    return clients("logs").put_log_events(
        logGroupName=f"/aws/lambda/{deployed.functions['Announce']}",
        logStreamName="nobodys",
        logEvents=[{"timestamp": 0, "message": "tried"}],
    )


def read_anothers_log(clients: AwsClients, deployed: Deployed) -> object:
    return clients("logs").filter_log_events(
        logGroupName=f"/aws/lambda/{deployed.functions['Announce']}", limit=1
    )


def delete_a_log(clients: AwsClients, _: Deployed) -> object:
    return clients("logs").delete_log_group(logGroupName="/aws/lambda/nobodys")


ON_MACHINES: Mapping[str, Call] = {
    "start a watch": start("watch"),
    "start a delivery": start("deliver"),
    "wake a watch": wake_somebody,
    "fail a watch": fail_somebody,
    "stop a watch": on_execution("stop_execution", "watch"),
    "stop a delivery": on_execution("stop_execution", "deliver"),
    "look at a watch": on_execution("describe_execution", "watch"),
    "look at a delivery": on_execution("describe_execution", "deliver"),
    "read what a watch went through": on_execution("get_execution_history", "watch"),
    "list the watches": on_machine("list_executions", "watch"),
    "list the deliveries": on_machine("list_executions", "deliver"),
    "redrive a delivery": on_execution("redrive_execution", "deliver"),
    "change the watch": change_the_watch,
    "read the watch's definition": on_machine("describe_state_machine", "watch"),
    "list the machines": lambda clients, _: clients("stepfunctions").list_state_machines(),
}
ON_FUNCTIONS: Mapping[str, Call] = {
    "invoke AskProvider": invoke("AskProvider"),
    "invoke Deliver": invoke("Deliver"),
    "invoke Announce": invoke("Announce"),
    "invoke a route": invoke("Initialize"),
    "invoke a receiver": invoke("KpayWebhook"),
    "read a function's settings": on_function("get_function_configuration"),
    "read a function's code": on_function("get_function"),
    "replace a function's code": on_function("update_function_code", ZipFile=b"", DryRun=True),
    "let somebody invoke a function": on_function(
        "add_permission",
        StatementId="nobodys",
        Action="lambda:InvokeFunction",
        Principal="nobody",
    ),
    "list the functions": lambda clients, _: clients("lambda").list_functions(),
    "list who reads the stream": lambda clients, _: clients("lambda").list_event_source_mappings(),
}
ON_DEAD_LETTERS: Mapping[str, Call] = {
    "write a dead letter": write_a_dead_letter,
    "read dead letters": read_dead_letters,
    "delete a dead letter": delete_a_dead_letter,
    "redrive dead letters": redrive_dead_letters,
    "empty the dead letters": empty_the_dead_letters,
}
ON_LOGS: Mapping[str, Call] = {
    "write in another's log": write_in_anothers_log,
    "read another's log": read_anothers_log,
    "delete a log": delete_a_log,
    "list the logs": lambda clients, _: clients("logs").describe_log_groups(),
}
