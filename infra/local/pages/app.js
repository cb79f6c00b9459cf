// The journey in a browser: sign in, buy coins, come back, send a gift, read the statement.

import { coins, count, get, money, once, pause, post, session, signed, time } from "/api.js";

const $ = (selector) => document.querySelector(selector);
const places = { signIn: $("#sign-in"), wallet: $("#wallet"), cameBack: $("#came-back"), buy: $("#buy"), send: $("#send"), statement: $("#statement") };
const state = { config: null, gifts: [], wallet: null, cursor: null, turn: 0, following: false };

/** An element with properties and children. Text stays text: nothing here reads data as HTML. */
function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// ---------------------------------------------------------------- Doing things, and saying what went wrong where it did

const part = (place, role) => place.querySelector(`:scope > [role=${role}], :scope > form > [role=${role}]`);
const mainButton = (place) => place.querySelector("form button:not([type=button])");
const say = (place, text) => write(part(place, "status"), text);

async function attempt(place, action) {
  const alert = part(place, "alert");
  // The button in it goes away with it; the focus must not.
  if (alert.contains(document.activeElement)) (mainButton(place) ?? place.closest("section").querySelector("h2")).focus();
  alert.replaceChildren();
  try {
    await action();
  } catch (problem) {
    complain(place, problem, action);
  }
}

/** As `attempt`, for a button: a second press while the first is under way is ignored. */
async function press(button, place, action) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  await attempt(place, action);
  button.ariaDisabled = "false";
}

function complain(place, problem, action) {
  if (problem.status === 401) {
    leave();
    part(places.signIn, "alert").replaceChildren("You are no longer signed in. Sign in to go on.");
    return;
  }
  const code = [problem.code, problem.requestId].filter(Boolean).join(", ");
  const alert = part(place, "alert");
  alert.replaceChildren(code ? `${problem.message} (${code})` : problem.message);
  if (problem.retryable) {
    const again = el("button", { type: "button", className: "plain" }, "Try again");
    again.addEventListener("click", () => press(mainButton(place) ?? again, place, async () => {
      if (problem.retryAfter) await pause(Math.min(problem.retryAfter, 30) * 1000);
      await action();
    }));
    alert.append(again);
  }
  if (["price_changed", "gift_unavailable", "package_not_found", "terms_outdated"].includes(problem.code)) {
    loadShop().catch(() => {});
  }
}

function onSubmit(place, action) {
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    // Everything is read from the form now, so that trying again tries the very same.
    const prepared = action();
    if (prepared) press(mainButton(place), place, prepared);
  });
}

// ---------------------------------------------------------------- Who

function show(signedIn) {
  for (const place of Object.values(places)) place.hidden = (place === places.signIn) === signedIn;
}

function leave() {
  session.end();
  Object.assign(state, { wallet: null, cursor: null, turn: state.turn + 1 });
  $("#entries").replaceChildren();
  for (const message of document.querySelectorAll("[role=status], [role=alert]")) message.replaceChildren();
  show(false);
  $("#user").focus();
}

function enter() {
  write($("#who"), session.user);
  show(true);
  attempt(places.buy, loadShop);
  refresh();
  comeBack();
}

// ---------------------------------------------------------------- Wallet and statement

async function refresh() {
  await attempt(places.wallet, loadWallet);
  await attempt(places.statement, loadStatement);
}

async function loadWallet() {
  const wallet = await get("/v1/wallet");
  if (!session.token || wallet.seq < (state.wallet?.seq ?? 0)) return;
  state.wallet = wallet;
  const debt = wallet.debt > 0 ? `, ${coins(wallet.debt)} owed` : "";
  const frozen = wallet.status === "frozen" ? " (frozen)" : "";
  write($("#balance"), `${coins(wallet.coins)}${debt}${frozen}`);
}

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

async function loadMore() {
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

function append(page) {
  $("#entries").append(...page.data.map((entry) => el("li", {},
    el("span", {}, KINDS[entry.kind] ?? entry.kind),
    el("span", { className: "change" }, signed(entry.coins)),
    el("span", { className: "hint" }, [
      `No. ${count(entry.seq)}`, time(entry.at), `${coins(entry.balance_after)} after it`,
      entry.debt_after > 0 && `${coins(entry.debt_after)} owed`, entry.note,
    ].filter(Boolean).join(" · ")))));
  state.cursor = page.next_cursor ?? null;
  $("#more").hidden = !state.cursor;
  $("#no-entries").hidden = $("#entries").childElementCount > 0;
}

// ---------------------------------------------------------------- Packages and gifts

async function loadShop() {
  state.config = await get("/v1/config");
  const chosen = $("#currency").value || state.config.currencies[0];
  $("#currency").replaceChildren(...state.config.currencies.map((code) =>
    el("option", { value: code, selected: code === chosen }, code.toUpperCase())));
  write($("#terms-version"), state.config.terms_version);
  $("#quantity").max = state.config.limits.max_quantity;
  const [packages, gifts] = await Promise.all([get("/v1/packages", { currency: chosen }), get("/v1/gifts", { currency: chosen })]);
  if ($("#currency").value !== chosen) return;
  state.gifts = gifts.data;
  offer($("#packages"), "package", packages.data, (item) => [el("span", {},
    el("b", {}, coins(item.coins)),
    el("span", {}, item.bonus_coins > 0 ? `+ ${count(item.bonus_coins)} bonus` : ""),
    el("span", {}, money(item.price)),
    el("span", { className: "hint" }, `${money(item.price_per_100_coins)} per 100 coins`))]);
  offer($("#gifts"), "gift", gifts.data, (item) => [el("span", { className: "icon", ariaHidden: "true" }, item.icon), el("span", {},
    el("b", {}, item.name),
    el("span", {}, coins(item.coins)),
    el("span", { className: "hint" }, `about ${money(item.money_equivalent)}`))]);
  showCost();
}

/** Radio buttons for `items`; what was chosen stays chosen. */
function offer(grid, name, items, describe) {
  const chosen = chosenIn(name);
  grid.replaceChildren(...items.map((item) => el("label", { className: "choice" },
    el("input", { type: "radio", name, value: item.id, required: true, checked: item.id === chosen }), ...describe(item))));
}

const chosenIn = (name) => $(`input[name=${name}]:checked`)?.value;

function selected() {
  const gift = state.gifts.find(({ id }) => id === chosenIn("gift"));
  const quantity = Number($("#quantity").value);
  return { gift, quantity, cost: gift && Number.isSafeInteger(quantity) ? gift.coins * quantity : 0 };
}

function showCost() {
  const { cost } = selected();
  write($("#cost"), cost > 0 ? `Costs ${coins(cost)}` : "");
}

// ---------------------------------------------------------------- Buying, and coming back from the checkout

function buy() {
  if (!chosenIn("package")) return undefined;
  const body = { package_id: chosenIn("package"), currency: $("#currency").value, terms_version: state.config.terms_version };
  return async () => {
    const recharge = await once("recharge", "/v1/recharges", body);
    const checkout = new URL(recharge.checkout_url, location.href);
    if (!["http:", "https:"].includes(checkout.protocol)) throw new Error("The checkout has no web address.");
    say(places.buy, "On to the checkout …");
    location.assign(checkout);
  };
}

const ENDS = {
  settled: ({ coins: base, bonus_coins: bonus }) => `${coins(base + bonus)} arrived.`,
  failed: () => "The recharge failed. Nothing was charged.",
  expired: () => "The checkout expired. Nothing was charged.",
  needs_review: () => "Somebody has to look at this recharge. There is nothing you need to do.",
  refunded: () => "This recharge was refunded.",
  partially_refunded: () => "A part of this recharge was refunded.",
  disputed: () => "This recharge is disputed.",
};

const returned = () => new URLSearchParams(location.search);

async function comeBack() {
  const id = returned().get("recharge");
  if (!id || state.following) return;
  state.following = true;
  await attempt(places.cameBack, () => follow(id, returned().get("result")));
  state.following = false;
}

/** Asks until the recharge has ended, more and more slowly, for about a minute. */
async function follow(id, result) {
  for (let tries = 0, wait = 400; tries < 16; tries += 1, wait = Math.min(wait * 1.5, 6000)) {
    const recharge = await get(`/v1/recharges/${encodeURIComponent(id)}`).catch((problem) => {
      if (problem.status === 404) forgetReturn();
      throw problem;
    });
    const end = ENDS[recharge.status];
    if (end) {
      say(places.cameBack, end(recharge));
      forgetReturn();
      return refresh();
    }
    if (result === "cancel" && recharge.status !== "processing") {
      say(places.cameBack, "You left the checkout. Nothing was charged.");
      return forgetReturn();
    }
    say(places.cameBack, recharge.status === "processing" ? "Stripe is still working on it …" : "Waiting for Stripe to confirm …");
    await pause(wait);
    if (!session.token || returned().get("recharge") !== id) return undefined;
  }
  return say(places.cameBack, "Stripe has not confirmed it yet. The coins come by themselves: refresh in a while.");
}

const forgetReturn = () => history.replaceState(null, "", location.pathname);

// ---------------------------------------------------------------- Sending a gift

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
    const sent = await once("gift", "/v1/gifts/send", body);
    say(places.send, `Sent ${count(sent.quantity)} × ${gift.name} for ${coins(sent.coins)}.`);
    await refresh();
  };
}

// ---------------------------------------------------------------- The page

onSubmit(places.signIn, () => {
  const user = $("#user").value;
  return async () => {
    const { token } = await post("/dev/token", { user, scopes: [], expires_in: 3600 });
    session.begin(user, token);
    enter();
    $("#wallet-title").focus();
  };
});
onSubmit(places.buy, buy);
onSubmit(places.send, send);
$("#currency").addEventListener("change", () => attempt(places.buy, loadShop));
places.send.querySelector("form").addEventListener("input", showCost);
$("#more").addEventListener("click", ({ target }) => press(target, places.statement, loadMore));
$("#refresh").addEventListener("click", ({ target }) => { comeBack(); press(target, places.wallet, refresh); });
$("#sign-out").addEventListener("click", () => { forgetReturn(); leave(); });
addEventListener("pageshow", ({ persisted }) => { if (persisted && session.token) { say(places.buy, ""); refresh(); } });

if (session.token) enter();
else show(false);
