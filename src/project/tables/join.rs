//! Times of tables become acquisitions: those of images where they are the same, new ones where not.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::model::catalog::Origin;
use crate::model::tables::TableTime;
use crate::model::units::utc_day;
use crate::model::{Acquisition, AcquisitionIx, Catalog, Granule, Sensor};

/// Acquisition of every time. A time is that of an acquisition when sensor and UTC day are the same and nothing that both of them
/// know (satellite, pass, relative orbit, first date of a pair) differs; of several, the nearest in time.
pub(super) fn join(catalog: &mut Catalog, times: &[TableTime], name: &str) -> Vec<AcquisitionIx> {
    let mut days: HashMap<(Sensor, Date), Vec<usize>> = HashMap::new();
    for (number, acquisition) in catalog.acquisitions.iter().enumerate() {
        days.entry((acquisition.sensor, utc_day(acquisition.acquired))).or_default().push(number);
    }
    // Those that know most first: a bare day then joins them.
    let mut order: Vec<usize> = (0..times.len()).collect();
    let facts = |time: &TableTime| {
        [time.exact, time.platform.is_some(), time.pass.is_some(), time.relative_orbit.is_some(), time.first.is_some()]
            .iter()
            .filter(|&&known| known)
            .count()
    };
    order.sort_by(|&a, &b| facts(&times[b]).cmp(&facts(&times[a])).then(times[a].cmp(&times[b])));
    let mut of_time = vec![0; times.len()];
    for at in order {
        let time = &times[at];
        let day = days.entry((time.sensor, utc_day(time.acquired))).or_default();
        let distance = |&number: &usize| {
            let apart = catalog.acquisitions[number].acquired.as_second() - time.acquired.as_second();
            if time.exact { apart.abs() } else { 0 }
        };
        let found = day.iter().copied().filter(|&number| fits(&catalog.acquisitions[number], time)).min_by_key(distance);
        of_time[at] = found.unwrap_or_else(|| {
            catalog.acquisitions.push(values_only(time, name));
            day.push(catalog.acquisitions.len() - 1);
            catalog.acquisitions.len() - 1
        });
    }
    let places = sorted(catalog);
    of_time.into_iter().map(|number| AcquisitionIx(places[number])).collect()
}

/// Sorts the catalogue and tells where each row went.
fn sorted(catalog: &mut Catalog) -> Vec<u32> {
    let mut numbered: Vec<(usize, Acquisition)> = std::mem::take(&mut catalog.acquisitions).into_iter().enumerate().collect();
    numbered.sort_by(|(_, a), (_, b)| Catalog::order(a, b));
    let mut places = vec![0; numbered.len()];
    for (place, (number, _)) in (0..).zip(&numbered) {
        places[*number] = place;
    }
    catalog.acquisitions = numbered.into_iter().map(|(_, acquisition)| acquisition).collect();
    places
}

fn fits(acquisition: &Acquisition, time: &TableTime) -> bool {
    fn same<T: PartialEq>(a: Option<&T>, b: Option<&T>) -> bool {
        a.zip(b).is_none_or(|(a, b)| a == b)
    }
    // `S2` and `S1` only name the constellation.
    let satellite = |platform: &str| (platform.len() == 3).then(|| platform.to_owned());
    let own = satellite(&acquisition.platform);
    let other = time.platform.as_deref().and_then(satellite);
    let pair = |first: Option<jiff::Timestamp>| first.map(utc_day);
    same(own.as_ref(), other.as_ref())
        && same(acquisition.pass.as_ref(), time.pass.as_ref())
        && same(acquisition.relative_orbit.as_ref(), time.relative_orbit.as_ref())
        && same(pair(acquisition.first).as_ref(), pair(time.first).as_ref())
}

/// An acquisition of which there are values and no image.
fn values_only(time: &TableTime, name: &str) -> Acquisition {
    let constellation = if time.sensor == Sensor::S2 { "S2" } else { "S1" };
    Acquisition {
        sensor: time.sensor,
        acquired: time.acquired,
        first: time.first,
        platform: time.platform.clone().unwrap_or_else(|| constellation.to_owned()),
        relative_orbit: time.relative_orbit,
        pass: time.pass,
        pass_origin: Origin::Assumed,
        granules: vec![Granule {
            name: name.to_owned(),
            acquired: time.acquired,
            tile: None,
            baseline: None,
            boa_offset_dn: 0.0,
            // Tables hold physical values: nothing is assumed about an offset.
            offset_origin: Origin::Setting,
            clear_share: None,
            bands: Vec::new(),
            calibration: None,
            synthetic: false,
            remote: false,
        }],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Pass;

    fn time(sensor: Sensor, acquired: &str, exact: bool) -> TableTime {
        let acquired = acquired.parse().expect("a time");
        TableTime { sensor, acquired, exact, first: None, platform: None, pass: None, relative_orbit: None }
    }

    fn image(sensor: Sensor, acquired: &str, platform: &str, pass: Option<Pass>) -> Acquisition {
        Acquisition { pass, platform: platform.to_owned(), ..values_only(&time(sensor, acquired, true), "image") }
    }

    #[test]
    fn times_join_what_is_the_same_and_nothing_else() {
        let mut catalog = Catalog::default();
        catalog.acquisitions.push(image(Sensor::S2, "2020-03-05T10:40:00Z", "S2A", None));
        catalog.acquisitions.push(image(Sensor::S1Backscatter, "2020-03-05T17:20:00Z", "S1A", Some(Pass::Ascending)));
        let times = [
            time(Sensor::S2, "2020-03-05T00:00:00Z", false),
            TableTime { platform: Some("S2B".to_owned()), ..time(Sensor::S2, "2020-03-05T10:50:00Z", true) },
            TableTime { pass: Some(Pass::Descending), ..time(Sensor::S1Backscatter, "2020-03-05T05:30:00Z", true) },
            TableTime { pass: Some(Pass::Ascending), ..time(Sensor::S1Backscatter, "2020-03-05T00:00:00Z", false) },
            time(Sensor::S2, "2020-03-01T10:40:10Z", true),
            time(Sensor::S2, "2020-03-01T00:00:00Z", false),
            time(Sensor::S1Coherence, "2020-03-05T00:00:00Z", false),
        ];
        let joined = join(&mut catalog, &times, "series.csv");
        let told: Vec<(String, String)> =
            joined.iter().map(|&ix| (catalog.get(ix).acquired.to_string(), catalog.get(ix).granules[0].name.clone())).collect();
        let expected = [
            ("2020-03-05T10:40:00Z", "image"),
            ("2020-03-05T10:50:00Z", "series.csv"),
            ("2020-03-05T05:30:00Z", "series.csv"),
            ("2020-03-05T17:20:00Z", "image"),
            ("2020-03-01T10:40:10Z", "series.csv"),
            ("2020-03-01T10:40:10Z", "series.csv"),
            ("2020-03-05T00:00:00Z", "series.csv"),
        ];
        assert_eq!(told, expected.map(|(time, name)| (time.to_owned(), name.to_owned())));
        assert_eq!(catalog.acquisitions.len(), 6);
        let mut again = catalog.clone();
        again.sort();
        assert_eq!(again, catalog, "in the catalogue's order");
    }
}
