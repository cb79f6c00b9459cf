// What the page is made of: its places, and doing things in them, with what went wrong said where it did.

import { pause } from "/api.js";

export const $ = (selector) => document.querySelector(selector);

export const places = {
  signIn: $("#sign-in"), wallet: $("#wallet"), cameBack: $("#came-back"), buy: $("#buy"), send: $("#send"),
  creator: $("#as-creator"), limits: $("#limits"), statement: $("#statement"),
};

/** What `app.js` does when an answer says so. */
export const on = { signedOut() {}, shopChanged() {} };

/** An element with properties and children. Text stays text: nothing here reads data as HTML. */
export function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

const part = (place, role) => place.querySelector(`:scope > [role=${role}], :scope > form > [role=${role}]`);
const mainButton = (place) => place.querySelector(":scope > form button:not([type=button])");

export const say = (place, text) => write(part(place, "status"), text);
export const sayWrong = (place, text) => part(place, "alert").replaceChildren(text);

/** Adds a button to what went wrong there. */
export function offerHelp(place, text, action) {
  const button = el("button", { type: "button", className: "plain" }, text);
  button.addEventListener("click", () => action(button));
  part(place, "alert").append(button);
}

export async function attempt(place, action) {
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
export async function press(button, place, action) {
  if (button.ariaDisabled === "true") return;
  button.ariaDisabled = "true";
  await attempt(place, action);
  button.ariaDisabled = "false";
}

function complain(place, problem, action) {
  if (problem.status === 401) return on.signedOut();
  const code = [problem.code, problem.requestId].filter(Boolean).join(", ");
  sayWrong(place, code ? `${problem.message} (${code})` : problem.message);
  if (problem.retryable) {
    offerHelp(place, "Try again", (again) => press(mainButton(place) ?? again, place, async () => {
      if (problem.retryAfter) await pause(Math.min(problem.retryAfter, 60) * 1000);
      await action();
    }));
  }
  problem.help?.(place);
  if (["price_changed", "gift_unavailable", "package_not_found", "terms_outdated", "amount_out_of_range"].includes(problem.code)) {
    on.shopChanged();
  }
  return undefined;
}

export function onSubmit(place, action) {
  place.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    // Everything is read from the form now, so that trying again tries the very same.
    const prepared = action();
    if (prepared) press(mainButton(place), place, prepared);
  });
}
