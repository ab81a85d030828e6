// Take webhooks: believe what is signed, refuse what is forged or old.
//
//     export ISHYURA_WEBHOOK_SECRET=whsec_…
//     node webhook.mjs 8080
//
// POST /webhook checks the Standard Webhooks signature, POST /webhook-plain the plain one. Use the
// first where you can: it proves the time as well.

import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";

const SECRET = process.env.ISHYURA_WEBHOOK_SECRET;
const TOLERANCE_SECONDS = 5 * 60;

function same(expected, given) {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}

// Standard Webhooks. `body` is what came, byte for byte, before anything parsed it.
function isGenuine(headers, body) {
  const id = headers["webhook-id"] ?? "";
  const timestamp = headers["webhook-timestamp"] ?? "";
  const age = Math.abs(Date.now() / 1000 - Number(timestamp));
  if (!/^[0-9]+$/.test(timestamp) || age > TOLERANCE_SECONDS) return false;
  const key = Buffer.from(SECRET.replace(/^whsec_/, ""), "base64");
  const hmac = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body);
  const expected = `v1,${hmac.digest("base64")}`;
  // Two signatures while a secret is rotated: one that fits is enough.
  const given = (headers["webhook-signature"] ?? "").split(" ");
  return given.some((one) => same(expected, one));
}

// The plain signature, which does not tell how old a message is.
function isPlainlyGenuine(headers, body) {
  const expected = createHmac("sha256", SECRET).update(body).digest("hex");
  return same(expected, headers["x-webhook-signature"] ?? "");
}

const CHECKS = new Map([
  ["/webhook", isGenuine],
  ["/webhook-plain", isPlainlyGenuine],
]);

createServer(async (request, response) => {
  const pieces = [];
  for await (const piece of request) pieces.push(piece);
  const body = Buffer.concat(pieces);
  const check = CHECKS.get(request.url);
  if (request.method !== "POST" || !check?.(request.headers, body)) {
    response.writeHead(401).end();
    return;
  }
  const event = JSON.parse(body);
  // Act once for each webhook-id, and look at data.version: order is not promised.
  console.log(event.event, event.data.reference);
  response.writeHead(200).end();
}).listen(Number(process.argv[2]), "127.0.0.1");
