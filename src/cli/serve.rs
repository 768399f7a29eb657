//! `parcelight serve`.

use std::io::{BufRead as _, IsTerminal as _};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::serve::{self, AccessLog, Options, users};

use super::args::{Inputs, Tables, parse_bytes};
use super::output::Run;
use super::{input, usage};

/// Serve a project through the JRC REST contract
///
/// One machine beside the imagery serves an office: JRC's own clients, scripts and other Parcelights ask it for parcels, peers, time
/// series and chips. /openapi.json describes every route. Without --users only this machine is served. Stops when interrupted, after
/// running requests are finished.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  parcelight serve --project season.parcelight.toml\n  parcelight serve --add-user anna --users users.toml\n  parcelight serve --project season.parcelight.toml --listen 0.0.0.0 --users users.toml --certificate chain.pem --key key.pem"
)]
pub struct Args {
    #[command(flatten)]
    inputs: Inputs,
    #[command(flatten)]
    tables: Tables,
    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", help_heading = "Server")]
    listen: IpAddr,
    /// Port; 0 takes a free one and says which
    #[arg(long, value_name = "PORT", default_value_t = 5000, help_heading = "Server")]
    port: u16,
    /// Name of the area [default: made of the project's name]; with --add-user the areas of a new user [default: all]
    #[arg(long, value_name = "NAME", help_heading = "Server")]
    aoi: Vec<String>,
    /// Year of the declarations [default: the year of most acquisitions]
    #[arg(long, value_name = "YEAR", help_heading = "Server")]
    year: Option<String>,
    /// CSV with weather: meteo_date, tmin, tmax, tmean, prec, and pid or lon and lat where it differs
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    weather: Option<PathBuf>,
    /// CSV with markers: pid, marker, marker_type, date_start, date_main, date_end, duration_days, value_1 to value_3, practice
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    markers: Option<PathBuf>,
    /// Space for chips that wait to be fetched, e.g. 2GiB
    #[arg(long, value_name = "BYTES", default_value = "2GiB", value_parser = parse_bytes, help_heading = "Server")]
    chips: u64,
    /// Write a line of JSON for each request to this file [default: standard error]
    #[arg(long, value_name = "FILE", help_heading = "Server")]
    access_log: Option<PathBuf>,
    /// Users file; everybody on this machine may ask without one
    #[arg(long, value_name = "FILE", help_heading = "Access")]
    users: Option<PathBuf>,
    /// Add a user to the users file, or change the password, and stop; the password is read from standard input
    #[arg(long, value_name = "NAME", requires = "users", conflicts_with_all = ["project", "parcels"], help_heading = "Access")]
    add_user: Option<String>,
    /// Certificate chain in PEM form: HTTPS is served
    #[arg(long, value_name = "FILE", requires = "key", help_heading = "Access")]
    certificate: Option<PathBuf>,
    /// Key of the certificate in PEM form
    #[arg(long, value_name = "FILE", requires = "certificate", help_heading = "Access")]
    key: Option<PathBuf>,
    /// Let passwords and data travel unencrypted beyond this machine
    #[arg(long, help_heading = "Access")]
    allow_plain_http: bool,
}

/// Runs the verb.
pub fn run(args: &Args, run: &Run) -> anyhow::Result<ExitCode> {
    if let (Some(name), Some(path)) = (&args.add_user, &args.users) {
        return add_user(name, path, &args.aoi, run);
    }
    if args.aoi.len() > 1 {
        return Err(usage("one project is one area; name --aoi once"));
    }
    let opened = input::open_with(&args.inputs, &args.tables, run)?;
    let access_log = match &args.access_log {
        Some(path) => AccessLog::File(path.clone()),
        None if run.general.quiet => AccessLog::Off,
        None => AccessLog::Stderr,
    };
    let options = Options {
        address: SocketAddr::new(args.listen, args.port),
        aoi: args.aoi.first().cloned(),
        year: args.year.clone(),
        users: args.users.clone(),
        certificate: args.certificate.clone().zip(args.key.clone()),
        allow_plain_http: args.allow_plain_http,
        access_log,
        weather: args.weather.clone(),
        markers: args.markers.clone(),
        chip_bytes: args.chips,
        ..Options::default()
    };
    let running = serve::start(&opened.project, &options)?;
    run.say(&format!(
        "serving {} at {} (aoi {}, year {}, {} parcels)",
        opened.project.file().name,
        running.url(),
        running.aoi(),
        running.year(),
        running.parcels()
    ));
    if args.users.is_none() {
        run.say("everybody on this machine may ask; --users FILE asks for passwords");
    }
    if !running.until_asked_to_stop() {
        run.say("stopped; some requests were not finished");
    }
    Ok(ExitCode::SUCCESS)
}

fn add_user(name: &str, path: &Path, aois: &[String], run: &Run) -> anyhow::Result<ExitCode> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        run.say("password (it is shown as you type):");
    }
    let mut password = String::new();
    stdin.lock().read_line(&mut password).context("cannot read the password from standard input")?;
    let everywhere = ["*".to_owned()];
    let aois = if aois.is_empty() { &everywhere } else { aois };
    users::add(path, name, password.trim_end_matches(['\r', '\n']), aois, &serve::salt()?)?;
    run.say(&format!("{name} is in {}", path.display()));
    Ok(ExitCode::SUCCESS)
}
