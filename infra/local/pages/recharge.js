// Coming back from the checkout: what became of the recharge that the address names.

import { coins, get, pause, post, session } from "/api.js";
import { $, attempt, places, press, say } from "/dom.js";
import { refresh } from "/wallet.js";

const ENDS = {
  settled: ({ coins: base, bonus_coins: bonus }) => `${coins(base + bonus)} arrived.`,
  failed: () => "The recharge failed. Nothing was charged.",
  expired: () => "The checkout expired. Nothing was charged.",
  needs_review: () => "Somebody has to look at this recharge. There is nothing you need to do.",
  refunded: () => "This recharge was refunded.",
  partially_refunded: () => "A part of this recharge was refunded.",
  disputed: () => "This recharge is disputed.",
};

let following = false;

const returned = () => new URLSearchParams(location.search).get("recharge");
const path = (id) => `/v1/recharges/${encodeURIComponent(id)}`;

export function forgetReturn() {
  history.replaceState(null, "", location.pathname);
  $("#ask").hidden = true;
}

export async function comeBack() {
  const id = returned();
  if (!id || following) return;
  following = true;
  await attempt(places.cameBack, () => follow(id));
  following = false;
}

/** Asks us until the recharge has ended, more and more slowly, for about a minute. */
async function follow(id) {
  for (let tries = 0, wait = 400; tries < 16; tries += 1, wait = Math.min(wait * 1.5, 6000)) {
    const recharge = await get(path(id)).catch((problem) => {
      if (problem.status === 404) forgetReturn();
      throw problem;
    });
    if (returned() !== id || await tell(recharge)) return;
    await pause(wait);
    if (!session.token || returned() !== id) return;
  }
  say(places.cameBack, "Stripe has not confirmed it yet. The coins come by themselves: refresh in a while.");
}

/** Says how it stands. Whether that is the end. */
async function tell(recharge) {
  const end = ENDS[recharge.status];
  if (end) {
    say(places.cameBack, end(recharge));
    forgetReturn();
    await refresh();
    return true;
  }
  $("#ask").hidden = false;
  say(places.cameBack, recharge.status === "processing"
    ? "Stripe is still working on it: some ways to pay take days."
    : "Not paid yet, as far as we know. If you have paid, Stripe confirms it soon.");
  return false;
}

/** Lets the service ask Stripe now. */
async function ask() {
  const id = returned();
  if (!id) return;
  const told = await post(`${path(id)}/sync`).catch(async (problem) => {
    if (problem.status !== 429) throw problem;
    await pause(problem.retryAfter * 1000);
    return post(`${path(id)}/sync`);
  });
  if (returned() === id) await tell(told);
}

$("#ask").addEventListener("click", ({ target }) => press(target, places.cameBack, ask));
