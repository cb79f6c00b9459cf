//! The fuzzers' targets without a fuzzer: the corpora, and mutations of them that a seed decides.
#![expect(
    clippy::print_stdout,
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "test code: what is not as expected ends the test"
)]

use std::{fs, path::Path};

use fuzz_targets::{TARGETS, Target};
use serde_json::{Value, json};

/// What is worth inserting: pieces of what the targets read, and what breaks readers.
const WORDS: [&str; 34] = [
    "{",
    "}",
    "[",
    "]",
    "\"",
    ",",
    ":",
    "=",
    ".",
    "\\u0000",
    "\\ud800",
    "null",
    "true",
    "1e999",
    "-1",
    "0",
    "9007199254740992",
    "18446744073709551616",
    "-9223372036854775808",
    "t=",
    "v1=",
    "{1}",
    "{2}",
    "{3}",
    "ENTRY#gift#",
    "USER#",
    "INSERT",
    "\"N\"",
    "paid",
    "metadata",
    "🌹",
    "\u{feff}",
    "[[[[[[[[[[",
    "%00",
];

fn seed() -> u64 {
    #[expect(
        clippy::disallowed_methods,
        reason = "RECHARGE_TEST_SEED runs a printed seed again"
    )]
    let given = std::env::var("RECHARGE_TEST_SEED").ok();
    // Every day the same, so that a change is judged by what it changes.
    let seed = given.map_or(1, |seed| seed.parse().unwrap());
    println!("RECHARGE_TEST_SEED={seed}");
    seed
}

/// The corpus of a target, in the order of its names.
fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let entries = fs::read_dir(folder.join(name)).unwrap();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() > 3, "{name} has no corpus");
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// One of the corpus, changed in one to four places: half of them as a tree, so that what is in it
/// is read, and half of them as bytes.
fn mutation(corpus: &[Vec<u8>], random: &mut fastrand::Rng) -> Vec<u8> {
    let data = &corpus[random.usize(..corpus.len())];
    let start = data.iter().position(|byte| *byte == b'{');
    let tree = start.and_then(|start| serde_json::from_slice::<Value>(&data[start..]).ok());
    let changes = random.usize(1..=4);
    match (tree, start) {
        (Some(mut tree), Some(start)) if random.bool() => {
            (0..changes).for_each(|_| change_tree(&mut tree, random));
            [&data[..start], tree.to_string().as_bytes()].concat()
        }
        _ => {
            let mut data = data.clone();
            (0..changes).for_each(|_| change_bytes(&mut data, corpus, random));
            data
        }
    }
}

/// Puts something else at a place somewhere in the tree, or takes it away.
fn change_tree(tree: &mut Value, random: &mut fastrand::Rng) {
    let children = match tree {
        Value::Object(fields) => fields.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    };
    if children == 0 || random.u8(..8) == 0 {
        let word = WORDS[random.usize(..WORDS.len())];
        let other = [
            json!(null),
            json!(true),
            json!([]),
            json!({}),
            json!(word),
            json!("x".repeat(random.usize(..300))),
            json!(random.i64(..)),
            json!(random.i64(-1..=10_000)),
            json!(random.u64(..).to_string()),
        ];
        *tree = other[random.usize(..other.len())].clone();
        return;
    }
    let chosen = random.usize(..children);
    match tree {
        Value::Object(fields) => {
            let name = fields.keys().nth(chosen).unwrap().clone();
            match random.u8(..10) {
                0 => {
                    fields.remove(&name);
                }
                1 => {
                    let value = fields[&name].clone();
                    fields.insert(WORDS[random.usize(..WORDS.len())].to_owned(), value);
                }
                _ => change_tree(&mut fields[&name], random),
            }
        }
        Value::Array(items) if random.u8(..10) == 0 => {
            let twice = items[chosen].clone();
            items.push(twice);
        }
        Value::Array(items) => change_tree(&mut items[chosen], random),
        _ => {}
    }
}

fn change_bytes(data: &mut Vec<u8>, corpus: &[Vec<u8>], random: &mut fastrand::Rng) {
    let at = random.usize(..=data.len());
    let end = random.usize(at..=data.len().min(at + 32));
    match random.u8(..6) {
        0 => {
            data.drain(at..end);
        }
        1 => {
            data.splice(at..at, [random.u8(..)]);
        }
        2 => {
            let word = WORDS[random.usize(..WORDS.len())];
            data.splice(at..end, word.bytes());
        }
        3 => {
            let piece = data[at..end].to_vec();
            let to = random.usize(..=data.len());
            data.splice(to..to, piece);
        }
        4 => {
            let other = &corpus[random.usize(..corpus.len())];
            let from = random.usize(..=other.len());
            let piece = &other[from..other.len().min(from + 64)];
            data.splice(at..end, piece.iter().copied());
        }
        _ => {
            if let Some(byte) = data.get_mut(at) {
                *byte ^= 1 << random.u8(..8);
            }
        }
    }
}

/// Runs the corpus of a target and so many mutations of it.
fn run(name: &str, mutations: usize) {
    let (_, target): (_, Target) = *TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    let mut random = fastrand::Rng::with_seed(seed());
    let corpus = corpus(name);
    let mut accepted = corpus.iter().filter(|data| target(data)).count();
    // A target that takes all or nothing would show nothing.
    assert!((1..corpus.len()).contains(&accepted), "{name}: {accepted}");
    for _ in 0..mutations {
        let data = mutation(&corpus, &mut random);
        let told = Told(name, &data);
        accepted += usize::from(target(&data));
        std::mem::forget(told);
    }
    let executions = corpus.len() + mutations;
    println!("{name}: {executions} executions, {accepted} accepted");
}

/// Tells what a target panicked at.
struct Told<'a>(&'a str, &'a [u8]);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        println!("{} panics at {:?}", self.0, String::from_utf8_lossy(self.1));
    }
}

#[test]
fn accepted_bodies_are_in_range_and_refused_ones_are_told() {
    run("bodies", 4_500);
}

#[test]
fn a_cursor_that_reads_is_one_that_we_wrote() {
    run("cursors", 4_500);
}

#[test]
fn every_event_of_the_gateway_is_answered() {
    run("event", 1_500);
}

#[test]
fn a_signature_that_verifies_is_one_that_we_made() {
    run("signature", 3_500);
}

#[test]
fn a_record_of_the_stream_is_a_gift_or_put_aside() {
    run("stream", 3_000);
}

#[test]
fn what_stripe_signed_is_read_or_refused() {
    run("webhook", 3_000);
}

/// A target without a test or a fuzzer would be run by nobody.
#[test]
fn every_target_has_a_fuzzer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let fuzzer = fs::read_to_string(root.join(format!("fuzz/fuzz_targets/{name}.rs")));
        assert!(fuzzer.unwrap().contains(&format!("fuzz_targets::{name}")));
    }
}
