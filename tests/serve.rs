//! The server end to end: the sample served on a free port of this machine, asked over HTTP as clients ask.

#[path = "serve/access.rs"]
mod access;
#[path = "serve/chips.rs"]
mod chips;
#[path = "serve/desk.rs"]
mod desk;
#[path = "serve/hostile.rs"]
mod hostile;
#[path = "serve/numbers.rs"]
mod numbers;
#[path = "serve/parcels.rs"]
mod parcels;
#[path = "serve/process.rs"]
mod process;
