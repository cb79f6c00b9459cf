"""What schemathesis must know of Recharge beside its document: who calls, whose signature counts, and
which of the many valid values lead further than a refusal."""

import atexit
import collections
import hashlib
import hmac
import os
import time

import requests
import schemathesis

BASE = os.environ["RECHARGE_BASE"]
FAN, CREATOR, OPERATOR = "schemathesis-alice", "schemathesis-bob", "schemathesis-op"
# One whom nobody plays: she pauses never and blocks nobody.
SECOND_CREATOR = "schemathesis-dora"
WEBHOOK_SECRET = "whsec_local"
OF_CREATORS = "/v1/creator"


def post(path, json, token=None, key=None):
    headers = {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if key:
        headers["Idempotency-Key"] = key
    answer = requests.post(BASE + path, json=json, headers=headers, timeout=10)
    answer.raise_for_status()
    return answer.json()


def token_of(user, scopes=()):
    return post("/dev/token", {"user": user, "scopes": list(scopes), "expires_in": 36_000})["token"]


TOKENS = {
    FAN: token_of(FAN),
    CREATOR: token_of(CREATOR),
    OPERATOR: token_of(OPERATOR, ["recharge:admin"]),
}
CONFIG = requests.get(BASE + "/v1/config", timeout=10).json()
PACKAGES = [one["id"] for one in requests.get(BASE + "/v1/packages", timeout=10).json()["data"]]
GIFTS = [one["id"] for one in requests.get(BASE + "/v1/gifts", timeout=10).json()["data"]]


RECHARGES = []


def is_open(recharge):
    headers = {"Authorization": f"Bearer {TOKENS[FAN]}"}
    told = requests.get(f"{BASE}/v1/recharges/{recharge}", headers=headers, timeout=10)
    told.raise_for_status()
    return told.json()["status"] == "open"


def prepare():
    """A fan with coins, and somebody to send gifts to: else most of what is random is refused."""
    terms = CONFIG["terms_version"]
    for creator in CREATOR, SECOND_CREATOR:
        became = requests.put(
            BASE + "/v1/creator",
            json={"display_name": creator, "country": "DE", "terms_version": terms},
            headers={"Authorization": f"Bearer {token_of(creator)}"},
            timeout=10,
        )
        became.raise_for_status()
    body = {"coins": 50_000, "currency": "usd", "terms_version": terms}
    for number in range(4):
        started = post("/v1/recharges", body, TOKENS[FAN], f"prepare-{number}")
        RECHARGES.append(started["id"])
        if not is_open(started["id"]):
            continue  # Another run on the same server paid it: its key answers the same for ever.
        session = started["checkout_url"].rsplit("/", 1)[-1]
        post(f"/stripe-sim/checkout/{session}/pay", {"outcome": "succeed"})
    post("/stripe-sim/deliver", None)
    gift = {"gift_id": GIFTS[0], "quantity": 1, "creator_id": CREATOR, "target": {"kind": "live", "id": "stream-1"}}
    post("/v1/gifts/send", gift, TOKENS[FAN], "prepare")


prepare()


@schemathesis.auth(refresh_interval=None)
class Tokens:
    """A token of whom the operation is for."""

    def get(self, case, context):
        path = context.operation.path
        if path.startswith("/v1/admin/"):
            return TOKENS[OPERATOR]
        # The fan spends without a limit of their own, or soon nothing more is sent.
        is_creators = path.startswith(OF_CREATORS) or path == "/v1/wallet/limits"
        return TOKENS[CREATOR if is_creators else FAN]

    def set(self, case, data, context):
        if context.operation.definition.raw.get("security") and "stripe" not in context.operation.path:
            case.headers["Authorization"] = f"Bearer {data}"


class Signed(requests.auth.AuthBase):
    """As Stripe signs: over the very bytes, and the time."""

    def __call__(self, request):
        body = request.body or b""
        body = body if isinstance(body, bytes) else body.encode()
        now = str(int(time.time()))
        mac = hmac.new(WEBHOOK_SECRET.encode(), now.encode() + b"." + body, hashlib.sha256)
        request.headers["Stripe-Signature"] = f"t={now},v1={mac.hexdigest()}"
        return request


@schemathesis.hook
def before_call(context, case, kwargs):
    # What shall be wrong stays without a right signature.
    if case.operation.path == "/v1/stripe/webhook" and case.meta and case.meta.generation.mode.is_positive:
        kwargs["auth"] = Signed()
    # What is random comes with few keys, and most bodies with one that another body had before.
    key = (case.headers or {}).get("Idempotency-Key")
    if is_text(key, 200) and key.isascii() and key.isprintable() and pick([True, True, False], (key, case.body)):
        case.headers["Idempotency-Key"] = f"{key}-{digest(case.body)[:16]}"


def digest(value):
    return hashlib.sha256(repr(value).encode()).hexdigest()


def pick(choices, value):
    """One of them: the same one for the same value."""
    return choices[int(digest(value), 16) % len(choices)]


def is_text(value, most):
    return isinstance(value, str) and 1 <= len(value) <= most


def is_count(value):
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


@schemathesis.hook
def map_path_parameters(context, parameters):
    """Half of the recharges that are asked for exist."""
    of_recharges = "/recharges/" in context.operation.path or context.operation.tags == ["Pages"]
    if parameters and of_recharges and is_text(parameters.get("id"), 64) and pick([True, False], parameters):
        return {**parameters, "id": pick(RECHARGES, parameters)}
    return parameters


@schemathesis.hook
def map_body(context, body):
    """Puts what exists in the place of what could exist: a valid body stays valid, and one that is not
    stays as it is."""
    if not isinstance(body, dict):
        return body
    body = dict(body)
    path = context.operation.path
    often = pick([True, True, True, False], sorted(body.items(), key=str))
    if path == "/v1/stripe/webhook" and often:
        return {"id": "evt_1", "type": "customer.created", "created": 1, "livemode": False, "data": {"object": body}}
    if often and is_text(body.get("terms_version"), 64):
        body["terms_version"] = CONFIG["terms_version"]
    if path == "/v1/recharges" and often:
        if is_text(body.get("currency"), 16):
            body["currency"] = pick(CONFIG["currencies"], body["currency"])
        if is_text(body.get("package_id"), 64) and body["package_id"].isascii():
            body["package_id"] = pick(PACKAGES, body["package_id"])
            body.pop("coins", None) if is_count(body.get("coins")) else None
        elif is_count(body.get("coins")) and body["coins"] < 2**53:
            body["coins"] = 40 + body["coins"] % 49_961
        if is_text(body.get("return_url"), 512):
            del body["return_url"]
    if path == "/v1/gifts/send" and often:
        if is_text(body.get("gift_id"), 64) and body["gift_id"].isascii():
            body["gift_id"] = pick(GIFTS[:6], body["gift_id"])
        if is_text(body.get("creator_id"), 64) and body["creator_id"].isascii():
            body["creator_id"] = pick([CREATOR, SECOND_CREATOR], body["creator_id"])
        if is_count(body.get("expected_coins")):
            del body["expected_coins"]
        if isinstance(body.get("not_after"), str):
            del body["not_after"]
    return body


# What a schema cannot tell: which country codes are assigned, bytes beside characters, that exactly one
# of two fields is there, and times beyond the year 9999. That integers are written without a fraction
# is said in words: to JSON Schema 1.0 is one.
UNTOLD = {"/country", "/package_id", "/coins", "/currency", "/terms_version", "/return_url", "/reason", "/not_after"}


@schemathesis.check
def good_bodies_are_not_invalid(context, response, case):
    """A request that the document allows may be refused, but not as malformed."""
    meta = getattr(case, "meta", None)
    if meta is None or not meta.generation.mode.is_positive or response.status_code not in (400, 422):
        return
    problem = response.json()
    if problem.get("code") != "body_invalid":
        return
    pointers = {error["pointer"] for error in problem.get("errors", [])}
    if "floating point" in problem["detail"]:
        return
    if case.operation.path == "/v1/stripe/webhook" or (pointers and pointers <= UNTOLD):
        return
    raise AssertionError(f"a valid request is called invalid: {problem}")


@schemathesis.check
def problems_have_codes_of_their_answer(context, response, case):
    """Each answer lists its codes beside its schema, where only we read them."""
    if "application/problem+json" not in response.headers.get("content-type", [""])[0]:
        return
    problem = response.json()
    answers = case.operation.definition.raw["responses"]
    media = answers[str(response.status_code)]["content"]["application/problem+json"]
    if problem["code"] not in media["x-recharge-codes"] or problem["status"] != response.status_code:
        raise AssertionError(f"{response.status_code} has no such code: {problem}")


ANSWERS = collections.Counter()


@schemathesis.hook
def after_call(context, case, response):
    code = ""
    if "application/problem+json" in response.headers.get("content-type", [""])[0]:
        code = response.json()["code"]
    ANSWERS[case.operation.definition.raw["operationId"], response.status_code, code] += 1


@atexit.register
def tell():
    """What was answered how often: random requests that are all refused would prove little."""
    if not ANSWERS:
        return
    print("\nAnswers by operation, status and code:")
    for name in sorted({name for name, _, _ in ANSWERS}):
        told = sorted((status, code, count) for (one, status, code), count in ANSWERS.items() if one == name)
        print(f"  {name}: " + ", ".join(f"{status} {code} {count}".replace("  ", " ") for status, code, count in told))
    # A recharge is synced every two seconds at most: who is told to come later got as far as who succeeds.
    later = ("syncRecharge", "rate_limited")
    through = {name for name, status, code in ANSWERS if status < 300 or (name, code) == later}
    with open(os.environ["RECHARGE_SUCCEEDED"], "a", encoding="utf-8") as file:
        file.writelines(f"{name}\n" for name in through)
