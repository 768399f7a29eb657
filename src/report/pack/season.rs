//! The summary of a season as HTML and PDF.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{automatic, person, signed};
use crate::model::evidence::{AssessmentLine, CountLine, Rate, Season};
use crate::model::review::Look;
use crate::report::html::{Table, address, own, page, push};
use crate::report::sheet::ruleset_name;
use crate::report::sign::Sign;
use crate::report::typeset::{Job, Template, pdf as typeset};

/// Columns of the table of rates.
const RATES: [(&str, &str); 3] = [
    ("Agreement", "the automatic verdict is that of people"),
    ("Commission", "called non-compliant, and is not"),
    ("Omission", "is non-compliant, and is not called so"),
];

/// The summary as HTML.
pub fn season_html(season: &Season) -> String {
    let mut body = format!(
        "<p class=\"kind\">Season summary</p>\n<h1>{}</h1>\n<p class=\"summary\">{}</p>\n<dl class=\"facts\">\n",
        own(if season.project.is_empty() { "Project without name" } else { &season.project }),
        own(&lead(season))
    );
    for (name, value) in facts(season) {
        push(&mut body, &format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", own(&value)));
    }
    body.push_str("</dl>\n");
    body.push_str(&counts(season));
    body.push_str(&rates(season));
    body.push_str(&causes(season));
    body.push_str(&assessment(season));
    if !season.notes.is_empty() {
        let notes = season.notes.iter().map(|note| format!("<li>{}</li>\n", own(note))).collect::<Vec<_>>().concat();
        push(&mut body, &format!("<h2>Notes</h2>\n<ul>\n{notes}</ul>\n"));
    }
    push(&mut body, &format!("<footer>\n<p>{}</p>\n</footer>\n", own(&season.attribution)));
    page(&format!("Season summary: {}", season.project), &season.software, "", &body)
}

fn lead(season: &Season) -> String {
    let parcels = format!("{} parcel{}", season.parcels, if season.parcels == 1 { "" } else { "s" });
    if season.period.is_empty() { parcels } else { format!("{}, {parcels}", season.period) }
}

fn facts(season: &Season) -> Vec<(&'static str, String)> {
    let ruleset = ruleset_name(&season.ruleset.0, &season.ruleset.1);
    let ruleset = if ruleset.is_empty() { "none".to_owned() } else { ruleset };
    [("Ruleset", ruleset), ("Newest entry, UTC", season.newest.clone()), ("Software", season.software.clone())]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

fn number(count: Option<u64>) -> String {
    count.map_or_else(|| "–".to_owned(), |count| count.to_string())
}

fn count_sign(line: &CountLine) -> Sign {
    line.look.map_or(Sign::Dash, Sign::of_look)
}

fn counts(season: &Season) -> String {
    if season.counts.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("Verdict", ""), ("Automatic", "n"), ("Expert", "n"), ("Final", "n")]);
    for line in &season.counts {
        let cells = [signed(count_sign(line), &line.label), number(line.automatic), number(line.expert), number(line.resolved)];
        table.row("", &cells);
    }
    format!("<h2>Parcels by verdict</h2>\n{}", table.finish())
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// `92.3 %`, `36 of 39`, `79.7 to 97.3 %`; a share of nothing is unknown, not zero.
fn rate(rate: &Rate) -> [String; 3] {
    match rate.share() {
        Some(share) => [
            percent(share),
            format!("{} of {}", rate.hits, rate.of),
            format!("{:.1} to {:.1} %", rate.low * 100.0, rate.high * 100.0),
        ],
        None => ["unknown".to_owned(), "no cases".to_owned(), String::new()],
    }
}

fn rates(season: &Season) -> String {
    if season.rates.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("Group", ""), ("Parcels", "n"), (RATES[0].0, "n"), (RATES[1].0, "n"), (RATES[2].0, "n")]);
    for line in &season.rates {
        let cell = |of: &Rate| {
            let [share, cases, interval] = rate(of);
            format!("<b>{share}</b><br/>{cases}<br/>{interval}")
        };
        let cells =
            [own(&line.group), line.parcels.to_string(), cell(&line.agreement), cell(&line.commission), cell(&line.omission)];
        table.row("", &cells);
    }
    let meaning: Vec<String> = RATES.iter().map(|(name, what)| format!("{name}: {what}")).collect();
    format!(
        "<h2>Automatic verdict against people<small>{}</small></h2>\n{}<p class=\"soft\">{}.</p>\n",
        own(&season.intervals),
        table.finish(),
        meaning.join("; ")
    )
}

fn causes(season: &Season) -> String {
    if season.causes.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("Error", ""), ("Cause", ""), ("Parcels", "n"), ("Examples", "")]);
    for line in &season.causes {
        table.row("", &[own(&line.kind), own(&line.cause), line.parcels.to_string(), own(&line.examples.join(", "))]);
    }
    format!("<h2>Causes of error</h2>\n{}", table.finish())
}

fn assessment(season: &Season) -> String {
    if season.assessment.is_empty() {
        return String::new();
    }
    let holders = season.assessment.iter().any(|line| !line.holder.is_empty());
    let mut columns =
        vec![("Parcel", ""), ("Group", ""), ("Declared", ""), ("Automatic", ""), ("Expert", ""), ("Final", ""), ("Reasons", "")];
    if holders {
        columns.insert(2, ("Holder", ""));
    }
    let mut table = Table::new(&columns);
    for line in &season.assessment {
        let name = if line.sheet.is_empty() {
            own(&line.parcel)
        } else {
            format!("<a href=\"{}\">{}</a>", address(&line.sheet), own(&line.parcel))
        };
        let mut cells = vec![
            name,
            own(&line.group),
            own(&line.summary),
            automatic(line.automatic),
            person(line.expert.as_ref(), "not assessed"),
            person(line.resolved.as_ref(), "none given"),
            own(&line.reasons.join(", ")),
        ];
        if holders {
            cells.insert(2, own(&line.holder));
        }
        table.row("", &cells);
    }
    format!(
        "<h2>Parcels of the quality assessment<small>{}</small></h2>\n<p>{}</p>\n{}",
        season.assessment.len(),
        own(&season.sampling),
        table.finish()
    )
}

/// The summary as PDF.
pub fn season_pdf(season: &Season) -> Result<Vec<u8>, String> {
    let sign = |sign: Sign, word: &str| json!({ "sign": sign.name(), "word": word });
    let given = |given: &Option<(Look, String)>, none: &str| {
        given.as_ref().map_or_else(|| sign(Sign::Dash, none), |(look, word)| sign(Sign::of_look(*look), word))
    };
    let assessed = |line: &AssessmentLine| {
        let own = Sign::of_verdict(line.automatic);
        json!({
            "group": line.group, "parcel": line.parcel, "holder": line.holder, "summary": line.summary,
            "automatic": sign(own, own.verdict_word()), "expert": given(&line.expert, "not assessed"),
            "resolved": given(&line.resolved, "none given"), "reasons": line.reasons.join(", "),
        })
    };
    let ruleset = ruleset_name(&season.ruleset.0, &season.ruleset.1);
    let footer = [season.project.clone(), "season summary".to_owned(), season.software.clone(), ruleset];
    let counts: Vec<Value> = season
        .counts
        .iter()
        .map(|line| {
            let numbers = [number(line.automatic), number(line.expert), number(line.resolved)];
            json!({ "sign": count_sign(line).name(), "word": line.label, "numbers": numbers })
        })
        .collect();
    let rates: Vec<Value> = season
        .rates
        .iter()
        .map(|line| {
            let rates = [rate(&line.agreement), rate(&line.commission), rate(&line.omission)];
            json!({ "group": line.group, "parcels": line.parcels.to_string(), "rates": rates })
        })
        .collect();
    let causes: Vec<Value> = season
        .causes
        .iter()
        .map(|line| json!([line.kind, line.cause, line.parcels.to_string(), line.examples.join(", ")]))
        .collect();
    let data = json!({
        "title": format!("Season summary: {}", season.project),
        "author": if season.project.is_empty() { "Parcelight" } else { season.project.as_str() },
        "description": lead(season),
        "footer": footer.iter().filter(|part| !part.is_empty()).collect::<Vec<_>>(),
        "attribution": season.attribution,
        "kind": "Season summary",
        "project": season.project,
        "lead": lead(season),
        "facts": facts(season),
        "counts": counts,
        "intervals": season.intervals,
        "rates": rates,
        "rate-names": RATES.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "rate-meaning": RATES.iter().map(|(name, what)| format!("{name}: {what}")).collect::<Vec<_>>().join("; "),
        "causes": causes,
        "sampling": season.sampling,
        "holders": season.assessment.iter().any(|line| !line.holder.is_empty()),
        "assessment": season.assessment.iter().map(assessed).collect::<Vec<_>>(),
        "notes": season.notes,
    });
    let identity = format!("parcelight season {} {} {}", season.project, season.period, season.ruleset.1);
    let time = season.newest.parse::<Timestamp>().unwrap_or_default(); // No entry: the beginning of the calendar of computers.
    typeset(Job { template: Template::Season, data, files: Vec::new(), identity, time })
        .map_err(|why| format!("cannot set the summary of the season as PDF: {why}"))
}
