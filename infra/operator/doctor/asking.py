"""A provider answers to a merchant's credentials.

It is asked about a payment that never was: nothing is charged, and whatever it says of it, it has
let us in.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus

import httpx

from infra.operator.doctor.examination import Examination
from infra.operator.doctor.finding import About, Finding
from payments.errors import ProviderSilent
from payments.merchant import Merchant
from payments.mode import Mode
from payments.money import Money
from payments.payment import SESSION_LIFE, Attempt, Customer, Method, Payment
from payments.phone import Network
from payments.references import ID_LENGTH, attempt_ref, base36
from payments.report import Reason
from payments.status import AttemptStatus, Status
from providers.port import Opening
from providers.registry import REGISTRY

# Take calls from addresses on a list alone (PROVIDERS.md), and this machine's is hardly on it.
HAS_A_LIST = frozenset({"kpay"})
NEVER_WAS = Customer(name="Nobody", email="nobody@example.com", phone="0788123456")
AGO = timedelta(hours=1)
LETS_NOBODY_IN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})


def check_answer(
    examination: Examination, merchant: Merchant, provider: str, credentials: Mapping[str, str]
) -> Finding:
    """Ask, and tell apart why there was no answer."""
    deployment = examination.deployment
    about = About("answer", merchant.merchant_id, provider)
    base_url = deployment.provider_base_urls.get(provider)
    if not base_url:
        return about.problem("Its base address is not known here.", "Deploy the stack again.")
    examination.say(f"asking {provider} for {merchant.merchant_id}")
    statuses: list[int] = []
    opening = Opening(
        http=noting(examination.http, statuses),
        base_url=base_url,
        credentials=credentials,
        clock=examination.clock,
        tokens={},
    )
    payment, attempt = made_up(merchant, provider, examination)
    try:
        REGISTRY[provider].open(opening).ask(payment, attempt)
    except (httpx.InvalidURL, UnicodeError):
        # No request can be made of them: an address without form, a key that no header can bear.
        return about.problem(
            "Its base address, or what is stored for it, cannot be sent.",
            f"Look at the address, and store what it gave you: {store_of(about)}.",
        )
    except ProviderSilent as silent:
        is_listed_only = provider in HAS_A_LIST and not deployment.loopback_allowed
        return no_answer(about, str(silent), statuses, is_listed_only=is_listed_only)
    return about.ok("It lets these credentials in.")


def no_answer(about: About, silence: str, statuses: list[int], *, is_listed_only: bool) -> Finding:
    """Why a provider did not answer, as far as its adapter and the HTTP status tell.

    The list is no excuse for a provider in trouble, which says so to anyone.
    """
    status = statuses[-1] if statuses else None
    look = "Look at its base address in the stack's parameters, and ask them."
    if status is None:
        why = "cannot be reached" if silence == Reason.UNREACHABLE else f"is silent ({silence})"
        told, to_do = f"It {why} from here.", look
    elif httpx.codes.is_server_error(status):
        return about.problem(f"It is in trouble (HTTP {status}).", "Try later, or ask them.")
    elif status == httpx.codes.TOO_MANY_REQUESTS:
        return about.warning("It has no time for us now (HTTP 429).", "Try later.")
    elif status in LETS_NOBODY_IN or (
        # K-Pay says no with HTTP 200 and a word of its own about the question (seed 003).
        httpx.codes.is_success(status) and not silence.endswith("without a JSON object")
    ):
        told = f"It answers (HTTP {status}), and does not let these credentials in."
        to_do = f"Store what it gave you: {store_of(about)}."
    else:
        told, to_do = f"It answers (HTTP {status}), and not as it should.", look
    if is_listed_only:
        return about.warning(
            told,
            "It takes calls from listed addresses only, and this machine's is hardly listed:"
            f" judge by a real payment. Otherwise: {to_do}",
        )
    return about.problem(told, to_do)


def store_of(about: About) -> str:
    """The command that stores credentials."""
    return f"`provider set {about.part} {about.merchant_id}`"


def noting(http: httpx.Client, statuses: list[int]) -> httpx.Client:
    """The same client, noting the status of what answers its last request."""
    http.event_hooks = {
        "request": [lambda _request: statuses.clear()],
        "response": [lambda answer: statuses.append(answer.status_code)],
    }
    return http


def made_up(merchant: Merchant, provider: str, examination: Examination) -> tuple[Payment, Attempt]:
    """A payment that never was, under references that nobody has.

    It bears a provider's reference too: some can be asked by their own alone.
    """
    then = examination.clock() - AGO
    session_id = f"CHK-{base36(secrets.token_bytes(32), ID_LENGTH)}"
    attempt = Attempt(
        ref=attempt_ref(session_id, 1),
        number=1,
        provider=provider,
        method=Method.MOBILE_MONEY,
        phone=NEVER_WAS.phone,
        network=Network.MTN,
        payer_name=NEVER_WAS.name,
        payer_email=NEVER_WAS.email,
        status=AttemptStatus.ACCEPTED,
        started_at=then,
        token_hash="",
        decline_is_final=False,
        provider_ref=f"NEVER-{attempt_ref(session_id, 1)}",
    )
    payment = Payment(
        session_id=session_id,
        merchant_id=merchant.merchant_id,
        mode=Mode.LIVE,
        tx_ref="DOCTOR",
        money=Money(100, "RWF"),
        customer=NEVER_WAS,
        status=Status.PENDING,
        version=1,
        created_at=then,
        updated_at=then,
        expires_at=then + SESSION_LIFE,
        attempts=(attempt,),
    )
    return payment, attempt
