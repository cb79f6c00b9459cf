// The simulator's webhooks, verified by Stripe's Node.js SDK; and the service's own verifier against
// signatures that the SDK makes.

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { SECRETS, Stripe, World, coinsForSale } from "./world.mjs";

const world = await World.start();
const { webhooks } = world.stripe;
after(() => world.stop());
beforeEach(async () => {
  await world.deliver();
  await world.delivery({ secrets: SECRETS.slice(0, 1), duplicates: 0 });
});

const construct = ([body, signature], ...more) => webhooks.constructEvent(body, signature, ...more);
const refused = Stripe.errors.StripeSignatureVerificationError;

/** What is heard of a session that is paid. */
async function paid() {
  const { id } = await world.stripe.checkout.sessions.create(coinsForSale());
  await world.pay(id);
  return world.deliver();
}

test("every event verifies and is read", async () => {
  const heard = await paid();
  const events = heard.map((one) => construct(one, SECRETS[0]));
  const kinds = ["charge.succeeded", "checkout.session.completed", "payment_intent.succeeded"];
  assert.deepEqual(events.map(({ type }) => type).toSorted(), kinds);
  for (const event of events) assert.deepEqual(await world.stripe.events.retrieve(event.id), {
    ...event,
    pending_webhooks: 0,
  });
  assert.deepEqual(await webhooks.constructEventAsync(...heard[0], SECRETS[0]), events[0]);
});

test("what is not quite what was signed is refused", async () => {
  const [[body, signature]] = await paid();
  construct([body, signature], SECRETS[0]);
  for (const [one, secret] of [
    [[body, signature], "whsec_other"],
    [[Buffer.concat([body, Buffer.from(" ")]), signature], SECRETS[0]],
    [[body, signature.replace("t=1", "t=2")], SECRETS[0]],
    [[body, signature.replace("v1=", "v0=")], SECRETS[0]],
    [[body, ""], SECRETS[0]],
  ]) {
    assert.throws(() => construct(one, secret), refused);
  }
});

test("a signature is of the moment that it was sent", async () => {
  const [one] = await paid();
  const at = (late) => (Number(/^t=(\d+)/.exec(one[1])[1]) + late) * 1_000;
  const late = (seconds) => construct(one, SECRETS[0], 300, undefined, at(seconds));
  late(0);
  late(300);
  assert.throws(() => late(301), refused);
});

test("while a secret is rotated both verify and then only the new one", async () => {
  await world.delivery({ secrets: SECRETS });
  const both = await paid();
  for (const secret of SECRETS) construct(both.at(-1), secret);
  await world.delivery({ secrets: SECRETS.slice(1) });
  const next = await paid();
  construct(next.at(-1), SECRETS[1]);
  assert.throws(() => construct(next.at(-1), SECRETS[0]), refused);
});

const event = JSON.stringify({
  id: "evt_1",
  object: "event",
  type: "plan.created",
  created: 1,
  data: { object: { name: "Münze" } },
});
const sign = (payload, secret, more) => webhooks.generateTestHeaderString({ payload, secret, ...more });
const now = () => Math.floor(Date.now() / 1_000);

async function say(body, signature) {
  const [status, answer] = await world.say(body, signature);
  return [status, answer.outcome ?? answer.code];
}

test("the service accepts what the SDK signs with each of its secrets, within 300 seconds", async () => {
  for (const secret of SECRETS) assert.deepEqual(await say(event, sign(event, secret)), [200, "unused"]);
  // With slack, because the service has a clock of its own.
  for (const [seconds, status] of [[-240, 200], [240, 200], [-360, 400], [360, 400]]) {
    const signature = sign(event, SECRETS[0], { timestamp: now() + seconds });
    assert.equal((await say(event, signature))[0], status, `${seconds}`);
  }
});

test("the service refuses what the SDK signed otherwise", async () => {
  const good = sign(event, SECRETS[0]);
  for (const [body, signature] of [
    [event, sign(event, "whsec_other")],
    [event, sign(`${event} `, SECRETS[0])],
    [event, sign(event, SECRETS[0], { scheme: "v0" })],
    [event.replace("Münze", "Munze"), good],
    [event, good.slice(0, -1)],
    [event, good.replace(/^t=\d+/, `t=${now() + 7}`)],
    [event, undefined],
  ]) {
    assert.deepEqual(await say(body, signature), [400, "signature_invalid"], signature);
  }
});

test("an event that the SDK read and signed credits the coins once", async () => {
  const fan = await world.fan("signed-by-node");
  const session = await world.recharge(fan);
  await world.pay(session);
  const events = await world.stripe.events.list({ type: "checkout.session.completed", limit: 1 });
  assert.equal(events.data[0].data.object.id, session);
  const body = JSON.stringify(events.data[0]);
  assert.deepEqual(await say(body, sign(body, SECRETS[0])), [200, "credited"]);
  assert.deepEqual(await say(body, sign(body, SECRETS[1])), [200, "already_credited"]);
  assert.equal(await world.coins(fan), 70);
});
