//! Tokens to a tree, by recursive descent; truths and numbers are told apart when it is compiled.

use super::error::Fault;
use super::lexer::{Compare, Kind, Token, tokens};

/// Brackets, negations and signs inside each other.
pub const MAX_DEPTH: usize = 64;

/// A part of a rule and the byte where it starts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) form: Form,
    pub(super) byte: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Form {
    Or(Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Not(Box<Node>),
    /// With the tolerance behind `~`.
    Compare(Compare, Box<Node>, Box<Node>, Option<Box<Node>>),
    Calculate(Calculate, Box<Node>, Box<Node>),
    Minus(Box<Node>),
    /// With its unit, empty for none.
    Number(f32, String),
    Name(String),
}

/// An operation on two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calculate {
    Add,
    Subtract,
    Multiply,
    Divide,
}

/// The tree of a text.
pub(super) fn parse(text: &str) -> Result<Node, Fault> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let node = parser.any(0)?;
    match parser.peek() {
        Kind::End => Ok(node),
        _ => Err(parser.expected("`and`, `or`, a comparison or the end")),
    }
}

struct Parser<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Kind<'a> {
        self.tokens[self.at].kind
    }

    fn byte(&self) -> usize {
        self.tokens[self.at].byte
    }

    /// Steps over a token; the end stays.
    fn step(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
    }

    fn take(&mut self, kind: Kind<'_>) -> bool {
        let found = self.peek() == kind;
        if found {
            self.step();
        }
        found
    }

    fn expected(&self, what: &str) -> Fault {
        Fault::new(self.byte(), format!("expected {what}, found {}", self.peek().shown()))
    }

    fn any(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut left = self.all(depth)?;
        while self.take(Kind::Or) {
            let byte = left.byte;
            left = Node { form: Form::Or(Box::new(left), Box::new(self.all(depth)?)), byte };
        }
        Ok(left)
    }

    fn all(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut left = self.negation(depth)?;
        while self.take(Kind::And) {
            let byte = left.byte;
            left = Node { form: Form::And(Box::new(left), Box::new(self.negation(depth)?)), byte };
        }
        Ok(left)
    }

    fn deeper(&self, depth: usize) -> Result<usize, Fault> {
        if depth < MAX_DEPTH {
            Ok(depth + 1)
        } else {
            Err(Fault::new(self.byte(), format!("more than {MAX_DEPTH} brackets or `not` inside each other")))
        }
    }

    fn negation(&mut self, depth: usize) -> Result<Node, Fault> {
        let byte = self.byte();
        if self.take(Kind::Not) {
            let depth = self.deeper(depth)?;
            return Ok(Node { form: Form::Not(Box::new(self.negation(depth)?)), byte });
        }
        self.comparison(depth)
    }

    fn comparison(&mut self, depth: usize) -> Result<Node, Fault> {
        let left = self.sum(depth)?;
        let Kind::Compare(compare) = self.peek() else { return Ok(left) };
        self.step();
        let right = Box::new(self.sum(depth)?);
        let tolerance = if self.take(Kind::Tilde) { Some(Box::new(self.sum(depth)?)) } else { None };
        if matches!(self.peek(), Kind::Compare(_)) {
            return Err(self.expected("`and` or `or` between two comparisons"));
        }
        let byte = left.byte;
        Ok(Node { form: Form::Compare(compare, Box::new(left), right, tolerance), byte })
    }

    fn sum(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut left = self.product(depth)?;
        loop {
            let calculate = match self.peek() {
                Kind::Plus => Calculate::Add,
                Kind::Minus => Calculate::Subtract,
                _ => return Ok(left),
            };
            self.step();
            let byte = left.byte;
            left = Node { form: Form::Calculate(calculate, Box::new(left), Box::new(self.product(depth)?)), byte };
        }
    }

    fn product(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut left = self.primary(depth)?;
        loop {
            let calculate = match self.peek() {
                Kind::Times => Calculate::Multiply,
                Kind::Over => Calculate::Divide,
                _ => return Ok(left),
            };
            self.step();
            let byte = left.byte;
            left = Node { form: Form::Calculate(calculate, Box::new(left), Box::new(self.primary(depth)?)), byte };
        }
    }

    fn primary(&mut self, depth: usize) -> Result<Node, Fault> {
        let byte = self.byte();
        let form = match self.peek() {
            Kind::Minus => {
                self.step();
                let depth = self.deeper(depth)?;
                Form::Minus(Box::new(self.primary(depth)?))
            }
            Kind::Open => {
                self.step();
                let depth = self.deeper(depth)?;
                let node = self.any(depth)?;
                if !self.take(Kind::Close) {
                    return Err(self.expected("`)`"));
                }
                return Ok(node);
            }
            Kind::Number(number) => {
                self.step();
                let unit = match self.peek() {
                    Kind::Word(unit) => {
                        self.step();
                        unit.to_owned()
                    }
                    _ => String::new(),
                };
                Form::Number(number, unit)
            }
            Kind::Word(name) => {
                self.step();
                Form::Name(name.to_owned())
            }
            _ => return Err(self.expected("a name, a number or `(`")),
        };
        Ok(Node { form, byte })
    }
}
