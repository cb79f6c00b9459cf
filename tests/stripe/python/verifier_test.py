"""The service's own verifier against signatures that Stripe's Python SDK makes."""

import json
import time
import unittest

import stripe

from world import SECRETS, world

sign = stripe.WebhookSignature.generate_signature_header


class Verifier(unittest.TestCase):
    def setUp(self):
        self.world = world()
        self.event = json.dumps(
            {"id": "evt_1", "object": "event", "type": "plan.created", "created": 1, "data": {"object": {"name": "Münze"}}},
            ensure_ascii=False,
        )

    def say(self, body, signature):
        status, answer = self.world.say(body.encode(), signature)
        return status, answer.get("outcome", answer.get("code"))

    def test_what_the_sdk_signs_is_accepted_with_each_of_our_secrets(self):
        for secret in SECRETS:
            self.assertEqual(self.say(self.event, sign(self.event, secret)), (200, "unused"))

    def test_within_300_seconds_either_way_and_not_beyond(self):
        # With slack, because the service has a clock of its own.
        for seconds, expected in [(-240, 200), (240, 200), (-360, 400), (360, 400)]:
            signature = sign(self.event, SECRETS[0], int(time.time()) + seconds)
            self.assertEqual(self.say(self.event, signature)[0], expected, seconds)

    def test_one_good_signature_among_others_is_enough(self):
        good, now = sign(self.event, SECRETS[1]), int(time.time())
        other = sign(self.event, "whsec_other", now).split(",")[1]
        old = other.replace("v1=", "v0=")
        for signature in [f"{good},{other}", f"{good},{old}", good.replace(",v1", f",{other},v1")]:
            self.assertEqual(self.say(self.event, signature), (200, "unused"), signature)

    def test_anything_else_is_refused(self):
        good = sign(self.event, SECRETS[0])
        moment, mac = good.split(",")
        flipped = mac[:-1] + ("0" if mac[-1] != "0" else "1")
        for body, signature in [
            (self.event, sign(self.event, "whsec_other")),
            (self.event, sign(self.event, "")),
            (self.event, sign(self.event + " ", SECRETS[0])),
            (self.event.replace("Münze", "Munze"), good),
            (self.event, f"{moment},{flipped}"),
            (self.event, f"{moment},{mac[:-1]}"),
            (self.event, f"t={int(time.time()) + 7},{mac}"),
            (self.event, good.replace("v1=", "v0=")),
            (self.event, mac),
            (self.event, moment),
            (self.event, ""),
            (self.event, None),
        ]:
            self.assertEqual(self.say(body, signature), (400, "signature_invalid"), signature)

    def test_an_event_that_the_sdk_read_and_signed_credits_the_coins_once(self):
        fan = self.world.fan("signed-by-python")
        _, session = self.world.recharge(fan)
        self.world.pay(session)
        events = self.world.stripe.v1.events.list({"type": "checkout.session.completed"})
        event = next(it for it in events.auto_paging_iter() if it.data.object.id == session)
        body = json.dumps(event.to_dict())
        outcomes = [self.say(body, sign(body, secret)) for secret in SECRETS]
        self.assertEqual(outcomes, [(200, "credited"), (200, "already_credited")])
        self.assertEqual(self.world.coins(fan), 70)
