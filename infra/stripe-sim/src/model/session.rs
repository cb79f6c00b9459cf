//! Checkout sessions.

use serde::{Deserialize, Serialize};

use crate::form::Metadata;
use crate::model::{Resource, method};

/// Where a session stands. With a delayed payment it is `Complete` and `Unpaid` until the money is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SessionStatus {
    /// It can be paid.
    Open,
    /// The buyer is done.
    Complete,
    /// Nobody paid in time, or the seller closed it.
    Expired,
}

impl SessionStatus {
    /// Stripe's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

/// Whether the money is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PaymentStatus {
    /// It is.
    Paid,
    /// It is not, or not yet.
    Unpaid,
}

impl PaymentStatus {
    /// Stripe's word.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
        }
    }
}

/// One line of what is bought.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) id: String,
    pub(crate) price: String,
    pub(crate) product: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) unit_amount: i64,
    pub(crate) quantity: i64,
    pub(crate) total: i64,
    pub(crate) metadata: Metadata,
}

/// A checkout session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) created: i64,
    pub(crate) expires_at: i64,
    pub(crate) status: SessionStatus,
    pub(crate) payment_status: PaymentStatus,
    pub(crate) currency: String,
    pub(crate) amount_total: i64,
    pub(crate) lines: Vec<Line>,
    pub(crate) success_url: String,
    pub(crate) cancel_url: Option<String>,
    pub(crate) client_reference_id: Option<String>,
    pub(crate) customer_email: Option<String>,
    pub(crate) locale: Option<String>,
    pub(crate) submit_type: Option<String>,
    pub(crate) metadata: Metadata,
    pub(crate) intent_metadata: Metadata,
    pub(crate) intent_description: Option<String>,
    pub(crate) payment_intent: Option<String>,
    #[serde(default = "method::card_only")]
    pub(crate) payment_method_types: Vec<String>,
}

impl Resource for Session {
    fn id(&self) -> &str {
        &self.id
    }

    fn created(&self) -> i64 {
        self.created
    }

    fn payment_intent(&self) -> Option<&str> {
        self.payment_intent.as_deref()
    }
}

impl Session {
    /// Whether it can still be paid or expired.
    pub(crate) fn is_open(&self) -> bool {
        self.status == SessionStatus::Open
    }

    /// The method with which a buyer pays now and the money comes later, if there is one.
    pub(crate) fn delayed_method(&self) -> Option<&str> {
        let mut methods = self.payment_method_types.iter();
        methods
            .find(|method| *method != method::CARD)
            .map(String::as_str)
    }

    /// Who pays: the address the seller gave, or a made-up one.
    pub(crate) fn buyer_email(&self) -> &str {
        self.customer_email
            .as_deref()
            .unwrap_or("buyer@example.com")
    }

    /// Where the browser goes after success, with the id filled in.
    pub(crate) fn filled_success_url(&self) -> String {
        self.fill(&self.success_url)
    }

    /// Where the browser goes after cancelling, if the seller said.
    pub(crate) fn filled_cancel_url(&self) -> Option<String> {
        self.cancel_url.as_ref().map(|url| self.fill(url))
    }

    fn fill(&self, url: &str) -> String {
        url.replace("{CHECKOUT_SESSION_ID}", &self.id)
    }
}
