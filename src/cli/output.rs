//! Writing results, and the record of a run beside them.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::json;

use crate::engine::ENGINE_VERSION;
use crate::io::files::{write_atomic, write_atomic_with};
use crate::io::tables::{self, Format, Table};
use crate::model::units::iso_utc;
use crate::project::extract::Observations;
use crate::report::svg;

use super::args::{General, TableOut};
use super::usage;

/// One call of the program.
#[derive(Debug)]
pub struct Run {
    /// Options of every verb.
    pub general: General,
    arguments: Vec<String>,
    started: Timestamp,
}

impl Run {
    /// Notes arguments and time.
    pub fn begin(arguments: Vec<OsString>, general: General) -> Self {
        let arguments = arguments.into_iter().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
        Self { general, arguments, started: Timestamp::now() }
    }

    /// A message for people, on standard error; silent with `--quiet`.
    pub fn say(&self, line: &str) {
        if !self.general.quiet {
            // Nobody reads standard error: then nobody misses the line.
            drop(writeln!(std::io::stderr(), "{line}"));
        }
    }

    /// The record of this run: version, arguments, inputs with sizes and times, ruleset hash, start and end.
    fn record(&self, inputs: &[PathBuf], outputs: &[&Path], ruleset_hash: Option<&str>) -> serde_json::Value {
        let inputs: Vec<_> = inputs
            .iter()
            .map(|path| {
                let data = std::fs::metadata(path).ok(); // An input that vanished meanwhile is listed without size.
                let modified =
                    data.as_ref().and_then(|data| data.modified().ok()).and_then(|time| Timestamp::try_from(time).ok());
                json!({
                    "path": path.display().to_string(),
                    "bytes": data.map(|data| data.len()),
                    "modified_utc": modified.map(iso_utc),
                })
            })
            .collect();
        let outputs: Vec<_> = outputs.iter().map(|path| path.display().to_string()).collect();
        json!({
            "program": "parcelight",
            "version": env!("CARGO_PKG_VERSION"),
            "engine_version": ENGINE_VERSION,
            "arguments": self.arguments,
            "started_utc": iso_utc(self.started),
            "ended_utc": iso_utc(Timestamp::now()),
            "ruleset_hash": ruleset_hash,
            "inputs": inputs,
            "outputs": outputs,
        })
    }

    /// Writes `NAME.run.json` beside the output `NAME.ending`.
    pub fn write_record(&self, inputs: &[PathBuf], outputs: &[&Path]) -> anyhow::Result<()> {
        let Some(first) = outputs.first() else { return Ok(()) };
        write_json(&first.with_extension("run.json"), &self.record(inputs, outputs, None))
    }

    /// Writes `run.json` into an output folder.
    pub fn write_folder_record(&self, folder: &Path, inputs: &[PathBuf], outputs: &[&Path]) -> anyhow::Result<()> {
        write_json(&folder.join("run.json"), &self.record(inputs, outputs, None))
    }

    /// [`Run::write_folder_record`] of a run by a ruleset.
    pub fn write_ruleset_record(&self, folder: &Path, inputs: &[PathBuf], outputs: &[&Path], hash: &str) -> anyhow::Result<()> {
        write_json(&folder.join("run.json"), &self.record(inputs, outputs, Some(hash)))
    }

    /// Writes `NAME.run.json` beside the folder `NAME`, for folders whose content must not depend on the run.
    pub fn write_record_beside(&self, folder: &Path, inputs: &[PathBuf], ruleset_hash: Option<&str>) -> anyhow::Result<()> {
        write_json(&record_beside(folder), &self.record(inputs, &[folder], ruleset_hash))
    }

    /// Writes a table to its file, with the record beside it, or to standard output.
    pub fn write_table(&self, table: &Table, out: &TableOut, inputs: &[PathBuf]) -> anyhow::Result<()> {
        let bytes = tables::encode(table, format(out)?)?;
        match &out.output {
            Some(path) => {
                write_file(path, &bytes)?;
                self.write_record(inputs, &[path])
            }
            None => print(&bytes),
        }
    }

    /// Writes observations to their file, with the record beside it, or to standard output.
    pub fn write_observations(&self, observations: &Observations, out: &TableOut, inputs: &[PathBuf]) -> anyhow::Result<()> {
        let (format, jobs) = (format(out)?, self.general.jobs());
        match &out.output {
            Some(path) => {
                make_folder(path)?;
                write_atomic_with(path, |file| observations.write(format, jobs, file))?;
                self.write_record(inputs, &[path])
            }
            None => observations.write(format, jobs, Pipe { sink: std::io::stdout(), closed: false }),
        }
    }
}

/// A sink whose reader may have seen enough: that is no failure, and the rest is dropped.
struct Pipe<W> {
    sink: W,
    closed: bool,
}

impl<W: std::io::Write> Pipe<W> {
    fn unless_closed<T>(&mut self, done: std::io::Result<T>, instead: T) -> std::io::Result<T> {
        match done {
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(instead)
            }
            other => other,
        }
    }
}

impl<W: std::io::Write> std::io::Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = if self.closed { Ok(bytes.len()) } else { self.sink.write(bytes) };
        self.unless_closed(written, bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        let flushed = if self.closed { Ok(()) } else { self.sink.flush() };
        self.unless_closed(flushed, ())
    }
}

/// Where the record of a run lies beside its folder.
pub fn record_beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    folder.with_file_name(format!("{name}.run.json"))
}

/// The format asked for; checked before any work starts.
pub fn format(out: &TableOut) -> anyhow::Result<Format> {
    let chosen: Option<Format> = out.format.map(Into::into);
    let format = match (&out.output, chosen) {
        (_, Some(format)) => format,
        (None, None) => Format::Csv,
        (Some(path), None) => Format::of(path).ok_or_else(|| {
            usage(format!("cannot tell the format of “{}”; use an ending .csv, .json or .parquet, or --format", path.display()))
        })?,
    };
    if format == Format::Parquet && out.output.is_none() && std::io::stdout().is_terminal() {
        return Err(usage("Parquet is not for a terminal; name a file with -o"));
    }
    Ok(format)
}

/// Kind of a picture file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FigureKind {
    /// Pixels.
    Png,
    /// Vector drawing.
    Svg,
}

impl FigureKind {
    /// From the file's ending.
    pub fn of(path: &Path) -> anyhow::Result<Self> {
        match path.extension().map(std::ffi::OsStr::to_ascii_lowercase).as_deref().and_then(|ending| ending.to_str()) {
            Some("png") => Ok(Self::Png),
            Some("svg") => Ok(Self::Svg),
            _ => Err(usage(format!("cannot write “{}”; a picture ends in .png or .svg", path.display()))),
        }
    }

    /// The drawing as bytes of this kind.
    pub fn encode(self, drawing: &str) -> anyhow::Result<Vec<u8>> {
        match self {
            Self::Svg => Ok(drawing.as_bytes().to_vec()),
            Self::Png => svg::png(drawing, 1.0).map_err(|fault| anyhow::anyhow!("cannot draw the picture: {fault}")),
        }
    }
}

/// Writes a result beside its place and renames it; makes the folder when it is not there.
pub fn write_file(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    make_folder(path)?;
    Ok(write_atomic(path, bytes)?)
}

/// Makes the folder of a file when it is not there.
fn make_folder(path: &Path) -> anyhow::Result<()> {
    match path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        Some(folder) => std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder ({})", folder.display())),
        None => Ok(()),
    }
}

/// Writes JSON with a line end.
pub fn write_json(path: &Path, value: &serde_json::Value) -> anyhow::Result<()> {
    let mut bytes = serde_json::to_vec_pretty(value).context("cannot write JSON")?;
    bytes.push(b'\n');
    write_file(path, &bytes)
}

/// Data to standard output. A reader that has seen enough is no failure.
pub fn print(bytes: &[u8]) -> anyhow::Result<()> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to standard output"),
    }
}

/// An absolute path that needs not exist.
pub fn absolute(path: &Path) -> anyhow::Result<PathBuf> {
    std::path::absolute(path).with_context(|| format!("cannot find the folder ({})", path.display()))
}
