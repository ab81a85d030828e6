import csv
import io
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from infra.operator import payments as payments_commands
from infra.operator.deployment import Deployment
from infra.operator.export import COLUMNS, harmless, row_of
from ledger.payments import Payments
from payments.mode import Mode
from payments.money import Money
from payments.payment import SESSION_LIFE, Attempt, Customer, Payment
from payments.references import attempt_ref, session_id
from payments.status import AttemptStatus, Status
from tests.examples import NOW, PAYMENT, SOON, attempt, payment
from tests.integration.operator.conftest import Run

Put = Callable[..., Payment]
NOVEMBER = ("--mode", "live", "--from", "2026-11-01", "--to", "2026-11-30")
DECLINED = attempt(status=AttemptStatus.DECLINED)


@pytest.fixture
def put(deployment: Deployment, merchant_id: str) -> Put:
    """Write a payment of the merchant's as it stands."""
    ledger = Payments(deployment.dynamodb, deployment.payments_table)

    def written(tx_ref: str, *attempts: Attempt, at: datetime = NOW, **facts: Any) -> Payment:  # noqa: ANN401  # any field of a payment
        session = session_id(merchant_id.encode(), facts.get("mode", Mode.LIVE), tx_ref)
        made = replace(
            PAYMENT,
            session_id=session,
            tx_ref=tx_ref,
            attempts=tuple(replace(a, ref=attempt_ref(session, a.number)) for a in attempts),
            **{
                "merchant_id": merchant_id,
                "created_at": at,
                "expires_at": at + SESSION_LIFE,
                **facts,
            },
        )
        assert ledger.open(made)
        return made

    return written


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def references(text: str) -> list[str]:
    return [row["reference"] for row in rows(text)]


# -------------------------------------------------------------------- what is written
def test_a_row_tells_all_of_a_payment(run: Run, merchant_id: str, put: Put) -> None:
    paid = attempt(
        2, status=AttemptStatus.PAID, provider="vpay", provider_ref="E1", network_ref="6"
    )
    made = put(
        "ORDER-1",
        DECLINED,
        paid,
        attempt(3, status=AttemptStatus.DECLINED),
        money=Money(123450, "USD"),
        status=Status.SUCCESSFUL,
        paid_at=SOON,
        transaction_id="PAY-LIVE-X",
        link_id="lnk_abc",
    )
    told = run("payments", "export", merchant_id, *NOVEMBER)
    assert told.exit_code == 0, told.output
    assert rows(told.stdout) == [
        {
            "reference": "ORDER-1",
            "session_id": made.session_id,
            "status": "successful",
            "amount": "1234.50",
            "currency": "USD",
            "mode": "live",
            "provider": "vpay",
            "method": "mobile_money",
            "provider_ref": "E1",
            "network_ref": "6",
            "customer_name": "Uwase Aline",
            "customer_email": "aline@example.com",
            "customer_phone": "0788123456",
            "link_id": "lnk_abc",
            "created_at": "2026-11-21T14:30:00Z",
            "paid_at": "2026-11-21T14:30:30Z",
            "transaction_id": "PAY-LIVE-X",
        }
    ]
    assert told.stdout_bytes.startswith(f"{','.join(COLUMNS)}\r\n".encode())
    assert told.stderr == "1 payments\n"


def test_a_payment_that_nobody_tried_to_pay_leaves_cells_empty(
    run: Run, merchant_id: str, put: Put
) -> None:
    put("ORDER-1")
    (row,) = rows(run("payments", "export", merchant_id, *NOVEMBER).stdout)
    assert row["amount"] == "5000"
    assert row["status"] == "expired"
    for name in ("provider", "method", "provider_ref", "link_id", "paid_at", "transaction_id"):
        assert row[name] == ""


def test_without_payments_there_is_a_header_alone(run: Run, merchant_id: str) -> None:
    told = run("payments", "export", merchant_id, *NOVEMBER)
    assert (told.exit_code, told.stdout_bytes) == (0, f"{','.join(COLUMNS)}\r\n".encode())


def test_words_of_any_language_come_through_whole(run: Run, merchant_id: str, put: Put) -> None:
    name = 'Françoise "Fanny" Uwase, ☕\nKigali'
    put("COMMANDE é", customer=Customer(name=name, email="f@example.rw", phone="0788123456"))
    (row,) = rows(run("payments", "export", merchant_id, *NOVEMBER).stdout)
    assert (row["reference"], row["customer_name"]) == ("COMMANDE é", name)


@pytest.mark.parametrize(
    "text", ["=1+1", "+250788123456", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", '=HYPERLINK("x")']
)
def test_what_a_spreadsheet_would_run_is_made_harmless(
    run: Run, merchant_id: str, put: Put, text: str
) -> None:
    assert harmless(text) == f"'{text}"
    put("ORDER-1", customer=Customer(name=text, email="a@example.rw", phone="0788123456"))
    (row,) = rows(run("payments", "export", merchant_id, *NOVEMBER).stdout)
    assert row["customer_name"] == f"'{text}"


@pytest.mark.parametrize("text", ["", "Uwase", "1-1", "a=b", "'", " =1", "0788123456", "☕"])
def test_what_is_harmless_is_left_alone(text: str) -> None:
    assert harmless(text) == text


def test_a_reference_may_not_run_either() -> None:
    cells = dict(zip(COLUMNS, row_of(replace(PAYMENT, tx_ref="=1+1"), NOW), strict=True))
    assert cells["reference"] == "=1+1"
    assert harmless(cells["reference"]) == "'=1+1"


def test_where_nothing_was_paid_the_last_attempt_is_told_of() -> None:
    last = attempt(2, status=AttemptStatus.DECLINED, provider="vpay", provider_ref="E2")
    cells = dict(zip(COLUMNS, row_of(payment(DECLINED, last), NOW), strict=True))
    assert (cells["provider"], cells["provider_ref"]) == ("vpay", "E2")


# -------------------------------------------------------------------- which payments
def test_each_of_many_payments_is_there_once_newest_first(
    run: Run, merchant_id: str, put: Put
) -> None:
    for number in range(250):
        put(f"ORDER-{number:03}", at=NOW + timedelta(seconds=number))
    told = run("payments", "export", merchant_id, *NOVEMBER)
    assert references(told.stdout) == [f"ORDER-{number:03}" for number in reversed(range(250))]
    assert told.stderr == "250 payments\n"


def test_both_ends_of_the_time_count_whole_days(run: Run, merchant_id: str, put: Put) -> None:
    for moment in ("10-31T23:59:59", "11-01T00:00:00", "11-30T23:59:59", "12-01T00:00:00"):
        put(moment.replace(":", "."), at=datetime.fromisoformat(f"2026-{moment}+00:00"))
    told = run("payments", "export", merchant_id, *NOVEMBER)
    assert references(told.stdout) == ["11-30T23.59.59", "11-01T00.00.00"]
    kigali = ("--from", "2026-11-01T02:00:01+02:00", "--to", "2026-12-01T02:00:00+02:00")
    told = run("payments", "export", merchant_id, "--mode", "live", *kigali)
    assert references(told.stdout) == ["12-01T00.00.00", "11-30T23.59.59"]


def test_nobody_elses_and_nothing_of_the_other_mode(run: Run, merchant_id: str, put: Put) -> None:
    put("OURS")
    put("REHEARSAL", mode=Mode.TEST)
    put("THEIRS", merchant_id="mer_another00000")
    assert references(run("payments", "export", merchant_id, *NOVEMBER).stdout) == ["OURS"]
    rehearsal = ("--mode", "test", *NOVEMBER[2:])
    told = run("payments", "export", merchant_id, *rehearsal)
    assert references(told.stdout) == ["REHEARSAL"]


def test_by_status_and_provider(run: Run, merchant_id: str, put: Put) -> None:
    put("PAID", attempt(status=AttemptStatus.PAID), status=Status.SUCCESSFUL)
    put("FAILED", DECLINED, attempt(2, provider="vpay"), status=Status.FAILED)
    put("UNTRIED", status=Status.FAILED)
    put("FORGOTTEN")

    def found(*words: str) -> list[str]:
        return references(run("payments", "export", merchant_id, *NOVEMBER, *words).stdout)

    assert found("--status", "successful") == ["PAID"]
    assert sorted(found("--status", "failed")) == ["FAILED", "UNTRIED"]
    assert found("--status", "expired") == ["FORGOTTEN"]
    assert found("--status", "pending") == []
    assert found("--provider", "vpay") == ["FAILED"]
    assert found("--provider", "kpay", "--status", "failed") == []


# -------------------------------------------------------------------- where to
def test_a_file_is_there_once_it_is_whole_and_for_its_owner_alone(
    run: Run, merchant_id: str, put: Put, tmp_path: Path
) -> None:
    put("ORDER-1")
    file = tmp_path / "november.csv"
    file.write_text("what was there before")
    told = run("payments", "export", merchant_id, *NOVEMBER, "--output", str(file))
    assert (told.exit_code, told.stdout, told.stderr) == (0, "", "1 payments\n")
    assert references(file.read_bytes().decode("utf-8")) == ["ORDER-1"]
    assert file.read_bytes().endswith(b"\r\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_whoever_stops_half_way_leaves_nothing_behind(
    run: Run, merchant_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object) -> Iterator[Payment]:
        yield PAYMENT
        raise KeyboardInterrupt

    monkeypatch.setattr(payments_commands, "payments_wanted", stopped)
    file = tmp_path / "november.csv"
    told = run("payments", "export", merchant_id, *NOVEMBER, "--output", str(file))
    assert told.exit_code == 130
    assert told.stderr == f"Stopped; {file} was not written\n"
    assert list(tmp_path.iterdir()) == []
    assert run("payments", "export", merchant_id, *NOVEMBER).exit_code == 130


def test_what_fails_half_way_keeps_what_was_there_before(
    run: Run, merchant_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Iterator[Payment]:
        yield PAYMENT
        raise OSError("No space left on device")

    monkeypatch.setattr(payments_commands, "payments_wanted", broken)
    file = tmp_path / "november.csv"
    file.write_text("october")
    told = run("payments", "export", merchant_id, *NOVEMBER, "--output", str(file))
    assert told.exit_code == 1
    assert "No space left" in told.stderr
    assert file.read_text() == "october"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("where", ["", "missing/november.csv"])
def test_a_file_that_cannot_be_written_is_refused_in_words(
    run: Run, merchant_id: str, tmp_path: Path, where: str
) -> None:
    told = run("payments", "export", merchant_id, *NOVEMBER, "--output", str(tmp_path / where))
    assert told.exit_code == 1
    assert told.stderr.startswith(f"Error: {tmp_path / where} cannot be written")
    assert list(tmp_path.iterdir()) == []


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_sees_how_far_it_is_and_the_line_goes_away() -> None:
    screen = Screen()
    assert len(list(payments_commands.counted([PAYMENT] * 250, screen))) == 250
    seen = screen.getvalue().split("\r\x1b[K")
    assert seen == ["", "0 payments so far", "100 payments so far", "200 payments so far", ""]


def test_the_line_goes_away_too_when_somebody_stops_half_way() -> None:
    screen = Screen()
    told = payments_commands.counted([PAYMENT] * 250, screen)
    next(told)
    told.close()
    assert screen.getvalue().endswith("so far\r\x1b[K")


def test_a_file_of_messages_gets_no_moving_line() -> None:
    log = io.StringIO()
    assert len(list(payments_commands.counted([PAYMENT] * 250, log))) == 250
    assert log.getvalue() == ""


# -------------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--from", "november"), "no time"),
        (("--to", "2026-11-31"), "no time"),
        (("--to", "2026-10-31"), "before"),
        (("--provider", "paypal"), "no provider"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    run: Run, merchant_id: str, words: tuple[str, ...], says: str
) -> None:
    told = run("payments", "export", merchant_id, *NOVEMBER, *words)
    assert (told.exit_code, told.stdout) == (1, "")
    assert says in told.stderr


@pytest.mark.parametrize("words", [("--status", "paid"), ("--mode", "sandbox")])
def test_what_there_is_none_of_is_refused(
    run: Run, merchant_id: str, words: tuple[str, ...]
) -> None:
    assert run("payments", "export", merchant_id, *NOVEMBER, *words).exit_code == 2


def test_nobodys_payments_are_not_exported(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "november.csv"
    told = run("payments", "export", "mer_nobody000000", *NOVEMBER, "--output", str(file))
    assert told.exit_code == 1
    assert "no merchant" in told.stderr
    assert list(tmp_path.iterdir()) == []
