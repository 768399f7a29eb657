//! The heterogeneity pane and the population view, driven by keys and labels on the sample.

#[path = "ui/driver.rs"]
#[expect(dead_code, reason = "the rest of the window is for other tests")]
mod driver;

use driver::Driver;
use egui::{Key, Modifiers};
use parcelight::model::heterogeneity::Stream;
use parcelight::project::review::ReviewCommand;
use parcelight::project::{Command, Project};
use parcelight::ui::actions::Action;
use parcelight::ui::layout::PaneKind;

/// The sample over one season, with the pane in front and its maps there.
fn looking() -> Driver {
    let mut window = Driver::with_sample(&[]);
    let day = |text: &str| Some(text.parse().expect("a day"));
    window.state_mut().command(Command::SetRange(day("2019-04-01"), day("2019-07-31")));
    window.press_with(Modifiers::SHIFT, Key::H);
    window.wait("the region is clustered", |window| window.panes().heterogeneity.view().is_some());
    window
}

#[test]
fn the_pane_tells_markers_with_their_reason_and_clusters_lie_over_chips() {
    let mut window = looking();
    assert_eq!(window.state().focused(), PaneKind::Heterogeneity);
    let view = window.state().panes().heterogeneity.view().expect("there").clone();
    assert_eq!((view.maps.periods.len(), view.judged.s2.len(), view.judged.s1.len()), (4, 4, 4));
    window.wait_part("M1 of period 1: ");
    window.wait_part("M7 of period 4: ");
    assert!(window.state().panes().heterogeneity.overlay().is_none(), "nothing over chips yet");
    window.press(Key::H);
    assert!(window.state().panes().heterogeneity.overlay().is_some_and(|own| own.maps_shown));
    // A period is chosen by its map; its clusters are listed.
    window.click("S2 clusters of period 2");
    assert_eq!(window.state().panes().heterogeneity.selected, Some((Stream::S2, 1)));
    window.wait_label("Cluster");
    window.wait_label("NDVI of each cluster over the season; the period is shaded");
    // Back to the graphs by the same key.
    window.press_with(Modifiers::SHIFT, Key::H);
    assert_eq!(window.state().focused(), PaneKind::Graph);
}

#[test]
fn zones_are_proposed_on_demand_and_blind_review_hides_the_pane() {
    let mut window = looking();
    window.click("Propose zones");
    window.wait("zones are proposed or not", |window| window.panes().heterogeneity.zones.proposal.is_some());
    window.click("Decline since reference");
    window.wait_part("Choose a reference date");
    window.state_mut().command(Command::Review(ReviewCommand::SetBlind(true)));
    window.wait_label("Hidden in blind review");
}

#[test]
fn the_population_is_measured_from_the_tune_workspace_and_counts_follow_thresholds() {
    let mut window = Driver::with_sample(&[]);
    let day = |text: &str| Some(text.parse().expect("a day"));
    window.state_mut().command(Command::SetRange(day("2019-04-01"), day("2019-07-31")));
    window.act(Action::MeasureHeterogeneity);
    window.wait("the population is measured", |window| {
        window.project().is_some_and(|project| {
            !project.measuring_heterogeneity() && project.heterogeneity_population().is_some_and(|own| own.measured() == 17)
        })
    });
    assert!(window.state().pane_rect(PaneKind::HeterogeneityPopulation).is_some(), "its tab is in front");
    window.wait_label("C_INDEX");
    window.wait_label("With a detection");
    let mut params = window.open().heterogeneity_params();
    params.markers.per_hetero = 0.0;
    window.state_mut().command(Command::SetHeterogeneity(Box::new(params)));
    window.wait("no parcel has a detection", |window| {
        let answer = window.project().and_then(Project::heterogeneity_decisions);
        answer.and_then(parcelight::project::Fetch::ready).is_some_and(|own| own.counts[1..] == [0; 4] && own.counts[0] > 10)
    });
}
