// What a creator earns and receives.

import { coins, count, day, diamonds, get, money, time } from "/api.js";
import { $, el, places, press, write } from "/dom.js";

const state = { days: null, gifts: null, names: new Map(), blocked: new Set(), turn: 0 };

/** A week, and about a screen. */
const DAYS = 7;
const GIFTS = 10;

export async function loadEarnings() {
  const turn = ++state.turn;
  const [earned, received, catalogue] = await Promise.all([
    get("/v1/creator/earnings", { limit: DAYS }), get("/v1/creator/gifts", { limit: GIFTS }), get("/v1/gifts"),
  ]);
  if (turn !== state.turn) return;
  state.names = new Map(catalogue.data.map(({ id, icon, name }) => [id, `${icon} ${name}`]));
  clear();
  showTotal(earned);
  appendDays(earned);
  appendGifts(received);
}

export function forgetEarnings() {
  state.turn += 1;
  state.blocked = new Set();
  clear();
  write($("#pending"), "");
  write($("#rate"), "");
  for (const name of ["days", "more-days", "more-received", "no-received"]) $(`#${name}`).hidden = true;
}

function clear() {
  $("#days tbody").replaceChildren();
  $("#received").replaceChildren();
}

function showTotal(earned) {
  write($("#pending"), `${diamonds(earned.pending)} pending, worth ${money(earned.money_equivalent)}`);
  write($("#rate"), `1,000 diamonds are worth ${money(earned.money_per_1000_diamonds)}.`);
}

function appendDays(page) {
  $("#days tbody").append(...page.days.map((one) => el("tr", {},
    el("th", { scope: "row" }, day(one.date)),
    ...[count(one.live), count(one.video), money(one.money_equivalent)].map((text) => el("td", {}, text)))));
  state.days = page.next_cursor ?? null;
  $("#more-days").hidden = !state.days;
  $("#days").hidden = $("#days tbody").childElementCount === 0;
}

function appendGifts(page) {
  $("#received").append(...page.data.map((gift) => el("li", {},
    el("span", {}, el("b", {}, gift.sender), ` sent ${count(gift.quantity)} × ${state.names.get(gift.gift_id) ?? gift.gift_id}`),
    el("span", { className: "change" }, diamonds(gift.diamonds)),
    el("span", { className: "detail" },
      gift.message ? el("q", {}, gift.message) : "",
      el("span", { className: "hint" }, `For ${gift.target.kind} ${gift.target.id} · ${coins(gift.coins)} · ${time(gift.at)}`)),
    el("button", { type: "button", className: "plain", value: gift.sender, ariaLabel: `Block ${gift.sender}` }, "Block"))));
  state.gifts = page.next_cursor ?? null;
  $("#more-received").hidden = !state.gifts;
  $("#no-received").hidden = $("#received").childElementCount > 0 || !!state.gifts;
  markBlocked(state.blocked);
}

/** Whoever is blocked cannot be blocked once more. */
export function markBlocked(users) {
  state.blocked = users;
  for (const button of $("#received").querySelectorAll("button")) button.hidden = users.has(button.value);
}

async function more(path, query, append, title) {
  const turn = state.turn;
  const page = await get(path, query);
  if (turn !== state.turn) return;
  append(page);
  // The button that was pressed has gone.
  if (!page.next_cursor) title.focus();
}

const moreDays = () => more("/v1/creator/earnings", { limit: DAYS, cursor: state.days }, appendDays, $("#earnings-title"));
const moreGifts = () => more("/v1/creator/gifts", { limit: GIFTS, cursor: state.gifts }, appendGifts, $("#received-title"));

$("#more-days").addEventListener("click", ({ target }) => press(target, places.creator, moreDays));
$("#more-received").addEventListener("click", ({ target }) => press(target, places.creator, moreGifts));
