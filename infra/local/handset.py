"""The handset: one page with every simulated phone's prompts, for a person to answer."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from flask import Flask, redirect, render_template, url_for

from infra.local.page_guard import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from flask.typing import ResponseReturnValue

    from infra.local.simulators.charges import Prompt

REMEMBERED = 10
ENDINGS = {"approve": "approved", "decline": "declined", "ignore": "ignored"}
TIMED_OUT, ELSEWHERE = "timed out", "ended elsewhere"


class Prompter(Protocol):
    """A simulator as the handset knows it. An answer is False when it comes too late."""

    def prompts(self) -> Sequence[Prompt]:
        """List what waits for a hand."""

    def approve(self, tid: str) -> bool:
        """Pay."""

    def decline(self, tid: str) -> bool:
        """Refuse to pay."""

    def ignore(self, tid: str) -> bool:
        """Put the prompt away unanswered."""


@dataclass(frozen=True)
class Past:
    """A prompt that was shown or answered here, and what became of it."""

    prompt: Prompt
    ending: str


def create_app(
    simulators: Mapping[str, Prompter], *, clock: Callable[[], float] = time.time
) -> Flask:
    """Serve the prompts of the named simulators at `/`. `clock` gives Unix seconds."""
    app = Flask(__name__, template_folder="pages")
    guard(app)
    handset = _Handset(simulators, clock)
    app.get("/")(handset.show)
    app.post("/<name>/<tid>/<any(approve, decline, ignore):word>", endpoint="answer")(
        handset.answer
    )
    return app


class _Handset:
    def __init__(self, simulators: Mapping[str, Prompter], clock: Callable[[], float]) -> None:
        self._simulators = simulators
        self._clock = clock
        self._history: deque[Past] = deque(maxlen=REMEMBERED)
        self._shown: dict[tuple[str, str], Prompt] = {}

    def show(self) -> ResponseReturnValue:
        waiting = [
            (name, prompt)
            for name, simulator in self._simulators.items()
            for prompt in simulator.prompts()
        ]
        waiting.sort(key=lambda named: named[1].lapses_at)
        self._remember_gone({(name, prompt.tid): prompt for name, prompt in waiting})
        return render_template(
            "handset.html",
            waiting=waiting,
            history=list(reversed(self._history)),
            now=self._clock(),
        )

    def _remember_gone(self, shown: dict[tuple[str, str], Prompt]) -> None:
        """Say what became of prompts that went while they were looked at, unanswered here."""
        before, self._shown = self._shown, shown
        for known, prompt in before.items():
            if known not in shown:
                is_late = self._clock() >= prompt.lapses_at
                self._history.append(Past(prompt, TIMED_OUT if is_late else ELSEWHERE))

    def answer(self, name: str, tid: str, word: str) -> ResponseReturnValue:
        simulator = self._simulators.get(name)
        if simulator is None:
            return "No such simulator.", 404
        prompt = next((prompt for prompt in simulator.prompts() if prompt.tid == tid), None)
        # A prompt that timed out under the finger is gone; the page just shows that.
        if prompt and self._act(simulator, tid, word):
            self._shown.pop((name, tid), None)
            self._history.append(Past(prompt, ENDINGS[word]))
        return redirect(url_for("show"), 303)

    def _act(self, simulator: Prompter, tid: str, word: str) -> bool:
        acts = {
            "approve": simulator.approve,
            "decline": simulator.decline,
            "ignore": simulator.ignore,
        }
        return acts[word](tid)
