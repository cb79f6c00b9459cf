// The wallet: coins, spending limits and the statement.

import { coins, count, get, pause, put, session, signed, time } from "/api.js";
import { $, attempt, el, places, say, write } from "/dom.js";

const state = { wallet: null, cursor: null, turn: 0, limitsEdited: false };

export async function refresh() {
  await attempt(places.wallet, loadWallet);
  await attempt(places.statement, loadStatement);
}

export function forget() {
  Object.assign(state, { wallet: null, cursor: null, turn: state.turn + 1, limitsEdited: false });
  $("#entries").replaceChildren();
}

async function loadWallet() {
  const wallet = await get("/v1/wallet");
  if (session.token && wallet.seq >= (state.wallet?.seq ?? 0)) show(wallet);
}

function show(wallet) {
  state.wallet = wallet;
  const debt = wallet.debt > 0 ? `, ${coins(wallet.debt)} owed` : "";
  const frozen = wallet.status === "frozen" ? " (frozen)" : "";
  write($("#balance"), `${coins(wallet.coins)}${debt}${frozen}`);
  write($("#spent"), `Spent ${coins(wallet.spent.day)} today and ${coins(wallet.spent.month)} this month, in UTC.`);
  const waiting = Object.entries(wallet.pending_limits ?? {}).map(([name, { to, from }]) =>
    `${name === "daily_coins" ? "A day" : "A month"}: ${to === null ? "no limit" : coins(to)} from ${time(from)}`);
  write($("#waiting-limits"), waiting.join("; "));
  if (!state.limitsEdited) {
    for (const name of ["daily", "monthly"]) $(`#${name}`).value = wallet.limits[`${name}_coins`] ?? "";
  }
}

// ---------------------------------------------------------------- Limits

export const editedLimits = () => { state.limitsEdited = true; };

export function saveLimits() {
  const limit = (name) => ($(`#${name}`).value === "" ? null : Number($(`#${name}`).value));
  const body = { daily_coins: limit("daily"), monthly_coins: limit("monthly") };
  return async () => {
    say(places.limits, "");
    const wallet = await put("/v1/wallet/limits", body);
    state.limitsEdited = false;
    show(wallet);
    say(places.limits, wallet.pending_limits ? "Saved. What was raised holds in 24 hours." : "Saved.");
  };
}

// ---------------------------------------------------------------- Statement

async function loadStatement() {
  const turn = ++state.turn;
  let page = await get("/v1/wallet/entries");
  // The statement may be some milliseconds behind the wallet.
  for (let tries = 0; tries < 5 && (page.data[0]?.seq ?? 0) < (state.wallet?.seq ?? 0); tries += 1) {
    await pause(200);
    page = await get("/v1/wallet/entries");
  }
  if (turn !== state.turn) return;
  $("#entries").replaceChildren();
  append(page);
}

export async function loadMore() {
  const turn = state.turn;
  const page = await get("/v1/wallet/entries", { cursor: state.cursor });
  if (turn !== state.turn) return;
  append(page);
  if (!page.next_cursor) $("#statement-title").focus();
}

const KINDS = {
  recharge: "Recharge", grant: "Coins from the house", gift: "Gift sent", reversal: "Coins taken back",
  restore: "Coins given back", adjustment: "Adjustment", exchange: "Diamonds exchanged",
};
const NOTES = { first_recharge: "for your first recharge" };

function append(page) {
  $("#entries").append(...page.data.map((entry) => el("li", {},
    el("span", {}, KINDS[entry.kind] ?? entry.kind),
    el("span", { className: "change" }, signed(entry.coins)),
    el("span", { className: "hint" }, [
      `No. ${count(entry.seq)}`, NOTES[entry.note] ?? entry.note, time(entry.at), `${coins(entry.balance_after)} after it`,
      entry.debt_after > 0 && `${coins(entry.debt_after)} owed`,
    ].filter(Boolean).join(" · ")))));
  state.cursor = page.next_cursor ?? null;
  $("#more").hidden = !state.cursor;
  $("#no-entries").hidden = $("#entries").childElementCount > 0;
}
