//! The signs of verdicts: shape, colour and word always together.

use crate::model::review::Look;
use crate::model::rules::Verdict;

/// A sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Check, green.
    Check,
    /// Cross, red.
    Cross,
    /// Filled diamond, yellow.
    Diamond,
    /// Hollow circle, grey: a person could not tell.
    Circle,
    /// Frame with a point, as a camera: a photo or a visit is asked for.
    Frame,
    /// Dash, grey: nothing was said.
    Dash,
}

impl Sign {
    /// Of an automatic verdict.
    pub fn of_verdict(verdict: Option<Verdict>) -> Self {
        match verdict {
            Some(Verdict::Green) => Self::Check,
            Some(Verdict::Red) => Self::Cross,
            Some(Verdict::Yellow) => Self::Diamond,
            None => Self::Dash,
        }
    }

    /// Of a verdict of a person.
    pub fn of_look(look: Look) -> Self {
        match look {
            Look::Compliant => Self::Check,
            Look::NonCompliant => Self::Cross,
            Look::Inconclusive => Self::Circle,
            Look::Request => Self::Frame,
        }
    }

    /// The word for an automatic verdict.
    pub fn verdict_word(self) -> &'static str {
        match self {
            Self::Check => "compliant",
            Self::Cross => "non-compliant",
            Self::Diamond => "yellow",
            Self::Circle | Self::Frame | Self::Dash => "not assessed",
        }
    }

    /// Name in templates and style sheets.
    pub fn name(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Cross => "cross",
            Self::Diamond => "diamond",
            Self::Circle => "circle",
            Self::Frame => "frame",
            Self::Dash => "dash",
        }
    }

    /// The sign as text, for files that take no drawing.
    pub fn letter(self) -> &'static str {
        match self {
            Self::Check => "✔",
            Self::Cross => "✖",
            Self::Diamond => "◆",
            Self::Circle => "○",
            Self::Frame => "◉",
            Self::Dash => "–",
        }
    }

    /// Colour on white, hexadecimal digits.
    pub fn colour(self) -> &'static str {
        match self {
            Self::Check => "00734F",
            Self::Cross => "801A12",
            Self::Diamond => "8A6400",
            Self::Frame => "006B82",
            Self::Circle | Self::Dash => "5F6B74",
        }
    }

    /// Drawn in a page, sized and coloured by its style sheet. The word beside it is what is read aloud.
    pub fn svg(self) -> String {
        let (name, path) = (self.name(), self.path());
        format!("<svg class=\"sign {name}\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{path}\"/></svg>")
    }

    /// Its lines in a square of 16 units.
    pub fn path(self) -> &'static str {
        match self {
            Self::Check => "M2.2 8.6 6.2 12.6 13.8 3.8",
            Self::Cross => "M3.2 3.2 12.8 12.8M12.8 3.2 3.2 12.8",
            Self::Circle => "M8 3A5 5 0 1 1 7.99 3Z",
            Self::Frame => "M2 3.5H14V12.5H2ZM8 7.2V8.8",
            Self::Diamond => "M8 1.8 14.2 8 8 14.2 1.8 8Z",
            Self::Dash => "M3 8H13",
        }
    }
}
