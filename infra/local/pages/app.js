// The journey in a browser: sign in, buy coins, come back, send a gift, earn, read the statement.

import { post, session } from "/api.js";
import { forgetCreator, refreshCreator } from "/creator.js";
import { $, attempt, on, onSubmit, places, press, say, sayWrong, write } from "/dom.js";
import { comeBack, forgetReturn } from "/recharge.js";
import { loadShop } from "/shop.js";
import { editedLimits, forget, loadMore, refresh, saveLimits } from "/wallet.js";

function show(signedIn) {
  for (const place of Object.values(places)) place.hidden = (place === places.signIn) === signedIn;
}

function enter() {
  write($("#who"), session.user);
  show(true);
  attempt(places.buy, loadShop);
  refresh();
  refreshCreator();
  comeBack();
}

function leave() {
  session.end();
  forget();
  forgetCreator();
  for (const message of document.querySelectorAll("[role=status], [role=alert]")) message.replaceChildren();
  show(false);
  $("#user").focus();
}

on.signedOut = () => {
  leave();
  sayWrong(places.signIn, "You are no longer signed in. Sign in to go on.");
};
on.shopChanged = () => { loadShop().catch(() => {}); };

onSubmit(places.signIn, () => {
  const user = $("#user").value;
  return async () => {
    const { token } = await post("/dev/token", { user, scopes: [], expires_in: 3600 });
    session.begin(user, token);
    enter();
    $("#wallet-title").focus();
  };
});
onSubmit(places.limits, saveLimits);
places.limits.querySelector("form").addEventListener("input", editedLimits);
$("#more").addEventListener("click", ({ target }) => press(target, places.statement, loadMore));
$("#refresh").addEventListener("click", ({ target }) => { comeBack(); press(target, places.wallet, refresh); });
$("#sign-out").addEventListener("click", () => { forgetReturn(); leave(); });
addEventListener("pageshow", ({ persisted }) => { if (persisted && session.token) { say(places.buy, ""); refresh(); refreshCreator(); } });

if (session.token) enter();
else show(false);
