//! A journal on disk: what it keeps, what it refuses, and what it says when it cannot.

mod kill;

use std::collections::BTreeSet;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::PathBuf;

use super::*;
use crate::model::review::{Decided, KeptQueue, QueueOrder, Resolved, Seen};

/// Version 1 of the tables, as files of it have them.
const VERSION_1: &str = "
    CREATE TABLE journal (name TEXT NOT NULL) STRICT;
    CREATE TABLE entries (
        place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, journal TEXT NOT NULL, sequence INTEGER NOT NULL, parcel TEXT NOT NULL,
        user TEXT NOT NULL, time TEXT NOT NULL, kind TEXT NOT NULL, verdict TEXT, entry TEXT NOT NULL
    ) STRICT;
    CREATE INDEX entries_by_journal ON entries (journal, sequence);
    CREATE INDEX entries_by_parcel ON entries (parcel);
    CREATE TRIGGER entries_are_not_changed BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'no'); END;
    CREATE TRIGGER entries_are_not_deleted BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'no'); END;
    INSERT INTO journal (name) VALUES ('00112233445566778899aabbccddeeff');
    INSERT INTO entries (id, journal, sequence, parcel, user, time, kind, verdict, entry) VALUES (
        'e1', '00112233445566778899aabbccddeeff', 1, '007', 'ann', '2026-01-02T03:04:05.678Z', 'decide', 'compliant',
        '{\"id\":\"e1\",\"journal\":\"00112233445566778899aabbccddeeff\",\"sequence\":1,\"parcel\":\"007\",\"user\":\"ann\",\"time\":\"2026-01-02T03:04:05.678Z\",\"clock\":\"2026-01-02T03:04:05.678Z\",\"version\":\"0.1.0\",\"act\":{\"kind\":\"decide\",\"verdict\":\"compliant\",\"duration_ms\":1500,\"blind\":true}}');
    PRAGMA application_id = 1347177028;
    PRAGMA user_version = 1;";

fn desk() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("season.decisions.sqlite");
    (folder, path)
}

fn draft(parcel: &str, verdict: &str) -> Draft {
    let decided = Decided {
        verdict: verdict.to_owned(),
        reasons: vec!["late".to_owned()],
        duration_ms: 12_345,
        blind: false,
        automatic: Some("red".to_owned()),
        seen: Seen { acquisitions: vec!["2019-04-16T10:56:58Z S2A".to_owned()], ..Seen::default() },
    };
    Draft { parcel: parcel.to_owned(), user: "ann".to_owned(), act: Act::Decide(Box::new(decided)) }
}

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn queue(name: &str) -> KeptQueue {
    KeptQueue {
        name: name.to_owned(),
        source: "a filter".to_owned(),
        order: QueueOrder::Random { seed: u64::from(u32::MAX) },
        user: "ann".to_owned(),
        made: time("2026-01-01T00:00:00Z"),
        parcels: vec!["007".to_owned(), "7".to_owned()],
    }
}

/// A connection of another program.
fn other(path: &Path) -> Connection {
    Connection::open(path).expect("opened by another program")
}

#[test]
fn what_is_appended_is_there_after_opening_again() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    let name = journal.name().to_owned();
    assert!(name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    let first = journal.append(draft("007", "compliant"), time("2026-01-01T10:00:00.123456789Z")).expect("stored");
    assert_eq!((first.sequence, first.journal.as_str(), first.time), (1, name.as_str(), time("2026-01-01T10:00:00.123Z")));
    let resolved = Resolved { verdict: "request".to_owned(), reasons: Vec::new(), note: "“é” ' \n".to_owned() };
    let acts = [Act::Resolve(Box::new(resolved)), Act::Undo { entry: first.id.clone() }, Act::Note { text: "x".to_owned() }];
    let drafts = acts.map(|act| Draft { parcel: "é'\n".to_owned(), user: "ben".to_owned(), act });
    let more = journal.append_all(drafts.to_vec(), time("2026-01-01T10:00:01Z")).expect("stored");
    drop(journal);
    let journal = Journal::open(&path).expect("opened");
    assert_eq!(journal.name(), name);
    assert_eq!(journal.entries().expect("read"), [vec![first], more].concat());
    let (rest, place) = journal.entries_after(2).expect("read");
    assert_eq!((rest.len(), place), (2, 4));
    assert_eq!(journal.entries_after(place).expect("read"), (Vec::new(), 4));
}

#[test]
fn the_file_can_be_asked_by_hand_and_refuses_to_be_changed() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    let entry = journal.append(draft("007", "compliant"), time("2026-01-01T10:00:00Z")).expect("stored");
    drop(journal);
    let by_hand = other(&path);
    let row: (String, String, String, String, Option<String>, String) = by_hand
        .query_row("SELECT parcel, user, time, kind, verdict, entry FROM entries", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
        })
        .expect("a row");
    let expected = ("007", "ann", "2026-01-01T10:00:00.000Z", "decide", Some("compliant"));
    assert_eq!((row.0.as_str(), row.1.as_str(), row.2.as_str(), row.3.as_str(), row.4.as_deref()), expected);
    assert_eq!(serde_json::from_str::<Entry>(&row.5).expect("an entry"), entry);
    for change in [
        "UPDATE entries SET verdict = 'request'",
        "DELETE FROM entries",
        "INSERT OR REPLACE INTO entries SELECT place, id, journal, sequence, parcel, 'eve', time, kind, verdict, entry FROM entries",
        "INSERT OR REPLACE INTO entries SELECT 9, id, journal, sequence, parcel, 'eve', time, kind, verdict, entry FROM entries",
        "UPDATE journal SET name = 'x'",
        "DELETE FROM journal",
    ] {
        let error = by_hand.execute(change, []).expect_err(change).to_string();
        assert!(error.contains("a journal"), "{change}: {error}");
    }
    drop(by_hand);
    assert_eq!(Journal::open(&path).expect("opened").entries().expect("read"), [entry]);
}

#[test]
fn a_commit_waits_for_the_disk() {
    let (_folder, path) = desk();
    let journal = Journal::open(&path).expect("made");
    let pragma = |name: &str| {
        journal
            .connection
            .query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, rusqlite::types::Value>(0))
            .expect("a value")
    };
    // 2 is FULL.
    assert_eq!(pragma("synchronous"), 2.into());
    assert_eq!(pragma("journal_mode"), "wal".to_owned().into());
    assert_eq!((pragma("application_id"), pragma("user_version")), (APPLICATION_ID.into(), SCHEMA_VERSION.into()));
}

#[test]
fn a_clock_that_was_set_back_never_puts_an_entry_before_an_earlier_one() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    for clock in ["2026-01-01T10:00:00Z", "2025-06-01T00:00:00Z", "2026-01-01T09:59:59Z", "2026-01-01T10:00:07Z"] {
        journal.append(draft(clock, "compliant"), time(clock)).expect("stored");
    }
    let entries = journal.entries().expect("read");
    let noted: Vec<(String, String)> = entries.iter().map(|entry| (entry.parcel.clone(), entry.time.to_string())).collect();
    let expected = [
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
        ("2025-06-01T00:00:00Z", "2026-01-01T10:00:00Z"),
        ("2026-01-01T09:59:59Z", "2026-01-01T10:00:00Z"),
        ("2026-01-01T10:00:07Z", "2026-01-01T10:00:07Z"),
    ];
    assert_eq!(noted, expected.map(|(clock, time)| (clock.to_owned(), time.to_owned())));
    assert!(entries.iter().all(|entry| entry.clock == time(&entry.parcel)), "what the clock said is kept");
}

#[test]
fn two_windows_append_to_one_file_and_nothing_is_lost_or_doubled() {
    let (_folder, path) = desk();
    let name = Journal::open(&path).expect("made").name().to_owned();
    let write = |user: &'static str| {
        let path = path.clone();
        move || {
            let mut journal = Journal::open(&path).expect("opened");
            for number in 0..100 {
                let draft = Draft { user: user.to_owned(), ..draft(&number.to_string(), "compliant") };
                journal.append(draft, Timestamp::now()).expect("stored");
            }
            journal.changed_elsewhere().expect("asked")
        }
    };
    let saw_others = std::thread::scope(|scope| {
        let windows = [scope.spawn(write("ann")), scope.spawn(write("ben"))];
        windows.map(|window| window.join().expect("no panic"))
    });
    assert!(saw_others.contains(&true));
    let entries = Journal::open(&path).expect("opened").entries().expect("read");
    let ids: BTreeSet<&EntryId> = entries.iter().map(|entry| &entry.id).collect();
    let sequences: Vec<u64> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!((entries.len(), ids.len()), (200, 200));
    assert_eq!(sequences, (1..=200).collect::<Vec<u64>>(), "one numbering, in the order of time");
    for user in ["ann", "ben"] {
        let own: Vec<&str> = entries.iter().filter(|entry| entry.user == user).map(|entry| entry.parcel.as_str()).collect();
        assert_eq!(own, (0..100).map(|number| number.to_string()).collect::<Vec<_>>(), "{user}");
    }
    assert!(entries.iter().all(|entry| entry.journal == name));
}

#[test]
fn many_who_make_the_same_journal_at_once_make_one() {
    let (_folder, path) = desk();
    let names: BTreeSet<String> = std::thread::scope(|scope| {
        let windows: Vec<_> =
            (0..8).map(|_| scope.spawn(|| Journal::open(&path).expect("made or opened").name().to_owned())).collect();
        windows.into_iter().map(|window| window.join().expect("no panic")).collect()
    });
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn a_window_sees_what_another_has_written_and_not_its_own() {
    let (_folder, path) = desk();
    let (mut one, mut two) = (Journal::open(&path).expect("made"), Journal::open(&path).expect("opened"));
    assert!(!one.changed_elsewhere().expect("asked"));
    one.append(draft("1", "compliant"), Timestamp::now()).expect("stored");
    assert!(!one.changed_elsewhere().expect("asked"));
    two.append(draft("2", "compliant"), Timestamp::now()).expect("stored");
    assert!(one.changed_elsewhere().expect("asked") && !one.changed_elsewhere().expect("asked"));
}

#[test]
fn entries_of_others_are_taken_in_once_as_they_are() {
    let ((_one, path), (_two, foreign)) = (desk(), desk());
    let mut theirs = Journal::open(&foreign).expect("made");
    let more =
        theirs.append_all(vec![draft("1", "compliant"), draft("2", "request")], time("2030-01-01T00:00:00Z")).expect("stored");
    let mut own = Journal::open(&path).expect("made");
    let before = own.append(draft("3", "compliant"), time("2026-01-01T00:00:00Z")).expect("stored");
    assert_eq!((own.adopt(&more).expect("taken in"), own.adopt(&more).expect("again")), (2, 0));
    let after = own.append(draft("4", "compliant"), time("2026-01-01T00:00:01Z")).expect("stored");
    assert_eq!((after.sequence, after.time), (2, time("2026-01-01T00:00:01Z")), "their clock and numbers are theirs");
    assert_eq!(own.entries().expect("read"), [vec![before, after], more.clone()].concat());
    let mut altered = more;
    altered[1].user = "eve".to_owned();
    altered[0].id = EntryId("another".to_owned());
    let error = own.adopt(&altered).expect_err("refused");
    assert!(matches!(&error, JournalError::Altered { id, .. } if *id == altered[1].id), "{error}");
    assert_eq!(own.entries().expect("read").len(), 4, "all or none");
}

#[test]
fn queues_are_kept_replaced_and_forgotten() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    journal.keep_queue(&queue("b")).expect("kept");
    journal.keep_queue(&queue("a")).expect("kept");
    let changed = KeptQueue { parcels: Vec::new(), ..queue("b") };
    journal.keep_queue(&changed).expect("replaced");
    assert_eq!(Journal::open(&path).expect("opened").queues().expect("read"), [queue("a"), changed]);
    journal.forget_queue("b").expect("forgotten");
    assert_eq!(journal.queues().expect("read"), [queue("a")]);
}

#[test]
fn a_journal_of_version_1_is_brought_up_to_date_and_can_be_read_without() {
    let (_folder, path) = desk();
    other(&path).execute_batch(VERSION_1).expect("an old file");
    let before = std::fs::read(&path).expect("bytes");
    let old = Journal::open_read_only(&path).expect("opened");
    assert_eq!((old.entries().expect("read").len(), old.queues().expect("none"), old.is_read_only()), (1, Vec::new(), true));
    drop(old);
    assert_eq!(std::fs::read(&path).expect("bytes"), before, "reading changes nothing");
    let mut journal = Journal::open(&path).expect("brought up to date");
    assert_eq!(journal.name(), "00112233445566778899aabbccddeeff");
    let first = journal.entries().expect("read").swap_remove(0);
    assert!(matches!(&first.act, Act::Decide(own) if own.blind && own.verdict == "compliant" && own.duration_ms == 1500));
    journal.keep_queue(&queue("a")).expect("kept");
    let second = journal.append(draft("8", "request"), time("2026-02-01T00:00:00Z")).expect("stored");
    assert_eq!(second.sequence, 2);
    drop(journal);
    let tables = |path: &Path| -> Vec<String> {
        let connection = other(path);
        let mut statement = connection.prepare("SELECT name FROM sqlite_schema ORDER BY name").expect("prepared");
        statement.query_map([], |row| row.get(0)).expect("asked").map(|name| name.expect("a name")).collect()
    };
    assert!(tables(&path).contains(&"queues".to_owned()));
    assert_eq!(Journal::open(&path).expect("opened").entries().expect("read"), [first, second]);
}

#[test]
fn a_newer_journal_is_refused_and_left_alone() {
    let (_folder, path) = desk();
    drop(Journal::open(&path).expect("made"));
    other(&path).pragma_update(None, "user_version", SCHEMA_VERSION + 1).expect("set");
    let before = std::fs::read(&path).expect("bytes");
    for error in [Journal::open(&path).expect_err("refused"), Journal::open_read_only(&path).expect_err("refused")] {
        assert!(matches!(error, JournalError::Newer { version: 3, known: 2, .. }), "{error}");
        assert!(error.to_string().contains("newer Parcelight") && error.to_string().contains("season.decisions"), "{error}");
    }
    assert_eq!(std::fs::read(&path).expect("bytes"), before);
}

#[test]
fn files_of_others_are_refused_and_left_alone() {
    let (folder, path) = desk();
    let refused = |path: &Path, fact: &str| {
        let before = std::fs::read(path).ok();
        for error in [Journal::open(path).expect_err("refused"), Journal::open_read_only(path).expect_err("refused")] {
            assert!(matches!(error, JournalError::Foreign { .. }) && error.to_string().contains(fact), "{error}");
        }
        assert_eq!(std::fs::read(path).ok(), before);
    };
    std::fs::write(&path, "parcel_id,verdict\n007,compliant\n").expect("written");
    refused(&path, "does not begin as an SQLite file");
    let database = folder.path().join("other.sqlite");
    other(&database).execute_batch("CREATE TABLE t (x); PRAGMA application_id = 7;").expect("made");
    refused(&database, "a database of another program");
    refused(folder.path(), "it is a folder");
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("listed").collect();
    assert_eq!(left.len(), 2, "nothing is left beside them: {left:?}");
}

#[test]
fn a_journal_that_is_not_there_can_be_made_but_not_read() {
    let (folder, path) = desk();
    assert!(matches!(Journal::open_read_only(&path), Err(JournalError::Missing { .. })));
    assert!(!path.exists());
    let error = Journal::open(&folder.path().join("none/a.sqlite")).expect_err("no folder").to_string();
    assert!(error.contains("its folder does not exist"), "{error}");
}

#[test]
fn a_locked_journal_is_told_and_nothing_is_lost() {
    let (_folder, path) = desk();
    let wait = Duration::from_millis(200);
    let mut journal = Journal::open_waiting(&path, wait).expect("made");
    let first = journal.append(draft("1", "compliant"), Timestamp::now()).expect("stored");
    let busy = other(&path);
    busy.execute_batch("BEGIN EXCLUSIVE").expect("locked");
    let began = std::time::Instant::now();
    let error = journal.append(draft("2", "compliant"), Timestamp::now()).expect_err("locked");
    assert!(began.elapsed() >= wait, "it waits before it gives up");
    assert!(matches!(error, JournalError::Locked { .. }), "{error}");
    assert!(error.to_string().contains("earlier decisions are safe") && error.to_string().contains("try again"), "{error}");
    busy.execute_batch("ROLLBACK").expect("let go");
    let second = journal.append(draft("2", "compliant"), Timestamp::now()).expect("stored");
    assert_eq!(journal.entries().expect("read"), [first, second]);
    assert_eq!(PATIENCE, Duration::from_secs(5));
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    let first = journal.append(draft("1", "compliant"), Timestamp::now()).expect("stored");
    // SQLite answers a file that may not grow as it answers a full disk.
    let pages: i64 = journal.connection.query_row("PRAGMA page_count", [], |row| row.get(0)).expect("a count");
    let limit = |journal: &Journal, pages: i64| {
        journal.connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).expect("set");
    };
    limit(&journal, pages);
    let long = Draft { act: Act::Note { text: "x".repeat(100_000) }, ..draft("2", "compliant") };
    let error = journal.append(long.clone(), Timestamp::now()).expect_err("full");
    assert!(matches!(error, JournalError::Full { .. }), "{error}");
    assert!(error.to_string().contains("earlier ones are safe") && error.to_string().contains("Free some space"), "{error}");
    assert_eq!(journal.entries().expect("read"), std::slice::from_ref(&first));
    limit(&journal, 1_000_000);
    let second = journal.append(long, Timestamp::now()).expect("stored");
    assert_eq!((second.sequence, journal.entries().expect("read").len()), (2, 2), "no number is used up");
}

#[test]
fn a_damaged_journal_is_told_and_left_as_it_is() {
    let (_folder, path) = desk();
    let mut journal = Journal::open(&path).expect("made");
    let drafts = (0..200).map(|number| draft(&number.to_string(), "compliant")).collect();
    journal.append_all(drafts, Timestamp::now()).expect("stored");
    drop(journal);
    let mut file = std::fs::OpenOptions::new().write(true).open(&path).expect("opened");
    let length = file.metadata().expect("a size").len();
    file.seek(SeekFrom::Start(4096 * 2)).expect("there");
    file.write_all(&vec![0xa5; length as usize - 4096 * 3]).expect("damaged");
    drop(file);
    let before = std::fs::read(&path).expect("bytes");
    for error in [Journal::open(&path).expect_err("damaged"), Journal::open_read_only(&path).expect_err("damaged")] {
        assert!(matches!(error, JournalError::Damaged { .. }), "{error:?}");
        assert!(error.to_string().contains("It is left as it is") && error.to_string().contains(".recover"), "{error}");
    }
    assert_eq!(std::fs::read(&path).expect("bytes"), before);
}

#[test]
fn a_journal_with_an_open_log_is_read_while_another_writes() {
    let (_folder, path) = desk();
    let mut writer = Journal::open(&path).expect("made");
    let entry = writer.append(draft("1", "compliant"), Timestamp::now()).expect("stored");
    let mut reader = Journal::open_read_only(&path).expect("opened");
    assert_eq!(reader.entries().expect("read"), [entry]);
    writer.append(draft("2", "compliant"), Timestamp::now()).expect("stored");
    assert!(reader.changed_elsewhere().expect("asked"));
    assert_eq!(reader.entries().expect("read").len(), 2);
    let error = reader.append(draft("3", "compliant"), Timestamp::now()).expect_err("read-only");
    assert!(matches!(error, JournalError::ReadOnly { .. }), "{error}");
    assert!(matches!(reader.keep_queue(&queue("a")), Err(JournalError::ReadOnly { .. })));
}
