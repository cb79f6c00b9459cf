"""Which fields the simulator's objects have and Stripe's do not, and the other way round."""

import pathlib
import re
import unittest

import shapes
from world import coins_for_sale, world

# Stripe has sent these for years without describing them.
UNDESCRIBED = {"charge": {"destination", "dispute", "order", "source"}, "payment_intent": {"source"}}
# Stripe sends it only to who expands it, and to those with a version before 2022-11-15.
EXPANDED = {"charge": {"refunds"}}


ROUTES = pathlib.Path(__file__).parents[3] / "infra/stripe-sim/src/api/mod.rs"


def operations():
    """What the simulator serves of Stripe's API, by its source."""
    routes = ROUTES.read_text().split(".fallback(")[0].split(".route(")[1:]
    for route in routes:
        _, path, handlers = route.split('"')
        for method in re.findall(r"\b(get|post|put|delete|patch)\(", handlers):
            yield f"{method.upper()} /v1{path}"


class Answers(unittest.TestCase):
    def test_every_operation_of_the_simulator_answers_as_stripe_describes_it(self):
        here = world()
        v1 = here.stripe.v1
        made = v1.checkout.sessions.create(coins_for_sale(metadata={"a": "b"}))
        here.pay(made.id)
        whole = {"expand": ["payment_intent.latest_charge", "line_items"]}
        session = v1.checkout.sessions.retrieve(made.id, whole)
        v1.checkout.sessions.line_items.list(made.id)
        v1.checkout.sessions.list({"limit": 100, "expand": ["data.payment_intent.latest_charge"]})
        v1.checkout.sessions.expire(v1.checkout.sessions.create(coins_for_sale()).id)
        intent, charge = session.payment_intent.id, session.payment_intent.latest_charge.id
        v1.payment_intents.retrieve(intent, {"expand": ["latest_charge"]})
        v1.payment_intents.list({"limit": 100})
        v1.charges.retrieve(charge, {"expand": ["payment_intent"]})
        v1.charges.list({"payment_intent": intent})
        refund = v1.refunds.create({"charge": charge, "amount": 1, "reason": "requested_by_customer"})
        v1.refunds.retrieve(refund.id, {"expand": ["charge", "payment_intent"]})
        v1.refunds.list({"charge": charge})
        dispute = here.control("POST", f"/charges/{intent}/dispute", {})
        v1.disputes.retrieve(dispute["id"], {"expand": ["charge", "payment_intent"]})
        v1.disputes.list({"charge": charge})
        event = v1.events.list({"limit": 100, "delivery_success": False}).data[0]
        v1.events.retrieve(event.id)
        served = set(operations())
        self.assertGreater(len(served), 15, served)
        checked = {name.removesuffix(" 200") for name in shapes.CHECKED if name.endswith(" 200")}
        self.assertEqual(served - checked, set())


class Fields(unittest.TestCase):
    def test_every_object_has_the_fields_that_stripes_examples_have_and_no_others(self):
        here = world()
        v1 = here.stripe.v1
        made = v1.checkout.sessions.create(coins_for_sale())
        here.pay(made.id)
        session = v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge", "line_items"]})
        intent = session.payment_intent.id
        v1.refunds.create({"payment_intent": intent, "amount": 1})
        here.control("POST", f"/charges/{intent}/dispute", {})
        v1.disputes.list()
        kinds = {"checkout.session", "payment_intent", "charge", "refund", "dispute", "item", "price"}
        self.assertLessEqual(kinds, shapes.SEEN.keys())
        for kind in kinds:
            described = shapes.spec()["components"]["schemas"][kind]["properties"].keys()
            seen = shapes.SEEN[kind]
            self.assertEqual(seen - described, UNDESCRIBED.get(kind, set()), kind)
            if kind in shapes.fixtures():
                self.assertEqual(shapes.fixtures()[kind].keys() - seen, EXPANDED.get(kind, set()), kind)

    def test_what_is_not_as_stripe_describes_it_fails(self):
        made = world().stripe.v1.checkout.sessions.create(coins_for_sale()).to_dict()
        shapes.check_object(made)
        for wrong in [
            {**made, "amount_total": "499"},
            {**made, "payment_status": "maybe"},
            {**made, "return_url": None},
            {key: value for key, value in made.items() if key != "livemode"},
        ]:
            with self.assertRaises(AssertionError):
                shapes.check_object(wrong)
