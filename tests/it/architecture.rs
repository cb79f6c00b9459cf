//! Rules of the code that no compiler holds, read from the sources themselves.

mod source;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use source::{Source, roots};

/// Where the repository begins.
pub(crate) fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// A file of the repository.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names of what is in a folder.
pub(crate) fn names_in(folder: &str) -> BTreeSet<String> {
    let entries = fs::read_dir(repository().join(folder)).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

fn manifest(path: &str) -> toml::Table {
    read(path).parse().unwrap()
}

/// The manifests of all packages, with their folder.
fn manifests() -> Vec<(String, toml::Table)> {
    let mut folders: Vec<_> = [
        "core",
        "infra/local",
        "infra/stripe-sim",
        "tests",
        "tests/testkit",
    ]
    .map(str::to_owned)
    .into();
    folders.extend(
        names_in("functions")
            .into_iter()
            .map(|name| format!("functions/{name}")),
    );
    let read = |folder: String| (folder.clone(), manifest(&format!("{folder}/Cargo.toml")));
    folders.into_iter().map(read).collect()
}

/// What a package depends on when it is not tested.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let of = |table: &toml::Table, name: &str| -> Vec<String> {
        let found = table.get(name).and_then(toml::Value::as_table);
        found
            .map(|found| found.keys().cloned().collect())
            .unwrap_or_default()
    };
    let mut all = of(manifest, "dependencies");
    all.extend(of(manifest, "build-dependencies"));
    all.into_iter().collect()
}

/// Asserts that each file below `folder` names no other crate and no other part of ours.
fn assert_names_only(folder: &str, crates: &[&str], parts: &[&str]) {
    let sources = Source::below(folder);
    assert!(sources.len() > 2, "{folder} has no sources");
    let mut foreign = Vec::new();
    for source in sources {
        for path in source.paths() {
            let mut segments = path.split("::");
            let (root, next) = (segments.next().unwrap(), segments.next());
            let allowed = match root {
                "crate" => next.is_some_and(|part| parts.contains(&part)),
                root => crates.contains(&root) || source.knows(root),
            };
            if !allowed {
                foreign.push(format!("{}: {path}", source.path));
            }
        }
    }
    assert!(
        foreign.is_empty(),
        "{folder} must not know:\n{}",
        foreign.join("\n")
    );
}

#[test]
fn the_domain_knows_nothing_but_itself() {
    let crates = ["std", "serde", "thiserror", "jiff", "rust_decimal", "sha2"];
    assert_names_only("core/src/domain", &crates, &["domain"]);
}

#[test]
fn the_use_cases_know_the_domain_and_their_ports() {
    assert_names_only(
        "core/src/app",
        &["std", "thiserror", "jiff", "futures_util"],
        &["domain", "app"],
    );
}

#[test]
fn adapters_and_the_edge_do_not_know_each_other() {
    for (folder, other) in [("core/src/adapters", "http"), ("core/src/http", "adapters")] {
        for source in Source::below(folder) {
            for path in source.paths() {
                let part = path
                    .strip_prefix("crate::")
                    .and_then(|rest| rest.split("::").next());
                assert_ne!(part, Some(other), "{}: {path}", source.path);
            }
        }
    }
}

#[test]
fn functions_reach_dynamodb_and_stripe_through_the_core_only() {
    let theirs = |name: &str| {
        [
            "aws_",
            "aws-",
            "stripe",
            "async_stripe",
            "async-stripe",
            "serde_dynamo",
        ]
        .iter()
        .any(|start| name.starts_with(start))
    };
    for source in Source::below("functions") {
        for path in source.paths() {
            assert!(
                !theirs(path.split("::").next().unwrap()),
                "{}: {path}",
                source.path
            );
        }
    }
    for (folder, manifest) in manifests() {
        if folder.starts_with("functions/") {
            let found = dependencies(&manifest)
                .into_iter()
                .find(|name| theirs(name));
            assert_eq!(found, None, "{folder}");
        }
    }
}

#[test]
fn nothing_that_is_deployed_depends_on_what_is_local() {
    let local = [
        "recharge-local",
        "stripe-sim",
        "recharge-testkit",
        "recharge-tests",
    ];
    for (folder, manifest) in manifests() {
        let dependencies = dependencies(&manifest);
        if folder == "core" || folder.starts_with("functions/") {
            let found = local.iter().find(|name| dependencies.contains(**name));
            assert_eq!(found, None, "{folder}");
        }
    }
}

/// Else both could share a mistake about Stripe.
#[test]
fn the_stripe_simulator_shares_no_code_with_the_product() {
    let simulator = manifest("infra/stripe-sim/Cargo.toml");
    let mut all = dependencies(&simulator);
    let tests = simulator
        .get("dev-dependencies")
        .and_then(toml::Value::as_table);
    all.extend(tests.into_iter().flat_map(|tests| tests.keys().cloned()));
    let ours = names_in("functions")
        .into_iter()
        .chain(["recharge-core", "recharge-local"].map(str::to_owned));
    for name in ours {
        assert!(!all.contains(&name), "{name}");
    }
}

#[test]
fn a_functions_main_only_wires() {
    for function in names_in("functions") {
        let path = format!("functions/{function}/src/main.rs");
        let lines = read(&path).lines().count();
        assert!(lines <= 25, "{path} has {lines} lines");
    }
}

#[test]
fn no_file_has_more_than_400_lines() {
    let long: Vec<_> = Source::all()
        .into_iter()
        .map(|source| (source.text.lines().count(), source.path))
        .filter(|(lines, _)| *lines > 400)
        .collect();
    assert!(long.is_empty(), "{long:?}");
}

#[test]
fn no_lint_is_silenced_without_being_expected() {
    for source in Source::all() {
        let code = source.code();
        for silenced in ["#[allow(", "#![allow("] {
            assert!(!code.contains(silenced), "{}: {silenced}", source.path);
        }
    }
}

/// Neither coins nor money are ever a floating-point number.
#[test]
fn no_floating_point_number_is_near_money() {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    for source in Source::below("core/src")
        .into_iter()
        .chain(Source::below("functions"))
    {
        let code = source.code();
        for kind in ["f32", "f64"] {
            for (at, _) in code.match_indices(kind) {
                // A literal's suffix counts (`1.0_f64`), another word's end does not (`buf64`).
                let before = code[..at]
                    .chars()
                    .next_back()
                    .is_some_and(char::is_alphabetic);
                let after = code[at + kind.len()..].chars().next().is_some_and(is_word);
                let line = code[..at].lines().count();
                assert!(before || after, "{}:{line}: {kind}", source.path);
            }
        }
    }
}

#[test]
fn time_enters_through_one_file() {
    const CLOCKS: [&str; 4] = [
        "SystemTime::now",
        "Timestamp::now",
        "Instant::now",
        "Zoned::now",
    ];
    let sources = Source::below("core/src")
        .into_iter()
        .chain(Source::below("functions"));
    for source in sources.filter(|source| source.path != "core/src/adapters/system.rs") {
        let code = source.code();
        for clock in CLOCKS {
            assert!(!code.contains(clock), "{}: {clock}", source.path);
        }
    }
}

/// A walk over a whole table is for an operator's machine.
#[test]
fn only_the_audit_reads_whole_tables_and_no_function_does() {
    const AUDIT: &str = "core/src/adapters/dynamodb/audit.rs";
    let scanning: Vec<_> = Source::below("core/src")
        .into_iter()
        .filter(|source| source.code().contains(".scan()"))
        .map(|source| source.path)
        .collect();
    assert_eq!(scanning, [AUDIT]);
    for source in Source::below("functions") {
        let code = source.code();
        for word in [".scan()", "audit(", "Audited"] {
            assert!(!code.contains(word), "{}: {word}", source.path);
        }
    }
}

/// The Lambda runtime catches a panic and reports it; an abort would lose the whole container.
#[test]
fn a_panic_unwinds_in_every_profile() {
    for (folder, manifest) in manifests()
        .into_iter()
        .chain([(".".to_owned(), manifest("Cargo.toml"))])
    {
        let profiles = manifest.get("profile").and_then(toml::Value::as_table);
        for (name, profile) in profiles.into_iter().flatten() {
            assert_eq!(profile.get("panic"), None, "{folder}: profile {name}");
        }
    }
}

#[test]
fn the_reader_of_sources_reads_what_a_compiler_reads() {
    let text = r##"
        //! use a::A;
        pub use one::{Two, three::{self, Four}, five::*};
        use crate::{app::Clock, domain::Coins};
        /* use b::B; /* nested */ */
        const TEXT: &str = "use c::C; \" f64"; const RAW: &str = r#"d::D"#; const CHAR: char = '"';
        fn f<'a>(x: &'a str) -> Vec<u8> { six::seven(x); Eight::nine(); <T as ten::T>::x() }
        #[cfg(test)]
        mod tests { use eleven::E; }
    "##;
    let found: Vec<String> = roots(text).into_iter().collect();
    assert_eq!(
        found,
        [
            "crate::app",
            "crate::domain",
            "one::Two",
            "one::five",
            "one::three",
            "six::seven",
            "ten::T"
        ]
    );
}
