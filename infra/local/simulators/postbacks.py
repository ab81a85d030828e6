"""What a provider tells the address that a charge named, and what it was answered."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import httpx

RECEIVER_SECONDS = 30


class Reply(NamedTuple):
    """A receiver's answer. No status means that none came, and `text` says why."""

    status: int | None
    text: str


Sender = Callable[[str, Mapping[str, str]], Reply]


@dataclass(kw_only=True)
class Postback:
    """One message to `url`, sent at `due_at` (Unix seconds) or soon after."""

    tid: str
    url: str
    body: dict[str, str]
    due_at: float
    sent_at: float | None = None
    reply: Reply | None = None

    @property
    def acknowledged(self) -> bool:
        """Whether we were answered as K-Pay's documentation asks (seed 003)."""
        return self.reply is not None and _is_ok(self.reply, self.body)


def _is_ok(reply: Reply, body: Mapping[str, str]) -> bool:
    try:
        answer = json.loads(reply.text)
    except ValueError:
        return False
    return bool(answer == {"tid": body["tid"], "refid": body["refid"], "reply": "OK"})


def post_over_http(url: str, body: Mapping[str, str]) -> Reply:
    """Post `body` as JSON; a receiver that cannot be reached is a reply without a status."""
    try:
        answer = httpx.post(url, json=dict(body), timeout=RECEIVER_SECONDS, trust_env=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return Reply(None, f"{type(error).__name__}: {error}")
    return Reply(answer.status_code, answer.text)
