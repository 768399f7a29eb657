//! The observation store behind `parcelight extract --store`: the same table with it and without it, whatever happens on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use parcelight::engine::synth::{Cadastre, Scene};
use parcelight::io::synthetic::{SyntheticParcel, write_band, write_parcels};
use parcelight::io::tables::Format;
use parcelight::model::{Crs, Grid, Watch};
use parcelight::project::extract::{ExtractOptions, extract};
use parcelight::project::synth::{SynthOptions, write};
use parcelight::project::{Project, sample};

const PROGRAM: &str = env!("CARGO_BIN_EXE_parcelight");

/// A folder of its own with a project, and the user's folders kept away.
struct Desk {
    folder: tempfile::TempDir,
    project: PathBuf,
}

impl Desk {
    fn synthetic(parcels: usize, pixels: usize, bands: usize, dates: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = SynthOptions { parcels, pixels, bands, dates, seed: 7, all_fine: false };
        let project = write(folder.path(), &options).expect("a synthetic project");
        Self { folder, project }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store(&self) -> PathBuf {
        self.path("store")
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(["extract", "--project"]).arg(&self.project).args(more);
        self.quietly(command)
    }

    fn quietly(&self, mut command: Command) -> Command {
        command.current_dir(self.folder.path()).stdin(Stdio::null());
        for name in ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env(name, self.path("home"));
        }
        command.env_remove("RUST_LOG");
        command
    }

    /// A table without the store.
    fn plain(&self, more: &[&str]) -> Vec<u8> {
        done(&self.command(more).output().expect("starts")).0
    }

    /// A table with the store, and what was said.
    fn stored(&self, more: &[&str]) -> (Vec<u8>, String) {
        done(&self.command(&[&["--store", "store"], more].concat()).output().expect("starts"))
    }

    fn start(&self, output: &str) -> Child {
        let mut command = self.command(&["--store", "store", "-o", output]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("starts")
    }

    /// Files of the store below its folders of tiles, sorted.
    fn files(&self) -> Vec<PathBuf> {
        let list = |folder: &Path| -> Vec<PathBuf> {
            fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()).collect()
        };
        let folders = list(&self.store()).into_iter().filter(|path| path.is_dir());
        let mut files: Vec<PathBuf> = folders.flat_map(|season| list(&season)).flat_map(|tile| list(&tile)).collect();
        files.sort();
        files
    }

    /// Rows that the index names; every part must be there, and there must be nothing else.
    fn rows(&self) -> usize {
        let index = rusqlite::Connection::open(self.store().join("_index.sqlite")).expect("the index");
        let mut statement = index.prepare("SELECT file, rows FROM parts WHERE file IS NOT NULL").expect("a table of parts");
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))).expect("rows");
        let (mut named, rows): (Vec<PathBuf>, Vec<i64>) =
            rows.map(|row| row.expect("a row")).map(|(file, rows)| (self.store().join(file), rows)).unzip();
        named.sort();
        assert_eq!(named, self.files());
        rows.iter().sum::<i64>() as usize
    }
}

fn done(output: &Output) -> (Vec<u8>, String) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}", output.status);
    (output.stdout.clone(), said)
}

fn lines(table: &[u8]) -> usize {
    table.split(|&byte| byte == b'\n').count() - 2
}

/// How many observations were reused and extracted.
fn counts(said: &str) -> (usize, usize) {
    let line = said.lines().find(|line| line.starts_with("reused")).unwrap_or_else(|| panic!("nothing about reuse: {said}"));
    let numbers: Vec<usize> =
        line.split(|c: char| !c.is_ascii_digit() && c != ' ').flat_map(|part| part.replace(' ', "").parse()).collect();
    let [reused, all, extracted] = numbers[..] else { panic!("three numbers: {line}") };
    assert_eq!(reused + extracted, all);
    (reused, extracted)
}

#[test]
fn a_table_from_the_store_has_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let project = sample::write(folder.path()).expect("the sample can be written");
    let desk = Desk { folder, project };
    let mut all = 0;
    for more in [
        &["--from", "2019-04-01", "--to", "2019-06-30"][..],
        &["--pixels", "coverage", "--scl-histogram", "--backscatter", "db", "--from", "2019-05-01"],
        &["--mask", "none", "--buffer-m", "-10", "--bands", "B04,B11,VH", "--memory", "64KiB"],
    ] {
        let plain = desk.plain(more);
        all += lines(&plain);
        let (first, said) = desk.stored(more);
        assert!(first == plain, "{more:?}");
        assert_eq!(counts(&said), (0, lines(&plain)), "{more:?}");
        let (second, said) = desk.stored(more);
        assert!(second == plain, "{more:?}");
        assert_eq!(counts(&said), (lines(&plain), 0), "{more:?}");
    }
    assert_eq!(desk.rows(), all, "settings do not disturb each other");
    // What was stored serves some of its parcels and dates, in every format.
    let some = ["--parcel", "FLAPAJ013", "--parcel", "FLAPAJ001", "--from", "2019-05-01", "--to", "2019-05-31", "-o"];
    for format in ["csv", "json", "parquet"] {
        let (plain, stored) = (format!("plain.{format}"), format!("stored.{format}"));
        desk.plain(&[&some[..], &[&plain]].concat());
        let (_, said) = desk.stored(&[&some[..], &[&stored]].concat());
        assert_eq!(counts(&said).1, 0);
        assert!(fs::read(desk.path(&plain)).expect("a table") == fs::read(desk.path(&stored)).expect("a table"), "{format}");
    }
}

#[test]
fn a_project_has_a_store_beside_it_and_named_inputs_have_none() {
    let desk = Desk::synthetic(9, 64, 1, 1);
    let output = desk.command(&["--store", "-o", "a.csv"]).output().expect("starts");
    assert_eq!(counts(&done(&output).1), (0, 9));
    assert!(desk.path("synthetic.parcelight.observations/season=2024/tile=31UFS").is_dir());
    let mut named = Command::new(PROGRAM);
    named.args(["extract", "--parcels", "parcels.gpkg", "--imagery", "imagery", "--store"]);
    let output = desk.quietly(named).output().expect("starts");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--store DIR"));
}

#[test]
fn a_new_date_costs_that_date_and_a_changed_file_its_acquisition() {
    let desk = Desk::synthetic(100, 96, 6, 3);
    let later = desk.path("later");
    fs::create_dir(&later).expect("a folder");
    let of_last = |folder: &Path| -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        paths.filter(|path| path.to_string_lossy().contains("20240311")).collect()
    };
    let imagery = desk.path("imagery");
    for path in of_last(&imagery) {
        fs::rename(&path, later.join(path.file_name().expect("a name"))).expect("moves");
    }
    assert_eq!(counts(&desk.stored(&[]).1), (0, 400));
    for path in of_last(&later) {
        fs::rename(&path, imagery.join(path.file_name().expect("a name"))).expect("moves");
    }
    let (table, said) = desk.stored(&[]);
    assert_eq!(counts(&said), (400, 200));
    assert!(table == desk.plain(&[]));
    // The same bytes at another time: only one who looks inside would know.
    let touched = of_last(&imagery)[0].clone();
    fs::File::open(&touched).expect("a file").set_modified(std::time::SystemTime::now()).expect("a time");
    let (again, said) = desk.stored(&[]);
    assert_eq!(counts(&said), (400, 200));
    assert!(again == table);
    assert_eq!(desk.rows(), 600, "the former state is gone");
}

/// Writes the parcels of a synthetic project again, changed.
fn rewrite_parcels(desk: &Desk, count: usize, pixels: usize, change: impl Fn(usize, &mut SyntheticParcel) -> usize) {
    let grid = SynthOptions { parcels: count, pixels, bands: 1, dates: 1, seed: 7, all_fine: false }.grid();
    let cadastre = Cadastre::new(&grid, count, 7);
    let path = desk.path("parcels.gpkg");
    fs::remove_file(&path).expect("the parcels");
    let parcels = (0..count).flat_map(|at| {
        let made = || SyntheticParcel { id: cadastre.id(at), crop: cadastre.crop(at), outline: cadastre.outline(at) };
        let mut parcel = made();
        let times = change(at, &mut parcel);
        (0..times)
            .map(|_| SyntheticParcel { id: parcel.id.clone(), outline: parcel.outline.clone(), ..made() })
            .collect::<Vec<_>>()
    });
    write_parcels(&path, &grid.crs, parcels).expect("writes");
}

#[test]
fn three_changed_outlines_of_4096_cost_their_own_observations() {
    let desk = Desk::synthetic(4096, 448, 6, 3);
    assert_eq!(counts(&desk.stored(&[]).1), (0, 4096 * 6));
    rewrite_parcels(&desk, 4096, 448, |at, parcel| {
        if [5, 2000, 4095].contains(&at) {
            parcel.outline.parts[0][0][0][0] += 11.0;
        }
        1
    });
    let (table, said) = desk.stored(&[]);
    assert_eq!(counts(&said), (4093 * 6, 3 * 6));
    assert!(table == desk.plain(&[]));
    assert_eq!(desk.rows(), 4096 * 6, "rows of the former outlines are gone");
    assert_eq!(counts(&desk.stored(&[]).1), (4096 * 6, 0));
    // A parcel that moves away from all images takes its rows with it.
    rewrite_parcels(&desk, 4096, 448, |at, parcel| {
        if [5, 2000, 4095].contains(&at) {
            parcel.outline.parts[0][0][0][0] += 11.0;
        }
        if at == 77 {
            parcel.outline.parts[0][0].iter_mut().for_each(|point| point[0] += 90_000.0);
        }
        1
    });
    assert_eq!(counts(&desk.stored(&[]).1), (4095 * 6, 0));
    assert_eq!(desk.rows(), 4095 * 6);
}

#[test]
fn an_id_that_occurs_twice_has_all_its_rows() {
    let desk = Desk::synthetic(16, 64, 2, 1);
    rewrite_parcels(&desk, 16, 64, |at, parcel| {
        // One parcel is there three times; two parcels share an id.
        if at == 9 {
            parcel.id = "SYN0000008".to_owned();
        }
        if at == 3 { 3 } else { 1 }
    });
    let plain = desk.plain(&[]);
    assert_eq!(lines(&plain), 18 * 2);
    assert!(desk.stored(&["--parcel", "SYN0000008"]).0 == desk.plain(&["--parcel", "SYN0000008"]));
    for _ in 0..2 {
        assert!(desk.stored(&[]).0 == plain);
    }
    assert_eq!(counts(&desk.stored(&[]).1).1, 0);
}

#[test]
fn an_acquisition_over_two_tiles_is_stored_by_tile() {
    let desk = Desk::synthetic(64, 96, 1, 1);
    let imagery = desk.path("imagery");
    fs::remove_dir_all(&imagery).expect("the images");
    fs::create_dir(&imagery).expect("a folder");
    let west =
        Grid { crs: Crs::Epsg(32631), left: 600_000.0, top: 5_700_000.0, pixel_x: 10.0, pixel_y: 10.0, width: 56, height: 96 };
    let east = Grid { left: 600_400.0, ..west.clone() };
    let cadastre = Cadastre::new(&Grid { width: 96, ..west.clone() }, 64, 7);
    let tags = [("PROCESSING_BASELINE", "05.00"), ("BOA_ADD_OFFSET", "-1000"), ("BOA_QUANTIFICATION_VALUE", "10000")];
    for (day, date) in [("20240301", 0), ("20240306", 1)] {
        let scene = Scene::new(&cadastre, date);
        for (tile, grid) in [("T31UES", &west), ("T31UFS", &east)] {
            let path = imagery.join(format!("SYN_S2A_{day}T105000_{tile}_N0500_B04_10m.tif"));
            write_band::<u16>(&path, grid, &tags, Some(0.0), |row| scene.reflectance(grid, 2, row)).expect("writes");
        }
    }
    let plain = desk.plain(&[]);
    assert_eq!(lines(&plain), 128);
    for extracted in [128, 0] {
        let (table, said) = desk.stored(&[]);
        assert!(table == plain);
        assert_eq!(counts(&said).1, extracted);
    }
    assert_eq!(desk.rows(), 128);
    assert_eq!(fs::read_dir(desk.store().join("season=2024")).expect("a folder").count(), 2);
}

#[test]
fn twenty_kills_lose_nothing() {
    let desk = Desk::synthetic(144, 96, 48, 24);
    let plain = desk.plain(&[]);
    let started = Instant::now();
    assert!(desk.stored(&[]).0 == plain);
    let whole = started.elapsed();
    fs::remove_dir_all(desk.store()).expect("the store");
    let mut random: u64 = 20;
    let (mut kills, mut resumed) = (0, 0);
    while kills < 20 {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut child = desk.start("killed.csv");
        std::thread::sleep(Duration::from_millis((random >> 33) % whole.as_millis().max(1) as u64));
        if child.try_wait().expect("a state").is_none() {
            child.kill().expect("killed");
            kills += usize::from(!child.wait().expect("ends").success());
        } else {
            // It was faster: the next starts from nothing.
            let (_, said) = done(&child.wait_with_output().expect("ends"));
            resumed += usize::from(counts(&said).0 > 0);
            assert!(fs::read(desk.path("killed.csv")).expect("a table") == plain);
            fs::remove_dir_all(desk.store()).expect("the store");
        }
    }
    let (table, said) = desk.stored(&[]);
    assert!(table == plain, "{said}");
    assert!(resumed > 0 || counts(&said).0 > 0, "something was left to go on with: {said}");
    let leftover = |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(['_', '.']));
    desk.files().iter().filter(|path| leftover(path)).for_each(|path| fs::remove_file(path).expect("removed"));
    assert_eq!(desk.rows(), lines(&plain));
}

#[test]
fn two_programs_at_once_do_not_harm_each_other() {
    let desk = Desk::synthetic(144, 96, 24, 12);
    let plain = desk.plain(&[]);
    for round in 0..3 {
        let children = [desk.start("a.csv"), desk.start("b.csv"), desk.start("c.csv")];
        for child in children {
            done(&child.wait_with_output().expect("ends"));
        }
        for name in ["a.csv", "b.csv", "c.csv"] {
            assert!(fs::read(desk.path(name)).expect("a table") == plain, "round {round}, {name}");
        }
        let (table, said) = desk.stored(&[]);
        assert!(table == plain);
        assert_eq!(counts(&said), (lines(&plain), 0));
        assert_eq!(desk.rows(), lines(&plain));
        fs::remove_dir_all(desk.store()).expect("the store");
    }
    // Different parcels of the same acquisitions: both want to write the same bucket.
    for (list, parcels) in [("first.txt", 0..72), ("second.txt", 72..144)] {
        let ids: Vec<String> = parcels.map(|at| format!("SYN{at:07}")).collect();
        fs::write(desk.path(list), ids.join("\n")).expect("a list");
    }
    let children = ["first.txt", "second.txt"].map(|list| {
        let mut command = desk.command(&["--store", "store", "--parcel-list", list, "-o", &format!("{list}.csv")]);
        command.stderr(Stdio::piped()).spawn().expect("starts")
    });
    for child in children {
        done(&child.wait_with_output().expect("ends"));
    }
    let (table, said) = desk.stored(&[]);
    assert_eq!(counts(&said), (lines(&plain), 0));
    assert!(table == plain);
    assert_eq!(desk.rows(), lines(&plain));
}

#[test]
fn damaged_parts_are_named_and_extracted_again() {
    let desk = Desk::synthetic(64, 64, 8, 4);
    let plain = desk.stored(&[]).0;
    let parts = desk.files();
    assert_eq!(parts.len(), 4);
    let mut bytes = fs::read(&parts[0]).expect("a part");
    bytes[200] ^= 1;
    fs::write(&parts[0], &bytes).expect("damages");
    fs::write(&parts[1], &bytes[..300]).expect("cuts");
    fs::remove_file(&parts[2]).expect("removes");
    let (table, said) = desk.stored(&[]);
    assert!(table == plain);
    assert_eq!(counts(&said), (128, 384));
    for (part, fact) in [(0, "its checksum"), (1, "it has 300 bytes"), (2, "No such file")] {
        let name = parts[part].file_name().expect("a name").to_string_lossy().into_owned();
        let line = said.lines().find(|line| line.contains(&name)).unwrap_or_else(|| panic!("{name} is not named: {said}"));
        assert!(line.contains(fact) && line.contains("extracted again"), "{line}");
    }
    let (table, said) = desk.stored(&[]);
    assert!(table == plain);
    assert_eq!(counts(&said), (512, 0));
    assert_eq!(desk.rows(), 512);
}

#[test]
fn leftovers_are_cleared_away_and_said() {
    let desk = Desk::synthetic(64, 64, 2, 2);
    let plain = desk.stored(&[]).0;
    let tile = desk.store().join("season=2024/tile=31UFS");
    let part = desk.files()[0].clone();
    fs::write(tile.join(".part-half.tmp"), "half").expect("writes");
    fs::copy(&part, tile.join("part-00000000-unlisted.parquet")).expect("copies");
    let (table, said) = desk.stored(&[]);
    assert!(table == plain);
    assert_eq!(counts(&said), (128, 0));
    assert!(said.contains("does not name 1 of its part files"), "{said}");
    fs::remove_file(tile.join("_part-00000000-unlisted.parquet.unused")).expect("set aside");
    assert_eq!(desk.rows(), 128);
}

#[test]
fn a_damaged_index_is_set_aside_and_everything_is_extracted_again() {
    let desk = Desk::synthetic(64, 64, 2, 2);
    let plain = desk.stored(&[]).0;
    let index = desk.store().join("_index.sqlite");
    let sound = fs::read(&index).expect("the index");
    // No database at all; a page of nonsense in the middle of one.
    for damage in [vec![7; 8192], [&sound[..4096], &vec![0xa5; 4096][..], &sound[8192..]].concat()] {
        fs::write(&index, damage).expect("damages");
        let (table, said) = desk.stored(&[]);
        assert!(table == plain);
        assert_eq!(counts(&said), (0, 128));
        assert!(said.contains("index is damaged") && said.contains("_index.sqlite.damaged"), "{said}");
        assert_eq!(counts(&desk.stored(&[]).1), (128, 0));
    }
}

#[test]
fn a_folder_that_cannot_be_written_is_told_at_once() {
    let desk = Desk::synthetic(9, 64, 1, 1);
    fs::write(desk.path("file"), "").expect("writes");
    let output = desk.command(&["--store", "file", "-o", "a.csv"]).output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("observation store") && said.contains("file)") && !desk.path("a.csv").exists(), "{said}");
}

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_and_what_was_stored_is_kept() {
    let desk = Desk::synthetic(400, 96, 24, 2);
    let plain = desk.plain(&[]);
    assert_eq!(counts(&desk.stored(&["--to", "2024-03-01"]).1).1, lines(&plain) / 2);
    // No file may grow beyond so many half kilobytes: to the program that is a disk without room.
    let limited = format!("trap '' XFSZ; ulimit -f 150; exec '{PROGRAM}' \"$@\"");
    let mut command = Command::new("sh");
    command.args(["-c", &limited, "sh", "extract", "--project"]).arg(&desk.project).args(["--store", "store"]);
    let output = desk.quietly(command).output().expect("starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("write to the observation store") && said.contains("kept"), "{said}");
    let (table, said) = desk.stored(&[]);
    assert!(table == plain);
    assert_eq!(counts(&said), (lines(&plain) / 2, lines(&plain) / 2));
    assert_eq!(desk.rows(), lines(&plain));
}

#[test]
fn images_that_disappear_midway_cost_their_own_observations_until_they_are_back() {
    let desk = Desk::synthetic(64, 64, 8, 4);
    let mut project = Project::open_at(&desk.project, 2, Arc::new(|| {}), desk.path("home")).expect("opens");
    let data = project.wait_loaded().expect("loads");
    let parcels: Vec<_> = data.parcels.iter().collect();
    let options = ExtractOptions { store: Some(desk.store()), ..ExtractOptions::default() };
    let table = || {
        let found = extract(&data, &parcels, &options, 2, &Watch::default()).expect("extracts");
        let mut bytes = Vec::new();
        found.observations.write(Format::Csv, 2, &mut bytes).expect("a table");
        (bytes, found.store.expect("a store"), found.problems)
    };
    let away = desk.path("away");
    fs::create_dir(&away).expect("a folder");
    let gone =
        |path: &Path| ["20240306T105000_T31UFS_N0500_B02", "20240311"].iter().any(|part| path.to_string_lossy().contains(part));
    let move_all = |from: &Path, to: &Path| {
        for entry in fs::read_dir(from).expect("a folder") {
            let path = entry.expect("an entry").path();
            if gone(&path) {
                fs::rename(&path, to.join(path.file_name().expect("a name"))).expect("moves");
            }
        }
    };
    move_all(&desk.path("imagery"), &away);
    let (_, used, problems) = table();
    assert_eq!((used.reused, used.extracted), (0, 64 * 5));
    assert!(problems.iter().any(|problem| problem.path.to_string_lossy().contains("20240306")), "{problems:?}");
    assert_eq!(desk.rows(), 64 * 4, "what could only partly be read is not stored");
    move_all(&away, &desk.path("imagery"));
    let (bytes, used, problems) = table();
    assert_eq!((used.reused, used.extracted), (64 * 4, 64 * 4));
    assert!(problems.is_empty(), "{problems:?}");
    assert!(bytes == desk.plain(&[]));
}
