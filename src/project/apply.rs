//! Applies commands.
