//! The call sites of store and Stripe, as the sources have them.
//!
//! A site is a line with an `.await` in an adapter, a use case or a function: every call of the SDKs
//! ends in one, and so does everything that passes a call on. What runs tells the same lines, from the
//! stack of each call. So a new call that no entry of the matrix makes is a line that nothing has
//! reached, and [`unreached`] names it.

use std::{collections::BTreeSet, fs, path::Path};

/// The sources that call, or pass calls on.
const SOURCES: [&str; 4] = [
    "core/src/adapters/dynamodb",
    "core/src/adapters/stripe",
    "core/src/app",
    "functions",
];

/// Files whose `.await`s begin a process and serve no request.
const STARTS: [&str; 2] = ["main.rs", "core/src/adapters/dynamodb/client.rs"];

/// The audit only reads, and looks again at what seems wrong: it leaves nothing half done, and one that
/// fails is begun again. Its suites are `tests/it/audit.rs` and `tests/simulation/audit.rs`.
const READS_ONLY: &str = "/audit";
/// What a file that only reads does not have.
const WRITES: [&str; 5] = [
    "put_item",
    "update_item",
    "delete_item",
    "write_item",
    ".commit(",
];

/// What waits without a call: for time, and for secrets, which a simulation has in its settings.
const WAITS: [&str; 4] = [".again().await", ".sleep(", ".get().await", "get_secret"];

/// Sites that nothing here can reach, and why.
const BEYOND: [(&str, &str); 4] = [
    ("client.execute(request).await", SOCKET),
    ("self.explain(changes, classified).await", OLD),
    ("self.existing_entry(changes, old).await", OLD),
    ("self.entry(&entry.user, &entry.key).await", OLD),
];
const SOCKET: &str = "goes over a socket: the suites with a Stripe simulator behind one do that";
const OLD: &str =
    "waits only if DynamoDB does not tell the entry that is in the way, as it was asked to";

/// Every site, as `file:line`, with its text.
pub(crate) fn sites() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let (mut sites, mut excused) = (Vec::new(), BTreeSet::new());
    for source in SOURCES {
        visit(&root.join(source), &mut |path| {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            let is_test = name.ends_with("_tests.rs") || name.contains("/tests/");
            if !name.ends_with(".rs") || is_test || STARTS.iter().any(|it| name.ends_with(it)) {
                return;
            }
            let text = fs::read_to_string(path).unwrap();
            // A file's own tests are at its end.
            let text = text.split("#[cfg(test)]").next().unwrap();
            if name.contains(READS_ONLY) {
                let writes = WRITES.iter().find(|it| text.contains(**it));
                assert!(writes.is_none(), "{name} has {writes:?}");
                return;
            }
            let mut before = "";
            for (line, number) in text.lines().zip(1..) {
                let statement = match line.trim() {
                    line if line.starts_with(".await") => format!("{before}{line}"),
                    line => line.to_owned(),
                };
                before = line.trim();
                let calls = line.contains(".await") && !line.trim_start().starts_with("//");
                let excepted = |it: &&str| line.contains(*it);
                let beyond = BEYOND.iter().position(|(text, _)| statement.contains(text));
                excused.extend(beyond);
                if calls && !WAITS.iter().any(excepted) && beyond.is_none() {
                    sites.push((format!("{name}:{number}"), statement));
                }
            }
        });
    }
    for (at, (text, why)) in BEYOND.iter().enumerate() {
        assert!(
            excused.contains(&at),
            "{text} ({why}) is not there any more"
        );
    }
    // A reader that reads nothing would be content with everything.
    assert!(sites.len() > 100, "only {} sites", sites.len());
    sites
}

/// The sites that nothing has reached.
pub(crate) fn unreached(reached: &BTreeSet<String>) -> Vec<String> {
    let sites = sites().into_iter();
    let missing = sites.filter(|(site, _)| !reached.contains(site));
    missing
        .map(|(site, text)| format!("{site}: {text}"))
        .collect()
}

fn visit(folder: &Path, each: &mut impl FnMut(&Path)) {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    for path in found {
        if path.is_dir() {
            visit(&path, each);
        } else {
            each(&path);
        }
    }
}
