// A creator's side: becoming one, pausing, blocking. What they earn and receive is in `earnings.js`.

import { get, put, putAs, remove, session, time } from "/api.js";
import { $, attempt, el, onSubmit, places, press, say, write } from "/dom.js";
import { forgetEarnings, loadEarnings, markBlocked } from "/earnings.js";

/** Whoever sends may be judged by what was known of a creator up to this long ago. */
const WITHIN = "Gifts may still come for 30 seconds.";

const state = { termsVersion: "", isAccepting: false, blocked: new Set(), cursor: null, turn: 0 };

/** Makes somebody a creator who is not sitting here. */
export const makeCreator = (user, termsVersion) =>
  putAs(user, "/v1/creator", { display_name: user.slice(0, 50), terms_version: termsVersion, country: "US" });

export const refreshCreator = () => attempt(places.creator, load);

export function forgetCreator() {
  Object.assign(state, { blocked: new Set(), cursor: null, turn: state.turn + 1 });
  for (const name of ["become", "desk", "accepting", "more-blocked", "no-blocked"]) $(`#${name}`).hidden = true;
  $("#blocked").replaceChildren();
  write($("#creator-line"), "");
  $("#become form").reset();
  forgetEarnings();
}

async function load() {
  const turn = ++state.turn;
  const creator = await get("/v1/creator").catch((problem) => {
    if (problem.code !== "creator_not_found") throw problem;
    return null;
  });
  if (turn !== state.turn) return;
  if (creator) await showDesk(creator);
  else await showForm();
}

async function showForm() {
  const { turn } = state;
  const { terms_version: termsVersion } = await get("/v1/config");
  if (turn !== state.turn) return;
  state.termsVersion = termsVersion;
  write($("#creator-terms-version"), termsVersion);
  $("#display-name").value ||= session.user.slice(0, 50);
  write($("#creator-line"), "You are no creator yet. A creator receives gifts and earns a diamond for each coin.");
  $("#become").hidden = false;
}

async function showDesk(creator) {
  show(creator);
  $("#become").hidden = true;
  $("#desk").hidden = false;
  await Promise.all([loadBlocked(), loadEarnings()]);
}

function show({ display_name: name, country, accepting }) {
  state.isAccepting = accepting;
  write($("#creator-line"), `${name} (${country}) takes ${accepting ? "gifts" : "no gifts now"}.`);
  write($("#accepting"), accepting ? "Pause gifts" : "Take gifts again");
  $("#accepting").hidden = false;
}

function become() {
  const body = {
    display_name: $("#display-name").value.trim(), terms_version: state.termsVersion, country: $("#country").value.toUpperCase(),
  };
  const { user } = session;
  return async () => {
    const creator = await put("/v1/creator", body).catch(async (problem) => {
      if (problem.code === "terms_outdated") await showForm();
      throw problem;
    });
    if (session.user !== user) return;
    say(places.creator, "You are a creator now.");
    $("#as-creator-title").focus();
    await attempt(places.creator, () => showDesk(creator));
  };
}

async function pauseOrResume() {
  const accepting = !state.isAccepting;
  const { user } = session;
  say(places.creator, "");
  const creator = await put("/v1/creator/status", { accepting });
  if (session.user !== user) return;
  show(creator);
  say(places.creator, accepting ? "You take gifts again." : `Paused. ${WITHIN}`);
}

// ---------------------------------------------------------------- Blocked users

const pathOf = (user) => `/v1/creator/blocked/${encodeURIComponent(user)}`;

async function block(user) {
  say(places.creator, "");
  await put(pathOf(user));
  await afterBlocking(`${user} is blocked. ${WITHIN}`);
}

async function unblock(user) {
  say(places.creator, "");
  await remove(pathOf(user));
  await afterBlocking(`${user} is not blocked any more.`);
}

/** The button that was pressed goes away; the focus must not. */
async function afterBlocking(text) {
  if (!session.token) return;
  $("#blocked-title").focus();
  await loadBlocked();
  say(places.creator, text);
}

async function loadBlocked() {
  const turn = state.turn;
  const page = await get("/v1/creator/blocked");
  if (turn !== state.turn) return;
  state.blocked.clear();
  $("#blocked").replaceChildren();
  appendBlocked(page);
}

async function loadMoreBlocked() {
  const turn = state.turn;
  const page = await get("/v1/creator/blocked", { cursor: state.cursor });
  if (turn !== state.turn) return;
  appendBlocked(page);
  if (!page.next_cursor) $("#blocked-title").focus();
}

function appendBlocked(page) {
  for (const { user } of page.data) state.blocked.add(user);
  $("#blocked").append(...page.data.map(({ user, since }) => el("li", {},
    el("span", {}, user, el("span", { className: "hint" }, `since ${time(since)}`)),
    el("button", { type: "button", className: "plain", value: user, ariaLabel: `Unblock ${user}` }, "Unblock"))));
  state.cursor = page.next_cursor ?? null;
  $("#more-blocked").hidden = !state.cursor;
  $("#no-blocked").hidden = $("#blocked").childElementCount > 0 || !!state.cursor;
  markBlocked(state.blocked);
}

/** For the buttons of a list, which come and go. */
function onPress(list, action) {
  list.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (button) press(button, places.creator, () => action(button.value));
  });
}

onSubmit($("#become"), become);
onPress($("#received"), block);
onPress($("#blocked"), unblock);
$("#accepting").addEventListener("click", ({ target }) => press(target, places.creator, pauseOrResume));
$("#refresh-creator").addEventListener("click", ({ target }) => press(target, places.creator, () => { say(places.creator, ""); return load(); }));
$("#more-blocked").addEventListener("click", ({ target }) => press(target, places.creator, loadMoreBlocked));
