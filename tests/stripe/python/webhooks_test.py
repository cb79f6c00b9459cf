"""The simulator's webhooks, verified and read by Stripe's Python SDK."""

import unittest
from unittest import mock

import stripe

import shapes
from world import SECRETS, coins_for_sale, world


def construct(heard, secret=SECRETS[0]):
    body, signature = heard
    return stripe.Webhook.construct_event(body, signature, secret)


class Webhooks(unittest.TestCase):
    def setUp(self):
        self.world = world()
        self.world.deliver()
        self.addCleanup(self.world.delivery, secrets=SECRETS[:1], duplicates=0)

    def paid(self):
        """What is heard of a session that is paid."""
        made = self.world.stripe.v1.checkout.sessions.create(coins_for_sale())
        self.world.pay(made.id)
        return made, self.world.deliver()

    def test_every_event_verifies_and_is_read(self):
        made, heard = self.paid()
        intent = self.world.stripe.v1.checkout.sessions.retrieve(made.id).payment_intent
        refund = self.world.control("POST", f"/charges/{intent}/refund", {"amount": 1})
        self.world.control("POST", f"/refunds/{refund['id']}/fail")
        self.world.control("POST", f"/charges/{intent}/dispute", {})
        self.world.control("POST", f"/charges/{intent}/dispute/close", {"outcome": "won"})
        self.world.control("POST", f"/charges/{intent}/early-fraud-warning")
        heard += self.world.deliver()
        for currency in ["usd", "eur", "gbp", "brl", "jpy"]:
            for end in ["succeed", "fail"]:
                later = self.world.stripe.v1.checkout.sessions.create(coins_for_sale(currency))
                self.world.pay(later.id, "delayed")
                self.world.control("POST", f"/checkout/{later.id}/resolve", {"outcome": end})
        never = self.world.stripe.v1.checkout.sessions.create(coins_for_sale())
        self.world.pay(never.id, "decline")
        self.world.stripe.v1.checkout.sessions.expire(never.id)
        heard += self.world.deliver()
        kinds = set()
        for one in heard:
            event = construct(one)
            self.assertIs(type(event), stripe.Event)
            self.assertNotIn(type(event.data.object), (stripe.StripeObject, dict), event.type)
            shapes.check(event.to_dict(), "event", event.type)
            shapes.check_object(event.data.object.to_dict())
            kinds.add(event.type)
        self.assertEqual(len(kinds), 19, sorted(kinds))

    def test_what_is_not_quite_what_was_signed_is_refused(self):
        _, heard = self.paid()
        body, signature = heard[-1]
        construct((body, signature))
        for wrong in [
            ((body, signature), "whsec_other"),
            ((body + b" ", signature), SECRETS[0]),
            ((body, signature.replace("t=1", "t=2")), SECRETS[0]),
            ((body, signature.replace("v1=", "v0=")), SECRETS[0]),
            ((body, None), SECRETS[0]),
        ]:
            with self.assertRaises(stripe.SignatureVerificationError):
                construct(*wrong)

    def test_a_signature_is_of_the_moment_that_it_was_sent(self):
        _, heard = self.paid()
        signed_at = int(heard[0][1].split(",")[0].removeprefix("t="))
        for late, refused in [(0, False), (300, False), (301, True)]:
            with mock.patch("stripe._webhook.time.time", return_value=signed_at + late):
                if refused:
                    with self.assertRaises(stripe.SignatureVerificationError):
                        construct(heard[0])
                else:
                    construct(heard[0])

    def test_while_a_secret_is_rotated_both_verify_and_then_only_the_new_one(self):
        self.world.delivery(secrets=SECRETS)
        _, heard = self.paid()
        for secret in SECRETS:
            construct(heard[-1], secret)
        self.world.delivery(secrets=SECRETS[1:])
        _, heard = self.paid()
        construct(heard[-1], SECRETS[1])
        with self.assertRaises(stripe.SignatureVerificationError):
            construct(heard[-1], SECRETS[0])

    def test_each_copy_verifies_and_coins_come_once(self):
        self.world.delivery(duplicates=2)
        fan = self.world.fan("python")
        _, session = self.world.recharge(fan)
        self.world.pay(session)
        heard = self.world.deliver()
        told = [construct(one) for one in heard]
        self.assertEqual(sum(event.type == "checkout.session.completed" for event in told), 3)
        self.assertEqual(self.world.coins(fan), 70)
