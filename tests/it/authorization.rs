//! Who may do what: every operation of the OpenAPI document, called by everybody. What is refused
//! changes nothing and tells nothing; what is granted to others leaves the owner's things alone.

use std::collections::BTreeMap;

use recharge_core::http::openapi::Access;
use recharge_testkit::{Answer, Document, DocumentedOperation, World};
use reqwest::Method;
use serde_json::json;

use crate::{
    support::{Stored, stored},
    tokens::forge::Forger,
};

/// Who may call each operation. Written by hand, beside what the document says: whoever adds an
/// operation, or opens one, must say it here, too.
const OPERATIONS: [(&str, Access); 22] = [
    ("getConfig", Access::Public),
    ("listPackages", Access::Public),
    ("listGifts", Access::Public),
    ("showReturnPage", Access::Link),
    ("showCancelPage", Access::Link),
    ("startRecharge", Access::Caller),
    ("readRecharge", Access::Owner),
    ("syncRecharge", Access::Owner),
    ("readWallet", Access::Caller),
    ("listEntries", Access::Caller),
    ("setSpendingLimits", Access::Caller),
    ("sendGift", Access::Caller),
    ("becomeCreator", Access::Caller),
    ("readCreator", Access::Creator),
    ("setCreatorStatus", Access::Creator),
    ("blockUser", Access::Creator),
    ("unblockUser", Access::Creator),
    ("listBlocked", Access::Creator),
    ("readEarnings", Access::Creator),
    ("listReceivedGifts", Access::Creator),
    ("setWalletStatus", Access::Operator),
    ("hearStripe", Access::Stripe),
];

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    NoToken,
    WrongAudience,
    Expired,
    AnotherUser,
    Creator,
    Admin,
    /// Last: everybody else came before, and changed nothing of theirs.
    Owner,
}

const EVERYBODY: [Who; 7] = [
    Who::NoToken,
    Who::WrongAudience,
    Who::Expired,
    Who::AnotherUser,
    Who::Creator,
    Who::Admin,
    Who::Owner,
];

/// What they get: a status, and the code of a refusal.
fn expected(access: Access, who: Who, success: u16) -> (u16, &'static str) {
    let has_token = !matches!(who, Who::NoToken | Who::WrongAudience | Who::Expired);
    match access {
        Access::Public | Access::Link => (success, ""),
        Access::Stripe => (400, "signature_invalid"),
        _ if !has_token => (401, "unauthenticated"),
        Access::Caller => (success, ""),
        Access::Owner if who != Who::Owner => (404, "recharge_not_found"),
        Access::Creator if who != Who::Creator => (404, "creator_not_found"),
        Access::Operator if who != Who::Admin => (403, "forbidden"),
        Access::Owner | Access::Creator | Access::Operator => (success, ""),
    }
}

/// Those who call one operation, each with coins and names of their own.
struct Cast {
    operation: String,
    tokens: BTreeMap<&'static str, String>,
    recharge: String,
}

impl Cast {
    async fn new(world: &World, forger: &Forger, operation: &str) -> Self {
        let name = |role: &str| format!("{role}-{operation}");
        for role in ["owner", "creator", "other", "admin"] {
            world.fan_with(&name(role), 1_000).await;
        }
        world.creator(&name("creator")).await;
        let token =
            |role: &str, scopes: &[&str]| world.server.issue_token(&name(role), scopes, 3_600);
        let mut claims = forger.claims(&name("owner"));
        claims["aud"] = json!("another");
        let wrong_audience = forger.token(&claims);
        let mut claims = forger.claims(&name("owner"));
        claims["exp"] = json!(claims["iat"].as_i64().unwrap() - 60);
        let expired = forger.token(&claims);
        let owner = world.fan(&name("owner"));
        let started = owner.recharge("theirs", "coins_70").await;
        assert_eq!(started.status, 201, "{}", started.body);
        Self {
            operation: operation.to_owned(),
            tokens: BTreeMap::from([
                ("wrong audience", wrong_audience),
                ("expired", expired),
                ("other", token("other", &[])),
                ("creator", token("creator", &[])),
                ("admin", token("admin", &["recharge:admin"])),
                ("owner", token("owner", &[])),
            ]),
            recharge: started.body["id"].as_str().unwrap().to_owned(),
        }
    }

    fn owner(&self) -> String {
        format!("owner-{}", self.operation)
    }

    fn token(&self, who: Who) -> Option<&str> {
        let name = match who {
            Who::NoToken => return None,
            Who::WrongAudience => "wrong audience",
            Who::Expired => "expired",
            Who::AnotherUser => "other",
            Who::Creator => "creator",
            Who::Admin => "admin",
            Who::Owner => "owner",
        };
        Some(&self.tokens[name])
    }

    /// The operation as the document's own examples call it, about the owner's things.
    async fn call(&self, world: &World, operation: DocumentedOperation<'_>, who: Who) -> Answer {
        let path = operation.path.replace("{user}", &self.owner());
        let path = match operation.path.contains("/admin/") {
            true => path.replace("{id}", &self.owner()),
            false => path.replace("{id}", &self.recharge),
        };
        let method: Method = operation.method.to_uppercase().parse().unwrap();
        let mut request = world.api.request(method, &path);
        if let Some(token) = self.token(who) {
            request = request.bearer_auth(token);
        }
        let parameters = operation.value["parameters"].as_array().unwrap();
        if parameters
            .iter()
            .any(|one| one["$ref"] == "#/components/parameters/IdempotencyKey")
        {
            request = request.header("idempotency-key", "matrix");
        }
        let media = operation
            .value
            .pointer("/requestBody/content/application~1json");
        if let Some(media) = media {
            request = request.json(&media["example"]);
        }
        Answer::read(request.send().await.unwrap()).await
    }
}

/// Asserts that somebody got what is theirs to get, and that nothing else happened.
async fn assert_right(
    world: &World,
    cast: &Cast,
    operation: DocumentedOperation<'_>,
    access: Access,
    who: Who,
) {
    let before = stored(world).await;
    let answer = cast.call(world, operation, who).await;
    let case = format!("{} by {who:?}", cast.operation);
    let responses = operation.value["responses"].as_object().unwrap();
    let success = responses
        .keys()
        .find(|status| status.starts_with('2'))
        .unwrap();
    let wanted = expected(access, who, success.parse().unwrap());
    assert_eq!(answer.outcome(), wanted, "{case}: {}", answer.body);
    if !wanted.1.is_empty() {
        before.assert_kept(world, &case).await;
    }
    let is_about_the_owner = access == Access::Link || cast.operation == "setWalletStatus";
    if who == Who::Owner || is_about_the_owner {
        return;
    }
    assert_owners_are_kept(world, cast, &before, &case).await;
    let told = answer.body.to_string();
    // Who blocks somebody names them first.
    let names_them = operation.path.contains("{user}");
    let tells = told.contains(&cast.owner()) || told.contains(&cast.recharge);
    assert!(!tells || names_them, "{case} tells {told}");
}

/// Whatever others may do, they do to what is theirs.
async fn assert_owners_are_kept(world: &World, cast: &Cast, before: &Stored, case: &str) {
    let after = stored(world).await;
    for kind in ["USER", "CREATOR"] {
        let start = format!("{kind}#{} ", cast.owner());
        assert_eq!(before.items_of(&start), after.items_of(&start), "{case}");
    }
    let start = format!("RECHARGE#{} ", cast.recharge);
    let kept = before.items_of(&start);
    assert!(!kept.is_empty(), "{case}");
    assert_eq!(kept, after.items_of(&start), "{case}");
}

#[tokio::test]
async fn everybody_may_do_what_the_document_says_and_nothing_else() {
    let world = World::start().await;
    world.creator("bob").await;
    let forger = Forger::new(&world.server, &World::issuer().to_pkcs8().unwrap());
    let document = Document::of_this_build();
    let mut left: BTreeMap<_, _> = OPERATIONS.into();
    for operation in document.operations() {
        let name = operation.value["operationId"].as_str().unwrap();
        let access = left.remove(name);
        let access = access.unwrap_or_else(|| panic!("say in OPERATIONS who may call {name}"));
        assert_eq!(
            operation.value["x-recharge-access"],
            access.as_str(),
            "{name}"
        );
        let cast = Cast::new(&world, &forger, name).await;
        for who in EVERYBODY {
            assert_right(&world, &cast, operation, access, who).await;
        }
    }
    assert!(left.is_empty(), "not in the document: {left:?}");
    world.stop().await;
}

/// The matrix would prove nothing if the refused calls were wrong in another way: each of them is
/// granted to whom it is for.
#[test]
fn somebody_may_call_every_operation_but_stripes() {
    for (name, access) in OPERATIONS {
        let granted = EVERYBODY
            .into_iter()
            .filter(|who| expected(access, *who, 200).1.is_empty())
            .count();
        let is_for_stripe = access == Access::Stripe;
        assert_eq!(granted == 0, is_for_stripe, "{name}");
    }
}
