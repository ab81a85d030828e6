from pathlib import Path

import httpx
import pytest

from infra.operator.deployment import Deployment
from infra.operator.logo import MOST_FETCHED, fetched
from infra.operator.refused import UnusableInput
from payments.logo import Logo
from tests.integration.operator.conftest import Run

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


def test_a_logo_is_set_from_a_file_and_removed(
    run: Run, deployment: Deployment, merchant_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    assert run("merchants", "logo", merchant_id, str(file)).stdout == "Changed\n"
    assert deployment.merchants.known(merchant_id).logo_digest == Logo.of(PNG).digest
    assert run("merchants", "logo", merchant_id, "--remove").stdout == "Removed\n"
    assert deployment.merchants.known(merchant_id).logo_digest is None


def test_what_is_no_picture_changes_nothing(
    run: Run, deployment: Deployment, merchant_id: str, tmp_path: Path
) -> None:
    file = tmp_path / "logo.svg"
    file.write_bytes(b"<svg/>")
    missing = str(tmp_path / "none.png")
    for words in ([str(file)], [missing], [], [str(file), "--remove"], ["http://a.example/x"]):
        refused = run("merchants", "logo", merchant_id, *words)
        assert refused.exit_code == 1, words
        assert refused.stderr.startswith("Error: ")
    assert deployment.merchants.known(merchant_id).logo_digest is None


def test_a_logo_is_fetched_and_no_more_than_one_may_weigh() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, content=PNG if "logo" in request.url.path else b"x" * 200_000)

    internet = httpx.MockTransport(answer)
    assert fetched("https://shop.example/logo.png", internet) == PNG
    assert MOST_FETCHED <= len(fetched("https://shop.example/large", internet)) <= 200_000


@pytest.mark.parametrize("status", [301, 404, 500])
def test_an_address_without_a_picture_is_said_to_be_so(status: int) -> None:
    internet = httpx.MockTransport(lambda _: httpx.Response(status))
    with pytest.raises(UnusableInput, match=str(status)):
        fetched("https://shop.example/logo.png", internet)
