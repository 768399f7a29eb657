//! Opens a table whatever its name ends in, and gives its rows block by block.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use arrow::array::RecordBatch;
use arrow::ipc::reader::{FileReader, read_footer_length};
use csv::{ByteRecord, StringRecord};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::io::IoError;

use super::rows::{Cells, Rows};
use super::words::decimal_of;

/// A wider table is none of parcel statistics.
const MOST_COLUMNS: usize = 100_000;

/// A longer first line is no header.
const LONGEST_HEADER: u64 = 16 << 20;

/// Cells looked at together.
pub(super) const CELLS: usize = 1 << 20;

/// Most rows looked at together.
pub(super) const BLOCK_ROWS: usize = 8192;

/// JSON is read whole.
const LONGEST_JSON: u64 = 1 << 30;

/// What a file is, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Container {
    Ipc,
    Parquet,
    Json,
    Text,
}

impl Container {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Ipc => "Arrow IPC",
            Self::Parquet => "Parquet",
            Self::Json => "JSON",
            Self::Text => "CSV",
        }
    }
}

/// An open table.
pub(super) struct Source {
    pub(super) path: PathBuf,
    pub(super) container: Container,
    pub(super) header: Vec<String>,
    /// Of a text table.
    pub(super) delimiter: char,
    /// Of a text table.
    pub(super) decimal: char,
    /// Rows with another number of cells than the header: (row, cells), the first few, and how many there are.
    pub(super) ragged: (Vec<(u64, usize)>, u64),
    /// What was found on opening, in sentences.
    pub(super) notes: Vec<String>,
    blocks: Blocks,
    row: u64,
}

enum Blocks {
    Ipc(Box<FileReader<BufReader<File>>>),
    Parquet(Box<ParquetRecordBatchReader>),
    Text(Box<csv::Reader<Box<dyn Read + Send>>>),
    Whole(Option<Vec<StringRecord>>),
}

fn fault(path: &Path, fact: impl Into<String>) -> IoError {
    IoError::File { operation: "read the table".to_owned(), fact: fact.into(), path: path.to_owned() }
}

/// What a file is by its first bytes; `None` when it is no table.
pub(super) fn sniff(path: &Path) -> Result<Option<Container>, IoError> {
    let failed = |error: std::io::Error| fault(path, error.to_string());
    let mut start = Vec::new();
    File::open(path).and_then(|file| file.take(4096).read_to_end(&mut start)).map_err(failed)?;
    if start.starts_with(b"ARROW1") {
        return Ok(Some(Container::Ipc));
    }
    if start.starts_with(b"PAR1") {
        return Ok(Some(Container::Parquet));
    }
    if start.starts_with(&[0xff, 0xfe]) || start.starts_with(&[0xfe, 0xff]) {
        return Err(fault(path, "it is text in UTF-16; save it again as UTF-8"));
    }
    let text = start.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(&start);
    if text.contains(&0) {
        return Ok(None);
    }
    Ok(match text.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{' | b'[') => Some(Container::Json),
        Some(_) => Some(Container::Text),
        None => None,
    })
}

impl Source {
    /// Opens a table; `delimiter` and `decimal` are what the user says of a text table.
    pub(super) fn open(path: &Path, delimiter: Option<char>, decimal: Option<char>) -> Result<Self, IoError> {
        let Some(container) = sniff(path)? else {
            return Err(fault(path, "it is empty or no table; expected CSV, JSON, Parquet or an Arrow IPC file"));
        };
        let file = File::open(path).map_err(|error| fault(path, error.to_string()))?;
        let mut source = Self {
            path: path.to_owned(),
            container,
            header: Vec::new(),
            delimiter: ',',
            decimal: '.',
            ragged: (Vec::new(), 0),
            notes: Vec::new(),
            blocks: Blocks::Whole(None),
            row: 1,
        };
        match container {
            Container::Ipc => source.open_ipc(file)?,
            Container::Parquet => source.open_parquet(file)?,
            Container::Json => source.open_json(file)?,
            Container::Text => source.open_text(file, delimiter, decimal)?,
        }
        if source.header.len() > MOST_COLUMNS {
            let fact = format!("it has {} columns; expected at most {MOST_COLUMNS}", source.header.len());
            return Err(fault(path, fact));
        }
        Ok(source)
    }

    fn open_ipc(&mut self, mut file: File) -> Result<(), IoError> {
        let path = self.path.clone();
        check_ipc(&mut file).map_err(|fact| fault(&path, fact))?;
        let opened = guarded(|| FileReader::try_new_buffered(file, None).map_err(|error| error.to_string()));
        let reader = opened.map_err(|fact| fault(&path, format!("the Arrow IPC file is damaged: {fact}")))?;
        self.header = reader.schema().fields().iter().map(|field| field.name().clone()).collect();
        self.blocks = Blocks::Ipc(Box::new(reader));
        Ok(())
    }

    fn open_parquet(&mut self, file: File) -> Result<(), IoError> {
        let opened = guarded(|| {
            let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
            let header: Vec<String> = builder.schema().fields().iter().map(|field| field.name().clone()).collect();
            let rows = (CELLS / header.len().max(1)).clamp(1, BLOCK_ROWS);
            Ok((header, builder.with_batch_size(rows).build().map_err(|error| error.to_string())?))
        });
        let (header, reader) = opened.map_err(|fact| fault(&self.path, format!("the Parquet file is damaged: {fact}")))?;
        self.header = header;
        self.blocks = Blocks::Parquet(Box::new(reader));
        Ok(())
    }

    fn open_json(&mut self, file: File) -> Result<(), IoError> {
        if file.metadata().is_ok_and(|metadata| metadata.len() > LONGEST_JSON) {
            return Err(fault(&self.path, "the JSON file is longer than 1 GiB; save it as CSV or Parquet"));
        }
        let mut text = String::new();
        BufReader::new(file).read_to_string(&mut text).map_err(|error| fault(&self.path, error.to_string()))?;
        let (header, records) = super::json::rows(&text).map_err(|fact| fault(&self.path, fact))?;
        self.header = header;
        self.blocks = Blocks::Whole(Some(records));
        Ok(())
    }

    fn open_text(&mut self, mut file: File, delimiter: Option<char>, decimal: Option<char>) -> Result<(), IoError> {
        let failed = |error: std::io::Error| fault(&self.path, error.to_string());
        let mut start = Vec::new();
        (&mut file).take(LONGEST_HEADER).read_to_end(&mut start).map_err(failed)?;
        let header = start.split(|&byte| byte == b'\n').next().unwrap_or_default();
        if header.len() as u64 == LONGEST_HEADER {
            return Err(fault(&self.path, "its first line is longer than 16 MiB; expected a header with column names"));
        }
        let delimiter = delimiter.or_else(|| delimiter_of(&String::from_utf8_lossy(header)));
        let Some(delimiter) = delimiter.filter(char::is_ascii) else {
            return Err(fault(&self.path, "its first line has no comma, semicolon or tab; expected a header with column names"));
        };
        let mut sample = csv_reader(Box::new(std::io::Cursor::new(start)), delimiter);
        let mut cells: Vec<String> = Vec::new();
        for record in sample.byte_records().skip(1).take(200).map_while(Result::ok) {
            cells.extend(StringRecord::from_byte_record_lossy(record).iter().take(2000).map(str::to_owned));
        }
        let (found, mixed) = decimal_of(cells.iter().map(String::as_str), delimiter);
        if mixed && decimal.is_none() {
            self.notes.push(format!("both decimal points and decimal commas occur; “{found}” is taken"));
        }
        (self.delimiter, self.decimal) = (delimiter, decimal.unwrap_or(found));
        file.seek(SeekFrom::Start(0)).map_err(failed)?;
        let mut reader = csv_reader(Box::new(BufReader::new(file)), delimiter);
        let mut header = ByteRecord::new();
        reader.read_byte_record(&mut header).map_err(|error| fault(&self.path, error.to_string()))?;
        let header = StringRecord::from_byte_record_lossy(header);
        self.header = header.iter().map(|name| name.trim_start_matches('\u{feff}').trim().to_owned()).collect();
        self.blocks = Blocks::Text(Box::new(reader));
        Ok(())
    }

    /// The next rows; `None` after the last.
    pub(super) fn next(&mut self) -> Result<Option<Rows>, IoError> {
        let damaged = |path: &Path, row: u64, fact: String| fault(path, format!("after row {row} it cannot be read: {fact}"));
        let batch: Option<Result<RecordBatch, String>> = match &mut self.blocks {
            Blocks::Text(_) => return self.next_text(),
            Blocks::Whole(records) => {
                let rows = records.take().map(|records| Rows { first_row: 1, cells: Cells::Text(records, '.') });
                return Ok(rows);
            }
            Blocks::Ipc(reader) => guarded(|| Ok(reader.next().map(|batch| batch.map_err(|error| error.to_string()))))
                .unwrap_or_else(|fact| Some(Err(fact))),
            Blocks::Parquet(reader) => guarded(|| Ok(reader.next().map(|batch| batch.map_err(|error| error.to_string()))))
                .unwrap_or_else(|fact| Some(Err(fact))),
        };
        let Some(batch) = batch else { return Ok(None) };
        let batch = batch.map_err(|fact| damaged(&self.path, self.row - 1, fact))?;
        let rows = Rows { first_row: self.row, cells: Cells::Typed(batch.columns().to_vec(), batch.num_rows()) };
        self.row += batch.num_rows() as u64;
        Ok(Some(rows))
    }

    fn next_text(&mut self) -> Result<Option<Rows>, IoError> {
        /// Rows that are named one by one.
        const NAMED: usize = 5;
        let Blocks::Text(reader) = &mut self.blocks else { return Ok(None) };
        let wanted = (CELLS / self.header.len().max(1)).clamp(1, BLOCK_ROWS);
        let mut records = Vec::new();
        let mut record = ByteRecord::new();
        while records.len() < wanted {
            match reader.read_byte_record(&mut record) {
                Ok(true) => {}
                Ok(false) => break,
                Err(error) => return Err(fault(&self.path, format!("it cannot be read: {error}"))),
            }
            let position = record.position().cloned();
            if record.len() != self.header.len() {
                let row = position.map_or(0, |position| position.line());
                if self.ragged.0.len() < NAMED {
                    self.ragged.0.push((row, record.len()));
                }
                self.ragged.1 += 1;
                continue;
            }
            let mut text = StringRecord::from_byte_record_lossy(record.clone());
            text.set_position(position);
            records.push(text);
        }
        let more = !records.is_empty() || !reader.is_done();
        Ok(more.then_some(Rows { first_row: 0, cells: Cells::Text(records, self.decimal) }))
    }
}

fn csv_reader(from: Box<dyn Read + Send>, delimiter: char) -> csv::Reader<Box<dyn Read + Send>> {
    csv::ReaderBuilder::new().delimiter(delimiter as u8).has_headers(false).flexible(true).from_reader(from)
}

/// The separator that occurs most often in a header outside quotes.
fn delimiter_of(header: &str) -> Option<char> {
    let mut quoted = false;
    let outside: String = header
        .chars()
        .filter(|&c| {
            quoted ^= c == '"';
            !quoted
        })
        .collect();
    let count = |delimiter: char| outside.chars().filter(|&c| c == delimiter).count();
    ['\t', ';', ',', '|'].into_iter().filter(|&delimiter| count(delimiter) > 0).max_by_key(|&delimiter| count(delimiter))
}

/// Readers of binary formats must end in a message also where they would panic on damaged data.
fn guarded<T>(read: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or_else(|_| Err("its content contradicts itself".to_owned()))
}

/// Lengths that a damaged footer claims are not believed: memory would be asked for them.
fn check_ipc(file: &mut File) -> Result<(), String> {
    const TRUNCATED: &str = "the Arrow IPC file is not complete: its end is missing; copy it again";
    let length = file.metadata().map_err(|error| error.to_string())?.len();
    if length < 18 {
        return Err(TRUNCATED.to_owned());
    }
    let mut tail = [0; 10];
    file.seek(SeekFrom::End(-10)).and_then(|_| file.read_exact(&mut tail)).map_err(|error| error.to_string())?;
    let footer_length = read_footer_length(tail).map_err(|_no_magic| TRUNCATED.to_owned())?;
    if footer_length as u64 > length - 10 {
        return Err(TRUNCATED.to_owned());
    }
    let mut footer = vec![0; footer_length];
    let begin = length - 10 - footer_length as u64;
    file.seek(SeekFrom::Start(begin)).and_then(|_| file.read_exact(&mut footer)).map_err(|error| error.to_string())?;
    let inside = guarded(|| {
        let footer = arrow::ipc::root_as_footer(&footer).map_err(|error| error.to_string())?;
        let blocks = footer.recordBatches().into_iter().flatten().chain(footer.dictionaries().into_iter().flatten());
        Ok(blocks.into_iter().all(|block| {
            let (offset, meta, body) = (block.offset(), i64::from(block.metaDataLength()), block.bodyLength());
            let end = offset.checked_add(meta).and_then(|end| end.checked_add(body));
            offset >= 0 && meta >= 0 && body >= 0 && end.is_some_and(|end| end as u64 <= length)
        }))
    });
    match inside {
        Ok(true) => file.seek(SeekFrom::Start(0)).map(drop).map_err(|error| error.to_string()),
        Ok(false) => Err(TRUNCATED.to_owned()),
        Err(fact) => Err(format!("the Arrow IPC file is damaged: {fact}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_found_outside_quotes() {
        assert_eq!(delimiter_of("\"a,b,c\";d;e"), Some(';'));
        assert_eq!(delimiter_of("id\tdate\tB04, mean"), Some('\t'));
        assert_eq!(delimiter_of("one word"), None);
    }
}
