"""Take webhooks: believe what is signed, refuse what is forged or old.

    export ISHYURA_WEBHOOK_SECRET=whsec_…
    python webhook.py 8080

POST /webhook checks the Standard Webhooks signature, POST /webhook-plain the plain one. Use the
first where you can: it proves the time as well.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = os.environ["ISHYURA_WEBHOOK_SECRET"]
TOLERANCE_SECONDS = 5 * 60


def is_genuine(headers: Message, body: bytes) -> bool:
    """Standard Webhooks. `body` is what came, byte for byte, before anything parsed it."""
    event_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdecimal() or abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    content = f"{event_id}.{timestamp}.".encode() + body
    expected = b"v1," + base64.b64encode(hmac.digest(key, content, hashlib.sha256))
    # Two signatures while a secret is rotated: one that fits is enough.
    given = headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, one.encode()) for one in given)


def is_plainly_genuine(headers: Message, body: bytes) -> bool:
    """The plain signature, which does not tell how old a message is."""
    expected = hmac.digest(SECRET.encode(), body, hashlib.sha256).hex()
    given = headers.get("X-Webhook-Signature", "")
    return hmac.compare_digest(expected.encode(), given.encode())


CHECKS = {"/webhook": is_genuine, "/webhook-plain": is_plainly_genuine}


class Receiver(BaseHTTPRequestHandler):
    """Answers 200 to what is genuine and 401 to all else."""

    def do_POST(self) -> None:
        """Take one message."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        check = CHECKS.get(self.path)
        if check is None or not check(self.headers, body):
            self.send_response(401)
            self.end_headers()
            return
        event = json.loads(body)
        # Act once for each webhook-id, and look at data.version: order is not promised.
        print(event["event"], event["data"]["reference"], flush=True)  # noqa: T201
        self.send_response(200)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
