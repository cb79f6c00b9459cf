// What is sold and sent: packages, amounts of one's own choice, gifts.

import { coins, count, get, keep, kept, money, once } from "/api.js";
import { makeCreator } from "/creator.js";
import { $, attempt, el, offerHelp, onSubmit, places, press, say, write } from "/dom.js";
import { priceOf } from "/prices.js";
import { refresh } from "/wallet.js";

const state = { config: null, packages: [], custom: null, gifts: [] };

/** The value of the choice that is no package. */
const CUSTOM = "";

export async function loadShop() {
  state.config = await get("/v1/config");
  const chosen = $("#currency").value || state.config.currencies[0];
  $("#currency").replaceChildren(...state.config.currencies.map((code) =>
    el("option", { value: code, selected: code === chosen }, code.toUpperCase())));
  write($("#terms-version"), state.config.terms_version);
  $("#quantity").max = state.config.limits.max_quantity;
  const [packages, gifts] = await Promise.all([get("/v1/packages", { currency: chosen }), get("/v1/gifts", { currency: chosen })]);
  if ($("#currency").value !== chosen) return;
  Object.assign(state, { packages: packages.data, custom: packages.custom, gifts: gifts.data });
  offer($("#packages"), "package", [...packages.data, ...(packages.custom ? [{ id: CUSTOM }] : [])], describePackage);
  offer($("#gifts"), "gift", gifts.data, (item) => [el("span", { className: "icon", ariaHidden: "true" }, item.icon), el("span", {},
    el("b", {}, item.name),
    el("span", {}, coins(item.coins)),
    el("span", { className: "hint" }, `about ${money(item.money_equivalent)}`))]);
  if (packages.custom) {
    Object.assign($("#amount"), { min: packages.custom.min_coins, max: packages.custom.max_coins });
    write($("#amount-hint"), `${count(packages.custom.min_coins)} to ${count(packages.custom.max_coins)}, whole coins`);
  }
  restoreWish();
  showPrice();
  showCost();
}

const describePackage = (item) => [item.id === CUSTOM
  ? el("span", {}, el("b", {}, "Another amount"), el("span", { className: "hint" }, "Any number of coins, without a bonus"))
  : el("span", {},
    el("b", {}, coins(item.coins)),
    el("span", {}, item.bonus_coins > 0 ? `+ ${count(item.bonus_coins)} bonus` : ""),
    el("span", {}, money(item.price)),
    el("span", { className: "hint" }, `${money(item.price_per_100_coins)} per 100 coins`))];

/** Radio buttons for `items`; what was chosen stays chosen. */
function offer(grid, name, items, describe) {
  const chosen = chosenIn(name);
  grid.replaceChildren(...items.map((item) => el("label", { className: "choice" },
    el("input", { type: "radio", name, value: item.id, required: true, checked: item.id === chosen }), ...describe(item))));
}

const chosenIn = (name) => $(`input[name=${name}]:checked`)?.value;

function choose(name, value) {
  const radio = [...document.querySelectorAll(`input[name=${name}]`)].find((one) => one.value === value);
  if (radio) radio.checked = true;
}

// ---------------------------------------------------------------- Buying

function showPrice() {
  const isCustom = chosenIn("package") === CUSTOM;
  $("#own-amount").hidden = !isCustom;
  $("#amount").disabled = !isCustom;
  const price = isCustom && priceOf(state.custom, Number($("#amount").value));
  write($("#amount-price"), price ? `Costs ${money(price)}` : "");
}

function buy() {
  const id = chosenIn("package");
  if (id === undefined) return undefined;
  const what = id === CUSTOM ? { coins: Number($("#amount").value) } : { package_id: id };
  const body = { ...what, currency: $("#currency").value, terms_version: state.config.terms_version };
  return async () => {
    const recharge = await once("recharge", "/v1/recharges", body);
    const checkout = new URL(recharge.checkout_url, location.href);
    if (!["http:", "https:"].includes(checkout.protocol)) throw new Error("The checkout has no web address.");
    say(places.buy, "On to the checkout …");
    location.assign(checkout);
  };
}

// ---------------------------------------------------------------- Sending a gift

function selected() {
  const gift = state.gifts.find(({ id }) => id === chosenIn("gift"));
  const quantity = Number($("#quantity").value);
  return { gift, quantity, cost: gift && Number.isSafeInteger(quantity) ? gift.coins * quantity : 0 };
}

function showCost() {
  const { cost } = selected();
  write($("#cost"), cost > 0 ? `Costs ${coins(cost)}` : "");
}

function send() {
  const { gift, quantity, cost } = selected();
  if (!gift) return undefined;
  const message = $("#message").value.trim();
  const body = {
    gift_id: gift.id, quantity, creator_id: $("#creator").value, expected_coins: cost,
    target: { kind: $("#kind").value, id: $("#target").value }, ...(message && { message }),
  };
  return async () => {
    say(places.send, "");
    const sent = await once("gift", "/v1/gifts/send", body).catch((problem) => {
      if (problem.missingCoins) problem.help = (place) => offerMissing(place, problem.missingCoins);
      if (problem.code === "creator_not_found") problem.help = (place) => offerCreator(place, body.creator_id);
      throw problem;
    });
    keep("wish", null);
    say(places.send, `Sent ${count(sent.quantity)} × ${gift.name} for ${coins(sent.coins)}.`);
    await refresh();
  };
}

/** The smallest amount, or else package, that brings what a gift lacks. */
function covering(missing) {
  const { custom, packages } = state;
  if (custom && missing <= custom.max_coins) return { amount: Math.max(missing, custom.min_coins) };
  const enough = packages.find((item) => item.coins + item.bonus_coins >= missing);
  return enough && { id: enough.id };
}

function offerMissing(place, missing) {
  const purchase = covering(missing);
  if (!purchase) return;
  offerHelp(place, `Buy the ${coins(missing)} that are missing`, () => {
    keep("wish", wish());
    choose("package", purchase.id ?? CUSTOM);
    if (purchase.amount) $("#amount").value = purchase.amount;
    showPrice();
    say(places.buy, `Your gift lacks ${coins(missing)}. It stays here while you buy them.`);
    (purchase.amount ? $("#amount") : $("input[name=package]:checked")).focus();
  });
}

/** On this machine anybody can be made a creator; elsewhere only they themselves can do it. */
function offerCreator(place, user) {
  offerHelp(place, `Make ${user} a creator`, (button) => press(button, place, async () => {
    await makeCreator(user, state.config.terms_version);
    say(place, `${user} is a creator now. Send the gift again: it goes with the same key.`);
  }));
}

// ---------------------------------------------------------------- The gift that somebody wants to send with coins still to buy

const FIELDS = ["creator", "kind", "target", "quantity", "message"];

const wish = () => ({ gift: chosenIn("gift"), ...Object.fromEntries(FIELDS.map((name) => [name, $(`#${name}`).value])) });

function restoreWish() {
  const wanted = kept("wish");
  if (!wanted || chosenIn("gift")) return;
  choose("gift", wanted.gift);
  for (const name of FIELDS) $(`#${name}`).value = wanted[name];
}

onSubmit(places.buy, buy);
onSubmit(places.send, send);
$("#currency").addEventListener("change", () => attempt(places.buy, loadShop));
places.buy.querySelector("form").addEventListener("input", showPrice);
places.send.querySelector("form").addEventListener("input", showCost);
