//! What people decided, in the words of the agency's form.

use crate::engine::review::Review;
use crate::model::evidence::{Expert, HistoryLine};
use crate::model::review::{Act, Decided, Entry, EntryId, Look, Opinion, ParcelReview, Pinned, ReviewForm};
use crate::model::units::iso_utc;

/// Expert verdicts that stand, one a user, by user.
pub fn experts(review: &ParcelReview, form: &ReviewForm) -> Vec<Expert> {
    review.opinions.iter().map(|(user, opinion)| expert(user, opinion, form)).collect()
}

fn expert(user: &str, opinion: &Opinion, form: &ReviewForm) -> Expert {
    let Decided { verdict, reasons, duration_ms, blind, .. } = &opinion.decided;
    Expert {
        user: user.to_owned(),
        look: look(verdict, form),
        verdict: word(verdict, form),
        reasons: reasons.iter().map(|code| reason(code, form)).collect(),
        note: opinion.note.clone(),
        time: iso_utc(opinion.time),
        blind: *blind,
        // What came from a file took a time that nobody knows.
        seconds: (*duration_ms > 0).then(|| *duration_ms as f64 / 1000.0),
    }
}

/// The final verdict.
pub fn resolved(review: &ParcelReview, form: &ReviewForm) -> Option<Expert> {
    let (user, time, own) = review.resolved.as_ref()?;
    Some(Expert {
        user: user.clone(),
        look: look(&own.verdict, form),
        verdict: word(&own.verdict, form),
        reasons: own.reasons.iter().map(|code| reason(code, form)).collect(),
        note: own.note.clone(),
        time: iso_utc(*time),
        blind: false,
        seconds: None,
    })
}

/// Everything that happened to a parcel, also what was taken back, oldest first.
pub fn history(review: &Review, own: &ParcelReview, form: &ReviewForm) -> Vec<HistoryLine> {
    let entries = own.entries.iter().filter_map(|&at| review.entries().get(at));
    let line =
        |entry: &Entry| HistoryLine { time: iso_utc(entry.time), user: entry.user.clone(), what: what(review, entry, form) };
    entries.map(line).collect()
}

fn what(review: &Review, entry: &Entry, form: &ReviewForm) -> String {
    let text = happened(review, &entry.act, form);
    let undone = !matches!(entry.act, Act::Undo { .. } | Act::Redo { .. }) && !review.counts(&entry.id);
    let clock = if entry.clock == entry.time {
        String::new()
    } else {
        // The clock was set back: what it said is told beside the time that keeps the order.
        format!(" (the clock said {})", iso_utc(entry.clock))
    };
    format!("{text}{}{clock}", if undone { " (taken back)" } else { "" })
}

fn happened(review: &Review, act: &Act, form: &ReviewForm) -> String {
    let named = |id: &EntryId| match review.entry(id) {
        Some(other) if !matches!(other.act, Act::Undo { .. } | Act::Redo { .. }) => happened(review, &other.act, form),
        _ => format!("entry {}", id.0),
    };
    match act {
        Act::Decide(own) => {
            let blind = if own.blind { ", blind" } else { "" };
            let reasons = reasons(&own.reasons, form);
            let seconds = own.duration_ms as f64 / 1000.0;
            let after = if own.duration_ms > 0 { format!(", after {seconds:.1} s") } else { String::new() };
            format!("decided: {}{reasons}{after}{blind}", word(&own.verdict, form))
        }
        Act::Clear => "took the verdict away".to_owned(),
        Act::Defer => "deferred".to_owned(),
        Act::Flag { reason } => format!("flagged: {reason}"),
        Act::Unflag => "removed the flag".to_owned(),
        Act::Note { text } if text.is_empty() => "removed the note".to_owned(),
        Act::Note { text } => format!("noted: {text}"),
        Act::Pin(own) => {
            let Pinned::Chip { acquired, sensor } = &own.what;
            format!("pinned the chip of {sensor} {}", iso_utc(*acquired))
        }
        Act::Unpin { entry } => format!("removed a pin: {}", named(entry)),
        Act::Attach(photo) => format!("attached the photo {}", photo.file),
        Act::Detach { entry } => format!("removed a photo: {}", named(entry)),
        Act::Resolve(own) => {
            let note = if own.note.is_empty() { String::new() } else { format!(": {}", own.note) };
            format!("final verdict: {}{}{note}", word(&own.verdict, form), reasons(&own.reasons, form))
        }
        Act::Undo { entry } => format!("took back: {}", named(entry)),
        Act::Redo { entry } => format!("brought back: {}", named(entry)),
    }
}

fn reasons(codes: &[String], form: &ReviewForm) -> String {
    let words: Vec<String> = codes.iter().map(|code| reason(code, form)).collect();
    if words.is_empty() { String::new() } else { format!(" ({})", words.join("; ")) }
}

/// Word of a verdict; its code where the form does not know it.
pub fn word(code: &str, form: &ReviewForm) -> String {
    form.verdict(code).map_or_else(|| format!("{code} (not in the form)"), |own| own.label.clone())
}

/// Words of a reason; its code where the form does not know it.
pub fn reason(code: &str, form: &ReviewForm) -> String {
    form.reason(code).map_or_else(|| format!("{code} (not in the form)"), |own| own.label.clone())
}

/// Look of a verdict. Of one that the form does not know nobody can tell whether it is good or bad.
pub fn look(code: &str, form: &ReviewForm) -> Look {
    form.verdict(code).map_or(Look::Inconclusive, |own| own.look)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::model::review::{Need, Reason, VerdictWord};

    fn form() -> ReviewForm {
        let verdict = VerdictWord {
            code: "no".to_owned(),
            label: "Non-compliant".to_owned(),
            look: Look::NonCompliant,
            reason: Need::Required,
        };
        let reason = Reason { code: "late".to_owned(), label: "too late".to_owned(), verdicts: Vec::new(), no_data: false };
        ReviewForm {
            version: "1.0".to_owned(),
            name: String::new(),
            verdicts: vec![verdict],
            reasons: vec![reason],
            flags: Vec::new(),
        }
    }

    fn entry(number: u64, act: Act) -> Entry {
        let time: Timestamp = format!("2019-06-01T10:00:{number:02}Z").parse().expect("a time");
        Entry {
            id: EntryId(format!("{number:032x}")),
            journal: "j".repeat(32),
            sequence: number,
            parcel: "P1".to_owned(),
            user: "ana".to_owned(),
            time,
            clock: time,
            version: "0.1.0".to_owned(),
            act,
        }
    }

    fn decided(verdict: &str) -> Act {
        Act::Decide(Box::new(Decided {
            verdict: verdict.to_owned(),
            reasons: vec!["late".to_owned()],
            duration_ms: 12_340,
            blind: true,
            automatic: None,
            seen: crate::model::review::Seen::default(),
        }))
    }

    #[test]
    fn the_history_tells_what_was_taken_back_and_what_stands() {
        let undo = Act::Undo { entry: EntryId(format!("{:032x}", 1)) };
        let review = Review::fold(&[entry(1, decided("no")), entry(2, undo), entry(3, decided("maybe"))]);
        let own = review.of("P1").expect("known");
        let told: Vec<String> = history(&review, own, &form()).into_iter().map(|line| line.what).collect();
        assert_eq!(
            told,
            [
                "decided: Non-compliant (too late), after 12.3 s, blind (taken back)",
                "took back: decided: Non-compliant (too late), after 12.3 s, blind",
                "decided: maybe (not in the form) (too late), after 12.3 s, blind",
            ]
        );
        let standing = experts(own, &form());
        assert_eq!((standing.len(), standing[0].verdict.as_str()), (1, "maybe (not in the form)"));
        assert_eq!(standing[0].look, Look::Inconclusive);
    }

    #[test]
    fn a_clock_that_was_set_back_is_told() {
        let mut late = entry(5, Act::Defer);
        late.clock = "2019-06-01T09:00:00Z".parse().expect("a time");
        let review = Review::fold(&[late]);
        let own = review.of("P1").expect("known");
        assert_eq!(history(&review, own, &form())[0].what, "deferred (the clock said 2019-06-01T09:00:00Z)");
    }
}
