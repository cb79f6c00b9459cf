//! Everything that we ever ask Stripe, asked once.

use std::{collections::BTreeMap, sync::Arc};

use recharge_core::{
    adapters::{
        Setup, SystemClock, dynamodb,
        stripe::{SharedStripeHttp, StripeAccess},
    },
    app::ports::{
        Checkout, NoMetrics, Outage, PaymentRecords, PaymentReport, Payments, PaymentsError,
        SessionPage,
    },
    config::Settings,
    domain::{
        CheckoutParams, CheckoutSessionId, Currency, Money, OpenedCheckout, PaymentIntentId,
        RechargeId, SessionReport,
    },
};

use crate::mock::Mock;

pub(crate) const CHECKOUT_PATH: &str = "/v1/checkout/sessions";

/// The way to Stripe as functions have it: over the network, or by a stand-in.
pub(crate) fn access(mock: &Mock, stand_in: Option<SharedStripeHttp>) -> StripeAccess {
    let settings = BTreeMap::from([
        ("STRIPE_API_KEY", "sk_test_123".to_owned()),
        ("STRIPE_API_BASE", mock.url.clone()),
    ]);
    let config = aws_sdk_dynamodb::Config::builder().behavior_version(dynamodb::behavior());
    let setup = Setup {
        settings: Settings::from_lookup(move |name| settings.get(name).cloned()),
        dynamodb: aws_sdk_dynamodb::Client::from_conf(config.build()),
        secrets: None,
        stripe_http: stand_in,
        clock: Arc::new(SystemClock::standing()),
        metrics: Arc::new(NoMetrics),
    };
    let access = setup
        .settings
        .read(|reading| StripeAccess::read(reading, &setup));
    access.unwrap()
}

/// What came of it.
pub(crate) struct Said {
    pub(crate) opened: Result<OpenedCheckout, PaymentsError>,
    pub(crate) session: Result<Option<SessionReport>, Outage>,
    pub(crate) page: Result<SessionPage, Outage>,
    pub(crate) payment: Result<Option<PaymentReport>, Outage>,
}

impl Said {
    pub(crate) fn assert_answered(self) {
        assert!(self.opened.is_ok(), "{:?}", self.opened);
        assert!(matches!(self.session, Ok(Some(_))), "{:?}", self.session);
        let page = self.page.unwrap();
        assert_eq!(page.reports.len(), 1);
        assert!(matches!(self.payment, Ok(Some(_))), "{:?}", self.payment);
    }
}

/// Calls every method of both ports, with everything that may be left out.
pub(crate) async fn ask_everything(access: &StripeAccess) -> Said {
    let recharge = RechargeId::try_from("rch_9483af7d1b29f67dfd47f1eb59e2b058").unwrap();
    let session = CheckoutSessionId::try_from("cs_test_a1").unwrap();
    let intent = PaymentIntentId::try_from("pi_1").unwrap();
    let page = |page: &str| format!("https://coins.example.com/{page}/{recharge}?a=ü&b=1");
    let params = CheckoutParams {
        product_name: "75 coins & more".to_owned(),
        success_url: page("return"),
        cancel_url: page("cancel"),
        expires_at: "2026-11-23T11:00:00Z".parse().unwrap(),
    };
    let checkout = Checkout {
        recharge: &recharge,
        price: Money::new(499, Currency::Usd),
        params: &params,
    };
    let from = "2026-11-23T11:00:00Z".parse().unwrap();
    Said {
        opened: access.open_checkout(&checkout, "recharge:1:0").await,
        session: access.session(&session).await,
        page: access.sessions(from, Some(&session)).await,
        payment: access.payment(&intent).await,
    }
}
