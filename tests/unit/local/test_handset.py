"""The handset page: what waits, three buttons, the last ten."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import pytest

from infra.local.handset import create_app
from infra.local.simulators.charges import Prompt


def prompt(tid: str, **changes: object) -> Prompt:
    shown: dict[str, object] = {
        "tid": tid,
        "asker": "K-Pay",
        "about": "Order #123 <b>",
        "amount": 12_000,
        "currency": "RWF",
        "msisdn": "250788123456",
        "lapses_at": 160.0,
    }
    return Prompt(**{**shown, **changes})  # type: ignore[arg-type]  # any of its fields


@dataclass
class FakeSimulator:
    waiting: list[Prompt]
    answered: list[tuple[str, str]] = field(default_factory=list)
    too_late: bool = False

    def prompts(self) -> list[Prompt]:
        return self.waiting

    def approve(self, tid: str) -> bool:
        return self._answer("approve", tid)

    def decline(self, tid: str) -> bool:
        return self._answer("decline", tid)

    def ignore(self, tid: str) -> bool:
        return self._answer("ignore", tid)

    def _answer(self, word: str, tid: str) -> bool:
        self.answered.append((word, tid))
        self.waiting = [one for one in self.waiting if one.tid != tid]
        return not self.too_late


def test_shows_who_asks_whom_for_how_much() -> None:
    app = create_app({"kpay": FakeSimulator([prompt("E1")])}, clock=lambda: 100.0)

    page = app.test_client().get("/").text

    assert "K-Pay asks 250788123456" in page
    assert "12,000 RWF" in page
    assert "60 seconds left" in page
    assert "Order #123 &lt;b&gt;" in page
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in page


def test_runs_its_own_script_alone() -> None:
    answer = create_app({"kpay": FakeSimulator([prompt("E1")])}).test_client().get("/")

    policy = answer.headers["Content-Security-Policy"]
    [nonce] = re.findall(r"script-src 'nonce-([\w-]{22})'", policy)
    assert re.findall(r"<script[^>]*>", answer.text) == [f'<script nonce="{nonce}">']
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert not re.search(r"\son\w+=|style=", answer.text)


def test_shows_the_prompts_of_every_simulator_most_urgent_first() -> None:
    app = create_app(
        {
            "kpay": FakeSimulator([prompt("E1", lapses_at=200.0)]),
            "vpay": FakeSimulator([prompt("VP1", asker="V-Pay", lapses_at=150.0)]),
        },
        clock=lambda: 100.0,
    )

    page = app.test_client().get("/").text

    assert page.index("V-Pay asks") < page.index("K-Pay asks")


def test_says_when_nothing_waits() -> None:
    assert (
        "No prompt is waiting."
        in create_app({"kpay": FakeSimulator([])}).test_client().get("/").text
    )


@pytest.mark.parametrize(
    ("word", "ending"),
    [("approve", "approved"), ("decline", "declined"), ("ignore", "ignored")],
)
def test_passes_an_answer_on_and_remembers_it(word: str, ending: str) -> None:
    simulator = FakeSimulator([prompt("E1")])
    phone = create_app({"kpay": simulator}).test_client()
    assert f'action="/kpay/E1/{word}"' in phone.get("/").text

    answer = phone.post(f"/kpay/E1/{word}")

    assert (answer.status_code, answer.location) == (303, "/")
    assert simulator.answered == [(word, "E1")]
    page = phone.get("/").text
    assert "No prompt is waiting." in page
    assert f"<td>{ending}</td>" in page


def test_remembers_the_last_ten_newest_first() -> None:
    simulator = FakeSimulator([prompt(f"E{number}", amount=number) for number in range(101, 112)])
    phone = create_app({"kpay": simulator}).test_client()

    for number in range(101, 112):
        phone.post(f"/kpay/E{number}/approve")

    page = phone.get("/").text
    assert page.count("<td>approved</td>") == 10
    assert "101 RWF" not in page
    assert page.index("111 RWF") < page.index("102 RWF")


def test_an_answer_that_comes_too_late_is_not_remembered() -> None:
    phone = create_app({"kpay": FakeSimulator([prompt("E1")], too_late=True)}).test_client()

    phone.post("/kpay/E1/approve")

    assert "The last ten" not in phone.get("/").text


@pytest.mark.parametrize(("now", "ending"), [(160.0, "timed out"), (159.0, "ended elsewhere")])
def test_remembers_what_became_of_a_prompt_that_nobody_answered_here(
    now: float, ending: str
) -> None:
    simulator = FakeSimulator([prompt("E1")])
    phone = create_app({"kpay": simulator}, clock=lambda: now).test_client()
    phone.get("/")
    simulator.waiting = []

    pages = [phone.get("/").text for _ in range(2)]

    assert [page.count(f"<td>{ending}</td>") for page in pages] == [1, 1]


def test_an_answer_given_here_is_remembered_once() -> None:
    phone = create_app({"kpay": FakeSimulator([prompt("E1")])}).test_client()
    phone.get("/")
    phone.post("/kpay/E1/decline")

    assert phone.get("/").text.count("<td>") == 1


def test_an_answer_to_nothing_is_harmless() -> None:
    simulator = FakeSimulator([])
    phone = create_app({"kpay": simulator}).test_client()

    assert phone.post("/kpay/E1/approve").status_code == 303
    assert phone.post("/nobody/E1/approve").status_code == 404
    assert phone.post("/kpay/E1/steal").status_code == 404
    assert simulator.answered == []
