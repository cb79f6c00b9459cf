//! The documents are true where a machine can tell.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

/// Every Markdown file of ours.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            documents(&path, found);
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}

/// The targets of `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next())
}

/// The names by which a page's headings are linked, made as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let mut is_code = false;
    let headings = text.lines().filter(|line| {
        is_code ^= line.starts_with("```");
        !is_code && line.starts_with('#')
    });
    let kept = |letter: &char| letter.is_alphanumeric() || " -_".contains(*letter);
    let anchor = |heading: &str| -> String {
        let words = heading.trim_start_matches('#').trim().to_lowercase();
        words.chars().filter(kept).collect()
    };
    headings.map(|it| anchor(it).replace(' ', "-")).collect()
}

#[test]
fn every_relative_link_leads_somewhere() {
    let mut files = Vec::new();
    documents(&root(), &mut files);
    assert!(files.len() > 10, "the documents were not found");
    let (mut broken, mut to_headings) = (Vec::new(), 0);
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for link in links(&text).filter(|link| !link.contains(':')) {
            let (target, heading) = link.split_once('#').unwrap_or((link, ""));
            let page = match target {
                "" => file.clone(),
                target => file.parent().unwrap().join(target),
            };
            let leads = page.exists()
                && (heading.is_empty()
                    || anchors(&fs::read_to_string(&page).unwrap()).contains(&heading.to_owned()));
            to_headings += usize::from(!heading.is_empty());
            if !leads {
                broken.push(format!("{}: {link}", file.display()));
            }
        }
    }
    assert!(to_headings > 0, "no link to a heading was found");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Whoever deploys for the first time is asked for each of them.
#[test]
fn every_parameter_of_the_template_is_explained_and_no_other_is() {
    let template = fs::read_to_string(root().join("template.yaml")).unwrap();
    let template: serde_norway::Value = serde_norway::from_str(&template).unwrap();
    let parameters = template["Parameters"].as_mapping().unwrap().keys();
    let parameters: BTreeSet<_> = parameters
        .map(|name| name.as_str().unwrap().to_owned())
        .collect();
    let guide = fs::read_to_string(root().join("docs/deploy.md")).unwrap();
    let (_, table) = guide.split_once("| parameter | default |").unwrap();
    let rows = table.lines().skip(2).take_while(|row| row.starts_with('|'));
    let mut explained = BTreeSet::new();
    for row in rows {
        let cells: Vec<_> = row.trim_matches('|').split(" | ").collect();
        assert!(cells.len() == 3 && cells[2].trim().len() > 10, "{row}");
        let names = cells[0].split('`').skip(1).step_by(2);
        explained.extend(names.map(str::to_owned));
    }
    assert_eq!(explained, parameters, "parameters: explained, declared");
}

/// An event that Stripe is not asked to send is one that nobody hears.
#[test]
fn stripe_is_asked_for_every_event_that_we_read_and_for_no_other() {
    let guide = fs::read_to_string(root().join("docs/deploy.md")).unwrap();
    let (_, step) = guide.split_once("## 5. Stripe's webhook").unwrap();
    let (step, _) = step.split_once("## 6.").unwrap();
    let kinds = ["checkout.session.", "refund.", "charge."];
    let events = |text: &str, quote: char| -> BTreeSet<String> {
        let quoted = text.split(quote).skip(1).step_by(2);
        let events = quoted.filter(|it| kinds.iter().any(|kind| it.starts_with(kind)));
        events.map(str::to_owned).collect()
    };
    let code = code(&root().join("core/src/adapters/stripe/event.rs"));
    let mut read = events(&code, '"');
    assert!(read.len() > 10, "{read:?}");
    // What `refund.updated` was called before: to ask for both is to be told twice.
    assert!(read.remove("charge.refund.updated"));
    assert_eq!(events(step, '`'), read, "events: asked for, read");
}

/// Every row of the table of outcomes names the test that shows it.
#[test]
fn every_outcome_of_a_payment_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("docs/money-in.md")).unwrap();
    let suites = ["tests/it/money_in", "tests/it/webhooks.rs"];
    let code: String = suites
        .iter()
        .map(|suite| code(&root().join(suite)))
        .collect();
    let rows: Vec<_> = text.lines().filter(|line| line.starts_with("| ")).collect();
    assert!(rows.len() > 20, "the table was not found");
    let mut unnamed = Vec::new();
    for row in rows.iter().skip(1) {
        let last = row.trim_end_matches(" |").rsplit("| ").next().unwrap();
        let test = last.split('`').nth(1);
        let is_shown = test.is_some_and(|test| code.contains(&format!("fn {test}(")));
        if !is_shown && last != "the same" {
            unnamed.push(*row);
        }
    }
    assert!(unnamed.is_empty(), "{unnamed:#?}");
}

/// What the Rust files of a folder say, or one file.
fn code(path: &Path) -> String {
    if path.is_file() {
        return fs::read_to_string(path).unwrap();
    }
    let files = fs::read_dir(path).unwrap();
    files.map(|file| code(&file.unwrap().path())).collect()
}
