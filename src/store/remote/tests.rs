//! The cache alone and shared, whole and damaged.

use super::*;

const SOURCE: Key = [9; 32];

fn key(number: u8) -> Key {
    [number; 32]
}

/// Bytes that do not pack well.
fn noise(length: usize) -> Vec<u8> {
    let mut bytes = vec![0; length];
    blake3::Hasher::new().finalize_xof().fill(&mut bytes);
    bytes
}

fn chip(cache: &RemoteCache, key: &Key, bytes: &[u8]) -> PathBuf {
    let mut file = cache.new_file().expect("a file");
    file.write_all(bytes).expect("writes");
    cache.put_file(&SOURCE, key, EntryKind::Chip, "P B04", file).expect("kept")
}

#[test]
fn small_and_large_answers_and_chips_survive_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || RemoteCache::open(folder.path(), 1 << 30).expect("opens");
    let large = noise(200_000);
    let path = {
        let cache = open();
        cache.put(&SOURCE, &key(1), "info", b"small").expect("kept");
        cache.put(&SOURCE, &key(2), "series", &large).expect("kept");
        chip(&cache, &key(3), b"II*\0chip")
    };
    let cache = open();
    assert_eq!(cache.message(), None);
    assert_eq!(cache.get(&key(1)).map(|(bytes, _)| bytes).as_deref(), Some(&b"small"[..]));
    assert_eq!(cache.get(&key(2)).map(|(bytes, _)| bytes), Some(large));
    assert_eq!(cache.entry(&key(3)).and_then(|entry| entry.path), Some(path.clone()));
    assert_eq!(cache.get(&key(3)).map(|(bytes, _)| bytes).as_deref(), Some(&b"II*\0chip"[..]));
    assert!(looks_like_tiff(&path) && cache.age(&key(3)).is_some_and(|age| age.as_secs() < 60));
    let listed: Vec<(EntryKind, String)> = cache.list(&SOURCE).into_iter().map(|entry| (entry.kind, entry.label)).collect();
    assert_eq!(listed.len(), 3);
    assert!(listed.contains(&(EntryKind::Chip, "P B04".to_owned())) && cache.list(&key(0)).is_empty());
    // Named after the key alone.
    assert!(path.ends_with(format!("files/03/{}", "03".repeat(31))), "{}", path.display());
}

#[test]
fn the_least_recently_used_leave_and_pinned_facts_stay() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = RemoteCache::open(folder.path(), 100_000).expect("opens");
    cache.pin(&SOURCE, Pinned::Parcel, "a", &noise(90_000)).expect("pinned");
    let paths: Vec<PathBuf> = (0..3).map(|number| chip(&cache, &key(number), &noise(30_000))).collect();
    assert_eq!(cache.bytes(), 90_000);
    // The first was used last.
    cache.lock().execute("UPDATE entries SET used = used + 1000 WHERE key = ?1", [key(0).as_slice()]).expect("writes");
    let newest = chip(&cache, &key(3), &noise(30_000));
    let there: Vec<bool> = paths.iter().chain([&newest]).map(|path| path.exists()).collect();
    assert_eq!(there, [true, false, true, true]);
    assert_eq!((cache.bytes(), cache.entry(&key(1))), (90_000, None));
    assert_eq!(cache.pinned(&SOURCE, Pinned::Parcel, "a").map(|(bytes, _)| bytes.len()), Some(90_000));
    assert_eq!(cache.pinned_ids(&SOURCE, Pinned::Parcel), ["a"]);
    assert_eq!(cache.pinned(&SOURCE, Pinned::Acquisitions, "a"), None);
    // One that is larger than all the budget stays until the next one.
    chip(&cache, &key(4), &noise(150_000));
    assert_eq!((cache.bytes(), cache.list(&SOURCE).len()), (150_000, 1));
}

#[test]
fn an_entry_whose_file_is_gone_or_cut_is_none() {
    let folder = tempfile::tempdir().expect("a folder");
    let cache = RemoteCache::open(folder.path(), 1 << 30).expect("opens");
    let (gone, cut) = (chip(&cache, &key(1), b"II*\0one"), chip(&cache, &key(2), b"II*\0two"));
    std::fs::remove_file(gone).expect("removed");
    std::fs::write(&cut, b"II").expect("cut");
    assert_eq!((cache.entry(&key(1)), cache.get(&key(2))), (None, None));
    assert!(cache.bytes() == 0 && !cut.exists());
    cache.put(&SOURCE, &key(3), "info", b"x").expect("kept");
    cache.lock().execute("UPDATE entries SET body = x'0102'", []).expect("damaged");
    assert_eq!((cache.get(&key(3)), cache.list(&SOURCE)), (None, vec![]));
}

#[test]
fn a_damaged_index_is_set_aside_with_a_message() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = {
        let cache = RemoteCache::open(folder.path(), 1 << 30).expect("opens");
        chip(&cache, &key(1), b"II*\0chip")
    };
    for ending in ["", "-wal", "-shm"] {
        let file = folder.path().join(format!("{INDEX}{ending}"));
        if ending.is_empty() || file.exists() {
            std::fs::write(file, vec![7; 9000]).expect("damaged");
        }
    }
    let cache = RemoteCache::open(folder.path(), 1 << 30).expect("anew");
    let message = cache.message().expect("a message");
    assert!(
        message.starts_with("the index of remote data could not be used (") && message.contains("it was set aside"),
        "{message}"
    );
    assert_eq!(cache.entry(&key(1)), None);
    assert!(!path.exists() && folder.path().join(format!("{INDEX}.damaged")).exists());
    chip(&cache, &key(1), b"II*\0chip");
    drop(cache);
    let again = RemoteCache::open(folder.path(), 1 << 30).expect("opens");
    assert!(again.message().is_none() && again.entry(&key(1)).is_some());
}

#[test]
fn two_openings_share_one_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let caches: Vec<RemoteCache> = (0..2).map(|_| RemoteCache::open(folder.path(), 200_000).expect("opens")).collect();
    let content = noise(10_000);
    std::thread::scope(|scope| {
        for cache in &caches {
            for _ in 0..2 {
                scope.spawn(|| {
                    for number in 0..40 {
                        chip(cache, &key(number), &content);
                        if let Some((bytes, _)) = cache.get(&key(number)) {
                            assert_eq!(bytes.len(), 10_000);
                        }
                    }
                });
            }
        }
    });
    let entries = caches[0].list(&SOURCE);
    assert_eq!(entries, caches[1].list(&SOURCE));
    assert!(caches[0].bytes() <= 200_000 && !entries.is_empty());
    assert!(entries.iter().all(|entry| entry.path.as_ref().is_some_and(|path| path.exists())));
    assert_eq!(std::fs::read_dir(folder.path().join("incoming")).expect("a folder").count(), 0);
}

#[test]
fn files_of_a_killed_program_are_removed_a_day_later() {
    let folder = tempfile::tempdir().expect("a folder");
    let incoming = folder.path().join("incoming");
    std::fs::create_dir(&incoming).expect("a folder");
    let (old, young) = (incoming.join("part-old.tif"), incoming.join("part-young.tif"));
    for file in [&old, &young] {
        std::fs::write(file, b"II").expect("writes");
    }
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_hours(30);
    File::options().write(true).open(&old).and_then(|file| file.set_modified(yesterday)).expect("an older file");
    drop(RemoteCache::open(folder.path(), 1 << 30).expect("opens"));
    assert_eq!((old.exists(), young.exists()), (false, true));
}
