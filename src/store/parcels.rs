//! The finished parcel table in the project's cache folder, so that a layer is read and checked once. May be deleted at any time.
//!
//! One file: the columns of each block as they lie in memory, then a table of contents, then a fixed footer. Every block and the
//! contents have a checksum. A file that does not fit in any way is as good as none.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytemuck::Pod;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::model::parcels::{Block, BlockColumns, Cells, ColumnHead, Labels, Parcels};
use crate::model::report::{ParcelProblem, Problem};
use crate::model::{Crs, ParcelIx};

/// Form of the file; another form has another number.
const MAGIC: [u8; 8] = *b"PLPARC\0\x01";

/// Key, length and checksum of the contents, magic.
const FOOTER: usize = 32 + 8 + 32 + 8;

/// A table and what its import had to say.
#[derive(Debug, Clone)]
pub struct KeptParcels {
    /// The table.
    pub parcels: Parcels,
    /// Import report.
    pub problems: Vec<Problem>,
}

#[derive(Serialize, Deserialize)]
struct Contents {
    /// Written and read by machines of the same byte order.
    little_endian: bool,
    crs: Crs,
    /// Name, and true for numbers.
    columns: Vec<(String, bool)>,
    /// First byte, length and checksum of each block.
    blocks: Vec<(u64, usize, [u8; 32])>,
    problems: Vec<(u32, Vec<ParcelProblem>)>,
    report: Vec<Problem>,
}

fn path(folder: &Path) -> PathBuf {
    folder.join("parcels.bin")
}

/// The table under a key, if it is there and whole. `key` is the fingerprint of everything that decides the table.
///
/// **Cost:** reading, checksums and indexes, in parallel: a few times a copy of the memory.
pub fn load(folder: &Path, key: &[u8; 32]) -> Option<KeptParcels> {
    // Whatever is wrong with the file, the layer itself is there.
    let path = path(folder);
    let contents = contents(&path, key)?;
    let numbers: Vec<bool> = contents.columns.iter().map(|column| column.1).collect();
    let block = |&(start, length, hash): &(u64, usize, [u8; 32])| {
        let bytes = read_at(&path, start, length)?;
        (*blake3::hash(&bytes).as_bytes() == hash).then_some(())?;
        decode(&bytes, &numbers).map(|columns| Arc::new(Block::new(columns)))
    };
    let blocks: Option<Vec<Arc<Block>>> = contents.blocks.par_iter().map(block).collect();
    let columns: Vec<ColumnHead> = contents.columns.into_iter().map(|(name, number)| ColumnHead { name, number }).collect();
    let problems: BTreeMap<ParcelIx, Vec<ParcelProblem>> =
        contents.problems.into_iter().map(|(row, problems)| (ParcelIx(row), problems)).collect();
    let parcels = Parcels::of_blocks(contents.crs, columns.into(), blocks?, problems);
    Some(KeptParcels { parcels, problems: contents.report })
}

fn contents(path: &Path, key: &[u8; 32]) -> Option<Contents> {
    let length = std::fs::metadata(path).ok()?.len(); // no file: nothing kept
    let end = length.checked_sub(FOOTER as u64)?;
    let footer = read_at(path, end, FOOTER)?;
    let (own_key, rest) = footer.split_at(32);
    let (size, rest) = rest.split_at(8);
    let (hash, magic) = rest.split_at(32);
    if own_key != key || *magic != MAGIC {
        return None;
    }
    let size = u64::from_le_bytes(size.try_into().ok()?); // split at 8 bytes
    let text = read_at(path, end.checked_sub(size)?, usize::try_from(size).ok()?)?; // more than memory is damage
    if blake3::hash(&text).as_bytes() != hash {
        return None;
    }
    let contents: Contents = serde_json::from_slice(&text).ok()?; // written by another version
    (contents.little_endian == cfg!(target_endian = "little")).then_some(contents)
}

fn read_at(path: &Path, start: u64, length: usize) -> Option<Vec<u8>> {
    // A handle for each call, so that threads do not share a position.
    let mut file = File::open(path).ok()?;
    if start.checked_add(length as u64)? > file.metadata().ok()?.len() {
        return None;
    }
    file.seek(SeekFrom::Start(start)).ok()?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes).ok()?;
    Some(bytes)
}

/// Keeps a table; the one before it is replaced when all is written.
pub fn save(folder: &Path, key: &[u8; 32], kept: &KeptParcels) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut file = BufWriter::new(tempfile::NamedTempFile::new_in(folder)?);
    let parcels = &kept.parcels;
    let mut blocks = Vec::with_capacity(parcels.blocks().len());
    let mut start = 0;
    for block in parcels.blocks() {
        let bytes = encode(block.columns());
        blocks.push((start, bytes.len(), *blake3::hash(&bytes).as_bytes()));
        file.write_all(&bytes)?;
        start += bytes.len() as u64;
    }
    let contents = Contents {
        little_endian: cfg!(target_endian = "little"),
        crs: parcels.crs().clone(),
        columns: parcels.columns().iter().map(|column| (column.name.clone(), column.number)).collect(),
        blocks,
        problems: parcels.all_problems().iter().map(|(row, problems)| (row.0, problems.clone())).collect(),
        report: kept.problems.clone(),
    };
    let text = serde_json::to_vec(&contents)?;
    file.write_all(&text)?;
    file.write_all(key)?;
    file.write_all(&(text.len() as u64).to_le_bytes())?;
    file.write_all(blake3::hash(&text).as_bytes())?;
    file.write_all(&MAGIC)?;
    let whole = file.into_inner().map_err(std::io::IntoInnerError::into_error)?;
    whole.persist(path(folder)).map_err(|error| error.error)?;
    Ok(())
}

fn encode(columns: &BlockColumns) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(columns.coords.len() * 20 + columns.len() * 64);
    put(&mut bytes, &columns.coords);
    put(&mut bytes, &columns.ring_start);
    put(&mut bytes, &columns.part_start);
    put(&mut bytes, &columns.parcel_start);
    put(&mut bytes, &columns.area_ha);
    put(&mut bytes, &columns.perimeter_m);
    let labels = |bytes: &mut Vec<u8>, labels: &Labels| {
        let (codes, ends, text) = labels.parts();
        put(bytes, codes);
        put(bytes, ends);
        put(bytes, text.as_bytes());
    };
    for own in [&columns.ids, &columns.crop_codes, &columns.crop_names] {
        labels(&mut bytes, own);
    }
    for cells in &columns.cells {
        match cells {
            Cells::Text(own) => labels(&mut bytes, own),
            Cells::Number(numbers) => put(&mut bytes, numbers),
        }
    }
    bytes
}

/// `None` when anything is missing, left over or contradicts the rest.
fn decode(bytes: &[u8], numbers: &[bool]) -> Option<BlockColumns> {
    let mut rest = bytes;
    let rest = &mut rest;
    let mut columns = BlockColumns {
        coords: take(rest)?,
        ring_start: take(rest)?,
        part_start: take(rest)?,
        parcel_start: take(rest)?,
        area_ha: take(rest)?,
        perimeter_m: take(rest)?,
        ids: take_labels(rest, true)?,
        crop_codes: take_labels(rest, false)?,
        crop_names: take_labels(rest, false)?,
        cells: Vec::with_capacity(numbers.len()),
    };
    for &number in numbers {
        columns.cells.push(if number { Cells::Number(take(rest)?) } else { Cells::Text(take_labels(rest, false)?) });
    }
    (rest.is_empty() && columns.fits()).then_some(columns)
}

fn take_labels(rest: &mut &[u8], lookup: bool) -> Option<Labels> {
    let (codes, ends) = (take(rest)?, take(rest)?);
    let text = String::from_utf8(take(rest)?).ok()?; // other bytes are damage
    Labels::from_parts(codes, ends, text, lookup)
}

fn put<T: Pod>(bytes: &mut Vec<u8>, values: &[T]) {
    bytes.extend_from_slice(&(values.len() as u64).to_le_bytes());
    bytes.extend_from_slice(bytemuck::cast_slice(values));
}

fn take<T: Pod>(rest: &mut &[u8]) -> Option<Vec<T>> {
    let (count, after) = rest.split_at_checked(8)?;
    let count = usize::try_from(u64::from_le_bytes(count.try_into().ok()?)).ok()?; // split at 8 bytes; more than memory is damage
    let (own, after) = after.split_at_checked(count.checked_mul(size_of::<T>())?)?;
    let mut values = vec![T::zeroed(); count];
    bytemuck::cast_slice_mut(&mut values).copy_from_slice(own);
    *rest = after;
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Polygons;
    use crate::model::parcels::{ParcelRow, ParcelsBuilder, Value};

    const KEY: [u8; 32] = [7; 32];

    fn kept() -> KeptParcels {
        let heads =
            vec![ColumnHead { name: "soil".to_owned(), number: false }, ColumnHead { name: "slope".to_owned(), number: true }];
        let mut builder = ParcelsBuilder::with_columns(Crs::Epsg(32631), heads);
        for row in 0..20_000u32 {
            let x = 500_000.0 + f64::from(row);
            builder.push(ParcelRow {
                id: format!("P{row}"),
                crop_name: (row % 7 > 0).then(|| format!("crop {}", row % 7)),
                outline: Polygons { parts: vec![vec![vec![[x, 5e6], [x + 1.0, 5e6], [x, 5e6 + 1.0]]]] },
                area_ha: f64::from(row),
                problems: if row == 3 { vec![ParcelProblem::DuplicateId] } else { vec![] },
                values: vec![Value::Text("clay".into()), Value::Number(f64::from(row) / 3.0)],
                ..ParcelRow::default()
            });
        }
        KeptParcels { parcels: builder.finish(vec![]), problems: vec![] }
    }

    #[test]
    fn a_table_comes_back_as_it_was_and_only_under_its_key() {
        let folder = tempfile::tempdir().expect("folder");
        let kept = kept();
        save(folder.path(), &KEY, &kept).expect("kept");
        let again = load(folder.path(), &KEY).expect("whole").parcels;
        for parcel in kept.parcels.iter() {
            assert_eq!(again.id(parcel), kept.parcels.id(parcel));
            assert_eq!(again.outline(parcel), kept.parcels.outline(parcel));
            assert_eq!((again.crop(parcel), again.text(0, parcel)), (kept.parcels.crop(parcel), Some("clay")));
            assert_eq!(again.number(1, parcel), kept.parcels.number(1, parcel));
        }
        assert_eq!((again.find("P19999"), again.problems(ParcelIx(3)).len()), (Some(ParcelIx(19_999)), 1));
        assert_eq!(
            again.in_bounds(&kept.parcels.bounds(ParcelIx(17_000))),
            kept.parcels.in_bounds(&kept.parcels.bounds(ParcelIx(17_000)))
        );
        assert!(load(folder.path(), &[8; 32]).is_none());
    }

    #[test]
    fn damage_anywhere_is_noticed_and_never_a_crash() {
        let folder = tempfile::tempdir().expect("folder");
        save(folder.path(), &KEY, &kept()).expect("kept");
        let file = path(folder.path());
        let whole = std::fs::read(&file).expect("bytes");
        for share in 0..40 {
            let mut damaged = whole.clone();
            let at = (whole.len() - 1) * share / 39;
            damaged[at] ^= 0x55;
            std::fs::write(&file, &damaged).expect("damage");
            assert!(load(folder.path(), &KEY).is_none(), "byte {at} of {}", whole.len());
            std::fs::write(&file, &whole[..at]).expect("cut");
            assert!(load(folder.path(), &KEY).is_none(), "cut at {at}");
        }
    }

    #[test]
    fn a_block_that_contradicts_itself_is_refused_even_with_a_right_checksum() {
        let parcels = kept().parcels;
        let mut columns = parcels.blocks()[0].columns().clone();
        columns.ring_start[5] = u32::MAX;
        assert!(decode(&encode(&columns), &[false, true]).is_none());
        assert!(decode(&encode(parcels.blocks()[0].columns()), &[true, true]).is_none());
    }
}
