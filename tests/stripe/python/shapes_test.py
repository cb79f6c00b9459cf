"""Which fields the simulator's objects have and Stripe's do not, and the other way round."""

import unittest

import shapes
from world import coins_for_sale, world

# Stripe has sent these for years without describing them.
UNDESCRIBED = {"charge": {"destination", "dispute", "order", "source"}, "payment_intent": {"source"}}
# Stripe sends it only to who expands it, and to those with a version before 2022-11-15.
EXPANDED = {"charge": {"refunds"}}


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
