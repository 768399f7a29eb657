//! Population statistics of a project: from images to the store to groups, outliers, peer bands and colours.

#[path = "project/desk.rs"]
mod desk;

use std::collections::BTreeMap;

use desk::{Desk, frames};
use parcelight::engine::colouring::Colouring;
use parcelight::engine::peers;
use parcelight::engine::series::IndexRule;
use parcelight::model::settings::{PeerSettings, PeerSource};
use parcelight::model::view::Polarisation;
use parcelight::model::{ObservationState, ParcelIx, Series, Signal};
use parcelight::project::queries::series::SeriesQuery;
use parcelight::project::queue::SortKey;
use parcelight::project::{Command, Project};

fn ndvi() -> Signal {
    Signal::Index("NDVI".to_owned())
}

fn loaded(desk: &Desk) -> Project {
    let mut project = desk.loaded();
    // The sample has few parcels of a crop, and small ones among them.
    project.apply(Command::SetPeers(PeerSettings { min_area_ha: 0.0, ..PeerSettings::default() }));
    project
}

/// Brings the store up to date and tells what the log says of it.
fn update(project: &mut Project) -> String {
    let before = project.log().len();
    project.apply(Command::Population);
    frames(project, |project| (!project.updating_population()).then_some(()));
    let said: Vec<&str> = project.log()[before..].iter().map(|line| line.text.as_str()).collect();
    said.join("\n")
}

/// Series of band means from the images, parcel by parcel: the other way to the same numbers.
fn from_images(project: &Project, signal: &Signal) -> BTreeMap<ParcelIx, Series> {
    let parcels = project.data().expect("loaded").parcels.clone();
    let series = |parcel| {
        let query = SeriesQuery { rule: IndexRule::OfMeans, ..project.series_query(parcel, signal) };
        (parcel, project.compute(&query).expect("computes").as_ref().clone())
    };
    parcels.iter().map(series).collect()
}

#[test]
fn the_store_gives_the_spread_of_whole_crops_that_images_give_parcel_by_parcel() {
    let desk = Desk::new();
    let mut project = loaded(&desk);
    let missing = project.compute(&project.population_query(&ndvi())).expect_err("nothing is stored");
    assert!(missing.to_string().contains("compute the population statistics"), "{missing}");
    let said = update(&mut project);
    assert!(said.contains("observations added to the store") && !said.contains(" 0 observations"), "{said}");
    let parcels = project.data().expect("loaded").parcels.clone();
    for signal in [ndvi(), Signal::BackscatterDb(Polarisation::Vh), Signal::BackscatterRatioDb] {
        let population = project.compute(&project.population_query(&signal)).expect("is there");
        let series = from_images(&project, &signal);
        let mut compared = 0;
        for (group, steps) in population.steps.iter().enumerate() {
            let own: Vec<&Series> = parcels
                .iter()
                .filter(|&parcel| population.groups.of(parcel) == Some(group))
                .map(|parcel| &series[&parcel])
                .collect();
            assert_eq!(own.len(), population.groups.all()[group].peers);
            let expected = peers::spread(&own);
            assert_eq!(steps.len(), expected.len(), "{signal:?}, {:?}", population.groups.all()[group]);
            for (step, expected) in steps.iter().zip(&expected) {
                let (a, b) = (step.spread, expected.spread);
                assert_eq!((step.acquisition, a.n), (expected.acquisition, b.n), "{signal:?}");
                // The table carries seven digits.
                for (a, b) in [(a.p10, b.p10), (a.p50, b.p50), (a.p90, b.p90), (a.mean, b.mean), (a.std, b.std)] {
                    assert!((a - b).abs() < 5e-6 * b.abs().max(1.0), "{signal:?} {a} {b}");
                }
                compared += 1;
            }
        }
        assert!(compared > 100, "{compared}");
        for (parcel, series) in &series {
            let usable =
                series.points.iter().filter(|point| point.state == ObservationState::Ok && point.value.is_finite()).count();
            assert_eq!(usize::from(population.usable[parcel.at()]), usable, "{}", parcels.id(*parcel));
        }
    }
    assert!(update(&mut project).contains(" 0 observations added"));
}

#[test]
fn the_queue_lists_the_farthest_first_and_says_when_nothing_is_known() {
    let desk = Desk::new();
    let mut project = desk.open();
    project.wait_loaded().expect("loads");
    project.apply(Command::SetPeers(PeerSettings { min_area_ha: 0.0, ..PeerSettings::default() }));
    let by_distance = Command::SetSort(vec![(SortKey::Distance(ndvi()), true)]);
    let given = project.queue().rows().to_vec();
    project.apply(by_distance.clone());
    frames(&mut project, |project| (!project.queue().pending()).then_some(()));
    assert_eq!(project.queue().rows(), given, "without statistics the rows stay");
    assert!(project.log().iter().any(|line| line.failed && line.text.contains("population statistics")));
    update(&mut project);
    frames(&mut project, |project| (!project.queue().pending()).then_some(()));
    let population = project.compute(&project.population_query(&ndvi())).expect("is there");
    let scores: Vec<Option<f32>> = project.queue().rows().iter().map(|&parcel| population.score(parcel)).collect();
    let known: Vec<f32> = scores.iter().flatten().copied().collect();
    assert!(known.len() > 3 && known.is_sorted_by(|a, b| a >= b), "{scores:?}");
    assert!(scores[known.len()..].iter().all(Option::is_none), "unknown distances come last: {scores:?}");
    // Another set of peers is another order; nobody has to ask for it.
    let first = project.queue().rows()[0];
    project.apply(Command::ExcludePeer(first, true));
    frames(&mut project, |project| (!project.queue().pending()).then_some(()));
    let without = project.compute(&project.population_query(&ndvi())).expect("is there");
    assert!(without.peers_of(first) + 1 == population.peers_of(first));
    assert!(without.score(first).is_some(), "excluded as a peer, still compared");
}

#[test]
fn peer_bands_and_colours_come_from_the_store_when_it_is_there() {
    let desk = Desk::new();
    let mut project = loaded(&desk);
    let data = project.data().expect("loaded");
    let (parcel, acquisition) = (ParcelIx(0), data.catalog.iter().find(|(_, one)| !one.band_names().is_empty()).expect("one").0);
    let peers = PeerSettings { source: PeerSource::Population, ..project.file().peers.clone() };
    project.apply(Command::SetPeers(peers));
    project.apply(Command::SelectAcquisition(acquisition));
    update(&mut project);
    let band = project.compute(&project.peers_query(parcel, &ndvi())).expect("a band");
    let population = project.compute(&project.population_query(&ndvi())).expect("is there");
    assert!(band.whole && band.peers.is_empty() && band.count == population.peers_of(parcel));
    assert_eq!(band.steps, population.steps_of(parcel));

    // The clearest date: most parcels have a colour, although no series was computed in this window.
    let usable = |ix| population.steps.iter().flatten().filter(|step| step.acquisition == ix).map(|step| step.spread.n).sum();
    let clearest = population.steps.iter().flatten().map(|step| step.acquisition).max_by_key(|&ix| -> usize { usable(ix) });
    let clearest = clearest.expect("a date");
    project.apply(Command::SelectAcquisition(clearest));
    frames(&mut project, |project| project.classes_query(Colouring::Ndvi, 7).population.map(drop));
    let query = project.classes_query(Colouring::Ndvi, 7);
    assert_eq!((query.computed, query.like.is_none()), (0, true), "what the window computed no longer matters");
    let classes = project.compute(&query).expect("classes");
    let unknown = classes.legend().last().expect("a legend").count;
    assert!(unknown + usable(clearest) <= 17 && usable(clearest) > 10, "{unknown} unknown of 17, {} usable", usable(clearest));
    frames(&mut project, |project| project.classes_query(Colouring::Sufficiency, 7).population.map(drop));
    let classes = project.compute(&project.classes_query(Colouring::Sufficiency, 7)).expect("classes");
    assert_eq!(classes.legend().last().expect("a legend").count, 0, "every parcel was counted");
    frames(&mut project, |project| project.classes_query(Colouring::Distance, 7).population.map(drop));
    let classes = project.compute(&project.classes_query(Colouring::Distance, 7)).expect("classes");
    let known = population.scores.iter().filter(|score| !score.is_nan()).count();
    assert_eq!(classes.legend().last().expect("a legend").count, 17 - known);
}
