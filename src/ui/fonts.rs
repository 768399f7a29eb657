//! The program's own faces: Inter for text, `JetBrains` Mono for figures, Phosphor for icons. No face of the machine is used, so that
//! text looks and measures the same everywhere.

use std::sync::Arc;

use egui::epaint::text::FontTweak;
use egui::{FontData, FontDefinitions, FontFamily};

/// Inter, weight 600. egui has no weights: a heavier face is another family.
pub fn strong() -> FontFamily {
    FontFamily::Name(Arc::from("strong"))
}

/// `JetBrains` Mono, weight 600.
pub fn mono_strong() -> FontFamily {
    FontFamily::Name(Arc::from("mono-strong"))
}

/// Phosphor alone.
pub fn icons() -> FontFamily {
    FontFamily::Name(Arc::from("icons"))
}

/// All faces; egui's own ones stay last for symbols that ours lack.
pub fn definitions() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let faces: [(&str, &'static [u8]); 5] = [
        ("Inter", include_bytes!("../../assets/fonts/Inter-Regular.otf")),
        ("Inter-600", include_bytes!("../../assets/fonts/Inter-SemiBold.otf")),
        ("JetBrainsMono", include_bytes!("../../assets/fonts/JetBrainsMono-Regular.ttf")),
        ("JetBrainsMono-600", include_bytes!("../../assets/fonts/JetBrainsMono-SemiBold.ttf")),
        ("Phosphor", include_bytes!("../../assets/fonts/Phosphor.ttf")),
    ];
    for (name, bytes) in faces {
        let mut data = FontData::from_static(bytes);
        if name == "Phosphor" {
            // The icons sit on the baseline of a full em; without this they stand above the text beside them.
            data = data.tweak(FontTweak { y_offset_factor: 0.06, scale: 1.0, ..FontTweak::default() });
        }
        fonts.font_data.insert(name.to_owned(), Arc::new(data));
    }
    let fallback = fonts.families.get(&FontFamily::Proportional).cloned().unwrap_or_default();
    for (family, own) in [
        (FontFamily::Proportional, ["Inter", "Phosphor"]),
        (FontFamily::Monospace, ["JetBrainsMono", "Phosphor"]),
        (strong(), ["Inter-600", "Phosphor"]),
        (mono_strong(), ["JetBrainsMono-600", "Phosphor"]),
        (icons(), ["Phosphor", "Inter"]),
    ] {
        let names = own.into_iter().map(str::to_owned).chain(fallback.iter().cloned()).collect();
        fonts.families.insert(family, names);
    }
    fonts
}
