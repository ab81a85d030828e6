"""What a million payments cost by how they end, ours and by the usual design, on one price list.

`measure` plays each ending in the simulation and counts; tests/benchmarks/cost/told.py tells it.
"""

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tests.benchmarks.cost.deployed_settings import DeployedSettings, deployed_settings
from tests.benchmarks.cost.outcomes import DOWN, OUTCOMES, SETTLED, Outcome
from tests.benchmarks.cost.prices import Prices, prices
from tests.benchmarks.cost.usage import Assumed, Story, story_of, usage_of
from tests.benchmarks.cost.usual_design import Ours, usual_story
from tests.benchmarks.quiet_world import Play, Played, played
from tests.simulation.world import deployed

if TYPE_CHECKING:
    from tests.benchmarks.report import Progress
    from tests.simulation.world import Deployment

REPEATS = 7
SELDOM = 8.0
PROVIDERS = ("kpay", "vpay", "dgspay", "rwandapay")


@dataclass(frozen=True)
class Priced:
    """One ending: its two bills, by line, in dollars for a million payments."""

    outcome: str
    ours: Mapping[str, float]
    usual: Mapping[str, float]
    ours_used: Mapping[str, float]
    usual_used: Mapping[str, float]
    """Units for one payment."""

    @property
    def total(self) -> float:
        """Of ours."""
        return sum(self.ours.values())

    @property
    def usual_total(self) -> float:
        """Of the usual design."""
        return sum(self.usual.values())

    @property
    def share(self) -> float:
        """Of the usual design's, that ours costs."""
        return self.total / self.usual_total


@dataclass(frozen=True)
class Costs:
    """Everything that was priced."""

    prices: Prices
    settings: DeployedSettings
    assumed: Assumed
    outcomes: tuple[Priced, ...]
    by_provider: Mapping[str, float]
    """What is settled by webhook, by provider."""
    otherwise: Mapping[str, tuple[float, float]]
    """What is settled by webhook under other conditions: ours, usual."""
    own_seconds: Mapping[str, tuple[float, ...]]
    """Raw: every function's own time in each of its calls."""
    own_time_is_from: str
    kept_bytes: int

    def outcome(self, name: str) -> Priced:
        """One of them."""
        return next(priced for priced in self.outcomes if priced.outcome == name)


@dataclass(frozen=True)
class Stories:
    """What happens for one payment, in both designs."""

    ours: Story
    usual: Story


def measure(say: "Progress", own_seconds: Mapping[str, float] | None = None) -> Costs:
    """Play, count and price.

    `own_seconds` are functions' times in their own code as the Lambda runtime measured them, by
    the template's name; for any other it is measured here.
    """
    with deployed() as deployment:
        return priced(deployment, say, own_seconds or {})


def priced(
    deployment: "Deployment", say: "Progress", given: Mapping[str, float], repeats: int = REPEATS
) -> Costs:
    """The costs of a deployment."""
    plays: dict[str, Played] = {}
    samples: dict[str, list[float]] = defaultdict(list)
    for outcome in OUTCOMES:
        say(f"cost: {outcome.name}")
        for _ in range(repeats):
            plays[outcome.name] = once = played(deployment, outcome.play)
            assert once.status == outcome.status, once.status
            for run in once.invocations:
                samples[run.function].append(run.own_seconds)
    say("cost: other providers, and a memory that is always empty")
    others = {name: played(deployment, Play(provider=name)) for name in PROVIDERS}
    cold = played(deployment, Play(starts_cold=True))
    seldom = Outcome("looks seldom", Play(looks_first=SELDOM, looks_every=SELDOM), "successful")
    looked = played(deployment, seldom.play)
    for run in (run for once in others.values() for run in once.invocations):
        samples[run.function].append(run.own_seconds)
    own = {name: statistics.median(times) for name, times in samples.items()} | dict(given)
    ours = what_is_alike(plays, own)
    stories = {
        outcome.name: Stories(story_of(plays[outcome.name], own), usual_story(outcome, ours))
        for outcome in OUTCOMES
    }
    pricing = Pricing(prices(), deployed_settings(), Assumed())
    settled = stories[SETTLED.name]
    return Costs(
        prices=pricing.prices,
        settings=pricing.settings,
        assumed=pricing.assumed,
        outcomes=tuple(bills(outcome, stories[outcome.name], pricing) for outcome in OUTCOMES),
        by_provider={name: pricing.dollars(story_of(once, own)) for name, once in others.items()},
        otherwise=dict(
            conditions(
                settled,
                replace(settled, ours=story_of(cold, own)),
                Stories(story_of(looked, own), usual_story(seldom, ours)),
                pricing,
            )
        ),
        own_seconds={name: tuple(times) for name, times in samples.items()},
        own_time_is_from=source_of(given),
        kept_bytes=sum(plays[SETTLED.name].kept.values()),
    )


def source_of(given: Mapping[str, float]) -> str:
    """Where the functions' own times are from."""
    if not given:
        return "this process"
    return f"the Lambda runtime ({', '.join(sorted(given))}) or else this process"


def what_is_alike(plays: Mapping[str, Played], own: Mapping[str, float]) -> Ours:
    """What the usual design takes from ours."""
    settled = plays[SETTLED.name]
    functions = Counter(run.function for run in settled.invocations)
    return Ours(
        own_seconds=own,
        answered={name: settled.of(name)[0].answered for name in functions},
        tries_to_deliver=len(plays[DOWN.name].of("Deliver")),
    )


@dataclass(frozen=True)
class Pricing:
    """All that turns a story into dollars."""

    prices: Prices
    settings: DeployedSettings
    assumed: Assumed

    def used(self, story: Story) -> dict[str, float]:
        """What one payment uses."""
        return usage_of(story, self.settings, self.assumed)

    def dollars(self, story: Story) -> float:
        """What a million of them cost."""
        return sum(self.prices.bill(self.used(story)).values())

    def both(self, stories: Stories) -> tuple[float, float]:
        """The same in both designs."""
        return self.dollars(stories.ours), self.dollars(stories.usual)


def bills(outcome: Outcome, stories: Stories, pricing: Pricing) -> Priced:
    """Both bills of an ending."""
    ours, usual = pricing.used(stories.ours), pricing.used(stories.usual)
    bill = pricing.prices.bill
    return Priced(outcome.name, bill(ours), bill(usual), ours, usual)


def conditions(
    settled: Stories, cold: Stories, seldom: Stories, pricing: Pricing
) -> Iterable[tuple[str, tuple[float, float]]]:
    """What is settled by webhook, under other conditions."""
    settings, assumed = pricing.settings, pricing.assumed

    def under(**otherwise: Any) -> tuple[float, float]:  # noqa: ANN401  # a Pricing's own parts
        return replace(pricing, **otherwise).both(settled)

    yield "as it is", pricing.both(settled)
    yield "traced nowhere", under(settings=settings.with_tracing(is_on=False))
    yield "traced everywhere", under(settings=settings.with_tracing(is_on=True))
    yield "256 MB and half the processor", under(settings=settings.with_memory(256))
    yield f"the waiting page looks every {SELDOM:g} s", pricing.both(seldom)
    slower = replace(assumed, provider=assumed.provider + 1)
    yield "each answer of a provider a second later", under(assumed=slower)
    busier = replace(assumed, payments_a_month=10 * assumed.payments_a_month)
    yield "ten million payments a month", under(assumed=busier)
    yield "ours never remembers a key, a profile or a secret", pricing.both(cold)
