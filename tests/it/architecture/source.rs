//! Reads Rust well enough to hold rules about it.

use std::{collections::BTreeSet, fs, path::Path};

use super::repository;

/// Where our own sources are.
const FOLDERS: [&str; 4] = ["core", "functions", "infra", "tests"];
/// What may stand before `::` without being a crate or a module.
const PRIMITIVES: [&str; 12] = [
    "u8", "u16", "u32", "u64", "u128", "usize", "i32", "i64", "i128", "str", "char", "bool",
];

/// One file.
#[derive(Debug)]
pub(crate) struct Source {
    /// Relative to the repository, with slashes.
    pub(crate) path: String,
    /// What is in it.
    pub(crate) text: String,
}

impl Source {
    /// Every file of ours.
    pub(crate) fn all() -> Vec<Self> {
        let all: Vec<_> = FOLDERS.into_iter().flat_map(Self::below).collect();
        assert!(all.len() > 100, "{} files are too few to be all", all.len());
        all
    }

    /// Every file below a folder.
    pub(crate) fn below(folder: &str) -> Vec<Self> {
        let mut found = Vec::new();
        collect(&repository().join(folder), folder, &mut found);
        found.sort_by(|one, other| one.path.cmp(&other.path));
        found
    }

    /// Without comments, texts and tests.
    pub(crate) fn code(&self) -> String {
        if self.is_test() {
            String::new()
        } else {
            without_tests(&code(&self.text))
        }
    }

    /// Every path that names something elsewhere, cut to two segments.
    pub(crate) fn paths(&self) -> BTreeSet<String> {
        if self.is_test() {
            BTreeSet::new()
        } else {
            roots(&self.text)
        }
    }

    /// Whether a path may begin with this name because the file declares or imports it, which
    /// is looked at by itself.
    pub(crate) fn knows(&self, name: &str) -> bool {
        let code = code(&self.text);
        let is_known = |known: &String| code.contains(known.as_str());
        ["self", "super"].contains(&name)
            || PRIMITIVES.contains(&name)
            || [
                format!("mod {name}"),
                format!("::{name};"),
                format!("::{{{name},"),
                format!(", {name}}};"),
                format!("{name}::{{self,"),
            ]
            .iter()
            .any(is_known)
    }

    fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name == "tests.rs" || name.ends_with("_tests.rs") || name == "stub.rs"
    }
}

fn collect(folder: &Path, path: &str, found: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let (file, path) = (entry.path(), format!("{path}/{name}"));
        if file.is_dir() && name != "target" {
            collect(&file, &path, found);
        } else if name.ends_with(".rs") {
            found.push(Source {
                text: fs::read_to_string(file).unwrap(),
                path,
            });
        }
    }
}

/// Every path of two segments or more that begins with a small letter.
pub(crate) fn roots(text: &str) -> BTreeSet<String> {
    let code = without_tests(&code(text));
    let mut found = BTreeSet::new();
    for statement in code.split(';') {
        match statement
            .split_once("use ")
            .filter(|(before, _)| is_visibility(before))
        {
            Some((_, tree)) => expand("", tree, &mut found),
            None => inline(statement, &mut found),
        }
    }
    found
}

/// Whether a `use` begins here: after attributes, a block's brace or a visibility.
fn is_visibility(before: &str) -> bool {
    let last = before
        .trim_end()
        .rsplit(['}', '{', ']', '\n'])
        .next()
        .unwrap_or_default()
        .trim();
    last.is_empty() || last.starts_with("pub")
}

/// The paths of a `use` tree, cut to two segments.
fn expand(start: &str, tree: &str, found: &mut BTreeSet<String>) {
    let tree = tree.trim();
    match tree.split_once('{') {
        Some((path, group)) => {
            let group = group.strip_suffix('}').unwrap_or(group);
            for branch in branches(group) {
                expand(&format!("{start}{}", path.trim()), branch, found);
            }
        }
        None if !tree.is_empty() => {
            let full = format!("{start}{}", tree.split(" as ").next().unwrap_or_default());
            let mut segments = full.split("::").map(str::trim);
            let (root, next) = (segments.next().unwrap_or_default(), segments.next());
            found.insert(format!("{root}::{}", next.unwrap_or("*")));
        }
        None => {}
    }
}

/// A group's branches: split at the commas that no inner group holds.
fn branches(group: &str) -> Vec<&str> {
    let (mut found, mut depth, mut start) = (Vec::new(), 0_u32, 0);
    for (at, char) in group.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                found.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    found.push(&group[start..]);
    found
}

/// Paths in the middle of code: `tokio::time::sleep`.
fn inline(code: &str, found: &mut BTreeSet<String>) {
    let is_word = |char: char| char.is_alphanumeric() || char == '_';
    for (at, _) in code.match_indices("::") {
        let before = &code[..at];
        let root_at = before
            .rfind(|char| !is_word(char))
            .map_or(0, |found| found + 1);
        let root = &before[root_at..];
        let goes_on = before[..root_at].ends_with("::");
        if root.starts_with(|char: char| char.is_ascii_lowercase()) && !goes_on {
            let next: String = code[at + 2..]
                .chars()
                .take_while(|char| is_word(*char))
                .collect();
            found.insert(format!("{root}::{next}"));
        }
    }
}

/// Cut where the tests at the end of a file begin.
fn without_tests(code: &str) -> String {
    let tests = code.match_indices("#[cfg(test)]").map(|(at, _)| at);
    let is_block = |at: &usize| {
        let rest = code[*at..]
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start();
        rest.starts_with("mod ")
            && rest
                .split(['{', ';'])
                .next()
                .is_some_and(|head| rest[head.len()..].starts_with('{'))
    };
    let end = tests.into_iter().find(is_block).unwrap_or(code.len());
    code[..end].to_owned()
}

/// Without comments, and with every text emptied; lines stay lines.
fn code(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = literal(rest, code.chars().next_back()) {
            code.push_str("\"\"");
            length
        } else {
            code.push(char);
            rest = &rest[char.len_utf8()..];
            continue;
        };
        code.extend(rest[..skipped].chars().filter(|char| *char == '\n'));
        rest = &rest[skipped..];
    }
    code
}

/// The length of a comment that begins here.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0_u32, 0);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

/// The length of the text or character that begins here, if one does.
fn literal(text: &str, before: Option<char>) -> Option<usize> {
    let is_word_before = before.is_some_and(|char| char.is_alphanumeric() || char == '_');
    if let Some(raw) = text
        .strip_prefix('r')
        .filter(|_| !is_word_before || before == Some('b'))
    {
        let hashes = raw.bytes().take_while(|byte| *byte == b'#').count();
        if raw.as_bytes().get(hashes) == Some(&b'"') {
            let end = format!("\"{}", "#".repeat(hashes));
            let inner = &raw[hashes + 1..];
            return inner.find(&end).map(|at| 1 + hashes + 1 + at + end.len());
        }
    }
    let quote = text
        .bytes()
        .next()
        .filter(|byte| matches!(byte, b'"' | b'\''))?;
    if quote == b'\'' {
        // A lifetime is no character.
        let mut chars = text.chars().skip(1);
        let (first, second) = (chars.next()?, chars.next()?);
        if first != '\\' {
            return (second == '\'').then(|| first.len_utf8() + 2);
        }
    }
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            byte if byte == quote => return Some(at + 1),
            _ => {}
        }
    }
    Some(text.len())
}
