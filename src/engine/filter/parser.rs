//! Tokens to a tree, by recursive descent.

use super::FilterError;
use super::lexer::{Kind, Token, tokens};

/// Brackets and negations inside each other; more is a slip and would exhaust the stack.
const MAX_DEPTH: usize = 200;

/// A field as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) position: usize,
}

/// A value to compare with.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    Text(String),
    Number(f64),
}

/// How to compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A condition or a combination of conditions. `!=`, `NOT IN` and the like are negations of their counterparts.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Compare { field: Field, compare: Compare, value: Literal, position: usize },
    OneOf { field: Field, values: Vec<(Literal, usize)> },
    Like { field: Field, pattern: String, position: usize },
    IsNull { field: Field },
}

pub(super) fn parse(text: &str) -> Result<Node, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let node = parser.any(0)?;
    match parser.peek() {
        Kind::End => Ok(node),
        _ => Err(parser.expected("AND, OR or the end")),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> &Kind {
        &self.tokens[self.at].kind
    }

    fn position(&self) -> usize {
        self.tokens[self.at].position
    }

    /// Steps over a token; the end stays.
    fn next(&mut self) -> Kind {
        let kind = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        kind
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Kind::Word(found) if found.eq_ignore_ascii_case(word));
        if found {
            self.next();
        }
        found
    }

    fn expected(&self, what: &str) -> FilterError {
        FilterError { message: format!("expected {what}, found {}", self.peek().shown()), position: self.position() }
    }

    fn any(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.all(depth)?];
        while self.take_word("OR") {
            nodes.push(self.all(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn all(&mut self, depth: usize) -> Result<Node, FilterError> {
        let mut nodes = vec![self.unary(depth)?];
        while self.take_word("AND") {
            nodes.push(self.unary(depth)?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::All(nodes) })
    }

    fn unary(&mut self, depth: usize) -> Result<Node, FilterError> {
        if depth > MAX_DEPTH {
            return Err(FilterError {
                message: format!("more than {MAX_DEPTH} brackets or NOT nested"),
                position: self.position(),
            });
        }
        if self.take_word("NOT") {
            return Ok(Node::Not(Box::new(self.unary(depth + 1)?)));
        }
        if *self.peek() == Kind::Open {
            self.next();
            let node = self.any(depth + 1)?;
            if *self.peek() != Kind::Close {
                return Err(self.expected(")"));
            }
            self.next();
            return Ok(node);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Node, FilterError> {
        let position = self.position();
        let name = match self.peek() {
            Kind::Quoted(name) => name.clone(),
            Kind::Word(name) if !is_keyword(name) => name.clone(),
            _ => return Err(self.expected("a field such as crop or \"area_ha\"")),
        };
        self.next();
        let field = Field { name, position };
        let position = self.position();
        if let Kind::Sign(sign) = *self.peek() {
            self.next();
            let value_at = self.position();
            let value = self.literal()?;
            let compare = match sign {
                "<" => Compare::Less,
                "<=" => Compare::LessOrEqual,
                ">" => Compare::Greater,
                ">=" => Compare::GreaterOrEqual,
                _ => Compare::Equal,
            };
            let node = Node::Compare { field, compare, value, position: value_at };
            return Ok(if sign == "!=" { Node::Not(Box::new(node)) } else { node });
        }
        if self.take_word("IS") {
            let negated = self.take_word("NOT");
            if !self.take_word("NULL") {
                return Err(self.expected("NULL"));
            }
            return Ok(negate(Node::IsNull { field }, negated));
        }
        let negated = self.take_word("NOT");
        if self.take_word("IN") {
            return Ok(negate(Node::OneOf { field, values: self.list()? }, negated));
        }
        if self.take_word("LIKE") || self.take_word("ILIKE") {
            let Kind::Text(pattern) = self.peek().clone() else { return Err(self.expected("a pattern in single quotes")) };
            self.next();
            return Ok(negate(Node::Like { field, pattern, position }, negated));
        }
        Err(self.expected("a comparison (=, !=, <, <=, >, >=, LIKE, IN, IS NULL)"))
    }

    fn list(&mut self) -> Result<Vec<(Literal, usize)>, FilterError> {
        if *self.peek() != Kind::Open {
            return Err(self.expected("( after IN"));
        }
        self.next();
        let mut values = Vec::new();
        loop {
            let position = self.position();
            values.push((self.literal()?, position));
            match self.peek() {
                Kind::Comma => drop(self.next()),
                Kind::Close => break,
                _ => return Err(self.expected(", or )")),
            }
        }
        self.next();
        Ok(values)
    }

    fn literal(&mut self) -> Result<Literal, FilterError> {
        let value = match self.peek() {
            Kind::Text(text) => Literal::Text(text.clone()),
            Kind::Number(number) => Literal::Number(*number),
            _ => return Err(self.expected("a value: a number, or text in single quotes")),
        };
        self.next();
        Ok(value)
    }
}

fn negate(node: Node, negated: bool) -> Node {
    if negated { Node::Not(Box::new(node)) } else { node }
}

fn is_keyword(word: &str) -> bool {
    ["AND", "OR", "NOT", "IS", "IN", "LIKE", "ILIKE", "NULL"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}
