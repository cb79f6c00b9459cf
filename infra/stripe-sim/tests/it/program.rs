//! The program as a person starts it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::support::{SESSION, reply};

#[tokio::test]
async fn it_says_what_it_serves_and_ends_cleanly_on_sigterm() {
    let dir = tempfile::tempdir().unwrap();
    let mut program = Command::new(env!("CARGO_BIN_EXE_stripe-sim"))
        .args(["--port", "0", "--data"])
        .arg(dir.path().join("state"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let api = lines.find_map(|line| {
        line.unwrap()
            .split_whitespace()
            .find(|word| word.ends_with("/stripe-sim/v1"))
            .map(str::to_owned)
    });
    let url = format!("{}/checkout/sessions", api.unwrap());
    let request = reqwest::Client::new()
        .post(url)
        .bearer_auth("sk_test_1")
        .body(SESSION);
    let created = reply(request).await;
    assert_eq!(
        (created.status, &created.json["status"]),
        (200, &"open".into())
    );

    let id = program.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &id])
            .status()
            .unwrap()
            .success()
    );
    let mut errors = String::new();
    program
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut errors)
        .unwrap();
    assert!(program.wait().unwrap().success(), "{errors}");
}

#[test]
fn it_refuses_a_file_that_is_not_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("state");
    std::fs::write(&file, "something else\n").unwrap();
    let ended = Command::new(env!("CARGO_BIN_EXE_stripe-sim"))
        .args(["--port", "0", "--data"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!ended.status.success());
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(errors.contains("is not a state file"), "{errors}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "something else\n");
}
