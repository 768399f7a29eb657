//! Evaluation of whole rulesets.
