//! The tree is the architecture: which module may name which, and which crates belong to whom.
//!
//! The table below is the one place where an edge is added; such a change stands on its own and says why.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// (module, modules it may name, crates that only it may name).
const LAYERS: &[(&str, &[&str], &[&str])] = &[
    ("model", &[], &[]),
    ("jobs", &[], &[]),
    (
        "text",
        &[],
        &["fluent_bundle", "icu_decimal", "icu_datetime", "icu_calendar", "icu_locale_core", "unic_langid", "fixed_decimal"],
    ),
    ("engine", &["model"], &["exmex"]),
    ("io", &["model"], &["gdal", "parquet", "arrow"]),
    ("store", &["model"], &["rusqlite"]),
    ("report", &["model", "engine"], &["resvg", "typst", "typst_layout", "typst_pdf", "typst_svg", "docx_rs"]),
    ("contract", &["model"], &[]),
    ("remote", &["model", "store", "contract"], &["reqwest", "keyring"]),
    ("project", &["model", "engine", "io", "store", "remote", "contract", "report", "jobs"], &[]),
    (
        "serve",
        &["model", "engine", "contract", "project", "jobs"],
        &["axum", "tower_http", "hyper_util", "tokio_rustls", "argon2"],
    ),
    ("cli", &["model", "engine", "io", "report", "text", "project", "serve"], &["clap"]),
    (
        "ui",
        // `store` for what belongs to the user and not to a project: preferences, recent projects.
        &["model", "engine", "report", "store", "text", "project", "jobs"],
        &["egui", "eframe", "egui_plot", "egui_tiles", "egui_extras", "walkers", "rfd", "sys_locale"],
    ),
];

/// A file longer than this has more than one subject.
const MAX_LINES: usize = 800;

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).expect("a folder of the source tree can be listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join("src"), &mut found);
    walk(&root.join("tests"), &mut found);
    found.sort();
    found
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).expect("a source file is text");
            let name = path.strip_prefix(root).expect("below the root").to_string_lossy().replace('\\', "/");
            (name, text)
        })
        .collect()
}

/// The layer a file belongs to: `src/engine/zonal.rs` to `engine`.
fn layer_of(file: &str) -> Option<&str> {
    let below = file.strip_prefix("src/")?;
    let name = below.split('/').next()?.trim_end_matches(".rs");
    (name != "lib" && name != "main").then_some(name)
}

/// The code without comments and without what stands in quotes; line breaks stay.
fn code_only(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    for line in text.lines() {
        let mut quoted = false;
        let mut previous = ' ';
        for (at, c) in line.char_indices() {
            if !quoted && line[at..].starts_with("//") {
                break;
            }
            if c == '"' && previous != '\\' && !(previous == '\'' && line[at + 1..].starts_with('\'')) {
                quoted = !quoted;
            } else if !quoted {
                code.push(c);
            }
            previous = if previous == '\\' { ' ' } else { c };
        }
        code.push('\n');
    }
    code
}

/// True when the code names a crate as a path: `gdal::…`, `use gdal;`, `extern crate gdal`.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '.');
        starts && (after.starts_with("::") || (code[..at].ends_with("use ") && after.starts_with([';', ' '])))
    })
}

/// Modules of this crate that the code names: `crate::io::…`, also in `use crate::{io, model}`, and `super::…` from a top module.
fn named_modules(file: &str, code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let top = file.matches('/').count() == 1;
    let mut roots = vec!["crate::", "parcelight::"];
    if top {
        roots.push("super::");
    }
    for root in roots {
        for (at, _) in code.match_indices(root) {
            let rest = &code[at + root.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let mut depth = 1;
                let mut word = String::new();
                for c in group.chars() {
                    match c {
                        '{' => depth += 1,
                        '}' => depth -= 1,
                        _ => {}
                    }
                    if depth == 1 && (c.is_alphanumeric() || c == '_') {
                        word.push(c);
                    } else if depth <= 1 && !word.is_empty() {
                        found.insert(std::mem::take(&mut word));
                    }
                    if depth == 0 {
                        break;
                    }
                }
            } else {
                found.insert(rest.chars().take_while(|&c| c.is_alphanumeric() || c == '_').collect());
            }
        }
    }
    found
}

fn faults() -> Vec<String> {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let Some(layer) = layer_of(&file) else { continue };
        let Some((_, may_use, _)) = LAYERS.iter().find(|(name, ..)| *name == layer) else {
            faults.push(format!("{file}: `{layer}` is in no row of the table"));
            continue;
        };
        let code = code_only(&text);
        let named = named_modules(&file, &code);
        for (other, _, owned) in LAYERS.iter().filter(|(name, ..)| *name != layer) {
            if !may_use.contains(other) && named.contains(*other) {
                faults.push(format!("{file}: `{layer}` may not name `crate::{other}`"));
            }
            for name in owned.iter().filter(|name| names_crate(&code, name)) {
                faults.push(format!("{file}: only `{other}` may name `{name}`"));
            }
        }
    }
    faults
}

#[test]
fn modules_name_only_what_their_layer_may_use() {
    let faults = faults();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_layers_form_no_circle() {
    for (position, (layer, may_use, _)) in LAYERS.iter().enumerate() {
        for other in *may_use {
            let at = LAYERS.iter().position(|(name, ..)| name == other).expect("every edge ends at a row");
            assert!(at < position, "`{layer}` names `{other}`, which stands below it");
        }
    }
}

#[test]
fn files_are_short_have_a_header_and_no_module_file_is_called_mod() {
    let mut faults = Vec::new();
    for (file, text) in sources() {
        let lines = text.lines().count();
        if lines > MAX_LINES {
            faults.push(format!("{file}: {lines} lines; {MAX_LINES} is the limit"));
        }
        if file.ends_with("/mod.rs") {
            faults.push(format!("{file}: use a file beside the folder instead of mod.rs"));
        }
        if !text.starts_with("//!") {
            faults.push(format!("{file}: the first line says what the file is for, after //!"));
        }
    }
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn the_walker_sees_what_it_should() {
    let code =
        code_only("use crate::{io, model::{Band, ui}}; // crate::store\nlet x = \"gdal::\"; crate::engine::f(); gdal::x();");
    let named = named_modules("src/cli/x.rs", &code);
    assert_eq!(named.into_iter().collect::<Vec<_>>(), ["engine", "io", "model"]);
    assert!(names_crate(&code, "gdal") && !names_crate(&code_only("\"gdal::\""), "gdal") && !names_crate("my_gdal::x", "gdal"));
    assert!(!names_crate("self.egui::x", "egui") && names_crate("use egui;", "egui"));
}
