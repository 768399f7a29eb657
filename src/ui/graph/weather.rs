//! Weather of the server behind the graphs: rain as bars that hang from the upper edge, temperatures in the status line.

use std::sync::Arc;

use egui::{Align2, Rect, Ui, pos2, vec2};
use egui_plot::{PlotPoint, PlotTransform};

use super::Frame;
use crate::jobs::Lane;
use crate::model::ParcelIx;
use crate::model::units::epoch_days;
use crate::project::queries::remote::WeatherQuery;
use crate::project::remote::WeatherRow;
use crate::ui::cx::Cx;
use crate::ui::theme::text;

/// Share of a graph's height that the wettest day takes.
const SHARE: f32 = 0.25;

/// Weather by day, and the wettest of them.
#[derive(Debug, Clone)]
pub(super) struct Weather {
    rows: Arc<Vec<WeatherRow>>,
    /// mm
    most: f64,
}

/// Asks for the weather; `None` while it is on its way and where there is none.
pub(super) fn weather(cx: &Cx<'_>, parcel: ParcelIx) -> Option<Weather> {
    cx.project.remote_status()?;
    // Without weather the graphs are as good; its failure is in the bar and the log.
    let rows = cx.project.get(&WeatherQuery { parcel, revision: cx.project.revision() }, Lane::Prefetch).ready()?;
    let most = rows.iter().map(|row| row.prec).filter(|rain| rain.is_finite()).fold(0.0, f64::max);
    (!rows.is_empty()).then_some(Weather { rows, most })
}

fn middle(row: &WeatherRow) -> Option<f64> {
    let noon = row.day.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC).ok()?; // outside the calendar of timestamps
    Some(epoch_days(noon.timestamp()))
}

/// Paints the rain of the days shown; the first graph says how much it is at most.
pub(super) fn paint(ui: &Ui, cx: &Cx<'_>, frame: &Frame<'_>, first: bool, transform: &PlotTransform) {
    let Some(weather) = &frame.weather else { return };
    if weather.most <= 0.0 {
        return;
    }
    let rect = *transform.frame();
    let painter = ui.painter().with_clip_rect(rect.intersect(ui.clip_rect()));
    let x = |day: f64| transform.position_from_point(&PlotPoint::new(day, 0.0)).x;
    let width = (x(frame.shown.0 + 1.0) - x(frame.shown.0)).max(1.0);
    let ink = cx.tokens.ac.gamma_multiply(0.45);
    for row in weather.rows.iter().filter(|row| row.prec > 0.0) {
        let Some(day) = middle(row).filter(|day| (frame.shown.0..=frame.shown.1).contains(day)) else { continue };
        let height = rect.height() * SHARE * (row.prec / weather.most) as f32;
        let bar = Rect::from_min_size(pos2(x(day) - width / 2.0, rect.top()), vec2(width, height));
        painter.rect_filled(bar, 0.0, ink);
    }
    if first {
        let most = cx.tw("graph-legend-rain", &[("most", cx.texts.number(weather.most, 0).into())]);
        let at = rect.left_top() + vec2(6.0, 4.0);
        let galley = painter.layout_no_wrap(most, text::tick().resolve(ui.style()), cx.tokens.tx2);
        // On a ground of its own: the bars hang where it stands.
        let place = Align2::LEFT_TOP.anchor_size(at, galley.size());
        painter.rect_filled(place.expand(2.0), 2.0, cx.tokens.plot);
        painter.galley(place.min, galley, cx.tokens.tx2);
    }
}

/// Temperature and rain of the day under the ruler.
pub(super) fn readout(cx: &Cx<'_>, frame: &Frame<'_>, x: f64) -> Option<String> {
    let weather = frame.weather.as_ref()?;
    let day = |row: &&WeatherRow| middle(row).is_some_and(|day| (day - x).abs() <= 0.5);
    let row = weather.rows.iter().find(day)?;
    let number = |value: f64| cx.texts.number(value, 1);
    let args = [("tmin", number(row.tmin).into()), ("tmax", number(row.tmax).into()), ("rain", number(row.prec).into())];
    Some(cx.tw("graph-weather-readout", &args))
}
