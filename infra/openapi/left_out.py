"""What the template opens to the world and the document does not speak of, with the reason."""

from collections.abc import Mapping

PAGE = "a page for people, answered in HTML"
PROVIDERS = "a provider calls it, with a token of ours in the path"
ELSEWHERE = "whatever no other route takes: a 404 in the documented shape"

LEFT_OUT: Mapping[str, str] = {
    "GET /checkout/{session_id}": PAGE,
    "POST /checkout/{session_id}": PAGE,
    "GET /pay/{slug}": PAGE,
    "POST /pay/{slug}": PAGE,
    "GET /pay/{slug}/poster": PAGE,
    "GET /logos/{merchant_id}/{digest}": "a picture on those pages",
    "GET /docs": "this document itself, for people",
    "GET /test-cards/{attempt_ref}/{token}": PAGE,
    "POST /test-cards/{attempt_ref}/{token}": PAGE,
    "POST /webhooks/kpay/{attempt_ref}/{token}": PROVIDERS,
    "POST /webhooks/vpay/{attempt_ref}/{token}": PROVIDERS,
    "POST /webhooks/dgspay/{attempt_ref}/{token}": PROVIDERS,
    "POST /webhooks/rwandapay/{attempt_ref}/{token}": PROVIDERS,
    "HEAD /webhooks/rwandapay/{attempt_ref}/{token}": PROVIDERS,
    "POST /webhooks/sandbox/{attempt_ref}/{token}": PROVIDERS,
    "GET /": ELSEWHERE,
    **{
        f"{method} /{{proxy+}}": ELSEWHERE
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD")
    },
}
