// A local server whose webhooks come here first, and Stripe's SDK pointed at its simulator.
//
// RECHARGE_TEST_SERVER names the program; it is started on a free port and stopped at the end.
// RECHARGE_TEST_NODE_MODULES is where the SDK is installed.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const load = createRequire(`${process.env.RECHARGE_TEST_NODE_MODULES}/`);
export const Stripe = load("stripe");

export const SECRETS = ["whsec_local", "whsec_next"];

/** Status and JSON of an answer that comes without Stripe's SDK. */
export async function ask(method, url, body, headers = {}) {
  const raw = body === undefined || body instanceof Buffer ? body : JSON.stringify(body);
  const sent = { method, body: raw, headers: { "content-type": "application/json", ...headers } };
  const answer = await fetch(url, sent);
  return [answer.status, await answer.json()];
}

/** The SDK takes a host and no path, so its own HTTP client puts the simulator's in front. */
function under(path) {
  const client = Stripe.createNodeHttpClient();
  const send = client.makeRequest.bind(client);
  client.makeRequest = (host, port, rest, ...more) => send(host, port, path + rest, ...more);
  return client;
}

export class World {
  heard = [];

  static async start() {
    const world = new World();
    world.receiver = createServer((request, answer) => world.hear(request, answer));
    await new Promise((resolve) => world.receiver.listen(0, "127.0.0.1", resolve));
    const here = `http://127.0.0.1:${world.receiver.address().port}`;
    const env = { ...process.env, STRIPE_WEBHOOK_SECRETS: SECRETS.join(","), RUST_LOG: "error" };
    world.server = spawn(process.env.RECHARGE_TEST_SERVER, ["--port", "0", "--api-url", here], {
      env,
      stdio: ["ignore", "pipe", "inherit"],
    });
    // Also when a test file ends early: what is left would hold its output open.
    process.on("exit", () => world.server.kill());
    for await (const line of createInterface({ input: world.server.stdout })) {
      world.api ??= /page and API +(http:\S+)/.exec(line)?.[1];
      if (line.includes("Ctrl-C")) break;
    }
    assert.ok(world.api, "the server did not start");
    world.simulator = `${world.api}/stripe-sim`;
    world.stripe = world.client();
    await world.delivery({ hold: true });
    return world;
  }

  client(key = "sk_test_123", maxNetworkRetries = 0) {
    const { hostname: host, port } = new URL(this.api);
    const httpClient = under("/stripe-sim");
    return new Stripe(key, { protocol: "http", host, port, httpClient, maxNetworkRetries });
  }

  /** Keeps what the simulator sends, and passes it on to the service. */
  async hear(request, answer) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const [body, signature] = [Buffer.concat(parts), request.headers["stripe-signature"]];
    this.heard.push([body, signature]);
    const [status, said] = await this.say(body, signature);
    answer.writeHead(status).end(JSON.stringify(said));
  }

  say(body, signature) {
    const headers = signature === undefined ? {} : { "stripe-signature": signature };
    return ask("POST", `${this.api}/v1/stripe/webhook`, Buffer.from(body), headers);
  }

  async control(method, path, body) {
    const [status, answer] = await ask(method, this.simulator + path, body);
    assert.equal(status, 200, `${path}: ${JSON.stringify(answer)}`);
    return answer;
  }

  delivery(setting) {
    return this.control("PUT", "/delivery", setting);
  }

  /** Sends all that is held; what was heard by that, as [body, signature]. */
  async deliver() {
    const before = this.heard.length;
    const told = await this.control("POST", "/deliver");
    assert.deepEqual(told.failed, []);
    return this.heard.slice(before);
  }

  pay(session, outcome = "succeed") {
    return this.control("POST", `/checkout/${session}/pay`, { outcome });
  }

  async fan(user) {
    const [, { token }] = await ask("POST", `${this.api}/dev/token`, { user });
    return { authorization: `Bearer ${token}` };
  }

  /** A recharge of 70 coins: the id of its checkout session. */
  async recharge(fan) {
    const [, { terms_version }] = await ask("GET", `${this.api}/v1/config`);
    const body = { package_id: "coins_70", currency: "usd", terms_version };
    const headers = { ...fan, "idempotency-key": "first" };
    const [status, answer] = await ask("POST", `${this.api}/v1/recharges`, body, headers);
    assert.equal(status, 201, JSON.stringify(answer));
    return /cs_test_\w+/.exec(answer.checkout_url)[0];
  }

  async coins(fan) {
    return (await ask("GET", `${this.api}/v1/wallet`, undefined, fan))[1].coins;
  }

  async stop() {
    const ended = new Promise((resolve) => this.server.once("exit", resolve));
    this.server.kill("SIGTERM");
    await ended;
    this.receiver.close();
    this.receiver.closeAllConnections();
  }
}

/** Parameters of a checkout session. */
export function coinsForSale(more = {}) {
  const price_data = { currency: "usd", unit_amount: 499, product_data: { name: "Münzen & more" } };
  return {
    mode: "payment",
    success_url: "https://example.com/thanks?id={CHECKOUT_SESSION_ID}",
    line_items: [{ quantity: 1, price_data }],
    ...more,
  };
}
