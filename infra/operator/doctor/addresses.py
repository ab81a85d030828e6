"""The public address leads to this gateway, and everybody's clock agrees."""

from collections.abc import Iterator

import httpx

from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from infra.operator.doctor.machine_clock import check_clock
from ledger.attributes import to_item
from providers.wire import read_object

MOST_BYTES = 1024 * 1024
TO_DO = "Look at PublicBaseUrl, the domain and its DNS, and what stands in front of the API."


def check_public_address(examination: Examination) -> Iterator[Finding]:
    """Ask for the API's document; our own error says as well that we are there."""
    url = f"{examination.deployment.api_url}/openapi.json"
    about = About("public address", part=examination.deployment.api_url)
    try:
        with examination.http.stream("GET", url, headers={"Cache-Control": "no-cache"}) as answer:
            is_ours = speaks_as_we_do(read_some(answer))
        now = examination.clock()
    except httpx.HTTPError as unreachable:
        yield about.problem(f"It does not answer ({type(unreachable).__name__}).", TO_DO)
        return
    if not is_ours:
        told = f"Something answers (HTTP {answer.status_code}), but not as this gateway does."
        yield about.problem(told, TO_DO)
        return
    yield about.ok("It answers.")
    headers = answer.headers
    yield check_clock("public address", headers.get("date"), headers.get("age"), now)


def check_clock_by_aws(examination: Examination) -> Iterator[Finding]:
    """Hold the clock against the one of the AWS API."""
    deployment = examination.deployment
    answer = deployment.dynamodb.get_item(
        TableName=deployment.merchants.table, Key=to_item({"pk": "DOCTOR", "sk": "DOCTOR"})
    )
    now = examination.clock()
    yield check_clock("AWS", answer["ResponseMetadata"]["HTTPHeaders"].get("date"), None, now)


def read_some(answer: httpx.Response) -> bytes:
    """The body, or nothing of one that is larger than any of ours."""
    content = b""
    for piece in answer.iter_bytes():
        content += piece
        if len(content) > MOST_BYTES:
            return b""
    return content


def speaks_as_we_do(content: bytes) -> bool:
    """Whether an answer is the API's document, or an error in its shape."""
    told = read_object(content) or {}
    error = told.get("error")
    is_error = told.get("success") is False and isinstance(error, dict) and "code" in error
    return "openapi" in told or is_error
