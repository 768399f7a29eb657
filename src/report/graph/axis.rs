//! Time and value axes.

use jiff::ToSpan;
use jiff::civil::Date;

use super::Panel;
use crate::report::style;
use crate::report::svg::{Font, Svg};

const TICK: Font = Font::mono(11.0).colour(style::TEXT_2);
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// A leap year: day of year 60 is 29 February, so that every day of every year has a place.
const OVERLAY_YEAR: i16 = 2020;

/// Horizontal axis that all panels share.
#[derive(Debug)]
pub struct TimeAxis {
    left: f32,
    right: f32,
    first: f64,
    last: f64,
    /// Years are overlaid: x is the day of the year.
    overlaid: bool,
}

/// Days since 1970-01-01.
fn epoch_day(date: Date) -> f64 {
    date.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() as f64 / 24.0
}

fn date_of(epoch_day: f64) -> Date {
    // Outside the calendar nothing can be drawn anyway; the epoch keeps the axis finite.
    jiff::civil::date(1970, 1, 1).checked_add((epoch_day.floor() as i64).days()).unwrap_or(jiff::civil::date(1970, 1, 1))
}

impl TimeAxis {
    /// Holds every point of every panel, with a little room at both ends.
    pub fn new(panels: &[Panel], left: f32, right: f32) -> Self {
        let lines = || panels.iter().flat_map(|panel| &panel.lines);
        let overlaid = lines().any(|line| line.year.is_some());
        let mut axis = Self { left, right, first: f64::INFINITY, last: f64::NEG_INFINITY, overlaid };
        let points = lines().flat_map(|line| line.runs.iter().flatten().chain(&line.masked)).map(|point| point.x);
        let peers = panels.iter().flat_map(|panel| &panel.peers).flat_map(|(_, _, runs)| runs.iter().flatten());
        let peers: Vec<f64> = peers.map(|step| axis.peer_x(step.epoch_day)).collect();
        for x in points.chain(peers).filter(|x| x.is_finite()) {
            axis.first = axis.first.min(x);
            axis.last = axis.last.max(x);
        }
        if axis.first > axis.last {
            (axis.first, axis.last) = (0.0, 365.0);
        }
        let room = ((axis.last - axis.first) * 0.012).max(1.0);
        axis.first -= room;
        axis.last += room;
        axis
    }

    /// Position of a value of the lines' x.
    pub fn px(&self, x: f64) -> f32 {
        self.left + ((x - self.first) / (self.last - self.first)) as f32 * (self.right - self.left)
    }

    /// The x of a peer step, which always comes in days since 1970.
    pub fn peer_x(&self, epoch_day: f64) -> f64 {
        if self.overlaid { f64::from(date_of(epoch_day).day_of_year()) + epoch_day.fract() } else { epoch_day }
    }

    /// Ends of the axis on the page.
    pub fn ends(&self) -> (f32, f32) {
        (self.left, self.right)
    }

    /// First days of months inside the axis, with their texts.
    pub fn months(&self) -> Vec<(f32, String)> {
        let start = if self.overlaid { jiff::civil::date(OVERLAY_YEAR, 1, 1) } else { date_of(self.first).first_of_month() };
        let mut months = Vec::new();
        let mut month = start;
        loop {
            let x = if self.overlaid { f64::from(month.day_of_year()) } else { epoch_day(month) };
            if x > self.last || (self.overlaid && month.year() != OVERLAY_YEAR) {
                return months;
            }
            if x >= self.first {
                let text = if self.overlaid {
                    MONTHS[(month.month() as usize - 1).min(11)].to_owned()
                } else {
                    month.strftime("%Y-%m").to_string()
                };
                months.push((self.px(x), text));
            }
            match month.checked_add(1.month()) {
                Ok(next) => month = next,
                Err(_) => return months,
            }
        }
    }

    /// Ticks and texts below the last panel; returns where they end. Texts that would touch are left out evenly.
    pub fn labels(&self, out: &mut Svg, y: f32) -> f32 {
        let months = self.months();
        let pitch = months.windows(2).map(|pair| pair[1].0 - pair[0].0).fold(f32::INFINITY, f32::min);
        let widest = months.iter().map(|(_, text)| TICK.width(text)).fold(0.0, f32::max) + 10.0;
        let every = [1, 2, 3, 6, 12].into_iter().find(|&step| pitch * step as f32 >= widest).unwrap_or(24);
        out.line([self.left, y + 0.5, self.right, y + 0.5], style::AXIS, 1.0);
        for (i, (x, text)) in months.iter().enumerate() {
            let labelled = i % every == 0;
            out.line([*x, y, *x, y + if labelled { 6.0 } else { 3.0 }], style::AXIS, 1.0);
            // The text stands after its tick: a month is a span, not a moment.
            if labelled && x + TICK.width(text) <= self.right + 12.0 {
                out.text(x + 3.0, y + 15.0, TICK, text);
            }
        }
        y + 20.0
    }
}

/// Vertical axis of one panel.
#[derive(Debug)]
pub struct ValueAxis {
    top: f32,
    bottom: f32,
    low: f64,
    high: f64,
    step: f64,
}

impl ValueAxis {
    /// Over a range given or found; the range found is widened to whole steps.
    pub fn new(panel: &Panel, top: f32, bottom: f32) -> Self {
        let found = || {
            let lines = panel.lines.iter().flat_map(|line| line.runs.iter().flatten().chain(&line.masked));
            let values = lines.flat_map(|point| [point.y, point.low, point.high]);
            let peers = panel
                .peers
                .iter()
                .flat_map(|(_, _, runs)| runs.iter().flatten())
                .flat_map(|step| [step.spread.p10, step.spread.p90]);
            let finite = values.chain(peers).filter(|value| value.is_finite());
            finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
        };
        let fixed = panel.range.filter(|(low, high)| low < high);
        let (mut low, mut high) = fixed.unwrap_or_else(found);
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        if high - low < 1e-9 {
            let room = (low.abs() * 0.1).max(0.05);
            (low, high) = (low - room, high + room);
        }
        let step = round_step((high - low) / 4.0);
        if fixed.is_none() {
            (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        }
        Self { top, bottom, low, high, step }
    }

    /// Position of a value.
    pub fn px(&self, value: f64) -> f32 {
        self.bottom - ((value - self.low) / (self.high - self.low)) as f32 * (self.bottom - self.top)
    }

    /// True when a value lies on the axis.
    pub fn holds(&self, value: f64) -> bool {
        let room = (self.high - self.low) * 1e-9;
        value >= self.low - room && value <= self.high + room
    }

    /// The nearest position on the axis.
    pub fn px_inside(&self, value: f64) -> f32 {
        self.px(value.clamp(self.low, self.high))
    }

    /// Grid lines and numbers.
    pub fn draw(&self, out: &mut Svg, left: f32, right: f32) {
        let decimals = (-self.step.log10().floor()).clamp(0.0, 6.0) as usize;
        let mut index = (self.low / self.step - 1e-6).ceil();
        while index * self.step <= self.high + self.step * 1e-6 {
            let value = index * self.step;
            let y = self.px(value);
            out.line([left, y, right, y], style::GRID, 1.0);
            let value = if value.abs() < self.step * 1e-6 { 0.0 } else { value };
            out.text(left - 6.0, y + 4.0, TICK.end(), &format!("{value:.decimals$}"));
            index += 1.0;
        }
    }
}

/// The nearest of 1, 2 or 5 times a power of ten that is not smaller.
fn round_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|&step| step >= least * (1.0 - 1e-9)).unwrap_or(power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_inverse() {
        for text in ["1970-01-01", "2019-04-16", "2020-02-29", "1969-12-31"] {
            let date: Date = text.parse().expect("a date");
            assert_eq!(date_of(epoch_day(date)), date);
            assert_eq!(date_of(epoch_day(date) + 0.9), date);
        }
        assert!((epoch_day("2019-04-16".parse().expect("a date")) - 18_002.0).abs() < 1e-9);
    }

    #[test]
    fn value_steps_are_round() {
        for (least, step) in [(0.23, 0.5), (0.2, 0.2), (0.011, 0.02), (1.0, 1.0), (7.0, 10.0)] {
            assert!((round_step(least) - step).abs() < 1e-9, "{least}");
        }
    }

    #[test]
    fn an_axis_without_data_is_finite() {
        let axis = TimeAxis::new(&[], 0.0, 100.0);
        assert!(axis.px(10.0).is_finite());
        let value = ValueAxis::new(&Panel::default(), 0.0, 100.0);
        assert!((value.px(0.0) - 100.0).abs() < 1e-6 && (value.px(1.0)).abs() < 1e-6);
    }
}
