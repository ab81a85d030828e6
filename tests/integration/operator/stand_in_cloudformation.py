"""CloudFormation's DescribeStacks over real HTTP: moto's needs more than our locks hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

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


@contextmanager
def serving(stacks: Stacks, parameters: Mapping[str, str]) -> Iterator[str]:
    """Serve these stacks (name -> outputs), all with these parameters, and give the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            name = parse_qs(body)["StackName"][0]
            self._answer(name, stacks.get(name))

        def _answer(self, name: str, outputs: dict[str, str] | None) -> None:
            status = HTTPStatus.BAD_REQUEST if outputs is None else HTTPStatus.OK
            page = MISSING if outputs is None else FOUND
            content = page.format(
                name=escape(name),
                outputs=listed(OUTPUT, outputs or {}),
                parameters=listed(PARAMETER, parameters),
            ).encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/xml")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def listed(member: str, facts: Mapping[str, str]) -> str:
    """Facts as CloudFormation lists them."""
    return "".join(member.format(key=escape(key), value=escape(facts[key])) for key in facts)
