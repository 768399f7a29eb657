//! Tests of rules: language, faults, inheritance, columns against single parcels.

use proptest::prelude::*;

use super::*;

const NAN: f32 = f32::NAN;

fn vocabulary() -> Vocabulary {
    let feature = |name: &str, unit: &str| (name.to_owned(), Kind::Feature(unit.to_owned()));
    Vocabulary::new([
        ("mowing".to_owned(), Kind::Marker),
        ("bare".to_owned(), Kind::Marker),
        feature("drop", ""),
        feature("gap", "days"),
        feature("clear", ""),
    ])
}

fn base(green: &str) -> RulesText {
    RulesText { base: GroupText { green: Some(green.to_owned()), ..GroupText::default() }, ..RulesText::default() }
}

fn compiled(green: &str) -> Rules {
    Rules::compile(&base(green), &vocabulary()).unwrap_or_else(|error| panic!("{green}: {error}"))
}

/// Verdict and margin of one parcel of the base: mowing, bare, drop, gap, clear.
fn judged(rules: &Rules, row: [f32; 5]) -> (Verdict, f32) {
    let columns = row.each_ref().map(std::slice::from_ref);
    let (verdicts, margins) = rules.verdicts(&columns, &[0]);
    (Verdict::from_class(verdicts[0]), margins[0])
}

#[test]
fn truths_propagate_as_kleene_says() {
    use Verdict::{Green, Red, Yellow};
    for (text, row, expected) in [
        ("mowing", [1.0, 0.0, 0.0, 0.0, 0.0], Green),
        ("mowing", [0.0, 0.0, 0.0, 0.0, 0.0], Red),
        ("mowing", [NAN, 0.0, 0.0, 0.0, 0.0], Yellow),
        ("not mowing", [NAN, 0.0, 0.0, 0.0, 0.0], Yellow),
        ("mowing or bare", [NAN, 1.0, 0.0, 0.0, 0.0], Green),
        ("mowing or bare", [NAN, 0.0, 0.0, 0.0, 0.0], Yellow),
        ("mowing and bare", [NAN, 0.0, 0.0, 0.0, 0.0], Red),
        ("mowing and bare", [NAN, 1.0, 0.0, 0.0, 0.0], Yellow),
        ("mowing and not bare or drop > 0.5", [1.0, 1.0, 0.6, 0.0, 0.0], Green),
        ("mowing and (not bare or drop > 0.5)", [0.0, 1.0, 0.6, 0.0, 0.0], Red),
        ("drop >= 0.15", [NAN, NAN, NAN, 0.0, 0.0], Yellow),
        ("drop >= 0.15 or drop < 0.15", [0.0, 0.0, NAN, 0.0, 0.0], Yellow),
        ("drop / 0 > 1", [0.0, 0.0, 0.0, 0.0, 0.0], Yellow),
    ] {
        assert_eq!(judged(&compiled(text), row).0, expected, "{text} {row:?}");
    }
}

#[test]
fn margins_are_signed_distances_to_the_limit() {
    for (text, drop, verdict, margin) in [
        ("drop >= 0.5", 0.75, Verdict::Green, 0.25),
        ("drop >= 0.5", 0.5, Verdict::Green, 0.0),
        ("drop > 0.5", 0.5, Verdict::Red, 0.0),
        ("drop <= 0.5", 0.75, Verdict::Red, -0.25),
        ("0.5 <= drop", 0.75, Verdict::Green, 0.25),
        ("not drop < 0.5", 0.75, Verdict::Green, 0.25),
        ("drop * 2 - 1 >= 0.25 + 0.25", 0.875, Verdict::Green, 0.25),
        ("-drop < -0.5", 0.75, Verdict::Green, 0.25),
        ("drop == 0.5", 0.75, Verdict::Red, -0.25),
        ("drop != 0.5", 0.75, Verdict::Green, 0.25),
        ("drop >= 0.5 ~ 0.125", 0.5625, Verdict::Yellow, 0.0625),
        ("drop >= 0.5 ~ 0.125", 0.625, Verdict::Green, 0.125),
        ("drop >= 0.5 ~ 0.125", 0.25, Verdict::Red, -0.25),
    ] {
        let found = judged(&compiled(text), [0.0, 0.0, drop, 0.0, 0.0]);
        assert_eq!(found, (verdict, margin), "{text} of {drop}");
    }
}

#[test]
fn the_deciding_comparison_is_the_tightest_that_holds_or_the_one_that_fails_most() {
    let both = compiled("drop >= 0.1 and gap <= 20 days");
    assert_eq!(judged(&both, [0.0, 0.0, 0.11, 5.0, 0.0]).1, 0.11 - 0.1);
    assert_eq!(judged(&both, [0.0, 0.0, 0.5, 19.0, 0.0]), (Verdict::Green, 1.0));
    assert_eq!(judged(&both, [0.0, 0.0, 0.09, 60.0, 0.0]), (Verdict::Red, -40.0));
    let either = compiled("drop >= 0.1 or gap <= 20");
    assert_eq!(judged(&either, [0.0, 0.0, 0.09, 60.0, 0.0]).1, 0.09 - 0.1);
}

#[test]
fn faults_have_a_line_and_a_column() {
    for (text, line, column, part) in [
        ("", 1, 1, "expected a name"),
        ("drop", 1, 1, "compare it"),
        ("mowing and", 1, 11, "expected a name"),
        ("mowing and\n  colour", 2, 3, "there is no `colour`; known are: bare, clear, drop, gap, mowing"),
        ("(mowing", 1, 8, "expected `)`"),
        ("mowing)", 1, 7, "expected `and`"),
        ("mowing > 1", 1, 1, "truth stands where a number"),
        ("drop and mowing", 1, 1, "number stands where a truth"),
        ("gap > 3 ha", 1, 7, "`days` and `ha`"),
        ("drop > gap", 1, 8, "no unit and `days`"),
        ("gap > 3 days ~ 1 ha", 1, 16, "units do not agree"),
        ("drop == 1 ~ 0.1", 1, 13, "belongs to"),
        ("0 < drop < 1", 1, 10, "between two comparisons"),
        ("drop > 1.2.3", 1, 8, "is no number"),
        ("drop > 1e99", 1, 8, "is no number"),
        ("drop & gap", 1, 6, "cannot be used"),
        ("mowing or\n\té", 2, 2, "there is no `é`"),
        ("é and system(1)", 1, 13, "expected `and`"),
        ("mowing and system(1)", 1, 18, "expected `and`"),
    ] {
        let error = Rules::compile(&base(text), &vocabulary()).expect_err(text);
        assert_eq!(error.place, Some(Place { line, column }), "{text}: {error}");
        assert!(error.message.contains(part), "{text}: {error}");
    }
}

#[test]
fn ten_megabytes_of_brackets_are_refused_at_once() {
    for text in ["(".repeat(10_000_000), "not ".repeat(3_000_000), "é".repeat(5_000_000)] {
        let error = Rules::compile(&base(&text), &vocabulary()).expect_err("too long");
        assert!(error.message.contains("4096 is the limit"), "{error}");
        assert_eq!(error.place.map(|place| place.line), Some(1));
    }
    for text in [format!("{}mowing{}", "(".repeat(200), ")".repeat(200)), "not ".repeat(200), format!("{}1 > 0", "-".repeat(200))]
    {
        let error = Rules::compile(&base(&text), &vocabulary()).expect_err("too deep");
        assert!(error.message.contains("inside each other"), "{error}");
    }
    let chain = format!("{}1 > 0", "1+".repeat(600));
    assert!(Rules::compile(&base(&chain), &vocabulary()).is_err());
    let chain = format!("mowing{}", " or bare".repeat(500));
    assert_eq!(judged(&compiled(&chain), [1.0, 0.0, 0.0, 0.0, 0.0]).0, Verdict::Green);
}

const FILE: &str = r#"
[base]
green = "mowing and drop >= min_drop"
window = "15 May to 30 September"
minimum = { count = "clear", at_least = 4.0 }
numbers = { min_drop = 0.15, other = 1.0 }

[groups.grass]
crops = ["60", "61"]
numbers = { min_drop = 0.25 }

[groups.alpine]
inherits = "grass"
crops = ["62"]
minimum = { count = "clear", at_least = 2.0 }

[groups.water]
crops = ["99"]
red = "bare"
green = "not mowing"
"#;

fn file() -> RulesText {
    toml::from_str(FILE).expect("the rules can be read")
}

#[test]
fn groups_inherit_and_override_single_things() {
    let rules = Rules::compile(&file(), &vocabulary()).expect("compiles");
    assert_eq!(rules.groups().collect::<Vec<_>>(), ["", "alpine", "grass", "water"]);
    assert_eq!(["60", "62", "99", "1"].map(|crop| rules.group_of(crop)), [2, 1, 3, 0]);
    // The first three differ in numbers only and share a program.
    assert_eq!(rules.shapes.len(), 2);
    let row = |clear: f32| [1.0, 0.0, 0.2, 0.0, clear];
    let ask = |group, clear| rules.explain(&row(clear), group).expect("a group");
    assert_eq!(
        ask(0, 5.0).to_string(),
        "Green: drop is 0.2, as required >= min_drop = 0.15 (margin 0.05), 15 May to 30 September, 5 clear observations."
    );
    assert_eq!(
        ask(2, 5.0).to_string(),
        "Red: drop is 0.2, against the required >= min_drop = 0.25 (margin -0.05), 15 May to 30 September, 5 clear observations."
    );
    assert_eq!(ask(2, 3.0).to_string(), "Yellow: 3 clear observations, 4 are needed, 15 May to 30 September.");
    assert_eq!(ask(1, 3.0).verdict, Verdict::Red);
    assert_eq!(ask(0, NAN).verdict, Verdict::Yellow);
    assert_eq!(rules.explain(&row(5.0), 9), None);
}

#[test]
fn red_is_tested_first_and_green_needs_red_to_be_ruled_out() {
    let rules = Rules::compile(&file(), &vocabulary()).expect("compiles");
    let group = rules.group_of("99");
    for (mowing, bare, verdict, sentence) in [
        (0.0, 0.0, Verdict::Green, "mowing is no"),
        (0.0, 1.0, Verdict::Red, "bare is yes"),
        (0.0, NAN, Verdict::Yellow, "bare is unknown"),
        (1.0, 0.0, Verdict::Yellow, "mowing is yes"),
        (NAN, 1.0, Verdict::Red, "bare is yes"),
        (NAN, NAN, Verdict::Yellow, "mowing is unknown"),
    ] {
        let row = [mowing, bare, 0.0, 0.0, 9.0];
        let found = rules.explain(&row, group).expect("a group");
        assert_eq!(found.verdict, verdict, "{row:?}");
        assert!(found.to_string().contains(sentence), "{found}");
    }
}

#[test]
fn faults_of_groups_name_the_group_and_the_field() {
    let check = |change: &dyn Fn(&mut RulesText), group: &str, field: &str, part: &str| {
        let mut text = file();
        change(&mut text);
        let error = Rules::compile(&text, &vocabulary()).expect_err(part);
        assert!(error.group == group && error.field == field && error.message.contains(part), "{error}");
    };
    let group = |text: &mut RulesText, name: &str, change: &dyn Fn(&mut GroupText)| {
        change(text.groups.get_mut(name).expect("a group of the file"));
    };
    check(
        &|text| group(text, "grass", &|group| group.inherits = Some("alpine".to_owned())),
        "alpine",
        "inherits",
        "inherits from itself",
    );
    check(&|text| group(text, "grass", &|group| group.inherits = Some("sea".to_owned())), "grass", "inherits", "no group `sea`");
    check(&|text| group(text, "water", &|group| group.crops.push("60".to_owned())), "water", "crops", "in two groups");
    check(&|text| group(text, "water", &|group| group.red = Some("bare and\n deep".to_owned())), "water", "red", "no `deep`");
    check(&|text| text.base.green = None, "", "green", "no rule");
    check(&|text| text.base.inherits = Some("grass".to_owned()), "", "inherits", "cannot inherit");
    check(&|text| text.base.numbers.extend([("drop".to_owned(), 1.0)]), "", "numbers", "name of a marker or a feature");
    check(&|text| text.base.numbers.extend([("other".to_owned(), f64::NAN)]), "", "numbers", "not a finite number");
    let count = |count: &str, at_least| Some(Minimum { count: count.to_owned(), at_least });
    check(&|text| text.base.minimum = count("mowing", 1.0), "", "minimum", "is a marker");
    check(&|text| text.base.minimum = count("clouds", 1.0), "", "minimum", "no feature");
    check(&|text| text.base.minimum = count("clear", f64::NAN), "", "minimum", "finite");
    assert!(toml::from_str::<RulesText>("[base]\ngren = 'x'").is_err());
    let mut text = file();
    text.base.green = Some("mowing and\n deep".to_owned());
    let error = Rules::compile(&text, &vocabulary()).expect_err("unknown name");
    assert!(error.to_string().starts_with("base.green, line 2, column 2: there is no `deep`"), "{error}");
}

fn cell() -> BoxedStrategy<f32> {
    prop_oneof![4 => -1.0_f32..2.0, 1 => Just(0.15_f32), 1 => Just(0.0_f32), 1 => Just(1.0_f32), 2 => Just(f32::NAN)].boxed()
}

/// Bits, so that NaN equals NaN.
fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| if value.is_nan() { 0 } else { (value + 0.0).to_bits() }).collect()
}

fn mixed() -> Rules {
    let mut text = file();
    let rule = "(mowing or drop > other * 0.5 ~ 0.05) and not (bare and gap >= 0.3 days)";
    text.groups.insert("mixed".to_owned(), GroupText { green: Some(rule.to_owned()), ..GroupText::default() });
    Rules::compile(&text, &vocabulary()).expect("compiles")
}

proptest! {
    #[test]
    fn columns_single_parcels_and_any_cut_of_the_rows_agree(
        rows in prop::collection::vec(([cell(), cell(), cell(), cell(), cell()], 0_u16..5), 0..700),
        cut in 0.0..1.0,
    ) {
        let rules = mixed();
        let groups: Vec<u16> = rows.iter().map(|row| row.1).collect();
        let columns: Vec<Vec<f32>> = (0..5).map(|column| rows.iter().map(|row| row.0[column]).collect()).collect();
        let all: Vec<&[f32]> = columns.iter().map(Vec::as_slice).collect();
        let (verdicts, margins) = rules.verdicts(&all, &groups);
        for (at, (row, group)) in rows.iter().enumerate() {
            let one = rules.explain(row, *group).expect("a group");
            prop_assert_eq!(one.verdict as u8, verdicts[at], "{:?} {}", row, one);
            prop_assert_eq!(bits(&[one.margin]), bits(&margins[at..=at]), "{:?} {}", row, one);
        }
        let cut = (rows.len() as f64 * cut) as usize;
        let mut parts = (Vec::new(), Vec::new());
        for part in [0..cut, cut..rows.len()] {
            let slices: Vec<&[f32]> = columns.iter().map(|column| &column[part.clone()]).collect();
            let (verdicts, margins) = rules.verdicts(&slices, &groups[part]);
            parts.0.extend(verdicts);
            parts.1.extend(margins);
        }
        prop_assert_eq!(&parts.0, &verdicts);
        prop_assert_eq!(bits(&parts.1), bits(&margins));
    }

    #[test]
    fn missing_values_alone_are_yellow_and_knowing_more_never_turns_green_into_red(
        row in [cell(), cell(), cell(), cell(), Just(5.0_f32).boxed()],
    ) {
        let rules = mixed();
        for group in 0..5 {
            prop_assert_eq!(rules.explain(&[NAN; 5], group).expect("a group").verdict, Verdict::Yellow);
            let known = rules.explain(&row, group).expect("a group").verdict;
            for hidden in 0..4 {
                let mut less = row;
                less[hidden] = NAN;
                let verdict = rules.explain(&less, group).expect("a group").verdict;
                prop_assert!(verdict == known || verdict == Verdict::Yellow, "{:?} {:?}", row, less);
            }
        }
    }

    #[test]
    fn no_text_makes_the_compiler_stumble(text in "[a-z0-9 ()<>=~+*/.\\-\n]{0,60}") {
        if let Err(error) = Rules::compile(&base(&text), &vocabulary()) {
            prop_assert!(error.place.is_some() && !error.message.is_empty());
        }
    }

    #[test]
    fn scale_and_offset_of_a_feature_scale_its_margin(drop in -1.0_f32..1.0, exponent in -3_i32..4) {
        let scale = 2.0_f32.powi(exponent);
        let plain = judged(&compiled("drop >= 0.25"), [0.0, 0.0, drop, 0.0, 0.0]);
        let scaled = judged(&compiled(&format!("drop >= {}", 0.25 * scale)), [0.0, 0.0, drop * scale, 0.0, 0.0]);
        prop_assert_eq!((plain.0, plain.1 * scale), scaled);
    }
}
