"""Two merchants, two modes, every route: nobody is told of what is another's, or changes it.

A stranger hears the same of a reference that exists as of one that does not. Every route of
template.yaml stands in one of the tables below; one that is new fails the first test.
"""

import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import TestResponse

from payments.mode import Mode
from tests.figures import publish
from tests.integration.bridge import routes
from tests.integration.gateway import Gateway, make_machines
from tests.integration.strangers.belongings import LISTS, Asker, Belongings, belongings
from tests.integration.strangers.overheard import Overheard, overheard

Route = tuple[str, str]

# Keys and a reference: 404 with this code, whatever reference of another's is handed in.
BY_REFERENCE: Mapping[Route, str] = {
    ("GET", "/api/v1/checkout/{reference}/verify"): "SESSION_NOT_FOUND",
    ("POST", "/api/v1/checkout/{reference}/cancel"): "SESSION_NOT_FOUND",
    ("GET", "/api/v1/payments/{reference}"): "SESSION_NOT_FOUND",
    ("GET", "/api/v1/payment-links/{link_id}"): "LINK_NOT_FOUND",
    ("POST", "/api/v1/payment-links/{link_id}/deactivate"): "LINK_NOT_FOUND",
    ("GET", "/api/v1/events/{event_id}"): "EVENT_NOT_FOUND",
    ("POST", "/api/v1/events/{event_id}/resend"): "EVENT_NOT_FOUND",
}
# Which of the references leads there for its owner.
ITS_OWN: Mapping[Route, str] = {
    ("GET", "/api/v1/checkout/{reference}/verify"): "tx_ref",
    ("POST", "/api/v1/checkout/{reference}/cancel"): "failed_session_id",
    ("GET", "/api/v1/payments/{reference}"): "session_id",
    ("GET", "/api/v1/payment-links/{link_id}"): "link_id",
    ("POST", "/api/v1/payment-links/{link_id}/deactivate"): "link_id",
    ("GET", "/api/v1/events/{event_id}"): "event_id",
    ("POST", "/api/v1/events/{event_id}/resend"): "event_id",
}
# Keys and a list: one's own alone, whatever cursor or filter of another's is handed in.
LISTED: frozenset[Route] = frozenset(("GET", path) for path in LISTS)
# Keys and something to do: done to one's own, whatever of another's the body or the key repeats.
DONE: frozenset[Route] = frozenset(
    {
        ("POST", "/api/v1/checkout/initialize"),
        ("POST", "/api/v1/payment-links"),
        ("POST", "/api/v1/events/resend"),
        ("GET", "/api/v1/webhook-endpoint"),
        ("PUT", "/api/v1/webhook-endpoint"),
        ("POST", "/api/v1/webhook-endpoint/enable"),
        ("POST", "/api/v1/webhook-endpoint/test"),
        ("POST", "/api/v1/webhook-endpoint/rotate-secret"),
    }
)
# A page of whoever has its address: which references lead there, and what they show of the owner's.
OPEN: Mapping[Route, tuple[frozenset[str], frozenset[str]]] = {
    ("GET", "/checkout/{session_id}"): (
        frozenset({"session_id", "failed_session_id"}),
        # The shop's own page about this very payment, its receipt and the way back with it.
        frozenset(
            {"{mark} order", "{mark}-back.example", "tx_ref", "failed_tx_ref", "transaction_id"}
        ),
    ),
    ("GET", "/pay/{slug}"): (frozenset({"slug"}), frozenset({"{mark} fee", "{mark} rent"})),
    ("GET", "/pay/{slug}/poster"): (frozenset({"slug"}), frozenset({"{mark} fee", "{mark} rent"})),
    ("GET", "/api/v1/payment-links/{link_id}/qr"): (frozenset({"link_id"}), frozenset()),
}
# An address that only whoever was given it has. These change things, so none is tried with the
# reference that leads there: every other is.
HELD: Mapping[Route, frozenset[str]] = {
    ("POST", "/checkout/{session_id}"): frozenset({"session_id", "failed_session_id"}),
    ("POST", "/checkout/{session_id}/process"): frozenset({"session_id", "failed_session_id"}),
    ("POST", "/api/v1/checkout/{reference}/process"): frozenset(
        {"session_id", "failed_session_id"}
    ),
    ("POST", "/pay/{slug}"): frozenset({"slug"}),
}
# An address with a secret in it: with every reference, and without the secret.
TOKENED: frozenset[Route] = frozenset(
    {
        ("GET", "/test-cards/{attempt_ref}/{token}"),
        ("POST", "/test-cards/{attempt_ref}/{token}"),
        ("POST", "/webhooks/kpay/{attempt_ref}/{token}"),
        ("POST", "/webhooks/vpay/{attempt_ref}/{token}"),
        ("POST", "/webhooks/dgspay/{attempt_ref}/{token}"),
        ("POST", "/webhooks/rwandapay/{attempt_ref}/{token}"),
        ("HEAD", "/webhooks/rwandapay/{attempt_ref}/{token}"),
        ("POST", "/webhooks/sandbox/{attempt_ref}/{token}"),
        ("GET", "/logos/{merchant_id}/{digest}"),
    }
)
# The same for everybody, whatever is handed in.
THE_SAME: frozenset[Route] = frozenset(
    {
        ("GET", "/"),
        ("GET", "/docs"),
        ("GET", "/api/v1/openapi.json"),
        ("OPTIONS", "/api/v1/checkout/initialize"),
        ("OPTIONS", "/api/v1/checkout/{reference}/verify"),
        ("OPTIONS", "/checkout/{session_id}/process"),
        ("OPTIONS", "/api/v1/checkout/{reference}/process"),
        *((m, "/{proxy+}") for m in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")),
    }
)
MATRIX = (*BY_REFERENCE, *LISTED, *DONE, *OPEN, *HELD, *TOKENED, *THE_SAME)

UNKNOWN = {
    "session_id": "CHK-0000000000000000",
    "event_id": "evt_0000000000000000_2",
    "attempt_ref": "000000000000000001",
    "link_id": "lnk_000000000000",
    "slug": "no-such-link",
    "tx_ref": "NO-SUCH-ORDER",
}


def test_every_route_stands_in_the_matrix_once() -> None:
    assert Counter(MATRIX) == Counter((route.method, route.path) for route in routes())


@dataclass
class Watch:
    """Looks through every answer to a stranger for what is another's."""

    stranger: Asker
    others: Belongings
    requests: Counter[Route] = field(default_factory=Counter)

    def ask(self, route: Route, *parts: str, **sent: Any) -> TestResponse:  # noqa: ANN401  # as Asker.ask takes them
        """Ask as the stranger; what they were told, once nothing of it is another's."""
        answer = self.stranger.ask(route[0], filled(route, parts), **sent)
        self.requests[route] += 1
        self.look(answer, known=json.dumps([*parts, sent]))
        return answer

    def look(self, answer: TestResponse, known: str) -> None:
        """Raise AssertionError for anything private, but what the stranger sent themselves."""
        text = answer.get_data().decode("utf-8", "replace")
        said = f"{text}\n{answer.headers}"
        leaked = {one for one in self.others.private if one in said and one not in known}
        assert not leaked, (answer.request.method, answer.request.path, leaked)
        assert answer.status_code < 500, text


def heard(answer: TestResponse) -> tuple[int, str]:
    """What a stranger was told, but for the nonce that every page has of its own."""
    return answer.status_code, re.sub('(nonce[=-])"?[A-Za-z0-9_-]+', "", answer.text)


def filled(route: Route, parts: tuple[str, ...]) -> str:
    """A route's path with its parts filled in, in their order."""
    path = route[1]
    for part in parts:
        path = re.sub(r"\{[a-z_+]+\}", lambda _, part=part: part, path, count=1)  # type: ignore[misc]  # bound at once
    assert "{" not in path, path
    return path


@pytest.fixture
def heard_in_logs() -> Iterator[Overheard]:
    """All that any function says meanwhile."""
    with overheard(logging.INFO) as said:
        yield said


@pytest.fixture
def watches(gateway: Gateway, heard_in_logs: Overheard) -> list[Watch]:
    """Keys of another merchant, and of the other mode, against all that they do not speak for."""
    assert not heard_in_logs.text
    make_machines()
    # The sandbox's webhook comes in at once, the shop's mark goes into every field.
    ours = {mode: belongings(gateway, gateway.shop, mode, f"acanary{mode}") for mode in Mode}
    rival = gateway.enrol("Rival")
    # So that the rival's lists and pages are no empty ones.
    for mode in Mode:
        belongings(gateway, rival, mode, f"bcanary{mode}")
    live, test = Mode.LIVE, Mode.TEST
    return [
        Watch(Asker(f"keys of the {whose}", pair), others)
        for whose, pair, others in (
            ("rival, live", rival.live, ours[live]),
            ("rival, live", rival.live, ours[test]),
            ("rival, test", rival.test, ours[test]),
            ("owner, test", gateway.shop.test, ours[live]),
            ("owner, live", gateway.shop.live, ours[test]),
        )
    ]


def kept(gateway: Gateway, others: Belongings) -> dict[tuple[str, str], str]:
    """Everything in both tables that says anything of another's, by its key."""
    found = {}
    for table in ("Payments", "Merchants"):
        for item in gateway.dynamodb.scan(TableName=table)["Items"]:
            text = json.dumps(item, sort_keys=True, default=str)
            if any(one in text for one in others.private):
                found[item["pk"]["S"], item["sk"]["S"]] = text
    return found


def test_nobody_is_told_of_what_is_anothers_on_any_route(
    gateway: Gateway, watches: list[Watch], heard_in_logs: Overheard
) -> None:
    asked: Counter[Route] = Counter()
    for number, watch in enumerate(watches):
        before = kept(gateway, watch.others)
        assert len(before) >= 6
        ask_by_reference(watch)
        ask_for_lists(watch)
        do_everything(watch, number)
        open_pages(watch)
        try_what_is_held(watch)
        try_without_token(watch)
        ask_what_is_the_same(watch)
        after = kept(gateway, watch.others)
        assert {key: after.get(key) for key in before} == before
        asked += watch.requests
    assert asked.keys() == set(MATRIX)
    for others in {watch.others.owner.name: watch.others for watch in watches}.values():
        ask_as_owner(others)
        assert "webhook ignored" in heard_in_logs.text
        for one in (*others.customers, *secrets_of(others)):
            assert one not in heard_in_logs.text, one
    publish(
        "two merchants × every route",  # noqa: RUF001  # as RELIABILITY.md has it
        f"{len(asked)} routes, {asked.total():,} requests, 0 leaks",
    )


def ask_by_reference(watch: Watch) -> None:
    """Every kind of reference in every place for one, beside one that leads nowhere."""
    for route, code in BY_REFERENCE.items():
        body: object = {} if route[0] == "POST" else None
        said = {
            heard(answer)
            for reference in (*UNKNOWN.values(), *watch.others.references.values())
            for answer in [watch.ask(route, reference, body=body)]
        }
        ((status, text),) = said
        assert status == 404
        assert json.loads(text)["error"]["code"] == code


def ask_as_owner(others: Belongings) -> None:
    """The same references in their owner's hands: what is not there for strangers is there."""
    for route, kind in ITS_OWN.items():
        body: object = {} if route[0] == "POST" else None
        answer = others.owner.ask(route[0], filled(route, (others.references[kind],)), body=body)
        assert answer.status_code != 404, (route, answer.text)
        assert answer.status_code < 500, (route, answer.text)
    assert ITS_OWN.keys() == BY_REFERENCE.keys()


def secrets_of(others: Belongings) -> list[str]:
    """What proves its owner: the keys, and what signs webhooks."""
    assert others.owner.pair
    pair = others.owner.pair
    return [pair.secret_key, pair.public_key, *(p for p in others.private if "whsec_" in p)]


def ask_for_lists(watch: Watch) -> None:
    """One's own, and never another's by its cursor, its link or its words."""
    for route in LISTED:
        mine = watch.ask(route)
        assert mine.status_code == 200
        assert json.loads(mine.text)["data"], "one's own is told"
        for cursor in watch.others.cursors.values():
            assert watch.ask(route, query={"cursor": cursor}).status_code in {200, 422}
        for name, value in watch.others.references.items():
            for parameter in ("link", "cursor", name):
                answer = watch.ask(route, query={parameter: value})
                if answer.status_code == 200:
                    assert json.loads(answer.text)["data"] == []
                else:
                    assert answer.status_code == 422


def do_everything(watch: Watch, number: int) -> None:
    """What another did, word for word and under the same Idempotency-Key: done to one's own."""
    others = watch.others
    replay = {"key": others.order_key}
    opened = watch.ask(
        ("POST", "/api/v1/checkout/initialize"),
        body={**others.order, "customer": {**others.order["customer"], "name": f"N {number}"}},
        **replay,
    )
    # 409 or 422 is about what the stranger opened before, against another of the belongings.
    assert opened.status_code == 201
    assert json.loads(opened.text)["data"]["session_id"] != others.references["session_id"]
    taken = watch.ask(
        ("POST", "/api/v1/payment-links"),
        body={"name": "Mine", "type": "multiple", "slug": others.references["slug"]},
    )
    assert (taken.status_code, json.loads(taken.text)["error"]["code"]) == (409, "SLUG_TAKEN")
    linked = watch.ask(
        ("POST", "/api/v1/payment-links"), body={"name": "Mine", "type": "multiple"}, **replay
    )
    assert linked.status_code in {201, 422}
    mine = json.loads(watch.ask(("GET", "/api/v1/events"), query={"limit": "100"}).text)["data"]
    days = {"from": "2026-11-20", "to": "2026-11-22"}
    resent = watch.ask(("POST", "/api/v1/events/resend"), body=days)
    assert resent.status_code == 202
    assert sum(json.loads(resent.text)["data"].values()) == len(mine) > 1
    endpoint = "/api/v1/webhook-endpoint"
    assert watch.ask(("GET", endpoint)).status_code == 200
    for route, body in (
        (("PUT", endpoint), {"url": f"https://mine-{number}.example/"}),
        (("POST", f"{endpoint}/enable"), {}),
        (("POST", f"{endpoint}/test"), {}),
        (("POST", f"{endpoint}/rotate-secret"), {}),
    ):
        # Under one key these are several requests: one of them at most is done.
        assert watch.ask(route, body=body, **replay).status_code in {200, 202, 422}
        assert watch.ask(route, body=body).status_code in {200, 202}


def open_pages(watch: Watch) -> None:
    """Pages show what their visitor is to see, and nothing more of anybody's."""
    mark = watch.others.order_key.removesuffix("-key")
    for route, (leads, shows) in OPEN.items():
        shown = [one.format(mark=mark) for one in shows]
        shown += [watch.others.references.get(one, one) for one in shows]
        nowhere = watch.ask(route, UNKNOWN["slug"])
        assert nowhere.status_code == 404
        for kind, reference in watch.others.references.items():
            answer = watch.stranger.ask(route[0], filled(route, (reference,)))
            watch.requests[route] += 1
            watch.look(answer, known=json.dumps([reference, shown]))
            if kind not in leads:
                assert heard(answer) == heard(nowhere), (route, kind)


def try_what_is_held(watch: Watch) -> None:
    """A reference of another kind does nothing, as one that leads nowhere."""
    for route, leads in HELD.items():
        for sent in ({"body": {"phone": "0788123456"}}, {"form": {"phone": "0788123456"}}):
            nowhere = watch.ask(route, UNKNOWN["slug"], **sent)
            assert nowhere.status_code in {400, 404}
            for kind, reference in watch.others.references.items():
                if kind not in leads:
                    answer = watch.ask(route, reference, **sent)
                    assert heard(answer) == heard(nowhere), (route, kind)


def try_without_token(watch: Watch) -> None:
    """Whoever has a reference and no token hears what a stranger hears who has neither."""
    for route in TOKENED:
        sent: dict[str, Any] = {"body": {"statusid": "01"}} if route[0] == "POST" else {}
        nowhere = watch.ask(route, UNKNOWN["attempt_ref"], "A" * 22, **sent)
        for reference in watch.others.references.values():
            answer = watch.ask(route, reference, "A" * 22, **sent)
            assert heard(answer) == heard(nowhere), route


def ask_what_is_the_same(watch: Watch) -> None:
    """No reference makes a difference."""
    for route in THE_SAME:
        parts = route[1].count("{")
        for kind in ("tx_ref", "session_id"):
            reference = watch.others.references[kind]
            watch.ask(route, *[f"nowhere-{reference}" if "+" in route[1] else reference] * parts)


def test_whoever_has_only_the_public_key_hears_nothing_personal(
    gateway: Gateway, watches: list[Watch]
) -> None:
    """`verify` works without the secret: what it tells then is nothing of people's."""
    watch = watches[0]
    route = ("GET", "/api/v1/checkout/{reference}/verify")
    nobody = Asker("nobody", None)
    told = 0
    for reference in watch.others.references.values():
        answer = nobody.ask(route[0], filled(route, (reference,)))
        assert answer.status_code in {200, 404}
        told += answer.status_code == 200
        said = f"{answer.text}{answer.headers}"
        assert not [one for one in watch.others.customers if one in said]
        assert "meta" not in said
        assert gateway.shop.merchant.merchant_id not in said
    assert told >= 2
