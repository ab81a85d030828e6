"""The whole gateway on this machine, for as long as a block runs."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import httpx

from infra.local import demo_merchant, handset, shop
from infra.local.demo_merchant import ALL
from infra.local.deployment import deploy
from infra.local.ministack import ministack
from infra.local.ports import require_all_different, require_free
from infra.local.progress import step
from infra.local.servers import serving
from infra.local.settings import REGION, Settings
from infra.local.simulators.simulated import RunningTill, simulated
from infra.local.stack_file import MerchantTold, StackFile, published, sole_use_of


@contextmanager
def running_stack(settings: Settings) -> Iterator[StackFile]:
    """Start everything, tell where it is, and stop everything again, however the block ends.

    Raises LocalStackRefused when it cannot start; nothing then stays behind either.
    """
    require_all_different(settings.ports)
    with ExitStack() as running:
        running.enter_context(sole_use_of(settings.folder))
        for name, port in settings.ports:
            require_free(name, port)
        with step("local AWS (MiniStack)"):
            running.enter_context(ministack(settings))
        with step("simulators and handset"):
            handset_url = running.enter_context(_handset(settings))
        outputs = deploy(settings)
        with step("demo merchants and shop"):
            merchants = demo_merchant.enrol_all(settings, outputs, f"{settings.shop_url}webhooks")
            told = _describe(settings, outputs, merchants, handset_url)
            running.enter_context(_shop(settings, told))
        running.enter_context(published(settings.folder, told))
        yield told


@contextmanager
def _handset(settings: Settings) -> Iterator[str]:
    """Serve the simulators and the page that answers their prompts; the page's address."""
    with ExitStack() as running:
        simulators = {
            name: running.enter_context(_simulator(name, port, settings.bind_host))
            for name, port in settings.ports.simulators.items()
            if name not in settings.replaced
        }
        yield running.enter_context(serving(handset.create_app(simulators), settings.ports.handset))


@contextmanager
def _simulator(name: str, port: int, host: str) -> Iterator[RunningTill]:
    opened = simulated(name).open()
    with serving(opened.app, port, host), ExitStack() as running:
        running.callback(opened.till.tick_in_background())
        yield opened.till


@contextmanager
def _shop(settings: Settings, told: StackFile) -> Iterator[None]:
    with httpx.Client(timeout=shop.API_SECONDS, trust_env=False) as client:
        app = shop.create_app(
            api_url=told["api"],
            accounts=_accounts(told),
            shop_url=told["shop"],
            handset_url=told["handset"],
            client=client,
        )
        with serving(app, settings.ports.shop):
            yield


def _accounts(told: StackFile) -> dict[str, shop.Account]:
    every = shop.Account(title="all", keys=told["keys"], webhook_secret=told["webhook_secret"])
    alone = {
        name: shop.Account(
            title=simulated(name).title,
            keys=merchant["keys"],
            webhook_secret=merchant["webhook_secret"],
        )
        for name, merchant in told["merchants"].items()
    }
    return {ALL: every, **alone}


def _describe(
    settings: Settings,
    outputs: Mapping[str, str],
    merchants: Mapping[str, MerchantTold],
    handset_url: str,
) -> StackFile:
    return {
        "api": outputs["ApiUrl"],
        "checkout": outputs["CheckoutUrl"],
        "shop": settings.shop_url,
        "handset": handset_url,
        **merchants[ALL],
        "merchants": {name: told for name, told in merchants.items() if name != ALL},
        "providers": settings.base_urls,
        "tables": {"payments": outputs["PaymentsTable"], "merchants": outputs["MerchantsTable"]},
        "machines": {
            "watch": outputs["WatchMachineArn"],
            "deliver": outputs["DeliverMachineArn"],
        },
        "ask_provider": outputs["AskProviderFunction"],
        "dead_letters": outputs["DeadLettersUrl"],
        "parameter_prefix": outputs["ParameterPrefix"],
        "region": REGION,
        "endpoint": settings.endpoint,
    }
