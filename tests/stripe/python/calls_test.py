"""Stripe's Python SDK against the simulator, as it is used against Stripe."""

import unittest

import stripe

from world import coins_for_sale, world


class Sessions(unittest.TestCase):
    def setUp(self):
        self.world = world()
        self.sessions = self.world.stripe.v1.checkout.sessions

    def open(self, **more):
        return self.sessions.create(coins_for_sale(**more))

    def test_a_session_is_created_and_read_again(self):
        made = self.open(metadata={"recharge_id": "rch_1"}, client_reference_id="rch_1")
        self.assertIsInstance(made, stripe.checkout.Session)
        self.assertEqual((made.status, made.payment_status, made.amount_total), ("open", "unpaid", 499))
        self.assertTrue(made.url.startswith(self.world.simulator), made.url)
        read = self.sessions.retrieve(made.id, {"expand": ["line_items"]})
        self.assertEqual(read.line_items.data[0].description, "Münzen & more")
        same = self.sessions.retrieve(made.id)
        self.assertEqual(same.to_dict(), made.to_dict())
        self.assertEqual(same.metadata["recharge_id"], "rch_1")

    def test_a_session_expires_once(self):
        made = self.open()
        self.assertEqual(self.sessions.expire(made.id).status, "expired")
        self.assertIsNone(self.sessions.retrieve(made.id).url)
        with self.assertRaises(stripe.InvalidRequestError) as refused:
            self.sessions.expire(made.id)
        self.assertEqual(refused.exception.http_status, 400)

    def test_lists_are_paged_by_the_sdk(self):
        made = [self.open().id for _ in range(5)]
        pages = self.sessions.list({"limit": 2})
        self.assertEqual((len(pages.data), pages.has_more), (2, True))
        walked = [session.id for session in pages.auto_paging_iter()]
        self.assertEqual(walked[:5], made[::-1])
        self.assertEqual(len(set(walked)), len(walked))
        back = self.sessions.list({"limit": 2, "ending_before": made[0]})
        self.assertEqual([session.id for session in back.auto_paging_iter()], made[1:])
        lines = self.sessions.line_items.list(made[0])
        self.assertEqual(lines.data[0].price.unit_amount, 499)

    def test_the_same_key_is_the_same_session(self):
        options = {"idempotency_key": "sdk-python-1"}
        first = self.sessions.create(coins_for_sale(), options)
        again = self.sessions.create(coins_for_sale(), options)
        self.assertEqual(first.id, again.id)
        self.assertEqual(again.last_response.headers["Idempotent-Replayed"], "true")
        with self.assertRaises(stripe.IdempotencyError) as refused:
            self.sessions.create(coins_for_sale(client_reference_id="other"), options)
        self.assertEqual(refused.exception.http_status, 400)


class Money(unittest.TestCase):
    def setUp(self):
        self.world = world()
        self.v1 = self.world.stripe.v1

    def paid(self):
        made = self.v1.checkout.sessions.create(coins_for_sale())
        self.world.pay(made.id)
        return self.v1.checkout.sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge"]})

    def test_a_paid_session_has_its_payment_and_charge(self):
        session = self.paid()
        self.assertEqual((session.status, session.payment_status), ("complete", "paid"))
        intent = session.payment_intent
        self.assertIsInstance(intent, stripe.PaymentIntent)
        self.assertIsInstance(intent.latest_charge, stripe.Charge)
        self.assertEqual(intent.latest_charge.amount_captured, 499)
        by_intent = self.v1.checkout.sessions.list({"payment_intent": intent.id})
        self.assertEqual([found.id for found in by_intent], [session.id])
        self.assertEqual(self.v1.charges.retrieve(intent.latest_charge.id).payment_intent, intent.id)

    def test_a_refund_and_a_dispute_are_found_by_their_payment(self):
        intent = self.paid().payment_intent.id
        refund = self.v1.refunds.create({"payment_intent": intent, "amount": 99})
        self.assertEqual((refund.status, refund.amount), ("succeeded", 99))
        self.assertEqual([found.id for found in self.v1.refunds.list({"payment_intent": intent})], [refund.id])
        self.assertEqual(self.v1.refunds.retrieve(refund.id).charge, refund.charge)
        with self.assertRaises(stripe.InvalidRequestError) as refused:
            self.v1.refunds.create({"payment_intent": intent, "amount": 9_999})
        self.assertEqual(refused.exception.param, "amount")
        self.world.control("POST", f"/charges/{intent}/dispute", {"reason": "fraudulent"})
        (dispute,) = self.v1.disputes.list({"payment_intent": intent})
        self.assertEqual((dispute.status, dispute.reason), ("needs_response", "fraudulent"))
        self.world.control("POST", f"/charges/{intent}/dispute/close", {"outcome": "won"})
        self.assertEqual(self.v1.disputes.retrieve(dispute.id).status, "won")

    def test_events_are_listed_and_read(self):
        session = self.paid()
        told = self.v1.events.list({"type": "checkout.session.completed", "limit": 1})
        (event,) = told.data
        self.assertIsInstance(event, stripe.Event)
        self.assertIsInstance(event.data.object, stripe.checkout.Session)
        self.assertEqual(event.data.object.id, session.id)
        self.assertEqual(self.v1.events.retrieve(event.id).to_dict(), event.to_dict())


class Errors(unittest.TestCase):
    """The SDK tells errors apart by status, type and code: each must end in the class that it does at Stripe."""

    def setUp(self):
        self.world = world()

    def raised(self, kind, call):
        with self.assertRaises(stripe.StripeError) as raised:
            call()
        self.assertIs(type(raised.exception), kind)
        return raised.exception

    def create(self, retries=0, **more):
        return self.world.client(retries=retries).v1.checkout.sessions.create(coins_for_sale(**more))

    def fault(self, *names):
        self.world.control("PUT", "/faults", {"next": list(names)})

    def test_what_is_wrong_is_named(self):
        error = self.raised(stripe.InvalidRequestError, lambda: self.create(mode="barter"))
        self.assertEqual((error.http_status, error.param), (400, "mode"))
        error = self.raised(stripe.InvalidRequestError, lambda: self.create(colour="blue"))
        self.assertEqual((error.code, error.param), ("parameter_unknown", "colour"))
        sessions = self.world.stripe.v1.checkout.sessions
        error = self.raised(stripe.InvalidRequestError, lambda: sessions.retrieve("cs_test_none"))
        self.assertEqual((error.http_status, error.code), (404, "resource_missing"))
        self.assertTrue(error.request_id.startswith("req_"))
        stranger = self.world.client("sk_live_123").v1.checkout.sessions
        self.assertEqual(self.raised(stripe.AuthenticationError, stranger.list).http_status, 401)

    def test_faults_are_the_errors_that_they_are_at_stripe(self):
        for fault, kind, status in [
            ("rate_limited", stripe.RateLimitError, 429),
            ("lock_timeout", stripe.RateLimitError, 429),
            ("key_in_use", stripe.APIError, 409),
            ("error_500", stripe.APIError, 500),
            ("lost_answer", stripe.APIConnectionError, None),
        ]:
            with self.subTest(fault):
                self.fault(fault)
                self.assertEqual(self.raised(kind, self.create).http_status, status)

    def test_the_sdk_asks_again_under_its_own_key_and_one_session_is_made(self):
        for fault in ["lost_answer", "lock_timeout", "key_in_use"]:
            with self.subTest(fault):
                self.fault(fault)
                made = self.create(retries=1, client_reference_id=f"again-{fault}")
                listed = self.world.stripe.v1.checkout.sessions.list({"limit": 100})
                same = [it.id for it in listed.auto_paging_iter() if it.client_reference_id == f"again-{fault}"]
                self.assertEqual(same, [made.id])

    def test_the_sdk_does_not_ask_again_for_what_is_kept_under_the_key(self):
        self.fault("error_500")
        self.raised(stripe.APIError, lambda: self.create(retries=2, client_reference_id="kept"))
        listed = self.world.stripe.v1.checkout.sessions.list({"limit": 100})
        self.assertFalse([it for it in listed.auto_paging_iter() if it.client_reference_id == "kept"])
