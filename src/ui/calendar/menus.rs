//! Menus of the calendar: view, stretch, everything else, one chip; and what stands there when a parcel has no image.

use egui::{ComboBox, DragValue, ScrollArea, TextEdit, Ui};
use jiff::civil::Date;

use super::model::{ChipInfo, composites, optical_bands, radar_views, sensor_of};
use super::{CalendarState, Scene, header, readout};
use crate::engine::stretch;
use crate::model::project_file::Binning;
use crate::model::{Pass, Stretch, View};
use crate::project::Command;
use crate::ui::actions::Action;
use crate::ui::cx::{Cx, Out};
use crate::ui::widgets::{self, Button};

/// Name of a view in menus.
pub(super) fn view_name(cx: &Cx<'_>, view: &View) -> String {
    let with_pass = |name: std::sync::Arc<str>, pass: &Option<Pass>| match pass {
        Some(Pass::Ascending) => format!("{name} {}", cx.t("cal-ascending")),
        Some(Pass::Descending) => format!("{name} {}", cx.t("cal-descending")),
        None => name.to_string(),
    };
    match view {
        View::Composite(_) | View::Index(_) => view.label(),
        View::Backscatter(polarisation, pass) => {
            with_pass(cx.tw("cal-view-backscatter", &[("band", polarisation.band().as_str().into())]).into(), pass)
        }
        View::BackscatterRatio(pass) => with_pass(cx.t("cal-view-ratio"), pass),
        View::Coherence(polarisation, pass) => {
            with_pass(cx.tw("cal-view-coherence", &[("band", polarisation.band().as_str().into())]).into(), pass)
        }
        View::SceneClass => cx.t("cal-view-scl").to_string(),
        View::NdviHistogram => cx.t("cal-view-histogram").to_string(),
        View::RedNirScatter => cx.t("cal-view-scatter").to_string(),
    }
}

/// The chooser of what chips show.
pub(super) fn view_menu_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) {
    ui.set_min_width(240.0);
    ScrollArea::vertical().max_height(520.0).show(ui, |ui| {
        section(ui, cx, "cal-section-composites");
        views_ui(ui, cx, out, composites());
        bands_ui(ui, cx, state, out);
        section(ui, cx, "cal-section-indices");
        views_ui(ui, cx, out, cx.project.indices().names().into_iter().map(View::Index).collect());
        if ui.add(Button::new(&cx.t("cal-edit-indices")).plain()).clicked() {
            out.act(Action::EditIndices);
            ui.close();
        }
        let radar = cx.project.dataset().ready().map(|dataset| radar_views(&dataset.catalog)).unwrap_or_default();
        if !radar.is_empty() {
            section(ui, cx, "cal-section-radar");
            views_ui(ui, cx, out, radar);
        }
        section(ui, cx, "cal-section-other");
        views_ui(ui, cx, out, vec![View::SceneClass, View::NdviHistogram, View::RedNirScatter]);
    });
}

fn section(ui: &mut Ui, cx: &Cx<'_>, id: &str) {
    ui.add_space(4.0);
    ui.label(widgets::secondary(cx.tokens, cx.t(id).as_ref()));
}

fn views_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out, views: Vec<View>) {
    for view in views {
        let mut response = ui.selectable_label(*cx.project.view() == view, view_name(cx, &view));
        if let View::Index(name) = &view
            && let Some(formula) = cx.project.indices().text(name)
        {
            response = response.on_hover_text(formula);
        }
        if response.clicked() {
            out.push(Command::SetView(view));
            ui.close();
        }
    }
}

/// Any three bands.
fn bands_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) {
    let Some(dataset) = cx.project.dataset().ready() else { return };
    let bands = optical_bands(&dataset.catalog);
    let (Some(first), View::Composite(default)) = (bands.first(), View::default()) else { return };
    let chosen = state.runtime.bands.get_or_insert_with(|| match cx.project.view() {
        View::Composite(own) => own.clone(),
        _ => default,
    });
    ui.horizontal(|ui| {
        for (channel, name) in [cx.t("cal-red"), cx.t("cal-green"), cx.t("cal-blue")].into_iter().enumerate() {
            if !bands.contains(&chosen[channel]) {
                chosen[channel] = first.clone();
            }
            let combo = ComboBox::from_id_salt(("cal-band", channel)).width(56.0).selected_text(chosen[channel].as_str());
            let shown = combo.show_ui(ui, |ui| {
                for band in &bands {
                    ui.selectable_value(&mut chosen[channel], band.clone(), band.as_str());
                }
            });
            shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, &name));
            shown.response.on_hover_text(name.as_ref());
        }
        if ui.add(Button::new(&cx.t("cal-show-bands"))).clicked() {
            out.push(Command::SetView(View::Composite(chosen.clone())));
            ui.close();
        }
    });
}

/// Fixed, dynamic with its percentages, or own limits.
pub(super) fn stretch_menu_ui(ui: &mut Ui, cx: &Cx<'_>, out: &mut Out) {
    ui.set_min_width(260.0);
    let display = &cx.project.file().display;
    let (view, stretch) = (&display.view, &display.stretch);
    let fixed = stretch::view_limits(view, cx.project.indices());
    if ui.radio(*stretch == Stretch::Fixed, cx.t("cal-stretch-fixed-long").as_ref()).clicked() {
        out.push(Command::SetStretch(Stretch::Fixed));
    }
    for (name, (low, high)) in channel_names(cx, view).into_iter().zip(&fixed) {
        let line = format!("{name}  {} – {}  {}", readout::short(cx, *low), readout::short(cx, *high), readout::unit(cx, view));
        ui.label(widgets::figure(line));
    }
    ui.separator();
    let is_dynamic = matches!(stretch, Stretch::Dynamic { .. });
    if ui.radio(is_dynamic, cx.t("cal-stretch-dynamic-long").as_ref()).clicked() && !is_dynamic {
        out.push(Command::SetStretch(Stretch::DYNAMIC));
    }
    if let Stretch::Dynamic { low_percent, high_percent } = *stretch {
        ui.horizontal(|ui| {
            let (mut low, mut high) = (low_percent, high_percent);
            percent_ui(ui, &cx.t("cal-cut-low"), &mut low);
            percent_ui(ui, &cx.t("cal-cut-high"), &mut high);
            if (low, high) != (low_percent, high_percent) {
                out.push(Command::SetStretch(Stretch::Dynamic { low_percent: low, high_percent: high }));
            }
        });
    }
    ui.separator();
    let is_range = matches!(stretch, Stretch::Range(_));
    if ui.radio(is_range, cx.t("cal-stretch-range-long").as_ref()).clicked() && !is_range {
        out.push(Command::SetStretch(Stretch::Range(fixed.clone())));
    }
    if let Stretch::Range(pairs) = stretch {
        range_ui(ui, cx, view, pairs, &fixed, out);
    }
}

fn percent_ui(ui: &mut Ui, name: &str, value: &mut f64) {
    ui.label(name);
    let field = ui.add(DragValue::new(value).range(0.0..=20.0).speed(0.1).max_decimals(1).suffix(" %"));
    field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, name));
}

fn range_ui(ui: &mut Ui, cx: &Cx<'_>, view: &View, pairs: &[(f64, f64)], fixed: &[(f64, f64)], out: &mut Out) {
    let mut edited: Vec<(f64, f64)> = fixed.to_vec();
    for (at, pair) in edited.iter_mut().enumerate() {
        if let Some(own) = pairs.get(at).or(pairs.first()) {
            *pair = *own;
        }
    }
    let before = edited.clone();
    for ((name, pair), (low, high)) in channel_names(cx, view).into_iter().zip(&mut edited).zip(fixed) {
        let speed = ((high - low).abs() / 200.0).max(1e-4);
        ui.horizontal(|ui| {
            ui.label(&name);
            for (value, end) in [(&mut pair.0, cx.t("cal-low")), (&mut pair.1, cx.t("cal-high"))] {
                let field = ui.add(DragValue::new(value).speed(speed).max_decimals(3));
                field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, format!("{name} {end}")));
            }
        });
    }
    // A range that is empty or upside down would show nothing: it is not taken over.
    if edited != before && edited.iter().all(|(low, high)| low < high) {
        out.push(Command::SetStretch(Stretch::Range(edited)));
    }
}

fn channel_names(cx: &Cx<'_>, view: &View) -> Vec<String> {
    match view {
        View::Composite(bands) => bands.iter().map(ToString::to_string).collect(),
        _ => vec![view_name(cx, view)],
    }
}

/// Bins, sizes, period, other views; and the controls that the header has no room for.
pub(super) fn more_menu_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out, toggles: bool, stretch: bool) {
    ui.set_min_width(250.0);
    if toggles {
        ui.checkbox(&mut state.mask, cx.t("cal-mask").as_ref());
        ui.checkbox(&mut state.outline, cx.t("cal-outline").as_ref());
        ui.separator();
    }
    if stretch && header::stretches(cx.project.view()) {
        ui.menu_button(cx.t("cal-stretch").as_ref(), |ui| stretch_menu_ui(ui, cx, out));
        ui.separator();
    }
    section(ui, cx, "cal-bins");
    let bins = cx.project.file().display.bins;
    for (own, id) in [
        (Binning::HalfWeek, cx.t("cal-bins-half-week")),
        (Binning::IsoWeek, cx.t("cal-bins-iso-week")),
        (Binning::Sequence, cx.t("cal-bins-sequence")),
    ] {
        if ui.radio(bins == own, id.as_ref()).clicked() {
            out.push(Command::SetBinning(own));
        }
    }
    ui.separator();
    ui.horizontal(|ui| {
        ui.label(cx.t("cal-chip").as_ref());
        header::chip_size_ui(ui, cx, state);
    });
    ui.horizontal(|ui| {
        let name = cx.t("cal-margin");
        ui.label(name.as_ref());
        let mut margin = cx.project.file().display.margin_m;
        let field = ui.add(DragValue::new(&mut margin).range(0..=5000).speed(5.0).suffix(" m"));
        field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::SpinButton, true, &name));
        if field.changed() {
            out.push(Command::SetMargin(margin));
        }
    });
    range_dates_ui(ui, cx, state, out);
    ui.separator();
    for (id, action) in
        [(cx.t("cal-large"), Action::LargeView), (cx.t("cal-compare"), Action::Compare), (cx.t("cal-play"), Action::Play)]
    {
        if ui.button(id.as_ref()).clicked() {
            out.act(action);
            ui.close();
        }
    }
    if ui.button(cx.t("cal-reset-zoom").as_ref()).clicked() {
        state.runtime.zoom = crate::ui::chip_paint::Zoom::default();
        state.runtime.own_zoom.clear();
    }
}

/// First and last day shown, as ISO dates; empty fields mean the whole season.
fn range_dates_ui(ui: &mut Ui, cx: &Cx<'_>, state: &mut CalendarState, out: &mut Out) {
    let display = &cx.project.file().display;
    let as_text = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
    let (from, to) = state.runtime.range_text.get_or_insert_with(|| (as_text(display.from), as_text(display.to)));
    let mut done = false;
    ui.horizontal(|ui| {
        for (text, name) in [(&mut *from, cx.t("cal-from")), (&mut *to, cx.t("cal-to"))] {
            ui.label(name.as_ref());
            let field = ui.add(TextEdit::singleline(text).desired_width(84.0).hint_text("2019-04-01"));
            field.widget_info(|| egui::WidgetInfo::labeled(egui::Role::TextInput, true, &name));
            done |= field.lost_focus();
        }
    });
    let parse = |text: &str| if text.trim().is_empty() { Ok(None) } else { text.trim().parse::<Date>().map(Some) };
    match (parse(from), parse(to)) {
        (Ok(from), Ok(to)) if from.zip(to).is_none_or(|(from, to)| from <= to) => {
            if done && (from, to) != (display.from, display.to) {
                out.push(Command::SetRange(from, to));
                state.runtime.range_text = None;
            }
        }
        _ => {
            ui.label(egui::RichText::new(cx.t("cal-range-wrong").as_ref()).color(cx.tokens.red));
        }
    }
}

/// What can be done with one acquisition.
pub(super) fn chip_menu_ui(
    ui: &mut Ui,
    scene: &Scene<'_>,
    state: &mut CalendarState,
    out: &mut Out,
    info: &ChipInfo,
    failed: bool,
) {
    let cx = scene.cx;
    let selection = cx.project.selection();
    let acquisition = info.acquisition;
    let is_reference = selection.reference == Some(acquisition);
    let reference = if is_reference { cx.t("cal-chip-unset-reference") } else { cx.t("cal-chip-set-reference") };
    let is_compared = selection.compare.contains(&acquisition);
    let compare = if is_compared { cx.t("cal-chip-uncompare") } else { cx.t("cal-chip-compare") };
    let mut chosen = false;
    if ui.button(cx.t("cal-chip-large").as_ref()).clicked() {
        out.push(Command::SelectAcquisition(acquisition));
        state.large = true;
        chosen = true;
    }
    if ui.button(reference.as_ref()).clicked() {
        out.push(Command::SetReference((!is_reference).then_some(acquisition)));
        chosen = true;
    }
    if ui.button(compare.as_ref()).clicked() {
        out.push(Command::ToggleCompare(acquisition));
        chosen = true;
    }
    if failed && ui.button(cx.t("cal-chip-retry").as_ref()).clicked() {
        out.push(Command::Retry);
        chosen = true;
    }
    if info.granules.len() > 1 {
        ui.separator();
        ui.label(widgets::secondary(cx.tokens, cx.t("cal-chip-product").as_ref()));
        let source = scene.dataset.catalog.get(acquisition);
        for &granule in &info.granules {
            let Some(product) = source.granules.get(usize::from(granule)) else { continue };
            let name = match (&product.baseline, product.synthetic) {
                (Some(baseline), false) => format!("{}  {baseline}", product.name),
                (None, false) => product.name.clone(),
                (_, true) => format!("{}  {}", product.name, cx.t("cal-chip-synthetic")),
            };
            if ui.radio(info.granule == granule, name).clicked() {
                out.push(Command::ChooseGranule(acquisition, granule));
                chosen = true;
            }
        }
    }
    if chosen {
        ui.close();
    }
}

/// A parcel without a single image of the view's sensor: why, in numbers, and what helps.
pub(super) fn no_imagery_ui(ui: &mut Ui, scene: &Scene<'_>, out: &mut Out) {
    let cx = scene.cx;
    let sensor = sensor_of(cx.project.view());
    let in_project = scene.dataset.catalog.count(sensor);
    let display = &cx.project.file().display;
    let limited = display.from.is_some() || display.to.is_some();
    let (title, why) = if in_project == 0 {
        (cx.tw("cal-none-sensor", &[("view", view_name(cx, cx.project.view()).into())]), cx.t("cal-none-sensor-why").to_string())
    } else if limited {
        (cx.t("cal-none-period").to_string(), cx.tw("cal-none-period-why", &[("n", in_project.into())]))
    } else {
        let args = [("n", in_project.into()), ("outside", scene.outside.into())];
        (cx.t("cal-none").to_string(), cx.tw("cal-none-why", &args))
    };
    let command = if limited && in_project > 0 {
        cx.t("cal-none-period-fix")
    } else if in_project == 0 {
        cx.t("cal-none-view-fix")
    } else {
        cx.t("cal-none-fix")
    };
    if widgets::empty_ui(ui, cx.tokens, &title, &why, Some(&command)) {
        if in_project == 0 {
            out.push(Command::SetView(View::default()));
        } else if limited {
            out.push(Command::SetRange(None, None));
        } else {
            out.act(Action::ScanReport);
        }
    }
}
