//! The routes that only Parcelight servers have: the project's own numbers.

use crate::contract::write::{self, NOTHING};
use crate::engine::series::{IndexRule, bands_of};
use crate::model::settings::ObservationSettings;
use crate::model::{MaskSet, PixelRule, Signal};
use crate::project::queries::coverage::CoverageQuery;
use crate::project::queries::series::SeriesQuery;
use crate::project::served;
use crate::serve::asked::Asked;
use crate::serve::reply::{Refusal, Reply};

/// `parcelSignal`.
pub fn signal(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    let env = &asked.site.env;
    let signal = wanted_signal(asked)?;
    let settings = settings(asked)?;
    let rule = match asked.parameters.get("rule") {
        None | Some("per-pixel") => IndexRule::PerPixel,
        Some("of-means") => IndexRule::OfMeans,
        Some(_) => return Err(Refusal::Wrong("rule is per-pixel or of-means.".to_owned())),
    };
    let in_table = env.tables.as_ref().is_some_and(|tables| tables.has_variable(&signal));
    if let Err(error) = bands_of(&signal, &env.indices)
        && !in_table
    {
        return Err(Refusal::Wrong(format!("The signal {} cannot be used: {error}.", short(&signal.name()))));
    }
    if !asked.main_table() {
        return Ok(Reply::json(NOTHING));
    }
    let Some(parcel) = asked.parcel()? else { return Ok(Reply::json(write::signals(&[]))) };
    let series = asked.compute(&SeriesQuery { parcel, signal, settings, rule, revision: env.revision })?;
    Ok(Reply::json(write::signals(&served::signal_rows(&env.catalog, &series))))
}

/// `signal` names a band, an index or a radar signal, or is `NAME=expression`; the expression may also stand in `expression`.
fn wanted_signal(asked: &Asked<'_>) -> Result<Signal, Refusal> {
    let word = asked.parameters.needed("signal")?;
    let signal = match asked.parameters.get("expression") {
        Some(expression) => Signal::Expression { name: word.trim().to_owned(), expression: expression.trim().to_owned() },
        None => Signal::parse(word),
    };
    match &signal {
        Signal::Expression { name, expression } if name.is_empty() || expression.is_empty() => {
            Err(Refusal::Wrong("A signal by expression is NAME=expression, e.g. MY=(B11 - B04) / (B11 + B04).".to_owned()))
        }
        _ => Ok(signal),
    }
}

/// Settings of the project where the request says nothing.
fn settings(asked: &Asked<'_>) -> Result<ObservationSettings, Refusal> {
    let parameters = asked.parameters;
    let own = &asked.site.observations;
    let pixels = match parameters.get("pixels") {
        None => own.pixels,
        Some("centre") => PixelRule::Centre,
        Some("coverage") => PixelRule::Coverage,
        Some(_) => return Err(Refusal::Wrong("pixels is centre or coverage.".to_owned())),
    };
    let mask = match parameters.get("mask") {
        None => own.mask,
        Some("none") => MaskSet::NONE,
        Some(list) => {
            let class = |word: &str| word.trim().parse::<u8>().ok().filter(|&class| class < 12);
            let classes: Option<Vec<u8>> = list.strip_prefix("scl:").unwrap_or(list).split(',').map(class).collect();
            let wrong = || Refusal::Wrong("mask is none or scene classes such as 0,1,3,8,9,10,11.".to_owned());
            MaskSet::from_classes(&classes.ok_or_else(wrong)?)
        }
    };
    Ok(ObservationSettings {
        pixels,
        buffer_m: parameters.number("buffer_m", own.buffer_m, -10_000.0..=10_000.0)?,
        mask,
        min_usable_share: parameters.number("min_usable_share", own.min_usable_share, 0.0..=1.0)?,
    })
}

fn short(text: &str) -> String {
    text.chars().take(60).collect()
}

/// `parcelAcquisitions`.
pub fn acquisitions(asked: &Asked<'_>) -> Result<Reply, Refusal> {
    asked.dataset()?;
    if !asked.main_table() {
        return Ok(Reply::json(NOTHING));
    }
    let site = asked.site;
    let Some(parcel) = asked.parcel()? else { return Ok(Reply::json(write::acquisitions(&[]))) };
    let coverage = asked.compute(&CoverageQuery { parcel, revision: site.env.revision })?;
    let rows = served::acquisition_rows(&site.env.catalog, &site.products, &coverage);
    Ok(Reply::json(write::acquisitions(&rows)))
}
