"""CloudFormation's DescribeStacks over real HTTP: moto's needs more than our locks hold."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from http import HTTPStatus
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from tests.integration.stand_in_server import QuietHandler, listening

Stacks = dict[str, dict[str, str]]

FOUND = """<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
<StackName>{name}</StackName><StackStatus>CREATE_COMPLETE</StackStatus>
<CreationTime>2026-11-21T14:30:00Z</CreationTime>
<Outputs>{outputs}</Outputs><Parameters>{parameters}</Parameters>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""
OUTPUT = "<member><OutputKey>{key}</OutputKey><OutputValue>{value}</OutputValue></member>"
PARAMETER = (
    "<member><ParameterKey>{key}</ParameterKey><ParameterValue>{value}</ParameterValue></member>"
)
MISSING = """<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>
<Message>Stack with id {name} does not exist</Message></Error></ErrorResponse>"""


def serving(stacks: Stacks, parameters: Mapping[str, str]) -> AbstractContextManager[str]:
    """Serve these stacks (name -> outputs), all with these parameters, and give the address."""

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802  # http.server's name
            name = parse_qs(self.body().decode())["StackName"][0]
            outputs = stacks.get(name)
            page = MISSING if outputs is None else FOUND
            content = page.format(
                name=escape(name),
                outputs=listed(OUTPUT, outputs or {}),
                parameters=listed(PARAMETER, parameters),
            )
            status = HTTPStatus.BAD_REQUEST if outputs is None else HTTPStatus.OK
            self.answer(status, content.encode(), {"Content-Type": "text/xml"})

    return listening(Handler)


def listed(member: str, facts: Mapping[str, str]) -> str:
    """Facts as CloudFormation lists them."""
    return "".join(member.format(key=escape(key), value=escape(facts[key])) for key in facts)
