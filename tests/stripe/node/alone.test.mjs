// The simulator as a program of its own, used as docs/stripe-simulator.md says: by a host, without a path.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { after, test } from "node:test";

import { Stripe, ask, coinsForSale } from "./world.mjs";

let tell;
const told = new Promise((resolve) => (tell = resolve));

const receiver = createServer(async (request, answer) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  answer.end();
  const body = Buffer.concat(parts);
  const event = stripe.webhooks.constructEvent(body, request.headers["stripe-signature"], "whsec_alone");
  if (event.type === "checkout.session.completed") tell(event);
});
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${receiver.address().port}/hook`;
const program = spawn(
  process.env.RECHARGE_TEST_STRIPE_SIM,
  ["--port", "0", "--secret", "whsec_alone", "--webhook-url", url],
  { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, RUST_LOG: "error" } },
);
process.on("exit", () => program.kill());
let address;
for await (const line of createInterface({ input: program.stdout })) {
  address = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
  if (address) break;
}
const stripe = new Stripe("sk_test_123", { protocol: "http", host: "127.0.0.1", port: Number(address[1]) });
after(() => {
  program.kill();
  receiver.close();
});

test("a host is enough, and what is paid there is told", async () => {
  const made = await stripe.checkout.sessions.create(coinsForSale());
  const [status, paid] = await ask("POST", `${address[0]}/stripe-sim/checkout/${made.id}/pay`, { outcome: "succeed" });
  assert.deepEqual([status, paid.payment_status], [200, "paid"]);
  const event = await told;
  assert.equal(event.data.object.id, made.id);
  assert.equal((await stripe.checkout.sessions.list()).data[0].payment_status, "paid");
});
