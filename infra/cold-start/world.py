"""Somebody with coins, on the local server, and what each function is asked."""

import hashlib
import hmac
import json
import time
import urllib.request


def event(route, user, body=None, headers=(), parameters=None):
    """The event of API Gateway's HTTP API, whose authorizer has checked the token: what is deployed
    checks none itself."""
    method, path = route.split(" ")
    for name, value in (parameters or {}).items():
        path = path.replace(f"{{{name}}}", value)
    return {
        "version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": "",
        "headers": {"content-type": "application/json", **dict(headers)}, "pathParameters": parameters or {},
        "requestContext": {
            "accountId": "1", "apiId": "api", "routeKey": route, "stage": "$default", "requestId": "request",
            "time": "24/Nov/2026:12:00:00 +0000", "timeEpoch": 1_795_000_000_000, "domainName": "localhost",
            "authorizer": {"jwt": {"claims": {"sub": user, "scope": "recharge:admin"}, "scopes": None}},
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "-"},
        },
        "body": body, "isBase64Encoded": False,
    }


def call(base, method, path, token=None, body=None, key=None):
    request = urllib.request.Request(base + path, method=method, data=None if body is None else json.dumps(body).encode())
    for name, value in (("authorization", token and f"Bearer {token}"), ("idempotency-key", key),
                        ("content-type", body is not None and "application/json")):
        if value:
            request.add_header(name, value)
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


class World:
    """Somebody with coins, and a creator to send them to."""

    def __init__(self, base, webhook_secret):
        self.count, self.webhook_secret = 0, webhook_secret
        self.terms = call(base, "GET", "/v1/config")["terms_version"]
        fan = call(base, "POST", "/dev/token", body={"user": "fan"})["token"]
        creator = call(base, "POST", "/dev/token", body={"user": "creator"})["token"]
        call(base, "PUT", "/v1/creator", creator, {"display_name": "C", "country": "DE", "terms_version": self.terms})
        self.package = call(base, "GET", "/v1/packages")["data"][-1]["id"]
        self.bought = call(base, "POST", "/v1/recharges", fan, self.recharge(), "r")
        call(self.bought["checkout_url"], "POST", "/pay", body={"outcome": "succeed"})
        call(base, "POST", "/stripe-sim/deliver", body={})

    def recharge(self):
        return {"package_id": self.package, "currency": "usd", "terms_version": self.terms}

    def request(self, name):
        """A request that reads or writes DynamoDB, and the status that must come of it; None where the
        answer is no response of HTTP."""
        self.count += 1
        key = {"idempotency-key": f"k{self.count}"}
        if name in ("gifts", "node", "python"):
            gift = {"gift_id": "rose", "quantity": 1, "creator_id": "creator", "target": {"kind": "live", "id": "l"}}
            return event("POST /v1/gifts/send", "fan", json.dumps(gift), key), 201
        if name == "raw":
            return event("POST /v1/gifts/send", "raw", "{}", key), 201
        if name == "recharges":  # Asks Stripe, too.
            return event("POST /v1/recharges", f"buyer{self.count}", json.dumps(self.recharge()), key), 201
        if name == "admin":
            status = json.dumps({"status": "active", "reason": "measured"})
            return event("PUT /v1/admin/users/{id}/status", "operator", status, parameters={"id": f"u{self.count}"}), 200
        if name == "webhook":
            return self.webhook(), 200
        if name == "relay":
            return self.relayed(), None
        if name == "reconcile":
            return {}, None
        routes = {"wallet": "GET /v1/wallet", "creators": "GET /v1/creator/earnings", "packages": "GET /v1/gifts",
                  "minimal": "GET /v1/wallet"}
        if name not in routes:
            raise SystemExit(f"world.py knows no first request for {name}: add one to World.request")
        return event(routes[name], "creator" if name == "creators" else "fan"), 200

    def webhook(self):
        """Stripe tells once more of a recharge that is settled."""
        session = self.bought["checkout_url"].rsplit("/", 1)[1]
        now, recharge = int(time.time()), self.bought["id"]
        body = json.dumps({
            "id": f"evt_{self.count}", "object": "event", "type": "checkout.session.completed", "created": now,
            "livemode": False, "data": {"object": {
                "id": session, "object": "checkout.session", "mode": "payment", "payment_status": "paid",
                "status": "complete", "amount_total": self.bought["price"]["amount"], "currency": "usd",
                "livemode": False, "payment_intent": session.replace("cs_", "pi_", 1), "client_reference_id": recharge,
                "metadata": {"recharge_id": recharge},
            }},
        })
        signed = hmac.new(self.webhook_secret.encode(), f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
        return event("POST /v1/stripe/webhook", "stripe", body, {"stripe-signature": f"t={now},v1={signed}"})

    def relayed(self):
        """A batch of one gift, of a shard of its own, as a mapping with a tumbling window hands it over."""
        text, number = lambda value: {"S": str(value)}, lambda value: {"N": str(value)}
        image = {
            "PK": text("USER#fan"), "SK": text(f"ENTRY#gift#cold{self.count}"), "seq": number(1), "change": number(-1),
            "coins_after": number(1), "debt_after": number(0), "in_total": number(2), "out_total": number(1),
            "at": text("2026-11-24T12:00:00Z"), "input_hash": text("0" * 64), "sent_gift": text(f"sent_cold{self.count}"),
            "gift": text("rose"), "quantity": number(1), "creator": text("creator"), "target_kind": text("live"),
            "target": text("l"), "coins": number(1), "diamonds": number(1),
        }
        stream = "arn:aws:dynamodb:us-east-1:1:table/t/stream/2026-11-24T00:00:00.000"
        record = {
            "eventID": "e", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
            "awsRegion": "us-east-1", "eventSourceARN": stream,
            "dynamodb": {
                "ApproximateCreationDateTime": 1_795_000_000, "Keys": {"PK": image["PK"], "SK": image["SK"]},
                "NewImage": image, "SequenceNumber": str(self.count), "SizeBytes": 400, "StreamViewType": "NEW_IMAGE",
            },
        }
        return {
            "Records": [record], "shardId": f"shardId-00000001700000000000-{self.count}", "eventSourceARN": stream,
            "window": {"start": "2026-11-24T12:00:00Z", "end": "2026-11-24T12:15:00Z"}, "state": {},
            "isFinalInvokeForWindow": False, "isWindowTerminatedEarly": False,
        }
