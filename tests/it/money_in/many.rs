//! Nothing paid is ever lost: a thousand recharges without a single webhook.

use tokio::task::JoinSet;

use super::*;

const RECHARGES: usize = 1_000;
const AT_ONCE: usize = 8;

#[tokio::test(flavor = "multi_thread")]
async fn of_1000_recharges_whose_webhooks_are_all_lost_every_one_is_settled_once() {
    let world = world_with(&[]).await;
    let body = json!({"lose": 1.0, "hold": false});
    let put = world
        .api
        .request(reqwest::Method::PUT, "/stripe-sim/delivery");
    let set = Answer::read(put.json(&body).send().await.unwrap()).await;
    assert_eq!(set.status, 200, "{}", set.body);

    let mut fans = JoinSet::new();
    for first in 0..AT_ONCE {
        let (api, server) = (world.api.clone(), &world.server);
        let tokens: Vec<(usize, String)> = (first..RECHARGES)
            .step_by(AT_ONCE)
            .map(|number| {
                (
                    number,
                    server.issue_token(&format!("fan{number}"), &[], 36_000),
                )
            })
            .collect();
        fans.spawn(async move {
            let mut bought = Vec::new();
            for (_number, token) in tokens {
                let fan = api.fan(&token);
                let started = fan.recharge("r", "coins_70").await;
                assert_eq!(started.status, 201, "{}", started.body);
                let session = started.checkout_session();
                let path = format!("/stripe-sim/checkout/{session}/pay");
                let paid = api.post(&path, &json!({"outcome": "succeed"})).await;
                assert_eq!(paid.status, 200, "{}", paid.body);
                bought.push(fan);
            }
            bought
        });
    }
    let fans: Vec<Fan> = fans.join_all().await.into_iter().flatten().collect();
    assert_eq!(fans.len(), RECHARGES);
    world.server.clock().advance(Duration::from_secs(61));

    // As many runs as it takes: each is bounded.
    let mut credited = 0;
    for run in 1..=60 {
        let report = world.server.reconcile().await.unwrap();
        println!("run {run}: {report:?}");
        assert_eq!((report.failed, report.needs_review), (0, 0));
        credited += report.credited;
        if report.complete {
            break;
        }
    }
    assert_eq!(usize::try_from(credited).unwrap(), RECHARGES);
    let after = world.server.reconcile().await.unwrap();
    assert_eq!(after.credited, 0, "a second look finds nothing");
    let stored = crate::support::stored(&world).await;
    assert_eq!(
        stored.count_of("USER#fan"),
        2 * RECHARGES,
        "a wallet and an entry each"
    );
    for fan in fans.iter().step_by(97) {
        assert_eq!(fan.coins().await, 70);
        assert_eq!(fan.statement(20).await.len(), 1);
    }
    world.stop().await;
}
