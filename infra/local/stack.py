"""The whole gateway on this machine, for as long as a block runs."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager

import httpx

from infra.local import demo_merchant, handset, shop
from infra.local.demo_merchant import DemoMerchant
from infra.local.deployment import deploy
from infra.local.ministack import ministack
from infra.local.ports import require_all_different, require_free
from infra.local.progress import step
from infra.local.servers import serving
from infra.local.settings import REGION, Settings
from infra.local.simulators import kpay
from infra.local.simulators.till import Till
from infra.local.stack_file import StackFile, published, sole_use_of

# The simulator gives these to its one customer. With PROVIDERS_KPAY they are only a beginning:
# `python -m infra.operator --local provider set kpay mer_…` stores that server's own.
KPAY_CREDENTIALS = kpay.Credentials(
    username="ishyura",
    password="ishyura",  # noqa: S106 - the simulator's, known to all
    api_key="local-kpay-key",
    retailer_id="01",
)


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
        with step("demo merchant and shop"):
            merchant = demo_merchant.enrol(
                settings, outputs, f"{settings.shop_url}webhooks", KPAY_CREDENTIALS
            )
            told = _describe(settings, outputs, merchant, handset_url)
            running.enter_context(_shop(settings, told))
        running.enter_context(published(settings.folder, told))
        yield told


@contextmanager
def _handset(settings: Settings) -> Iterator[str]:
    """Serve the simulators and the page that answers their prompts; the page's address."""
    with ExitStack() as running:
        simulators: dict[str, Till] = {}
        if settings.providers_kpay is None:
            simulators["kpay"] = running.enter_context(_kpay(settings))
        yield running.enter_context(serving(handset.create_app(simulators), settings.ports.handset))


@contextmanager
def _kpay(settings: Settings) -> Iterator[Till]:
    till = kpay.open_till()
    app = kpay.create_app(till, KPAY_CREDENTIALS)
    with serving(app, settings.ports.kpay, settings.bind_host), ExitStack() as running:
        running.callback(till.tick_in_background())
        yield till


@contextmanager
def _shop(settings: Settings, told: StackFile) -> Iterator[None]:
    with httpx.Client(timeout=shop.API_SECONDS, trust_env=False) as client:
        app = shop.create_app(
            api_url=told["api"],
            keys=told["keys"],
            webhook_secret=told["webhook_secret"],
            shop_url=told["shop"],
            handset_url=told["handset"],
            client=client,
        )
        with serving(app, settings.ports.shop):
            yield


def _describe(
    settings: Settings, outputs: Mapping[str, str], merchant: DemoMerchant, handset_url: str
) -> StackFile:
    return {
        "api": outputs["ApiUrl"],
        "checkout": outputs["CheckoutUrl"],
        "shop": settings.shop_url,
        "handset": handset_url,
        "merchant_id": merchant.merchant_id,
        "keys": merchant.keys,
        "webhook_secret": merchant.webhook_secret,
        "providers": {"kpay": settings.kpay_base_url},
        "tables": {"payments": outputs["PaymentsTable"], "merchants": outputs["MerchantsTable"]},
        "machines": {
            "watch": outputs["WatchMachineArn"],
            "deliver": outputs["DeliverMachineArn"],
        },
        "parameter_prefix": outputs["ParameterPrefix"],
        "region": REGION,
        "endpoint": settings.endpoint,
    }
