//! The program: command line first, window when no verb is given.

use std::process::ExitCode;

use parcelight::cli::{self, Start};

fn main() -> ExitCode {
    match cli::start(std::env::args_os()) {
        Start::Done(code) => code,
        Start::Window { project, read_only } => window(project, read_only),
    }
}

#[cfg(feature = "gui")]
fn window(project: Option<std::path::PathBuf>, read_only: bool) -> ExitCode {
    match parcelight::ui::run(project, read_only) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::report(&error),
    }
}

#[cfg(not(feature = "gui"))]
fn window(_project: Option<std::path::PathBuf>, _read_only: bool) -> ExitCode {
    eprintln!("parcelight: this build has no window; `parcelight --help` lists what it can do without one");
    ExitCode::from(cli::WRONG_USAGE)
}
