from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from infra.operator.deployment import Deployment
from infra.operator.enrolment import enrol
from payments.clock import utc_now
from tests.integration.operator.conftest import Answer, Run

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

TEST = ("--mode", "test")


@pytest.fixture
def merchant_id(deployment: Deployment) -> str:
    return enrol(deployment, "Ikawa House", None, utc_now()).merchant.merchant_id


def test_a_link_is_made_as_asked_for(answer: Answer, merchant_id: str) -> None:
    asked = {
        "amount": "5000",
        "type": "multiple",
        "description": "Coffee, monthly",
        "redirect_url": "https://ikawa.example/thanks",
        "slug": "ikawa-coffee",
        "max_uses": "12",
        "expires_at": "2099-12-31",
    }
    options = [word for k, v in asked.items() for word in (f"--{k.replace('_', '-')}", v)]
    made = answer("links", "create", merchant_id, "Coffee", *TEST, *options)
    assert made["link_id"].startswith("lnk_")
    assert made["url"] == "https://pay.example/pay/ikawa-coffee"
    wanted = asked | {"amount": 5000, "max_uses": 12, "expires_at": "2099-12-31T23:59:59Z"}
    assert {name: made[name] for name in wanted} == wanted
    assert (made["mode"], made["standing"], made["uses"]) == ("test", "open", 0)


def test_a_link_that_nothing_is_said_of_is_paid_once_by_a_sum_of_the_payers(
    answer: Answer, merchant_id: str
) -> None:
    made = answer("links", "create", merchant_id, "Gift", *TEST)
    assert (made["type"], made["max_uses"], made["amount"]) == ("one_off", 1, None)
    assert made["slug"].startswith("gift-")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--amount", "a lot"), "amount: The amount must be a number"),
        (("--amount", "99"), "amount: The amount must be at least 100 RWF"),
        (("--currency", "XAF"), "currency: Use RWF, USD or EUR"),
        (("--slug", "No!"), "slug: Use 3 to 60"),
        (("--max-uses", "2"), "max_uses: A one_off link is used once"),
        (("--expires-at", "2020-01-01"), "expires_at: This moment has passed"),
        (("--redirect-url", "ikawa.example"), "redirect_url: Use a full address"),
    ],
)
def test_what_the_api_refuses_is_refused_here_with_its_field(
    run: Run, answer: Answer, merchant_id: str, words: tuple[str, str], says: str
) -> None:
    refused = run("links", "create", merchant_id, "Coffee", *TEST, *words)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Error: {says}")
    assert answer("links", "list", merchant_id, *TEST) == []


def test_a_dollar_is_worth_what_the_stack_says(run: Run, answer: Answer, merchant_id: str) -> None:
    most = ("links", "create", merchant_id, "Coffee", *TEST, "--currency", "USD", "--amount")
    # A million francs at 1,500 each; at the usual rate it would be 689.66 USD.
    assert answer(*most, "666.67")["amount"] == 666.67
    assert "at most 666.67 USD" in run(*most, "666.68").stderr


def test_a_slug_that_is_taken_is_told(run: Run, merchant_id: str) -> None:
    words = ("links", "create", merchant_id, "Coffee", *TEST, "--slug", "coffee")
    assert run(*words).exit_code == 0
    again = run(*words)
    assert again.exit_code == 1
    assert again.stderr == "Error: slug: another link is called coffee\n"


def test_links_are_listed_by_mode(run: Run, answer: Answer, merchant_id: str) -> None:
    made = answer("links", "create", merchant_id, "Coffee", *TEST)
    assert answer("links", "list", merchant_id, *TEST) == [made]
    assert answer("links", "list", merchant_id, "--mode", "live") == []
    shown = run("links", "list", merchant_id, *TEST).stdout
    assert made["link_id"] in shown
    assert made["url"] in shown


def test_more_links_than_a_page_are_all_listed(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, merchant_id: str
) -> None:
    monkeypatch.setattr("infra.operator.links.PAGE_SIZE", 2)
    made = {answer("links", "create", merchant_id, name, *TEST)["link_id"] for name in "ABCDE"}
    assert {one["link_id"] for one in answer("links", "list", merchant_id, *TEST)} == made


def test_a_link_is_closed_once_and_by_its_own_merchant(
    run: Run, answer: Answer, merchant_id: str, deployment: Deployment
) -> None:
    link_id = answer("links", "create", merchant_id, "Coffee", *TEST)["link_id"]
    other = enrol(deployment, "Other", None, utc_now()).merchant.merchant_id
    refused = run("links", "deactivate", other, link_id)
    assert refused.exit_code == 1
    assert refused.stderr == f"Error: There is no link {link_id} of {other}\n"
    assert run("links", "deactivate", merchant_id, link_id).stdout == "Closed\n"
    assert run("links", "deactivate", merchant_id, link_id).stdout == "It is so already\n"
    [listed] = answer("links", "list", merchant_id, *TEST)
    assert listed["standing"] == "deactivated"


def test_a_qr_code_is_drawn_by_the_name_of_its_file(
    run: Run, answer: Answer, merchant_id: str, tmp_path: Path
) -> None:
    made = answer("links", "create", merchant_id, "Coffee", *TEST)
    for name, begins in (("c.svg", b"<?xml"), ("c.PNG", b"\x89PNG")):
        drawn = run("links", "qr", made["link_id"], "--output", str(tmp_path / name))
        assert drawn.exit_code == 0, drawn.output
        assert made["url"] in drawn.stdout
        assert (tmp_path / name).read_bytes().startswith(begins)


def test_a_qr_code_that_cannot_be_drawn_leaves_no_file(
    run: Run, answer: Answer, merchant_id: str, tmp_path: Path
) -> None:
    link_id = answer("links", "create", merchant_id, "Coffee", *TEST)["link_id"]
    gif = run("links", "qr", link_id, "--output", str(tmp_path / "c.gif"))
    assert gif.stderr == "Error: 'c.gif': the file's name ends in .svg or .png\n"
    nowhere = run("links", "qr", link_id, "--output", str(tmp_path / "none" / "c.svg"))
    assert "cannot be written" in nowhere.stderr
    unknown = run("links", "qr", "lnk_000000000000", "--output", str(tmp_path / "c.svg"))
    assert unknown.stderr == "Error: There is no link lnk_000000000000\n"
    assert {gif.exit_code, nowhere.exit_code, unknown.exit_code} == {1}
    assert list(tmp_path.iterdir()) == []


def test_links_of_nobody_are_refused(run: Run, dynamodb: "DynamoDBClient") -> None:
    for words in (("create", "mer_nobody000000", "Coffee"), ("list", "mer_nobody000000")):
        refused = run("links", *words, *TEST)
        assert refused.exit_code == 1
        assert refused.stderr == "Error: There is no merchant mer_nobody000000\n"
    assert dynamodb.scan(TableName="Merchants")["Count"] == 0
