//! The program as an operator starts it: what it prints, and how it ends.
#![expect(
    clippy::unwrap_used,
    reason = "test code: what is not as expected ends the test"
)]

use std::process::{Command, Output, Stdio};

use aws_sdk_dynamodb::types::AttributeValue;
use recharge_local::{LocalServer, Options};
use tokio::task::spawn_blocking;

async fn audit(server: &LocalServer, ledger: &str, more: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_recharge"));
    program
        .args(["audit", "--dynamodb-endpoint", server.dynamodb_endpoint()])
        .args(["--ledger", ledger])
        .args(["--views", server.setting("VIEWS_TABLE")])
        .args(more)
        .stdin(Stdio::null());
    // The DynamoDB that it reads is served by this test's own runtime.
    spawn_blocking(move || program.output().unwrap())
        .await
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A wallet with coins that no entry brought.
async fn plant(server: &LocalServer, user: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let mut put = server
        .dynamodb()
        .put_item()
        .table_name(server.ledger_table())
        .item("PK", text(&format!("USER#{user}")))
        .item("SK", text("WALLET"))
        .item("status", text("active"))
        .item("day", text("2026-11-22"))
        .item("month", text("2026-11-01"))
        .item("coins", number("7"));
    let zeros = ["debt", "in_total", "out_total", "day_spent", "month_spent"];
    for name in zeros.into_iter().chain(["last_seq", "version"]) {
        put = put.item(name, number("0"));
    }
    put.send().await.unwrap();
}

#[tokio::test]
async fn an_audit_ends_with_what_it_found() {
    let server = LocalServer::start(Options::default()).await.unwrap();
    let ledger = server.ledger_table();
    let sound = audit(&server, ledger, &[]).await;
    assert_eq!(sound.status.code(), Some(0), "{sound:?}");
    assert!(said(&sound).ends_with("\nsound\n"), "{sound:?}");

    plant(&server, "mallory").await;
    plant(&server, "trudy").await;
    let wrong = audit(&server, ledger, &["--findings", "3"]).await;
    assert_eq!(wrong.status.code(), Some(1), "{wrong:?}");
    let said_wrong = said(&wrong);
    let lines: Vec<_> = said_wrong.lines().collect();
    for line in [
        "wallet mallory: I4: the wallet's coins is 7, but its last entry left 0",
        "… and more; --findings tells more of them",
        "wallets                              2                        14  coins held",
        "4 findings, 0 not judged",
    ] {
        assert!(lines.contains(&line), "{line} in {said_wrong}");
    }
    let told = lines.iter().filter(|line| line.starts_with("wallet "));
    assert_eq!(told.count(), 3, "{said_wrong}");

    let unread = audit(&server, "nowhere", &[]).await;
    assert_eq!(unread.status.code(), Some(2), "{unread:?}");
    let complaint = String::from_utf8(unread.stderr).unwrap();
    assert!(
        complaint.starts_with("error: tables nowhere and "),
        "{complaint}"
    );
    server.shutdown().await;
}
