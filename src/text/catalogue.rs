//! Message catalogues carried inside the program.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

use super::forms;

/// Messages of one language.
pub(super) type Bundle = FluentBundle<FluentResource>;

/// Complete language that stands in for messages missing elsewhere.
pub(super) const FALLBACK: &str = "en";

/// (language, file name, content); one line per file.
pub(super) const FILES: &[(&str, &str, &str)] = &[
    ("en", "actions.ftl", include_str!("../../assets/texts/en/actions.ftl")),
    ("en", "app.ftl", include_str!("../../assets/texts/en/app.ftl")),
    ("en", "calendar.ftl", include_str!("../../assets/texts/en/calendar.ftl")),
    ("en", "common.ftl", include_str!("../../assets/texts/en/common.ftl")),
    ("en", "graph.ftl", include_str!("../../assets/texts/en/graph.ftl")),
    ("en", "heterogeneity.ftl", include_str!("../../assets/texts/en/heterogeneity.ftl")),
    ("en", "map.ftl", include_str!("../../assets/texts/en/map.ftl")),
    ("en", "markers.ftl", include_str!("../../assets/texts/en/markers.ftl")),
    ("en", "queue.ftl", include_str!("../../assets/texts/en/queue.ftl")),
    ("en", "remote.ftl", include_str!("../../assets/texts/en/remote.ftl")),
    ("en", "review.ftl", include_str!("../../assets/texts/en/review.ftl")),
    ("en", "settings.ftl", include_str!("../../assets/texts/en/settings.ftl")),
    ("en", "start.ftl", include_str!("../../assets/texts/en/start.ftl")),
    ("en", "tables.ftl", include_str!("../../assets/texts/en/tables.ftl")),
    ("en", "tune.ftl", include_str!("../../assets/texts/en/tune.ftl")),
];

/// Messages of a language. Faults in a catalogue lose only the messages concerned; a test finds them.
pub(super) fn bundle(language: &str) -> Bundle {
    bundle_with_faults(language).0
}

/// The bundle, and what is wrong with its files: syntax and ids that occur twice.
pub(super) fn bundle_with_faults(language: &str) -> (Bundle, Vec<String>) {
    let identifier: LanguageIdentifier = language.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
    let mut faults = Vec::new();
    // Isolation marks have no glyph in the program's fonts and would show as boxes.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(forms::fluent_number));
    if let Err(error) = bundle.add_builtins() {
        faults.push(error.to_string());
    }
    for (_, name, text) in FILES.iter().filter(|file| file.0 == language) {
        let resource = match FluentResource::try_new((*text).to_owned()) {
            Ok(resource) => resource,
            Err((resource, errors)) => {
                faults.extend(errors.iter().map(|error| format!("{name}: {error}")));
                resource
            }
        };
        if let Err(errors) = bundle.add_resource(resource) {
            faults.extend(errors.iter().map(|error| format!("{name}: {error}")));
        }
    }
    (bundle, faults)
}

/// A message, or `None` when the bundle does not have it.
pub(super) fn format(bundle: &Bundle, id: &str, args: &FluentArgs<'_>) -> Option<String> {
    let pattern = bundle.get_message(id)?.value()?;
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
    if !errors.is_empty() {
        tracing::debug!("message {id}: {errors:?}");
    }
    Some(text)
}
