"""A local server whose webhooks come here first, and Stripe's SDK pointed at its simulator.

RECHARGE_TEST_SERVER names the program; it is started on a free port and stopped at the end.
"""

import atexit
import functools
import http.server
import json
import os
import re
import subprocess
import threading
import urllib.error
import urllib.request

import stripe

import shapes

SECRETS = ["whsec_local", "whsec_next"]
WEBHOOK = "/v1/stripe/webhook"


def ask(method, url, body=None, headers=None):
    """Status and JSON of an answer that comes without Stripe's SDK."""
    raw = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, raw, headers, method=method)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


class Recorder(stripe.RequestsClient):
    """The SDK's own HTTP client; whatever comes back must be what Stripe's OpenAPI says."""

    def request(self, method, url, headers, post_data=None):
        body, status, answered = super().request(method, url, headers, post_data)
        shapes.check_answer(method, url, status, json.loads(body))
        return body, status, answered


class World:
    def __init__(self):
        self.heard = []
        self.receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self.make_receiver())
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()
        here = f"http://127.0.0.1:{self.receiver.server_port}"
        environment = {**os.environ, "STRIPE_WEBHOOK_SECRETS": ",".join(SECRETS), "RUST_LOG": "error"}
        command = [os.environ["RECHARGE_TEST_SERVER"], "--port", "0", "--api-url", here]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
        atexit.register(self.stop)
        told = []
        for line in self.server.stdout:
            told.append(line)
            if found := re.search(r"page and API +(http://\S+)", line):
                self.api = found[1]
            if "Ctrl-C" in line:
                break
        else:
            raise RuntimeError(f"the server did not start: {''.join(told)}")
        self.simulator = self.api + "/stripe-sim"
        self.stripe = self.client()
        self.delivery(hold=True)

    def client(self, key="sk_test_123", retries=0):
        return stripe.StripeClient(
            key,
            base_addresses={"api": self.simulator},
            http_client=Recorder(),
            max_network_retries=retries,
        )

    def make_receiver(world):
        class Receiver(http.server.BaseHTTPRequestHandler):
            """Keeps what the simulator sends, and passes it on to the service."""

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                signature = self.headers["stripe-signature"]
                world.heard.append((body, signature))
                status, answer = world.say(body, signature)
                raw = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *_):
                pass

        return Receiver

    def say(self, body, signature):
        headers = {} if signature is None else {"stripe-signature": signature}
        return ask("POST", self.api + WEBHOOK, body, headers)

    def control(self, method, path, body=None):
        status, answer = ask(method, self.simulator + path, body)
        assert status == 200, f"{path}: {answer}"
        if "object" in answer:
            shapes.check_object(answer)
        return answer

    def delivery(self, **setting):
        return self.control("PUT", "/delivery", setting)

    def deliver(self):
        """Sends all that is held; what was heard by that, as (body, signature)."""
        before = len(self.heard)
        told = self.control("POST", "/deliver")
        assert told["failed"] == [], told
        return self.heard[before:]

    def fan(self, name):
        status, answer = ask("POST", self.api + "/dev/token", {"user": name})
        assert status == 200, answer
        return {"authorization": f"Bearer {answer['token']}"}

    def recharge(self, fan, key="first"):
        """A recharge of 70 coins, and the id of its checkout session."""
        body = {"package_id": "coins_70", "currency": "usd", "terms_version": self.terms()}
        headers = {**fan, "idempotency-key": key}
        status, answer = ask("POST", self.api + "/v1/recharges", body, headers)
        assert status == 201, answer
        return answer, re.search(r"cs_test_\w+", answer["checkout_url"])[0]

    def terms(self):
        return ask("GET", self.api + "/v1/config")[1]["terms_version"]

    def coins(self, fan):
        return ask("GET", self.api + "/v1/wallet", headers=fan)[1]["coins"]

    def pay(self, session, outcome="succeed"):
        return self.control("POST", f"/checkout/{session}/pay", {"outcome": outcome})

    def stop(self):
        self.server.terminate()
        self.server.wait()
        self.receiver.shutdown()


@functools.cache
def world():
    return World()


def coins_for_sale(currency="usd", **more):
    """Parameters of a checkout session."""
    price = {"currency": currency, "unit_amount": 499, "product_data": {"name": "Münzen & more"}}
    return {
        "mode": "payment",
        "success_url": "https://example.com/thanks?id={CHECKOUT_SESSION_ID}",
        "line_items": [{"quantity": 1, "price_data": price}],
        **more,
    }
