// A fan buys coins, pays at the simulator and sends a gift; its creator sees what they earned.
// Every call of the API goes through a client whose types were generated from the document: what
// the document does not say does not compile here.
import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

const baseUrl = process.argv[2];
assert(baseUrl, "usage: journey BASE_URL");

type Client = ReturnType<typeof createClient<paths>>;
type Problem = components["schemas"]["Problem"];

// Only local: who calls, and the page of the payment, are not the product's.
async function local(path: string, body: unknown): Promise<unknown> {
  const answer = await fetch(baseUrl + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  assert(answer.ok, `${path} answered ${answer.status}`);
  return answer.json();
}

async function clientOf(user: string): Promise<Client> {
  const { token } = (await local("/dev/token", { user })) as { token: string };
  return createClient<paths>({
    baseUrl: baseUrl!,
    headers: { authorization: `Bearer ${token}` },
  });
}

// What every call here answers, or the journey ends.
function told<T>(answer: { data?: T; error?: unknown; response: Response }): T {
  assert(answer.data !== undefined, `${answer.response.url}: ${JSON.stringify(answer.error)}`);
  return answer.data;
}

async function buy(fan: Client): Promise<number> {
  const config = told(await fan.GET("/v1/config"));
  const packages = told(await fan.GET("/v1/packages", { params: { query: { currency: "usd" } } }));
  const chosen = packages.data[0];
  assert(chosen, "nothing is sold");
  const request = {
    params: { header: { "Idempotency-Key": "journey-buy" } },
    body: { package_id: chosen.id, currency: "usd", terms_version: config.terms_version },
  } as const;
  const started = told(await fan.POST("/v1/recharges", request));
  assert.equal(started.status, "open");
  assert(started.checkout_url, "a new recharge has the address of its payment");
  const session = started.checkout_url.split("/").at(-1);
  await local(`/stripe-sim/checkout/${session}/pay`, { outcome: "succeed" });
  await local("/stripe-sim/deliver", null);
  const path = { path: { id: started.id } };
  const settled = told(await fan.GET("/v1/recharges/{id}", { params: path }));
  assert.equal(settled.status, "settled");
  assert(settled.credited_at);
  const replayed = await fan.POST("/v1/recharges", request);
  assert.deepEqual(told(replayed), started);
  assert.equal(replayed.response.headers.get("idempotent-replayed"), "true");
  return settled.coins + settled.bonus_coins;
}

async function becomeCreator(bob: Client): Promise<string> {
  const { terms_version } = told(await bob.GET("/v1/config"));
  const body = { display_name: "Bob", country: "DE", terms_version };
  const creator = told(await bob.PUT("/v1/creator", { body }));
  assert(creator.accepting);
  return creator.id;
}

async function send(fan: Client, creatorId: string, coins: number): Promise<number> {
  const gifts = told(await fan.GET("/v1/gifts"));
  const gift = gifts.data.find((one) => one.coins <= coins);
  assert(gift, "no gift is cheap enough");
  const body: components["schemas"]["GiftRequest"] = {
    gift_id: gift.id,
    quantity: 1,
    creator_id: creatorId,
    target: { kind: "live", id: "stream-1" },
    expected_coins: gift.coins,
  };
  const key = { params: { header: { "Idempotency-Key": "journey-gift" } } };
  const sent = told(await fan.POST("/v1/gifts/send", { ...key, body }));
  assert.equal(sent.balance_after, coins - gift.coins);
  const refused = await fan.POST("/v1/gifts/send", {
    params: { header: { "Idempotency-Key": "journey-too-dear" } },
    body: { ...body, quantity: 9999, expected_coins: null },
  });
  assert.equal(refused.response.status, 409);
  const problem = refused.error as Problem;
  assert.equal(problem.code, "insufficient_coins");
  assert((problem.missing_coins ?? 0) > 0);
  return gift.coins;
}

async function statement(fan: Client, bought: number, spent: number): Promise<void> {
  const wallet = told(await fan.GET("/v1/wallet"));
  assert.equal(wallet.coins, bought - spent);
  assert.equal(wallet.limits.daily_coins, null);
  const changes: number[] = [];
  let cursor: string | undefined;
  do {
    const query = cursor === undefined ? { limit: 1 } : { limit: 1, cursor };
    const page = told(await fan.GET("/v1/wallet/entries", { params: { query } }));
    changes.push(...page.data.map((entry) => entry.coins));
    cursor = page.next_cursor;
  } while (cursor !== undefined);
  assert.deepEqual(changes, [-spent, bought]);
}

// The relay follows a moment later: what is told is never too high, and at last it is all.
async function earned(bob: Client, diamonds: number): Promise<void> {
  for (;;) {
    const query = { currency: "eur" } as const;
    const earnings = told(await bob.GET("/v1/creator/earnings", { params: { query } }));
    assert(earnings.pending <= diamonds);
    if (earnings.pending === diamonds) {
      assert.equal(earnings.days[0]?.live, diamonds);
      assert.equal(earnings.money_equivalent.currency, "eur");
      const received = told(await bob.GET("/v1/creator/gifts"));
      assert.equal(received.data[0]?.sender, "journey-alice");
      return;
    }
    await wait(50);
  }
}

const [fan, bob] = [await clientOf("journey-alice"), await clientOf("journey-bob")];
const creatorId = await becomeCreator(bob);
const bought = await buy(fan);
const spent = await send(fan, creatorId, bought);
await statement(fan, bought, spent);
await earned(bob, spent);
console.log(`bought ${bought} coins, spent ${spent}, and their creator earned as many diamonds`);
