"""A function that does not do what it is measured for ends the benchmark."""

import pytest

from tests.benchmarks.runtime.answers import WrongAnswer, body_of, require, text_of

FINE = {"statusCode": 200, "body": '{"status":"pending"}'}


def test_the_right_answer_is_read() -> None:
    assert body_of(FINE, 200) == {"status": "pending"}
    assert text_of(FINE, 200) == '{"status":"pending"}'
    require({"a": 1}, {"a": 1}, "it")


@pytest.mark.parametrize(
    "answer",
    [
        {"statusCode": 500, "body": '{"status":"pending"}'},
        {"errorMessage": "no module named verify", "errorType": "Runtime.ImportModuleError"},
        "Internal Server Error",
        None,
    ],
)
def test_any_other_answer_says_what_came(answer: object) -> None:
    with pytest.raises(WrongAnswer, match="where status 200 was due"):
        text_of(answer, 200)


def test_what_differs_is_named() -> None:
    with pytest.raises(WrongAnswer, match=r"the webhook: 'pending' where 'successful' was due\."):
        require("pending", "successful", "the webhook")
