"""Our verifier and the SDK's judge the same headers, most of them spoiled."""

import collections
import json
import os
import random
import time
import unittest

import stripe

from world import SECRETS, world

BODY = json.dumps({"id": "evt_1", "object": "event", "type": "plan.created", "created": 1, "data": {"object": {}}})
HEADERS = 1_000
sign = stripe.WebhookSignature.generate_signature_header


def drawn(chance):
    """A header that Stripe could send, with up to three mistakes."""
    now = int(time.time())
    at = now + chance.choice([0, 0, 0, -240, -360, 240, 360])
    secrets = chance.sample([*SECRETS, "whsec_other"], chance.randint(1, 3))
    signatures = [sign(BODY, secret, at).split(",")[1] for secret in secrets]
    items = [f"t={at}", *signatures]
    for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
        place = chance.randrange(len(items))
        item = items[place]
        cut = chance.randrange(len(item) + 1)
        spoiled = chance.choice(
            [
                lambda: item[:cut] + chance.choice("0aA9=t, v1") + item[cut:],
                lambda: item[:cut] + item[cut + 1 :],
                lambda: item.upper(),
                lambda: item.replace("v1=", "v0="),
                lambda: f" {item} ",
                lambda: f"{item},{item}",
                lambda: f"t={now}",
                lambda: f"{item},scheme=x",
                lambda: chance.choice(items),
            ]
        )()
        items[place] = spoiled
    chance.choice([lambda: None, lambda: chance.shuffle(items)])()
    return ",".join(items)


def sdk_accepts(header):
    # Spaces around an item are the one thing in which we take more.
    header = ",".join(item.strip(" ") for item in header.split(","))
    for secret in SECRETS:
        try:
            stripe.Webhook.construct_event(BODY, header, secret)
            return True
        except (stripe.SignatureVerificationError, ValueError, IndexError):
            pass
    return False


class Agreement(unittest.TestCase):
    def test_we_accept_nothing_that_the_sdk_refuses(self):
        seed = int(os.environ.get("RECHARGE_TEST_SEED") or 20_261_124)
        print(f"RECHARGE_TEST_SEED={seed}", flush=True)
        chance = random.Random(seed)
        counts = collections.Counter()
        for _ in range(HEADERS):
            header = drawn(chance)
            status, _ = world().say(BODY.encode(), header)
            ours, theirs = status == 200, sdk_accepts(header)
            self.assertIn(status, (200, 400), header)
            self.assertFalse(ours and not theirs, header)
            if theirs and not ours:
                counts[self.why_stricter(header)] += 1
            else:
                counts["both accept" if ours else "both refuse"] += 1
        print(dict(counts))
        self.assertGreater(min(counts["both accept"], counts["both refuse"]), HEADERS / 10)

    def why_stricter(self, header):
        """What we refuse and the SDK does not has one of these reasons, or is a mistake."""
        times = [item.strip(" ")[2:] for item in header.split(",") if item.strip(" ").startswith("t=")]
        if len(times) > 1:
            return "two times"
        if not times[0].isascii() or not times[0].isdigit() or times[0].startswith("0"):
            return "a time written otherwise"
        if int(times[0]) > time.time() + 299:
            return "a time to come"
        self.fail(f"the SDK accepts and we do not: {header}")
