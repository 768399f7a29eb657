//! The first page of a pack: parcels with their verdicts, filters that need no script, and how to verify it.

use super::{automatic, person};
use crate::model::evidence::{Index, IndexLine};
use crate::report::html::{Table, address, escape, own, page, push};
use crate::report::sheet::ruleset_name;
use crate::report::sign::Sign;

const SIGNS: [Sign; 6] = [Sign::Check, Sign::Cross, Sign::Diamond, Sign::Circle, Sign::Frame, Sign::Dash];

/// The first page as HTML.
pub fn index_html(index: &Index) -> String {
    let mut style = String::from(
        ".pick{position:absolute;opacity:0;pointer-events:none}\
         .filters label{padding:2px 8px;border:1px solid var(--bd)}\n.filters b{min-width:90px}\n",
    );
    let mut inputs = String::new();
    let mut filters = String::new();
    let automatic_words = |sign: Sign| sign.verdict_word().to_owned();
    let people_words = |sign: Sign| people_word(index, sign);
    filter(
        &Filter { group: "a", name: "Automatic", index, sign: automatic_sign, word: &automatic_words },
        [&mut style, &mut inputs, &mut filters],
    );
    filter(
        &Filter { group: "p", name: "People", index, sign: people_sign, word: &people_words },
        [&mut style, &mut inputs, &mut filters],
    );
    let body = format!(
        "<p class=\"kind\">Evidence pack</p>\n<h1>{}</h1>\n<p class=\"summary\">{}</p>\n{}<h2>Parcels</h2>\n{inputs}{filters}{}{}{}",
        own(if index.project.is_empty() { "Project without name" } else { &index.project }),
        summary(index),
        facts(index),
        parcels(index),
        files(index),
        foot(index)
    );
    page(&format!("Evidence pack: {}", index.project), &index.software, &style, &body)
}

fn summary(index: &Index) -> String {
    let count = |what: usize, one: &str, many: &str| format!("{what} {}", if what == 1 { one } else { many });
    let people = index.parcels.iter().filter(|own| people_sign(own) != Sign::Dash).count();
    let flagged = index.parcels.iter().filter(|own| own.flagged).count();
    let disputed = index.parcels.iter().filter(|own| own.disputed).count();
    format!(
        "{}, {people} decided by people, {}, {}",
        count(index.parcels.len(), "parcel", "parcels"),
        count(flagged, "flag", "flags"),
        count(disputed, "disagreement", "disagreements")
    )
}

fn facts(index: &Index) -> String {
    let ruleset = ruleset_name(&index.ruleset.0, &index.ruleset.1);
    let facts = [
        ("Ruleset", if ruleset.is_empty() { "none" } else { &ruleset }),
        ("Newest entry, UTC", &index.newest),
        ("Software", &index.software),
        ("Holders", &index.holders),
    ];
    let facts = facts
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("<div><dt>{name}</dt><dd>{}</dd></div>\n", own(value)))
        .collect::<Vec<_>>()
        .concat();
    format!("<dl class=\"facts\">\n{facts}</dl>\n")
}

fn automatic_sign(line: &IndexLine) -> Sign {
    Sign::of_verdict(line.automatic)
}

/// The final verdict, else the latest of an expert.
fn people_sign(line: &IndexLine) -> Sign {
    line.resolved.as_ref().or(line.expert.as_ref()).map_or(Sign::Dash, |(look, _)| Sign::of_look(*look))
}

/// The agency's word for a sign: that of the first parcel which has it.
fn people_word(index: &Index, sign: Sign) -> String {
    let mut words = index.parcels.iter().filter_map(|line| line.resolved.as_ref().or(line.expert.as_ref()));
    let found = words.find(|(look, _)| Sign::of_look(*look) == sign);
    found.map_or_else(|| "not assessed".to_owned(), |(_, word)| word.clone())
}

/// A choice of one sign of a group.
struct Filter<'a> {
    group: &'a str,
    name: &'a str,
    index: &'a Index,
    sign: fn(&IndexLine) -> Sign,
    word: &'a dyn Fn(Sign) -> String,
}

/// Buttons that hide rows by the style sheet alone: hidden inputs before the table, labels that show which one is chosen.
fn filter(filter: &Filter, [style, inputs, filters]: [&mut String; 3]) {
    let Filter { group, name, index, sign, word } = filter;
    let mut labels = String::new();
    let mut one = |id: &str, shown: &str, count: usize, checked: &str| {
        push(
            inputs,
            &format!(
                "<input class=\"pick\" type=\"radio\" name=\"{group}\" id=\"{id}\"{checked} aria-label=\"{name}: {}\"/>\n",
                escape(&word_only(shown))
            ),
        );
        push(&mut labels, &format!("<label for=\"{id}\">{shown} {count}</label>\n"));
        push(
            style,
            &format!(
                "#{id}:checked~.filters label[for={id}]{{border-color:var(--ac);background:var(--bg2);font-weight:600}}\n\
             #{id}:focus-visible~.filters label[for={id}]{{outline:2px solid var(--ac);outline-offset:1px}}\n"
            ),
        );
    };
    one(&format!("{group}-all"), "all", index.parcels.len(), " checked=\"\"");
    for own_sign in SIGNS {
        let count = index.parcels.iter().filter(|line| sign(line) == own_sign).count();
        if count > 0 {
            let shown = format!("{}{}", own_sign.svg(), own(&word(own_sign)));
            one(&format!("{group}-{}", own_sign.name()), &shown, count, "");
        }
    }
    for own_sign in SIGNS {
        let class = format!("{group}-{}", own_sign.name());
        push(style, &format!("#{class}:checked~.scroll tbody tr:not(.{class}){{display:none}}\n"));
    }
    push(filters, &format!("<div class=\"filters\" role=\"group\" aria-label=\"{name}\"><b>{name}</b>\n{labels}</div>\n"));
}

/// The text after the last tag: the word of a sign.
fn word_only(shown: &str) -> String {
    let plain = shown.replace("<bdi>", "").replace("</bdi>", "");
    let text = plain.rsplit_once('>').map_or(plain.as_str(), |(_, text)| text);
    // It is escaped again as an attribute.
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

fn parcels(index: &Index) -> String {
    let mut table = Table::new(&[
        ("Parcel", ""),
        ("Declared", ""),
        ("Automatic", ""),
        ("Expert", ""),
        ("Final", ""),
        ("Remarks", ""),
        ("Sheets", ""),
    ]);
    for line in &index.parcels {
        let name = match line.sheets.first() {
            Some((_, path)) => format!("<a href=\"{}\">{}</a>", address(path), own(&line.parcel)),
            None => own(&line.parcel),
        };
        let remarks = [(line.flagged, "flagged"), (line.disputed, "reviewers disagree")];
        let remarks: Vec<&str> = remarks.iter().filter(|(holds, _)| *holds).map(|(_, word)| *word).collect();
        let sheets: Vec<String> =
            line.sheets.iter().map(|(form, path)| format!("<a href=\"{}\">{}</a>", address(path), own(form))).collect();
        let class = format!("a-{} p-{}", automatic_sign(line).name(), people_sign(line).name());
        let cells = [
            name,
            own(&line.summary),
            automatic(line.automatic),
            person(line.expert.as_ref(), "not assessed"),
            person(line.resolved.as_ref(), "none given"),
            remarks.join(", "),
            sheets.join(" "),
        ];
        table.row(&class, &cells);
    }
    table.finish()
}

fn files(index: &Index) -> String {
    if index.files.is_empty() {
        return String::new();
    }
    let mut table = Table::new(&[("File", ""), ("What it is", "")]);
    for (file, what) in &index.files {
        table.row("", &[format!("<a href=\"{}\">{}</a>", address(file), own(file)), own(what)]);
    }
    format!("<h2>Other files</h2>\n{}", table.finish())
}

fn foot(index: &Index) -> String {
    let verify = if index.verify.is_empty() {
        String::new()
    } else {
        format!(
            "<h2>How to verify this pack</h2>\n<p><code>manifest.json</code> names every file of the pack with its SHA-256, and the inputs \
             with theirs. Any tool that computes SHA-256 can compare them. <code>{}</code> computes everything again from the inputs and \
             says what differs; the same inputs give the same bytes.</p>\n",
            escape(&index.verify)
        )
    };
    let hash = if index.ruleset.1.is_empty() {
        String::new()
    } else {
        format!("<p>Content hash of the ruleset: <code>{}</code></p>\n", escape(&index.ruleset.1))
    };
    format!("{verify}<footer>\n{hash}<p>{}</p>\n</footer>\n", own(&index.attribution))
}
