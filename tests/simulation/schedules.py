"""A schedule from a seed: who buys what, how, and in which weather."""

from dataclasses import replace
from random import Random

from tests.simulation.faults import FaultsAt, RandomFaults
from tests.simulation.merchants_side import Endpoint
from tests.simulation.people import Order
from tests.simulation.providers_side import LIES, Habits
from tests.simulation.world import DAY, HOUR, Schedule

PROVIDERS = ("kpay", "vpay", "dgspay", "rwandapay")
# How each simulator may be told to misbehave at its next charge; its module says what each means.
PROVIDER_FAULTS = {
    "kpay": "lost_reply slow error_500 no_postback twice late wrong_amount wrong_refid refused",
    "vpay": "lost_reply slow error_500 no_webhook twice late out_of_order wrong_amount"
    " wrong_reference bad_signature refused token_expired",
    "dgspay": "lost_reply slow error_500 no_webhook twice late out_of_order wrong_amount"
    " wrong_reference bad_signature at_once refused",
    "rwandapay": "lost_reply slow error_500 no_webhook twice late out_of_order wrong_amount"
    " bad_signature refused initialize_lost_reply initialize_slow initialize_500",
}
UNTRUE = LIES | {"bad_signature", "out_of_order"}
"""What may tempt us to believe a letter that is not true any more, or never was."""
USUAL_PHONES = ("0788123456", "0788123457", "0799123456")
TEST_PHONES = tuple(f"078000000{digit}" for digit in range(10))


def drawn(seed: int) -> Schedule:
    """The schedule of a seed; the same for ever, as long as this file stands.

    Most have a little of everything that can go wrong. A few have much of one thing, which would
    else hide behind the others: liars on the line, or people who press every button twice.
    """
    random = Random(f"schedule {seed}")  # noqa: S311  # chance that repeats itself
    match random.choice(["everything"] * 3 + ["liars", "mix-ups", "impatience", "crossings"]):
        case "liars":
            return with_liars(random, seed)
        case "mix-ups":
            return with_mix_ups(random, seed)
        case "impatience":
            return with_impatience(random, seed)
        case "crossings":
            return with_crossings(random, seed)
    return with_everything(random, seed)


def with_everything(random: Random, seed: int) -> Schedule:
    """A little of everything."""
    is_rough = random.random() < 0.8
    orders = [order(random, seed, number) for number in range(random.choice([1, 1, 1, 1, 2, 3]))]
    return Schedule(
        seed=seed,
        faults=weather(seed, random.choice([0.02, 0.05, 0.1, 0.25]) if is_rough else 0.0),
        orders=orders,
        rough_for=random.choice([0.25, 1, 4, 30]) * HOUR,
        habits=habits(random),
        endpoint=Endpoint(
            down_until=random.choice([0, 0, 0, 0, 60, 2 * HOUR, 3 * DAY]),
            fails=random.choice([0, 0, 0.3]),
        ),
        provider_faults=provider_faults(random, orders),
        answers=answers(random),
        pay_late=random.choice([0, 0, 0, 0.3]),
        outbox_repeats=random.choice([0, 0.3, 0.8]),
        outbox_losing=random.choice([0, 0, 0, 0, 0.2, 1.0]),
        hiccups=random.choice([0, 0.05, 0.3]),
    )


def with_liars(random: Random, seed: int) -> Schedule:
    """Letters that are altered or meant for others, and sums that nobody asked for."""
    shop = random.choice(PROVIDERS)
    orders = [replace(order(random, seed, number), shop=shop) for number in range(2)]
    lies = [fault for fault in PROVIDER_FAULTS[shop].split() if fault in UNTRUE]
    return Schedule(
        seed=seed,
        faults=weather(seed, random.choice([0.0, 0.02])),
        orders=[replace(o, phone=random.choice(USUAL_PHONES)) for o in orders],
        rough_for=HOUR,
        habits=Habits(
            letter_twice=0.3,
            letter_altered=0.8,
            letter_to_another=0.5,
            letter_from_stranger=0.5,
            letter_in_a_row=0.3,
            has_flat_letters=random.random() < 0.5,
        ),
        provider_faults=[(shop, random.choice(lies))] if random.random() < 0.7 else [],
        answers={"approve": 0.5, "decline": 0.5},
        pay_late=random.choice([0, 0.5]),
    )


def with_mix_ups(random: Random, seed: int) -> Schedule:
    """Replies lost, and good letters that come to the address of another charge of the same sum."""
    shop = random.choice(["dgspay", "dgspay", "rwandapay", "vpay"])
    phones = random.sample(USUAL_PHONES, 2)
    return Schedule(
        seed=seed,
        faults=weather(seed, random.choice([0.0, 0.02])),
        orders=[
            replace(order(random, seed, number), shop=shop, phone=phone, way="direct", callers=1)
            for number, phone in enumerate(phones)
        ],
        rough_for=HOUR,
        habits=Habits(
            letter_lost=random.choice([0.2, 0.8]),
            letter_to_another=1.0,
            has_flat_letters=random.random() < 0.5,
        ),
        provider_faults=[(shop, "lost_reply")],
        answers={"approve": 0.5, "decline": 0.5},
    )


def with_impatience(random: Random, seed: int) -> Schedule:
    """Buttons that are pressed again and again, at a time when most goes well."""
    pressed = replace(
        order(random, seed, 0),
        way=random.choice(["page", "process"]),
        has_key=random.random() < 0.4,
        double_click=True,
        old_tab=True,
        tries_again=True,
        visits=3,
    )
    return Schedule(
        seed=seed,
        faults=weather(seed, random.choice([0.0, 0.02, 0.1])),
        orders=[replace(pressed, phone=pressed.other_phone)],
        rough_for=HOUR,
        habits=Habits(arrives_late=random.choice([0, 0.5])),
        answers={"approve": 0.8, "decline": 0.2},
    )


def with_crossings(random: Random, seed: int) -> Schedule:
    """The stream loses all it has, and the sweep, which makes it good, meets whoever else comes.

    What it reads is old when it writes: a letter of late money may come in between.
    """
    shop = random.choice(PROVIDERS)
    is_late = random.random() < 0.7
    bought = replace(
        order(random, seed, 0), shop=shop, phone=random.choice(USUAL_PHONES), callers=1, visits=2
    )
    return Schedule(
        seed=seed,
        # After the sweep's last look a letter is the only word of late money, so it must arrive.
        faults=weather(seed, 0.0 if is_late else random.choice([0.0, 0.02])),
        orders=[replace(bought, meets_the_sweep=random.random() < 0.5)],
        rough_for=30 * HOUR if is_late else 0.1 * HOUR,
        habits=Habits(letter_lost=0.0 if is_late else 1.0),
        answers={"decline": 1.0} if is_late else {"approve": 0.5, "ignore": 0.5},
        pay_late=1.0 if is_late else 0.0,
        late_money_meets_the_sweep=is_late,
        outbox_losing=1.0,
    )


def weather(seed: int, roughness: float) -> RandomFaults:
    """Faults at the functions' I/Os."""
    random = Random(f"faults {seed}")  # noqa: S311  # chance that repeats itself
    return RandomFaults(random=random, roughness=roughness)


def order(random: Random, seed: int, number: int) -> Order:
    """One purchase."""
    shop = random.choice([*PROVIDERS, "all", "all", "test"])
    return Order(
        shop=shop,
        tx_ref=f"ORDER-{seed}-{number}",
        way=random.choice(["page", "page", "process", "direct"]),
        phone=random.choice(TEST_PHONES if shop == "test" else USUAL_PHONES),
        other_phone="0780000000" if shop == "test" else "0788123458",
        callers=random.choice([1, 1, 1, 1, 2, 4]),
        has_key=random.random() < 0.7,
        keys_differ=random.random() < 0.3,
        uses_key_again=random.random() < 0.1,
        double_click=random.random() < 0.3,
        old_tab=random.random() < 0.2,
        visits=random.choice([1, 2, 4]),
        tries_again=random.random() < 0.7,
        asks_after=random.choice([(), (5,), (5, 3_000)]),
    )


def habits(random: Random) -> Habits:
    """How the providers' letters travel, and what becomes of requests that we gave up."""
    if random.random() < 0.3:
        return Habits()
    return Habits(
        arrives_late=random.choice([0, 0, 0, 0.5]),
        stale=random.choice([0, 0, 0.4]),
        letter_lost=random.choice([0, 0.2, 1.0]),
        letter_twice=random.choice([0, 0.4]),
        letter_late=random.choice([0, 0.3]),
        letter_altered=random.choice([0, 0.4]),
        letter_to_another=random.choice([0, 0.3]),
        letter_from_stranger=random.choice([0, 0.2]),
        letter_in_a_row=random.choice([0, 0.2]),
    )


def provider_faults(random: Random, orders: list[Order]) -> list[tuple[str, str]]:
    """What goes wrong at the providers' own hands."""
    if random.random() < 0.5:
        return []
    taking = [o.shop if o.shop in PROVIDERS else random.choice(PROVIDERS) for o in orders]
    return [
        (provider, random.choice(PROVIDER_FAULTS[provider].split()))
        for provider in taking
        for _ in range(random.choice([1, 1, 2]))
    ]


def answers(random: Random) -> dict[str, float]:
    """What customers do with a prompt."""
    return random.choice(
        [
            {"approve": 1.0},
            {"approve": 0.6, "decline": 0.3, "ignore": 0.1},
            {"decline": 0.8, "ignore": 0.2},
        ]
    )


def happy(provider: str, faults: FaultsAt) -> Schedule:
    """One payment that everybody means well with, and points where it goes wrong all the same.

    The customer clicks once and looks again; the shop repeats what it heard no answer to.
    """
    phone = "0780000000" if provider == "test" else "0788123456"
    return Schedule(
        seed=1,
        faults=faults,
        orders=[
            Order(shop=provider, tx_ref="ORDER-1", way="page", phone=phone, visits=3, asks_after=())
        ],
        rough_for=HOUR,
    )
