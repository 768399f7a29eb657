//! Arguments that several verbs share, and how their words are read.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use jiff::civil::Date;

use crate::io::tables::Format;
use crate::model::settings::ObservationSettings;
use crate::model::{Band, MaskSet, PixelRule, Signal, Stretch, View};

/// Options of every verb.
#[derive(Debug, Clone, Args)]
pub struct General {
    /// Number of threads; results do not depend on it [default: all cores]
    #[arg(long, value_name = "N", global = true, value_parser = clap::value_parser!(u16).range(1..), help_heading = "General")]
    jobs: Option<u16>,
    /// No messages and no progress, only errors
    #[arg(long, global = true, help_heading = "General")]
    pub quiet: bool,
    /// Write a log to this file
    #[arg(long, value_name = "FILE", global = true, help_heading = "General")]
    pub log: Option<PathBuf>,
}

impl General {
    /// Number of threads to use.
    pub fn jobs(&self) -> usize {
        self.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get), usize::from)
    }
}

/// Where parcels and images come from.
#[derive(Debug, Clone, Args)]
pub struct Inputs {
    /// Project file; otherwise --parcels and --imagery
    #[arg(long, value_name = "PROJECT.toml", conflicts_with_all = ["parcels", "imagery"], help_heading = "Input")]
    pub project: Option<PathBuf>,
    /// Parcel file: GeoPackage, GeoJSON, Shapefile (also zipped), FlatGeobuf, KML, GeoParquet
    #[arg(long, value_name = "FILE", requires = "images_or_tables", help_heading = "Input")]
    pub parcels: Option<PathBuf>,
    /// Id column of the parcel file [default: guessed]
    #[arg(long, value_name = "COLUMN", conflicts_with = "project", help_heading = "Input")]
    pub id: Option<String>,
    /// Crop column of the parcel file [default: guessed]
    #[arg(long, value_name = "COLUMN", conflicts_with = "project", help_heading = "Input")]
    pub crop: Option<String>,
    /// Layer of the parcel file [default: the first polygon layer]
    #[arg(long, value_name = "NAME", conflicts_with = "project", help_heading = "Input")]
    pub layer: Option<String>,
    /// Folders or files with images, searched whole
    #[arg(long, value_name = "DIR", num_args = 1.., requires = "parcels", group = "images_or_tables", help_heading = "Input")]
    pub imagery: Vec<PathBuf>,
}

/// Tables of parcel statistics beside or instead of images.
#[derive(Debug, Clone, Default, Args)]
pub struct Tables {
    /// Table of parcel statistics beside or instead of images, or a folder or '*' pattern of such (repeatable): JRC parcelTimeSeries,
    /// Sen4CAP marker database, other CSV, JSON, Parquet or Arrow IPC; what was understood of it is said
    #[arg(long, value_name = "FILE", group = "images_or_tables", help_heading = "Input")]
    pub table: Vec<PathBuf>,
}

/// Which parcels.
#[derive(Debug, Clone, Args)]
pub struct Choice {
    /// Parcel id (repeatable) [default: all parcels]
    #[arg(long, value_name = "ID", help_heading = "Parcels and dates")]
    pub parcel: Vec<String>,
    /// File with one parcel id a line
    #[arg(long, value_name = "FILE", help_heading = "Parcels and dates")]
    pub parcel_list: Option<PathBuf>,
    /// Filter, e.g. "\"crop\" = 'maize' AND \"area_ha\" > 0.3"; narrows --parcel and --parcel-list
    #[arg(long = "where", value_name = "FILTER", help_heading = "Parcels and dates")]
    pub filter: Option<String>,
}

/// Which dates.
#[derive(Debug, Clone, Copy, Args)]
pub struct Dates {
    /// First UTC day, included [default: the first acquisition]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Parcels and dates")]
    pub from: Option<Date>,
    /// Last UTC day, included [default: the last acquisition]
    #[arg(long, value_name = "YYYY-MM-DD", help_heading = "Parcels and dates")]
    pub to: Option<Date>,
}

impl Dates {
    /// Refuses a range that ends before it starts.
    pub fn check(&self) -> anyhow::Result<()> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from > to => Err(super::usage(format!("--from {from} is after --to {to}"))),
            _ => Ok(()),
        }
    }

    /// True for a day inside the range.
    pub fn contain(&self, day: Date) -> bool {
        self.from.is_none_or(|from| day >= from) && self.to.is_none_or(|to| day <= to)
    }
}

/// How pixels become observations.
#[derive(Debug, Clone, Args)]
pub struct Pixels {
    /// Which pixels belong to a parcel: those with their centre inside, or every touched one by its covered area [default: centre,
    /// or the project's rule]
    #[arg(long = "pixels", value_name = "RULE", help_heading = "Pixels")]
    pub rule: Option<PixelWord>,
    /// Grow (positive) or shrink (negative) outlines first, metres [default: 0, or the project's buffer]
    #[arg(long, value_name = "B", allow_negative_numbers = true, value_parser = parse_metres, help_heading = "Pixels")]
    pub buffer_m: Option<f64>,
    /// Excluded scene classes, or `none` [default: scl:0,1,3,8,9,10,11, or the project's mask]
    #[arg(long, value_name = "scl:…|none", value_parser = parse_mask, help_heading = "Pixels")]
    pub mask: Option<MaskSet>,
}

impl Pixels {
    /// The project's settings with what was said here.
    pub fn apply(&self, mut settings: ObservationSettings) -> ObservationSettings {
        if let Some(rule) = self.rule {
            settings.pixels = rule.into();
        }
        settings.buffer_m = self.buffer_m.unwrap_or(settings.buffer_m);
        settings.mask = self.mask.unwrap_or(settings.mask);
        settings
    }
}

/// [`PixelRule`] on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum PixelWord {
    /// Pixels whose centre lies inside
    Centre,
    /// Every touched pixel, by its covered area fraction
    Coverage,
}

impl From<PixelWord> for PixelRule {
    fn from(word: PixelWord) -> Self {
        match word {
            PixelWord::Centre => Self::Centre,
            PixelWord::Coverage => Self::Coverage,
        }
    }
}

/// Where a table goes.
#[derive(Debug, Clone, Args)]
pub struct TableOut {
    /// Write to this file [default: standard output]
    #[arg(short, long, value_name = "FILE", help_heading = "Output")]
    pub output: Option<PathBuf>,
    /// Table format [default: from the file's ending, else csv]
    #[arg(long, value_name = "FORMAT", help_heading = "Output")]
    pub format: Option<FormatWord>,
}

/// [`Format`] on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatWord {
    /// Comma separated, with a header line
    Csv,
    /// A list of objects
    Json,
    /// Apache Parquet
    Parquet,
}

impl From<FormatWord> for Format {
    fn from(word: FormatWord) -> Self {
        match word {
            FormatWord::Csv => Self::Csv,
            FormatWord::Json => Self::Json,
            FormatWord::Parquet => Self::Parquet,
        }
    }
}

/// `scl:0,1,3` or `none`.
pub fn parse_mask(word: &str) -> Result<MaskSet, String> {
    const EXPECTED: &str = "expected `none` or scene classes such as `scl:0,1,3,8,9,10,11`";
    if word == "none" {
        return Ok(MaskSet::NONE);
    }
    let list = word.strip_prefix("scl:").ok_or(EXPECTED)?;
    let classes = list
        .split(',')
        .map(|class| class.trim().parse().ok().filter(|&class: &u8| class < 12).ok_or(EXPECTED))
        .collect::<Result<Vec<u8>, _>>()?;
    Ok(MaskSet::from_classes(&classes))
}

/// `2GiB`, `512MiB`, `1.5GB` or bytes.
pub fn parse_bytes(word: &str) -> Result<u64, String> {
    let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let unit = match word[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "b" => 1.0,
        "kb" => 1e3,
        "mb" => 1e6,
        "gb" => 1e9,
        "k" | "kib" => 1024.0,
        "m" | "mib" => 1024.0 * 1024.0,
        "g" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => f64::NAN,
    };
    let bytes = digits.trim().parse().unwrap_or(f64::NAN) * unit;
    if bytes >= 1.0 { Ok(bytes as u64) } else { Err("expected a size such as 512MiB or 2GiB".to_owned()) }
}

/// A finite number of metres.
pub fn parse_metres(word: &str) -> Result<f64, String> {
    word.parse().ok().filter(|metres: &f64| metres.is_finite()).ok_or_else(|| "expected metres, e.g. -10".to_owned())
}

/// A band name in any usual spelling.
pub fn parse_band(word: &str) -> Result<Band, String> {
    Band::parse(word).filter(|band| band.as_str() != "SCL").ok_or_else(|| "expected a band such as B04, B8A, VV or VH".to_owned())
}

/// A signal; the word must not be empty.
pub fn parse_signal(word: &str) -> Result<Signal, String> {
    match Signal::parse(word) {
        Signal::Expression { name, expression } if name.is_empty() || expression.is_empty() => {
            Err("expected NAME=expression, e.g. \"MY=(B11 - B04) / (B11 + B04)\"".to_owned())
        }
        Signal::Index(name) if name.is_empty() => Err("expected a signal such as NDVI, B04, VV_db or COH_VV".to_owned()),
        signal => Ok(signal),
    }
}

/// `B08,B11,B04`, an index, `VV_db`, `VH_db A`, `VH_VV_db`, `COH_VV`, `SCL`, `NDVI-histogram`, `red-NIR-scatter`.
pub fn parse_view(word: &str) -> Result<View, String> {
    View::parse(word)
}

/// `fixed`, `dynamic`, `0..0.4` or `0..0.4,0..0.3,0..0.2`.
pub fn parse_stretch(word: &str) -> Result<Stretch, String> {
    Stretch::parse(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pass;
    use crate::model::view::Polarisation;

    #[test]
    fn masks_are_read_and_nonsense_is_refused() {
        assert_eq!(parse_mask("scl:0,1,3,8,9,10,11"), Ok(MaskSet::default()));
        assert_eq!(parse_mask("none"), Ok(MaskSet::NONE));
        for word in ["", "scl:", "scl:12", "scl:a", "0,1", "all"] {
            assert!(parse_mask(word).is_err(), "{word}");
        }
    }

    #[test]
    fn sizes_are_read_and_nonsense_is_refused() {
        for (word, bytes) in [("2GiB", 2 << 30), ("1.5GB", 1_500_000_000), ("512m", 512 << 20), ("4096", 4096)] {
            assert_eq!(parse_bytes(word), Ok(bytes), "{word}");
        }
        for word in ["", "GiB", "0", "-1MB", "2 parsecs", "NaN", "2TiBs"] {
            assert!(parse_bytes(word).is_err(), "{word}");
        }
    }

    #[test]
    fn views_and_stretches_are_read() {
        assert_eq!(parse_view("B8,b11,B04"), Ok(View::composite("B08", "B11", "B04")));
        assert_eq!(parse_view("NDVI"), Ok(View::Index("NDVI".to_owned())));
        assert_eq!(parse_view("VH_db:A"), Ok(View::Backscatter(Polarisation::Vh, Some(Pass::Ascending))));
        assert!(parse_view("B08,B11").is_err() && parse_view("B08,B99,B04").is_err() && parse_view(" ").is_err());
        assert_eq!(parse_stretch("-0.2..0.9"), Ok(Stretch::Range(vec![(-0.2, 0.9)])));
        assert_eq!(parse_stretch("0..1,0..2,0..3").map(|s| matches!(s, Stretch::Range(r) if r.len() == 3)), Ok(true));
        for word in ["0..1,0..2", "1..0", "a..b", "0-1", "nan..1"] {
            assert!(parse_stretch(word).is_err(), "{word}");
        }
    }
}
