//! The state file: one line of JSON for each commit, rewritten whole when it is opened.
//!
//! A commit is on disk before it is answered. A line that a crash cut short was never answered, so it
//! is dropped. The file is not synced on every commit: it has to survive this process, not the machine.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::StateError;
use crate::state::{Change, World};

/// The first line: what the file is, and the version of its form.
const HEADER: &str = r#"{"stripe_sim_state":1}"#;

/// Where commits go.
#[derive(Debug)]
pub(crate) enum Journal {
    /// Nowhere: the state is in memory only.
    Memory,
    /// To a file.
    File(JournalFile),
    /// Nowhere any more: the simulator was shut down.
    Closed,
}

/// An open state file.
#[derive(Debug)]
pub(crate) struct JournalFile {
    file: File,
    length: u64,
    // Held as long as the journal is: it keeps other simulators away.
    _lock: File,
}

impl Journal {
    /// Reads the file back and makes it ready for more. Without a path the state is in memory only.
    pub(crate) fn open(path: Option<&Path>) -> Result<(Self, World), StateError> {
        let Some(path) = path else {
            return Ok((Self::Memory, World::default()));
        };
        let lock = lock(path)?;
        let mut world = World::default();
        for change in read(path)? {
            world.apply(change);
        }
        world.resume_deliveries();
        let (file, length) = rewrite(path, &world)?;
        Ok((
            Self::File(JournalFile {
                file,
                length,
                _lock: lock,
            }),
            world,
        ))
    }

    /// Writes one commit. On an error the file is as it was before.
    pub(crate) fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        match self {
            Self::Memory => Ok(()),
            Self::File(journal) => journal.append(changes),
            Self::Closed => Err(io::Error::other("the simulator was shut down")),
        }
    }

    /// Lets go of the file, so that another simulator can open it at once.
    pub(crate) fn close(&mut self) {
        *self = Self::Closed;
    }
}

impl JournalFile {
    fn append(&mut self, changes: &[Change]) -> io::Result<()> {
        let line = line(changes)?;
        let written = self.file.write_all(&line);
        if written.is_err() {
            // Half a line would spoil the next one.
            self.file.set_len(self.length)?;
        } else {
            self.length = self
                .length
                .saturating_add(u64::try_from(line.len()).unwrap_or(u64::MAX));
        }
        written
    }
}

fn line(changes: &[Change]) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(changes)?;
    line.push(b'\n');
    Ok(line)
}

fn lock(path: &Path) -> Result<File, StateError> {
    let lock_path = beside(path, ".lock");
    let lock = File::create(&lock_path).map_err(failed("lock", &lock_path))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(StateError::InUse {
            path: path.to_owned(),
        }),
        Err(fs::TryLockError::Error(source)) => Err(failed("lock", &lock_path)(source)),
    }
}

fn read(path: &Path) -> Result<Vec<Change>, StateError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed("read", path)(source)),
    };
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let complete = bytes.iter().rposition(|byte| *byte == b'\n').unwrap_or(0);
    let mut lines = bytes
        .get(..complete)
        .unwrap_or_default()
        .split(|byte| *byte == b'\n');
    if lines.next() != Some(HEADER.as_bytes()) {
        return Err(StateError::Foreign {
            path: path.to_owned(),
            expected: HEADER,
        });
    }
    let mut changes: Vec<Change> = Vec::new();
    for (index, line) in lines.enumerate() {
        let commit: Vec<Change> =
            serde_json::from_slice(line).map_err(|source| StateError::Line {
                path: path.to_owned(),
                line: index.saturating_add(2),
                source,
            })?;
        changes.extend(commit);
    }
    Ok(changes)
}

/// Writes the state to a new file and puts it in the place of the old one.
fn rewrite(path: &Path, world: &World) -> Result<(File, u64), StateError> {
    let new_path = beside(path, ".new");
    let mut text = Vec::from(HEADER);
    text.push(b'\n');
    for change in world.snapshot() {
        text.extend(line(&[change]).map_err(failed("write", &new_path))?);
    }
    fs::write(&new_path, &text).map_err(failed("write", &new_path))?;
    let file = OpenOptions::new()
        .append(true)
        .open(&new_path)
        .map_err(failed("write", &new_path))?;
    file.sync_all().map_err(failed("write", &new_path))?;
    fs::rename(&new_path, path).map_err(failed("replace", path))?;
    Ok((file, u64::try_from(text.len()).unwrap_or(u64::MAX)))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StateError {
    let path = path.to_owned();
    move |source| StateError::Io {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::StoredAnswer;

    fn answer(key: &str) -> Change {
        Change::Answer(StoredAnswer {
            key: key.into(),
            created: 1_000,
            path: "/v1/checkout/sessions".into(),
            fingerprint: "f".into(),
            request: "req_1".into(),
            status: 200,
            body: "{}".into(),
        })
    }

    #[test]
    fn what_was_appended_is_read_back_and_a_cut_line_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (mut journal, _) = Journal::open(Some(&path)).unwrap();
        journal.append(&[answer("a"), answer("b")]).unwrap();
        journal.append(&[answer("c")]).unwrap();
        journal.close();
        let mut text = fs::read(&path).unwrap();
        text.extend(b"[{\"answer\":{\"key\":\"cut");
        fs::write(&path, text).unwrap();

        let (mut journal, world) = Journal::open(Some(&path)).unwrap();
        for key in ["a", "b", "c"] {
            assert!(world.answer(key, 1_000).is_some(), "{key}");
        }
        journal.append(&[answer("d")]).unwrap();
        journal.close();
        let (_, world) = Journal::open(Some(&path)).unwrap();
        assert!(world.answer("d", 1_000).is_some());
    }

    #[test]
    fn a_file_in_use_foreign_or_broken_is_refused_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state");
        let (journal, _) = Journal::open(Some(&path)).unwrap();
        assert!(matches!(
            Journal::open(Some(&path)),
            Err(StateError::InUse { .. })
        ));
        drop(journal);

        fs::write(&path, "hello\n").unwrap();
        assert!(matches!(
            Journal::open(Some(&path)),
            Err(StateError::Foreign { .. })
        ));
        assert_eq!(fs::read(&path).unwrap(), b"hello\n");

        let broken = format!("{HEADER}\n[]\nnonsense\n[]\n");
        fs::write(&path, &broken).unwrap();
        assert!(matches!(
            Journal::open(Some(&path)),
            Err(StateError::Line { line: 3, .. })
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);

        let nowhere = dir.path().join("missing").join("state");
        assert!(matches!(
            Journal::open(Some(&nowhere)),
            Err(StateError::Io { action: "lock", .. })
        ));
    }

    #[test]
    fn a_closed_journal_takes_nothing() {
        let (mut journal, _) = Journal::open(None).unwrap();
        assert!(journal.append(&[]).is_ok());
        journal.close();
        assert!(journal.append(&[]).is_err());
    }
}
