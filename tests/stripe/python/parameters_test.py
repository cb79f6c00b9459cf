"""The simulator and stripe-mock are sent the same forms: what Stripe's description does not take, the simulator must not take.

The other way round they differ, because the description knows no rules between parameters, and the simulator less
parameters than Stripe.
"""

import collections
import os
import random
import time
import unittest
import urllib.parse

from shapes import spec
from world import ask, coins_for_sale, world

FORMS = 600
SESSIONS = "/v1/checkout/sessions"
KEY = {"authorization": "Bearer sk_test_123", "content-type": "application/x-www-form-urlencoded"}
VALUES = ["", "x", "0", "-1", "1.5", "true", "usd", "card", "payment", "499"]


def whole():
    """Every parameter with which the simulator makes a session."""
    price = "line_items[0][price_data]"
    return [
        ("mode", "payment"),
        ("ui_mode", "hosted_page"),
        ("success_url", "https://example.com/thanks"),
        ("cancel_url", "https://example.com/back"),
        ("client_reference_id", "rch_1"),
        ("customer_email", "fan@example.com"),
        ("locale", "en"),
        ("submit_type", "pay"),
        ("expires_at", str(int(time.time()) + 7_200)),
        ("metadata[a]", "b"),
        ("payment_intent_data[metadata][a]", "b"),
        ("payment_intent_data[description]", "Coins"),
        ("payment_method_types[0]", "card"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][metadata][a]", "b"),
        (f"{price}[currency]", "usd"),
        (f"{price}[unit_amount]", "499"),
        (f"{price}[product_data][name]", "Coins"),
        (f"{price}[product_data][description]", "70 of them"),
        (f"{price}[product_data][images][0]", "https://example.com/coin.png"),
        (f"{price}[product_data][metadata][a]", "b"),
        ("expand[0]", "line_items"),
    ]


def say(base, path, form, method="POST"):
    raw = urllib.parse.urlencode(form)
    url, body = (f"{base}{path}", raw.encode()) if method == "POST" else (f"{base}{path}?{raw}", None)
    status, answer = ask(method, url, body, KEY)
    return status == 200, answer.get("error", {}).get("message", "")


def spoiled(chance, form):
    """The form with one or two mistakes, or what may be one."""
    form = list(form)
    for _ in range(chance.randint(1, 2)):
        if not form:
            return [("colour", "blue")]
        place = chance.randrange(len(form))
        name, value = form[place]
        parts = name.split("[")
        at = chance.randrange(len(parts))
        renamed = [*parts[:at], "x" + parts[at], *parts[at + 1 :]]
        form[place : place + 1] = chance.choice(
            [
                [],
                [("[".join(renamed), value)],
                [(name, chance.choice(VALUES))],
                [(name, value), (f"{name}[more]", value)],
                [("[".join([*parts[:-1], "colour]"]) if at else "colour", value)],
            ]
        )
    return form


class Parameters(unittest.TestCase):
    def setUp(self):
        self.simulator, self.mock = world().simulator, os.environ["RECHARGE_TEST_STRIPE_MOCK"]

    def both(self, path, form, method="POST"):
        return say(self.simulator, path, form, method), say(self.mock, path, form, method)

    def test_every_parameter_that_the_simulator_takes_stripe_takes(self):
        self.assertEqual(self.both(SESSIONS, whole()), ((True, ""), (True, "")))

    def test_every_value_that_stripe_lists_is_taken_or_refused_and_no_other(self):
        operation = spec()["paths"][SESSIONS]["post"]["requestBody"]["content"]["application/x-www-form-urlencoded"]
        properties = operation["schema"]["properties"]
        for name, missing in [
            ("mode", {"setup", "subscription"}),
            ("ui_mode", {"elements", "embedded_page"}),
            ("submit_type", {"subscribe"}),
            ("locale", set()),
        ]:
            refused = set()
            for value in properties[name]["enum"]:
                form = [(name, value), *((other, text) for other, text in whole() if other != name)]
                taken, stripe = self.both(SESSIONS, form)
                self.assertTrue(stripe[0], (name, value, stripe))
                refused |= {value} if not taken[0] else set()
            self.assertEqual(refused, missing, name)

    def test_what_stripe_does_not_describe_the_simulator_does_not_take(self):
        seed = int(os.environ.get("RECHARGE_TEST_SEED") or 20_261_124)
        print(f"RECHARGE_TEST_SEED={seed}", flush=True)
        chance = random.Random(seed)
        session = world().stripe.v1.checkout.sessions.create(coins_for_sale())
        intent = world().pay(session.id)["payment_intent"]
        page = [("limit", "2"), ("created[gte]", "1"), ("expand[0]", "data.payment_intent"), ("payment_intent", intent)]
        forms = [
            ("POST", SESSIONS, whole()),
            ("GET", SESSIONS, [*page, ("status", "open")]),
            ("GET", f"{SESSIONS}/{session.id}", [("expand[0]", "payment_intent.latest_charge")]),
            ("GET", "/v1/charges", [*page[:2], page[3]]),
            ("GET", "/v1/disputes", [*page[:2], page[3]]),
            ("GET", "/v1/refunds", [*page[:2], page[3]]),
            ("GET", "/v1/events", [*page[:2], ("types[0]", "charge.succeeded"), ("delivery_success", "true")]),
            ("POST", "/v1/refunds", [("payment_intent", intent), ("amount", "1"), ("reason", "duplicate"), ("metadata[a]", "b")]),
        ]
        counts, wrong = collections.Counter(), []
        for _ in range(FORMS):
            method, path, form = chance.choice([forms[0], chance.choice(forms)])
            form = spoiled(chance, form)
            (taken, _), (stripe, why) = self.both(path, form, method)
            counts[f"simulator {'takes' if taken else 'refuses'}, stripe-mock {'takes' if stripe else 'refuses'}"] += 1
            if taken and not stripe:
                wrong.append((method, path, form, why))
        print(dict(counts))
        self.assertEqual(wrong, [])
        self.assertGreater(counts["simulator takes, stripe-mock takes"], FORMS / 20)
