//! Named queues as they are kept beside the decisions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How the parcels of a queue were put in order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum QueueOrder {
    /// As given.
    Given,
    /// Nearest to the decisive threshold first.
    Margin,
    /// Neighbours after each other.
    Spatial,
    /// Drawn at random.
    Random {
        /// Seed that gives the same order again.
        seed: u64,
    },
}

/// A named queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptQueue {
    /// Name on screen, unique in a project.
    pub name: String,
    /// Where the parcels came from, in words: a filter, a file, a column, a cell of the transition table.
    pub source: String,
    /// Their order.
    pub order: QueueOrder,
    /// Who made it.
    pub user: String,
    /// When.
    pub made: Timestamp,
    /// Ids of its parcels in order.
    pub parcels: Vec<String>,
}
