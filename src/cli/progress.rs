//! A progress line on standard error, only on a terminal.

use std::io::{IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::model::Watch;

use super::args::General;

/// How often the line is drawn again.
const PERIOD: Duration = Duration::from_millis(200);

/// True when somebody looks and has not asked for silence.
fn visible(general: &General) -> bool {
    !general.quiet && std::io::stderr().is_terminal()
}

/// Runs `work` while a line tells how far it is.
pub fn during<T>(general: &General, label: &str, watch: &Watch, work: impl FnOnce() -> T) -> T {
    if !visible(general) {
        return work();
    }
    let finished = AtomicBool::new(false);
    let started = Instant::now();
    std::thread::scope(|scope| {
        let line = scope.spawn(|| {
            while !finished.load(Ordering::Relaxed) {
                draw(&text(label, watch, started.elapsed()));
                std::thread::park_timeout(PERIOD);
            }
            draw("");
        });
        let result = work();
        finished.store(true, Ordering::Relaxed);
        line.thread().unpark();
        result
    })
}

fn text(label: &str, watch: &Watch, elapsed: Duration) -> String {
    let (done, total) = watch.progress();
    if total == 0 {
        return format!("{label} …");
    }
    let percent = 100 * done.min(total) / total;
    let left = if done > 0 && elapsed.as_secs() >= 3 {
        let seconds = elapsed.as_secs_f64() * total.saturating_sub(done) as f64 / done as f64;
        format!(", {} left", duration(seconds))
    } else {
        String::new()
    };
    format!("{label} {percent} %{left}")
}

/// A time for people, rounded up: `30 s`, `10 min`.
pub fn duration(seconds: f64) -> String {
    let seconds = seconds.ceil() as u64;
    if seconds < 90 { format!("{seconds} s") } else { format!("{} min", seconds.div_ceil(60)) }
}

fn draw(line: &str) {
    // A terminal that went away does not matter to the work.
    let mut stderr = std::io::stderr();
    drop(write!(stderr, "\r\u{1b}[2K{line}"));
    drop(stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_shows_percent_and_from_the_third_second_what_is_left() {
        let watch = Watch::default();
        assert_eq!(text("scan", &watch, Duration::ZERO), "scan …");
        watch.set_total(200);
        watch.advance(50);
        assert_eq!(text("scan", &watch, Duration::from_secs(1)), "scan 25 %");
        assert_eq!(text("scan", &watch, Duration::from_secs(10)), "scan 25 %, 30 s left");
        assert_eq!(duration(600.0), "10 min");
    }
}
