// How the page talks to the API: callers, problems and idempotency keys.

const store = sessionStorage;

/** Who is signed in. It stays in this tab only, and survives the way to the checkout and back. */
export const session = {
  get user() { return store.getItem("user"); },
  get token() { return store.getItem("token"); },
  begin(user, token) { store.setItem("user", user); store.setItem("token", token); },
  end() { store.removeItem("user"); store.removeItem("token"); },
};

/** Keeps something of whoever is signed in; `null` forgets it. */
export const keep = (name, value) => store.setItem(`${name}:${session.user}`, JSON.stringify(value));
export const kept = (name) => JSON.parse(store.getItem(`${name}:${session.user}`) ?? "null");

/** An answer that is not a success, or none at all. */
export class Problem extends Error {
  constructor({ status = 0, code = "", detail, retryable = false, retryAfter = 0, requestId = "", missingCoins = 0 }) {
    super(detail);
    Object.assign(this, { status, code, retryable, retryAfter, requestId, missingCoins });
  }
}

const lost = () => new Problem({ detail: "No answer came.", retryable: true });

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const fields = (body.errors ?? []).map((error) => `${error.pointer}: ${error.detail}`);
  return new Problem({
    status: response.status,
    code: body.code ?? "",
    detail: [body.detail ?? body.title ?? body.message ?? `The answer was ${response.status}.`, ...fields].join(" "),
    // An answer without our form came from something before the service, which decided nothing.
    retryable: body.retryable ?? (response.status >= 500 || response.status === 429),
    retryAfter: Number(response.headers.get("retry-after")) || 0,
    requestId: body.request_id ?? "",
    missingCoins: body.missing_coins ?? 0,
  });
}

async function call(method, path, { body, key, token = session.token } = {}) {
  const headers = {};
  if (token) headers.authorization = `Bearer ${token}`;
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(15_000) };
  const response = await fetch(path, request).catch(() => { throw lost(); });
  if (!response.ok) throw await problemOf(response);
  return response.json().catch(() => { throw lost(); });
}

export const get = (path, query = {}) => {
  const search = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return call("GET", search.size ? `${path}?${search}` : path);
};

export const post = (path, body) => call("POST", path, { body });
export const put = (path, body) => call("PUT", path, { body });
export const remove = (path) => call("DELETE", path);

/** Puts something as somebody else, who is signed in for just that: here nobody has a password. */
export async function putAs(user, path, body) {
  const { token } = await post("/dev/token", { user, scopes: [], expires_in: 60 });
  return call("PUT", path, { body, token });
}

/** Refusals that the page helps to get past. A refusal is not stored, so the key is good for the same again. */
const CURABLE = ["creator_not_found"];

/**
 * Does something that moves value, once. The key is made with the intent and kept until there is a final
 * answer, even over a reload: whoever tries the same again after an answer was lost gets the one result.
 */
export async function once(intent, path, body) {
  const slot = `intent:${session.user}:${intent}`;
  const kept = JSON.parse(store.getItem(slot) ?? "null");
  const same = kept && JSON.stringify(kept.body) === JSON.stringify(body);
  const key = same ? kept.key : newKey();
  store.setItem(slot, JSON.stringify({ key, body }));
  try {
    const result = await call("POST", path, { body, key });
    store.removeItem(slot);
    return result;
  } catch (problem) {
    const unanswered = problem.retryable || problem.status === 401;
    if (!unanswered && !CURABLE.includes(problem.code)) store.removeItem(slot);
    throw problem;
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** `{amount, currency, exponent}` as people write it. Only shown, never calculated with. */
export function money({ amount, currency, exponent }) {
  const digits = { minimumFractionDigits: exponent, maximumFractionDigits: exponent };
  return new Intl.NumberFormat(undefined, { style: "currency", currency, ...digits }).format(amount / 10 ** exponent);
}

export const count = (number) => new Intl.NumberFormat().format(number);
export const signed = (number) => new Intl.NumberFormat(undefined, { signDisplay: "exceptZero" }).format(number);
export const coins = (number) => `${count(number)} ${number === 1 ? "coin" : "coins"}`;
export const diamonds = (number) => `${count(number)} ${number === 1 ? "diamond" : "diamonds"}`;
/** A day of the service, whose days are those of UTC. */
export const day = (text) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(text));
export const time = (text) => new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(text));
