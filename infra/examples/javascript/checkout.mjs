// Open a payment, and ask how it stands. Node 18 or newer is all it needs.
//
//     export ISHYURA_API=https://pay.yoursite.rw/api/v1
//     export ISHYURA_PUBLIC_KEY=pk_test_… ISHYURA_SECRET_KEY=sk_test_…
//     node checkout.mjs initialize ORDER-12345 5000
//     node checkout.mjs verify ORDER-12345
//
// On your server: a page must never hold the secret key.

const { ISHYURA_API, ISHYURA_PUBLIC_KEY, ISHYURA_SECRET_KEY } = process.env;

async function ask(method, path, { body, headers } = {}) {
  const answer = await fetch(ISHYURA_API + path, {
    method,
    headers: {
      "Content-Type": "application/json",
      "X-Public-Key": ISHYURA_PUBLIC_KEY,
      "X-Secret-Key": ISHYURA_SECRET_KEY,
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  const told = await answer.json();
  if (told.error) throw new Error(`${told.error.code}: ${told.message}`);
  return told;
}

async function initialize(order, amount) {
  const told = await ask("POST", "/checkout/initialize", {
    body: {
      amount,
      tx_ref: order,
      customer: { name: "Aline Uwase", email: "aline@example.rw", phone: "0788123456" },
      redirect_url: "https://yoursite.rw/thanks",
    },
    // The same key makes a repeat harmless: after a broken connection, just ask again.
    headers: { "Idempotency-Key": order },
  });
  return told.data.payment_url;
}

async function verify(order) {
  const told = await ask("GET", `/checkout/${encodeURIComponent(order)}/verify`);
  return told.status;
}

const [command, order, amount] = process.argv.slice(2);
try {
  console.log(await (command === "initialize" ? initialize(order, Number(amount)) : verify(order)));
} catch (refused) {
  console.error(refused.message);
  process.exitCode = 1;
}
