//! What only a process of its own can show: sudden death, and folders of others.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jiff::Timestamp;

use super::{desk, draft};
use crate::store::decisions::{Journal, JournalError};

/// In the environment of a child: what it shall do, and with which file.
const TASK: &str = "PARCELIGHT_TEST_JOURNAL";

/// This test program again, doing nothing but a task.
fn child(task: &str, path: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command
        .args(["--exact", "store::decisions::tests::kill::does_the_task_of_a_child", "--nocapture", "--test-threads=1"])
        .env(TASK, format!("{task}:{}", path.display()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// The part of children; without a task there is nothing to do.
#[test]
fn does_the_task_of_a_child() {
    let Ok(task) = std::env::var(TASK) else { return };
    let (task, path) = task.split_once(':').expect("a task and a file");
    let path = Path::new(path);
    let mut out = std::io::stdout();
    match task {
        "append" => {
            let mut journal = Journal::open(path).expect("opened");
            for number in 0.. {
                // Some alone, some in one transaction.
                let drafts = (0..=number % 3).map(|part| draft(&format!("{number}.{part}"), "compliant")).collect();
                let entries = journal.append_all(drafts, Timestamp::now()).expect("stored");
                let ids: Vec<&str> = entries.iter().map(|entry| entry.id.0.as_str()).collect();
                writeln!(out, "stored {}", ids.join(" ")).expect("told");
                out.flush().expect("told");
            }
        }
        "open" => {
            let answer = Journal::open(path).map(|journal| journal.name().to_owned());
            writeln!(out, "answer {answer:?}").expect("told");
        }
        "read" => {
            let answer = Journal::open_read_only(path).and_then(|journal| Ok(journal.entries()?.len()));
            writeln!(out, "answer {answer:?}").expect("told");
        }
        other => panic!("no task {other}"),
    }
}

/// Lets a child append for a while, kills it, and gives the ids that it said were stored.
fn killed_after(path: &Path, moment: Duration) -> Vec<String> {
    let mut process: Child = child("append", path).spawn().expect("a child");
    let mut lines = BufReader::new(process.stdout.take().expect("its words")).lines();
    let mut stored = Vec::new();
    let mut take = |line: String| {
        if let Some(ids) = line.strip_prefix("stored ") {
            stored.extend(ids.split(' ').map(str::to_owned));
            return true;
        }
        false
    };
    // The moment counts from the first entry: before it there is nothing to lose.
    while !take(lines.next().expect("the child lives").expect("text")) {}
    let killer = std::thread::scope(|scope| {
        let rest = scope.spawn(|| {
            std::thread::sleep(moment);
            process.kill().expect("killed");
            process.wait().expect("gone")
        });
        // What is in the pipe was said before. A line that was cut off was not said.
        for line in lines.by_ref().map_while(Result::ok) {
            take(line);
        }
        rest.join().expect("no panic")
    });
    assert!(!killer.success(), "it was killed");
    stored
}

#[test]
fn no_stored_entry_is_lost_or_doubled_when_the_program_is_killed_at_any_moment() {
    let (_folder, path) = desk();
    let mut acknowledged: Vec<String> = Vec::new();
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    for round in 0..100 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        acknowledged.extend(killed_after(&path, Duration::from_micros(random % 20_000)));
        // Every few rounds somebody looks; in between the next process finds what the killed one left.
        if round % 10 == 9 {
            let entries = Journal::open(&path).expect("opens without complaint").entries().expect("read");
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for entry in &entries {
                *counts.entry(entry.id.0.as_str()).or_default() += 1;
            }
            let wrong: Vec<&String> = acknowledged.iter().filter(|id| counts.get(id.as_str()) != Some(&1)).collect();
            assert!(wrong.is_empty(), "round {round}: {} of {} are lost or doubled", wrong.len(), acknowledged.len());
            assert!(counts.values().all(|&count| count == 1));
            let numbers: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
            assert_eq!(numbers, (1..=entries.len() as u64).collect::<Vec<_>>(), "whole transactions, without gaps");
            // Of three that belong together all are there, or none.
            assert!(entries.iter().filter(|entry| entry.parcel.ends_with(".1")).all(|second| {
                entries
                    .iter()
                    .any(|first| first.parcel == second.parcel.replace(".1", ".0") && first.sequence + 1 == second.sequence)
            }));
        }
    }
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
}

#[cfg(unix)]
mod folders_of_others {
    use std::fs::{Permissions, set_permissions};
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;
    use std::path::PathBuf;

    use super::*;

    /// What a child answers who may write nowhere in a folder.
    fn answer(task: &str, path: &Path) -> String {
        let mut command = child(task, path);
        if std::fs::write(path.with_extension("probe"), "").is_ok() {
            // The one who runs the tests may write everywhere; the child shall not.
            std::fs::remove_file(path.with_extension("probe")).expect("removed");
            command.uid(65534).gid(65534);
        }
        let output = command.output().expect("a child");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let told = text.lines().find_map(|line| line.split_once("answer ").map(|(_, told)| told.to_owned()));
        told.unwrap_or_else(|| panic!("no answer: {text}"))
    }

    fn permit(path: &Path, mode: u32) {
        set_permissions(path, Permissions::from_mode(mode)).expect("set");
    }

    /// A journal in a folder that nobody can write to; with `log` as a killed program left it.
    fn read_only(log: bool) -> (tempfile::TempDir, PathBuf) {
        let (folder, path) = desk();
        let mut journal = Journal::open(&path).expect("made");
        journal.append(draft("1", "compliant"), Timestamp::now()).expect("stored");
        let kept = ["", "-wal"].map(|end| PathBuf::from(format!("{}{end}", path.display())));
        let bytes = kept.clone().map(|file| std::fs::read(file).expect("bytes"));
        drop(journal);
        if log {
            for (file, bytes) in kept.iter().zip(bytes) {
                std::fs::write(file, bytes).expect("written");
                permit(file, 0o444);
            }
        }
        permit(&path, 0o444);
        permit(folder.path(), 0o555);
        (folder, path)
    }

    #[test]
    fn a_journal_in_a_read_only_folder_is_told_to_be_and_can_be_read() {
        for log in [false, true] {
            let (folder, path) = read_only(log);
            assert!(answer("open", &path).starts_with("Err(ReadOnly"), "{}", answer("open", &path));
            assert_eq!(answer("read", &path), "Ok(1)", "with log: {log}");
            permit(folder.path(), 0o755);
        }
    }

    #[test]
    fn a_journal_cannot_be_made_in_a_read_only_folder_and_that_is_told() {
        let (folder, path) = desk();
        permit(folder.path(), 0o555);
        assert!(answer("open", &path).starts_with("Err(ReadOnly"), "{}", answer("open", &path));
        assert!(answer("read", &path).starts_with("Err(Missing"), "{}", answer("read", &path));
        permit(folder.path(), 0o755);
        let text = JournalError::ReadOnly { path }.to_string();
        assert!(text.contains("are safe") && text.contains("name a journal elsewhere"), "{text}");
    }

    #[test]
    fn a_read_only_file_in_a_folder_that_can_be_written_to_is_told_to_be() {
        let (folder, path) = desk();
        Journal::open(&path).expect("made").append(draft("1", "compliant"), Timestamp::now()).expect("stored");
        permit(&path, 0o444);
        permit(folder.path(), 0o777);
        let probe = |task: &str| {
            let mut command = child(task, &path);
            if std::fs::OpenOptions::new().append(true).open(&path).is_ok() {
                command.uid(65534).gid(65534);
            }
            String::from_utf8_lossy(&command.output().expect("a child").stdout).into_owned()
        };
        assert!(probe("open").contains("Err(ReadOnly"), "{}", probe("open"));
        assert!(probe("read").contains("Ok(1)"), "{}", probe("read"));
    }
}
