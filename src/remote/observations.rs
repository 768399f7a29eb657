//! Time series, weather, markers, and what Parcelight servers tell beyond the contract.

use super::answers::Question;
use super::error::RemoteError;
use super::{Answer, Client};
use crate::contract::{
    ACQUISITIONS_ROUTE, AcquisitionRow, MarkerRow, SIGNAL_ROUTE, SeriesKind, SeriesRow, SignalRow, WeatherRow, read,
};
use crate::model::settings::ObservationSettings;
use crate::model::{PixelRule, Watch};
use crate::store::remote::Pinned;

/// Which observations of which signal.
#[derive(Debug, Clone, PartialEq)]
pub struct SignalWanted {
    /// Signal as the command line writes it.
    pub signal: String,
    /// Expression of a project's own index.
    pub expression: Option<String>,
    /// `per-pixel` or `of-means`; empty where an index has no choice.
    pub rule: String,
    /// How observations are made.
    pub settings: ObservationSettings,
}

impl Client {
    /// Statistics of all bands of a parcel. With scene classes where the server has them.
    pub fn series(&self, pid: &str, kind: SeriesKind, watch: &Watch) -> Result<Answer<Vec<SeriesRow>>, RemoteError> {
        let ask = |classes: &str| {
            let mut query = self.inner.table();
            query.extend([
                ("pid", pid.to_owned()),
                ("tstype", kind.code().to_owned()),
                ("scl", classes.to_owned()),
                ("ref", "True".to_owned()),
            ]);
            let mut question = Question::new("parcelTimeSeries", format!("the {} series of parcel {pid}", kind.code()), query);
            question.pinned = Some((Pinned::Series, format!("{} {classes} {pid}", kind.code())));
            self.answer(&question, read::series, watch)
        };
        if kind != SeriesKind::S2 {
            return ask("False");
        }
        match ask("True") {
            // Observations without a histogram are left out of that answer, up to all of them.
            Ok(answer) if answer.value.is_empty() => ask("False"),
            Err(RemoteError::Offline { .. }) => ask("False"),
            other => other,
        }
    }

    /// Observations of a signal as the served project makes them. Only Parcelight servers answer; see [`Client::has_route`].
    pub fn signal(&self, pid: &str, wanted: &SignalWanted, watch: &Watch) -> Result<Answer<Vec<SignalRow>>, RemoteError> {
        self.require(SIGNAL_ROUTE, watch)?;
        let settings = &wanted.settings;
        let classes = settings.mask.classes();
        let mask: Vec<String> = classes.iter().map(u8::to_string).collect();
        let mut query = self.inner.table();
        query.extend([
            ("pid", pid.to_owned()),
            ("signal", wanted.signal.clone()),
            ("pixels", if settings.pixels == PixelRule::Centre { "centre" } else { "coverage" }.to_owned()),
            ("buffer_m", settings.buffer_m.to_string()),
            ("mask", if mask.is_empty() { "none".to_owned() } else { mask.join(",") }),
            ("min_usable_share", settings.min_usable_share.to_string()),
        ]);
        if !wanted.rule.is_empty() {
            query.push(("rule", wanted.rule.clone()));
        }
        query.extend(wanted.expression.iter().map(|expression| ("expression", expression.clone())));
        let question = Question::new(SIGNAL_ROUTE, format!("the {} series of parcel {pid}", wanted.signal), query);
        self.answer(&question, read::signal, watch)
    }

    /// All acquisitions that see a parcel. Only Parcelight servers answer; see [`Client::has_route`].
    pub fn acquisitions(&self, pid: &str, watch: &Watch) -> Result<Answer<Vec<AcquisitionRow>>, RemoteError> {
        self.require(ACQUISITIONS_ROUTE, watch)?;
        let mut query = self.inner.table();
        query.push(("pid", pid.to_owned()));
        let mut question = Question::new(ACQUISITIONS_ROUTE, format!("the list of acquisitions of parcel {pid}"), query);
        question.pinned = Some((Pinned::Acquisitions, pid.to_owned()));
        self.answer(&question, read::acquisitions, watch)
    }

    fn require(&self, route: &str, watch: &Watch) -> Result<(), RemoteError> {
        match self.has_route(route, watch) {
            Ok(false) => {
                Err(RemoteError::Refused(format!("{} has no route {route}; only Parcelight servers have it", self.host())))
            }
            // Offline: what is kept of the route answers.
            Ok(true) | Err(RemoteError::Offline { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Days of weather at a parcel.
    pub fn weather(&self, pid: &str, watch: &Watch) -> Result<Answer<Vec<WeatherRow>>, RemoteError> {
        let mut query = self.inner.table();
        query.push(("pid", pid.to_owned()));
        self.answer(&Question::new("weatherTimeSeries", format!("the weather at parcel {pid}"), query), read::weather, watch)
    }

    /// Markers that the server holds of a parcel.
    pub fn markers(&self, pid: &str, watch: &Watch) -> Result<Answer<Vec<MarkerRow>>, RemoteError> {
        let mut query = self.inner.table();
        query.push(("pid", pid.to_owned()));
        self.answer(&Question::new("markers", format!("the markers of parcel {pid}"), query), read::markers, watch)
    }
}
