// Stripe's Node.js SDK against the simulator, as it is used against Stripe.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { Stripe, World, coinsForSale } from "./world.mjs";

const world = await World.start();
const { sessions } = world.stripe.checkout;
after(() => world.stop());

const { errors } = Stripe;
const fault = (...next) => world.control("PUT", "/faults", { next });

/** Fails unless the call ends in an error of this very class; the error. */
async function raised(kind, call) {
  const error = await call().then(
    () => assert.fail("it went well"),
    (error) => error,
  );
  assert.equal(error.constructor.name, kind.name, error.message);
  return error;
}

async function paid() {
  const { id } = await sessions.create(coinsForSale());
  await world.pay(id);
  return sessions.retrieve(id, { expand: ["payment_intent.latest_charge"] });
}

test("a session is created and read again", async () => {
  const metadata = { recharge_id: "rch_1" };
  const made = await sessions.create(coinsForSale({ metadata, client_reference_id: "rch_1" }));
  assert.deepEqual([made.object, made.status, made.payment_status], ["checkout.session", "open", "unpaid"]);
  assert.deepEqual(await sessions.retrieve(made.id), made);
  const read = await sessions.retrieve(made.id, { expand: ["line_items"] });
  assert.equal(read.line_items.data[0].description, "Münzen & more");
  assert.equal(read.metadata.recharge_id, "rch_1");
});

test("a session expires once", async () => {
  const { id } = await sessions.create(coinsForSale());
  assert.equal((await sessions.expire(id)).status, "expired");
  assert.equal((await raised(errors.StripeInvalidRequestError, () => sessions.expire(id))).statusCode, 400);
});

test("lists are paged by the SDK", async () => {
  const made = [];
  for (let left = 5; left > 0; left -= 1) made.unshift((await sessions.create(coinsForSale())).id);
  const walked = await sessions.list({ limit: 2 }).autoPagingToArray({ limit: 5 });
  assert.deepEqual(walked.map(({ id }) => id), made);
  const lines = await sessions.listLineItems(made[0]);
  assert.equal(lines.data[0].price.unit_amount, 499);
});

test("the same key is the same session", async () => {
  const options = { idempotencyKey: "sdk-node-1" };
  const first = await sessions.create(coinsForSale(), options);
  const again = await sessions.create(coinsForSale(), options);
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  const other = coinsForSale({ client_reference_id: "other" });
  await raised(errors.StripeIdempotencyError, () => sessions.create(other, options));
});

test("a payment, its refund, its dispute and its events are found", async () => {
  const session = await paid();
  assert.deepEqual([session.status, session.payment_status], ["complete", "paid"]);
  const intent = session.payment_intent.id;
  assert.equal(session.payment_intent.latest_charge.amount_captured, 499);
  assert.equal((await world.stripe.paymentIntents.retrieve(intent)).status, "succeeded");
  const refund = await world.stripe.refunds.create({ payment_intent: intent, amount: 99 });
  assert.deepEqual((await world.stripe.refunds.list({ payment_intent: intent })).data, [refund]);
  await world.control("POST", `/charges/${intent}/dispute`, { reason: "fraudulent" });
  const [dispute] = (await world.stripe.disputes.list({ payment_intent: intent })).data;
  assert.deepEqual(await world.stripe.disputes.retrieve(dispute.id), dispute);
  const types = ["checkout.session.completed", "charge.dispute.created"];
  const events = await world.stripe.events.list({ types, limit: 2 });
  assert.deepEqual(events.data.map(({ type }) => type), types.toReversed());
  assert.equal((await world.stripe.events.retrieve(events.data[1].id)).data.object.id, session.id);
});

test("errors are of the class that they are at Stripe", async () => {
  const create = (more) => sessions.create(coinsForSale(more));
  const invalid = errors.StripeInvalidRequestError;
  assert.equal((await raised(invalid, () => create({ mode: "barter" }))).param, "mode");
  assert.equal((await raised(invalid, () => create({ colour: "blue" }))).code, "parameter_unknown");
  const missing = await raised(invalid, () => sessions.retrieve("cs_test_none"));
  assert.deepEqual([missing.statusCode, missing.code], [404, "resource_missing"]);
  assert.match(missing.requestId, /^req_/);
  const stranger = world.client("sk_live_123").checkout.sessions;
  await raised(errors.StripeAuthenticationError, () => stranger.list());
  for (const [name, kind, status] of [
    ["rate_limited", errors.StripeRateLimitError, 429],
    ["error_500", errors.StripeAPIError, 500],
  ]) {
    await fault(name);
    assert.equal((await raised(kind, create)).statusCode, status, name);
  }
  // A closed connection the SDK tries again once, whatever it was told.
  await fault("lost_answer", "lost_answer");
  await raised(errors.StripeConnectionError, create);
});

test("the SDK asks again under its own key and one session is made", async () => {
  const { sessions } = world.client("sk_test_123", 1).checkout;
  for (const name of ["lost_answer", "lock_timeout", "key_in_use"]) {
    await fault(name);
    const reference = `again-${name}`;
    const made = await sessions.create(coinsForSale({ client_reference_id: reference }));
    const all = await sessions.list({ limit: 100 }).autoPagingToArray({ limit: 1_000 });
    const same = all.filter(({ client_reference_id }) => client_reference_id === reference);
    assert.deepEqual(same.map(({ id }) => id), [made.id], name);
  }
});
