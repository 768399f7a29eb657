//! Text to programs: names, units, inheritance of groups.

use std::collections::{BTreeMap, BTreeSet};

use super::error::{Fault, RuleError};
use super::explain::Ground;
use super::lexer::Compare;
use super::parser::{Calculate, Form, Node, parse};
use super::program::{LANES, NO, Op, Rows, Scratch, UNKNOWN, YES, run};
use super::{GroupText, Kind, Minimum, RulesText, Verdict, Vocabulary};

/// Programs that groups share when they differ in numbers only.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    pub(super) green: Vec<Op>,
    pub(super) red: Option<Vec<Op>>,
    /// Column of the minimum data.
    pub(super) count: Option<u16>,
    /// Names of the numbers, by slot.
    slots: Vec<String>,
    /// What can decide, by ground.
    pub(super) grounds: Vec<Ground>,
}

/// A group of crops.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    name: String,
    pub(super) shape: usize,
    /// By slot of the shape.
    pub(super) numbers: Vec<f32>,
    pub(super) at_least: f32,
    pub(super) window: Option<String>,
}

/// Checked rules, ready to run. Made by [`Rules::compile`].
#[derive(Debug, Clone, PartialEq)]
pub struct Rules {
    pub(super) shapes: Vec<Shape>,
    /// The base first, then the groups by name.
    pub(super) groups: Vec<Group>,
    crops: BTreeMap<String, u16>,
    columns: usize,
}

impl Rules {
    /// Checks rules and makes them ready for columns of this vocabulary.
    ///
    /// Refused with the group, the field, the line and the column: texts that are too long or too deep, unknown names, truths where
    /// numbers are needed and the other way round, units that do not agree, a tolerance behind `==`, circles of inheritance, a crop
    /// in two groups, numbers that are not finite.
    ///
    /// * **Cost:** linear in the texts.
    pub fn compile(text: &RulesText, vocabulary: &Vocabulary) -> Result<Self, RuleError> {
        debug_assert!(u16::try_from(vocabulary.len()).is_ok(), "columns are counted in sixteen bits");
        let mut rules = Self { shapes: Vec::new(), groups: Vec::new(), crops: BTreeMap::new(), columns: vocabulary.len() };
        rules.add("", text, vocabulary)?;
        for name in text.groups.keys() {
            rules.add(name, text, vocabulary)?;
        }
        Ok(rules)
    }

    fn add(&mut self, name: &str, text: &RulesText, vocabulary: &Vocabulary) -> Result<(), RuleError> {
        let whole = |field, message: String| RuleError { group: name.to_owned(), field, place: None, message };
        let chain = lineage(name, text)?;
        let index = u16::try_from(self.groups.len()).map_err(|error| whole("crops", error.to_string()))?;
        for crop in chain.first().map_or(&[][..], |(_, own)| own.crops.as_slice()) {
            if self.crops.insert(crop.clone(), index).is_some() {
                return Err(whole("crops", format!("crop `{crop}` stands in two groups")));
            }
        }
        let mut numbers = BTreeMap::new();
        for (origin, group) in chain.iter().rev() {
            for (number, &value) in &group.numbers {
                let fault = if vocabulary.find(number).is_some() {
                    Some(format!("`{number}` is the name of a marker or a feature"))
                } else {
                    (!(value as f32).is_finite()).then(|| format!("`{number}` is not a finite number"))
                };
                if let Some(message) = fault {
                    return Err(RuleError { group: (*origin).to_owned(), field: "numbers", place: None, message });
                }
                numbers.insert(number.as_str(), value as f32);
            }
        }
        let mut compiler = Compiler { vocabulary, numbers: &numbers, slots: Vec::new(), grounds: Vec::new() };
        let Some((origin, green)) = chain.iter().find_map(|(origin, group)| Some((*origin, group.green.as_deref()?))) else {
            return Err(whole("green", "there is no rule here nor in what is inherited".to_owned()));
        };
        let green = compiler.program(green).map_err(|fault| fault.at(origin, "green", green))?;
        let red = chain.iter().find_map(|(origin, group)| Some((*origin, group.red.as_deref()?)));
        let red = match red {
            Some((origin, red)) => Some(compiler.program(red).map_err(|fault| fault.at(origin, "red", red))?),
            None => None,
        };
        let minimum = chain.iter().find_map(|(_, group)| group.minimum.as_ref());
        let count =
            minimum.map(|minimum| count_column(minimum, vocabulary)).transpose().map_err(|message| whole("minimum", message))?;
        let Compiler { slots, grounds, .. } = compiler;
        let values = slots.iter().map(|slot| numbers.get(slot.as_str()).copied().unwrap_or(f32::NAN)).collect();
        let shape = Shape { green, red, count, slots, grounds };
        let known = self.shapes.iter().position(|other| *other == shape);
        let shape = known.unwrap_or_else(|| {
            self.shapes.push(shape);
            self.shapes.len() - 1
        });
        let window = chain.iter().find_map(|(_, group)| group.window.clone());
        let at_least = minimum.map_or(0.0, |minimum| minimum.at_least as f32);
        self.groups.push(Group { name: name.to_owned(), shape, numbers: values, at_least, window });
        Ok(())
    }

    /// Number of the group of a crop, for the column of groups; 0, the base, for crops of no group.
    pub fn group_of(&self, crop: &str) -> u16 {
        self.crops.get(crop).copied().unwrap_or(0)
    }

    /// Names of the groups by number; the base has none.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().map(|group| group.name.as_str())
    }

    /// Verdicts and margins of all rows.
    ///
    /// `columns` are those of the vocabulary, all of one length; `groups` holds the group of each row. A verdict is a
    /// [`Verdict`] as a byte. A margin is the signed distance of the deciding comparison in the unit of its value, positive on
    /// the green side.
    ///
    /// * **NaN:** missing values are unknown. A margin is `NaN` where a marker decided, where data are too few, where the deciding
    ///   value is missing, and for a group that does not exist.
    /// * **Cost:** one pass in blocks of rows; nothing is allocated for a row. Rows do not depend on each other, so slices of the
    ///   same columns may be evaluated side by side.
    pub fn evaluate(&self, columns: &[&[f32]], groups: &[u16], verdicts: &mut [u8], margins: &mut [f32]) {
        debug_assert_eq!(columns.len(), self.columns, "a column for each name of the vocabulary");
        debug_assert!(columns.iter().all(|column| column.len() == groups.len()), "columns are as long as the groups");
        debug_assert!(verdicts.len() == groups.len() && margins.len() == groups.len(), "a place for each row");
        let mut scratch = Scratch::new();
        let mut present = vec![false; self.shapes.len()];
        for (block, groups) in groups.chunks(LANES).enumerate() {
            let first = block * LANES;
            let rows = first..first + groups.len();
            let (verdicts, margins) = (&mut verdicts[rows.clone()], &mut margins[rows]);
            verdicts.fill(Verdict::Yellow as u8);
            margins.fill(f32::NAN);
            present.fill(false);
            for &group in groups {
                debug_assert!(usize::from(group) < self.groups.len(), "groups are those of these rules");
                if let Some(group) = self.groups.get(usize::from(group)) {
                    present[group.shape] = true;
                }
            }
            for shape in (0..self.shapes.len()).filter(|&shape| present[shape]) {
                self.block(shape, columns, first, groups, (&mut *verdicts, &mut *margins), &mut scratch);
            }
        }
    }

    /// [`Rules::evaluate`] into new columns.
    pub fn verdicts(&self, columns: &[&[f32]], groups: &[u16]) -> (Vec<u8>, Vec<f32>) {
        let mut verdicts = vec![0; groups.len()];
        let mut margins = vec![0.0; groups.len()];
        self.evaluate(columns, groups, &mut verdicts, &mut margins);
        (verdicts, margins)
    }

    /// One block of rows for the groups of one shape.
    fn block(
        &self,
        shape_at: usize,
        columns: &[&[f32]],
        first: usize,
        groups: &[u16],
        (verdicts, margins): (&mut [u8], &mut [f32]),
        scratch: &mut Scratch,
    ) {
        let shape = &self.shapes[shape_at];
        let member = |lane: usize| self.groups.get(usize::from(groups[lane])).filter(|group| group.shape == shape_at);
        let slot = |slot: u16, lane: usize| member(lane).map_or(f32::NAN, |group| group.numbers[usize::from(slot)]);
        let rows = Rows { columns, first, count: groups.len(), slot: &slot };
        let green = run(&shape.green, &rows, scratch);
        for lane in (0..groups.len()).filter(|&lane| member(lane).is_some()) {
            verdicts[lane] = YES - green.truth[lane];
            margins[lane] = green.margin[lane];
        }
        if let Some(red) = &shape.red {
            let red = run(red, &rows, scratch);
            for lane in (0..groups.len()).filter(|&lane| member(lane).is_some()) {
                let (verdict, by_red) = decide(YES - verdicts[lane], Some(red.truth[lane]));
                verdicts[lane] = verdict as u8;
                margins[lane] = if by_red { -red.margin[lane] } else { margins[lane] };
            }
        }
        if let Some(count) = shape.count {
            let count = &columns[usize::from(count)][first..first + groups.len()];
            for (lane, &count) in count.iter().enumerate() {
                // NaN is too few as well.
                let enough = member(lane).is_none_or(|group| count >= group.at_least);
                if !enough {
                    verdicts[lane] = Verdict::Yellow as u8;
                    margins[lane] = f32::NAN;
                }
            }
        }
    }
}

/// The verdict of the truths of both rules, and whether the red one decided.
///
/// Red is tested first. Green stands while red is known not to be; what is neither is yellow. Without a red rule red is not green.
pub(super) fn decide(green: u8, red: Option<u8>) -> (Verdict, bool) {
    match (green, red) {
        (_, Some(YES)) => (Verdict::Red, true),
        (YES, Some(UNKNOWN)) => (Verdict::Yellow, true),
        (YES, _) => (Verdict::Green, false),
        (NO, None) => (Verdict::Red, false),
        _ => (Verdict::Yellow, false),
    }
}

/// The group and those that it inherits from, nearest first, the base last, with their names.
fn lineage<'a>(name: &'a str, text: &'a RulesText) -> Result<Vec<(&'a str, &'a GroupText)>, RuleError> {
    let mut chain = Vec::new();
    let mut seen = BTreeSet::new();
    let mut current = name;
    while !current.is_empty() {
        let fault = |group: &str, message| RuleError { group: group.to_owned(), field: "inherits", place: None, message };
        let Some(group) = text.groups.get(current) else {
            let from = chain.last().map_or("", |(from, _): &(&str, &GroupText)| *from);
            return Err(fault(from, format!("there is no group `{current}`")));
        };
        if !seen.insert(current) {
            return Err(fault(name, format!("`{current}` inherits from itself")));
        }
        chain.push((current, group));
        current = group.inherits.as_deref().unwrap_or("");
    }
    if name.is_empty() && text.base.inherits.is_some() {
        let message = "the base cannot inherit".to_owned();
        return Err(RuleError { group: String::new(), field: "inherits", place: None, message });
    }
    chain.push(("", &text.base));
    Ok(chain)
}

fn count_column(minimum: &Minimum, vocabulary: &Vocabulary) -> Result<u16, String> {
    if !(minimum.at_least as f32).is_finite() {
        return Err("`at_least` is not a finite number".to_owned());
    }
    match vocabulary.find(&minimum.count) {
        Some((column, Kind::Feature(_))) => Ok(column as u16),
        Some((_, Kind::Marker)) => Err(format!("`{}` is a marker; a count is needed", minimum.count)),
        None => Err(format!("there is no feature `{}`", minimum.count)),
    }
}

/// What a part of a rule gives.
enum Type {
    Truth,
    /// In a unit; nothing fits every unit.
    Number(Option<String>),
}

struct Compiler<'a> {
    vocabulary: &'a Vocabulary,
    numbers: &'a BTreeMap<&'a str, f32>,
    slots: Vec<String>,
    grounds: Vec<Ground>,
}

impl Compiler<'_> {
    fn program(&mut self, text: &str) -> Result<Vec<Op>, Fault> {
        let node = parse(text)?;
        let mut ops = Vec::new();
        self.truth(&node, &mut ops)?;
        Ok(ops)
    }

    fn truth(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<(), Fault> {
        match self.part(node, ops)? {
            Type::Truth => Ok(()),
            Type::Number(_) => Err(Fault::new(node.byte, "a number stands where a truth is needed; compare it")),
        }
    }

    fn number(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<Option<String>, Fault> {
        match self.part(node, ops)? {
            Type::Number(unit) => Ok(unit),
            Type::Truth => Err(Fault::new(node.byte, "a truth stands where a number is needed")),
        }
    }

    fn part(&mut self, node: &Node, ops: &mut Vec<Op>) -> Result<Type, Fault> {
        match &node.form {
            Form::Or(left, right) | Form::And(left, right) => {
                self.truth(left, ops)?;
                self.truth(right, ops)?;
                ops.push(if matches!(node.form, Form::Or(..)) { Op::Or } else { Op::And });
                Ok(Type::Truth)
            }
            Form::Not(inner) => {
                self.truth(inner, ops)?;
                ops.push(Op::Not);
                Ok(Type::Truth)
            }
            Form::Compare(compare, left, right, tolerance) => {
                self.comparison(*compare, [left, right], tolerance.as_deref(), ops)?;
                Ok(Type::Truth)
            }
            Form::Calculate(calculate, left, right) => {
                let units = [self.number(left, ops)?, self.number(right, ops)?];
                ops.push(match calculate {
                    Calculate::Add => Op::Add,
                    Calculate::Subtract => Op::Subtract,
                    Calculate::Multiply => Op::Multiply,
                    Calculate::Divide => Op::Divide,
                });
                let sum = matches!(calculate, Calculate::Add | Calculate::Subtract);
                Ok(Type::Number(if sum { agreed(units, right.byte)? } else { None }))
            }
            Form::Minus(inner) => {
                let unit = self.number(inner, ops)?;
                ops.push(Op::Negate);
                Ok(Type::Number(unit))
            }
            Form::Number(value, unit) => {
                ops.push(Op::Constant(*value));
                Ok(Type::Number((!unit.is_empty()).then(|| unit.clone())))
            }
            Form::Name(name) => self.name(name, node.byte, ops),
        }
    }

    fn name(&mut self, name: &str, byte: usize, ops: &mut Vec<Op>) -> Result<Type, Fault> {
        match self.vocabulary.find(name) {
            Some((column, Kind::Feature(unit))) => {
                ops.push(Op::Column(column as u16));
                Ok(Type::Number(Some(unit.clone())))
            }
            Some((column, Kind::Marker)) => {
                let ground = self.ground(Ground::Marker { name: name.to_owned() });
                ops.push(Op::Marker { column: column as u16, ground });
                Ok(Type::Truth)
            }
            None if self.numbers.contains_key(name) => {
                let known = self.slots.iter().position(|slot| slot == name);
                let slot = known.unwrap_or_else(|| {
                    self.slots.push(name.to_owned());
                    self.slots.len() - 1
                });
                ops.push(Op::Slot(slot as u16));
                Ok(Type::Number(None))
            }
            None => {
                let known =
                    self.vocabulary.sorted().into_iter().chain(self.numbers.keys().copied()).collect::<Vec<_>>().join(", ");
                Err(Fault::new(byte, format!("there is no `{name}`; known are: {known}")))
            }
        }
    }

    fn ground(&mut self, ground: Ground) -> u16 {
        self.grounds.push(ground);
        (self.grounds.len() - 1) as u16
    }

    /// The side without features is the limit; it stands on the right of the program.
    fn comparison(
        &mut self,
        compare: Compare,
        [left, right]: [&Node; 2],
        tolerance: Option<&Node>,
        ops: &mut Vec<Op>,
    ) -> Result<(), Fault> {
        let (mut left_ops, mut right_ops) = (Vec::new(), Vec::new());
        let units = [self.number(left, &mut left_ops)?, self.number(right, &mut right_ops)?];
        let mut unit = agreed(units, right.byte)?;
        let measured = |ops: &[Op]| ops.iter().any(|op| matches!(op, Op::Column(_)));
        let swap = !measured(&left_ops) && measured(&right_ops);
        let (value, limit, compare) = if swap { (right, left, compare.mirrored()) } else { (left, right, compare) };
        if swap {
            std::mem::swap(&mut left_ops, &mut right_ops);
        }
        ops.append(&mut left_ops);
        ops.append(&mut right_ops);
        if let Some(tolerance) = tolerance {
            if matches!(compare, Compare::Equal | Compare::Different) {
                return Err(Fault::new(tolerance.byte, "`~` belongs to <, <=, > and >=; of equal numbers nothing is near"));
            }
            let band = self.number(tolerance, ops)?;
            unit = agreed([unit, band], tolerance.byte)?;
        }
        let ground = self.ground(Ground::Comparison {
            value: value.shown(),
            limit: limit.shown(),
            compare,
            unit: unit.unwrap_or_default(),
        });
        ops.push(Op::Compare { compare, tolerance: tolerance.is_some(), ground });
        Ok(())
    }
}

impl Compare {
    /// The same comparison with its sides changed.
    fn mirrored(self) -> Self {
        match self {
            Self::AtLeast => Self::AtMost,
            Self::AtMost => Self::AtLeast,
            Self::Above => Self::Below,
            Self::Below => Self::Above,
            Self::Equal | Self::Different => self,
        }
    }
}

/// The common unit of two numbers.
fn agreed(units: [Option<String>; 2], byte: usize) -> Result<Option<String>, Fault> {
    let shown = |unit: &str| if unit.is_empty() { "no unit".to_owned() } else { format!("`{unit}`") };
    match units {
        [Some(left), Some(right)] if left != right => {
            Err(Fault::new(byte, format!("units do not agree: {} and {}", shown(&left), shown(&right))))
        }
        [left, right] => Ok(left.or(right)),
    }
}
