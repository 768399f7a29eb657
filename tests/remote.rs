//! The client against servers that behave and servers that do not.

#[path = "remote/answers.rs"]
mod answers;
#[path = "remote/chips.rs"]
mod chips;
#[path = "remote/desk.rs"]
mod desk;
#[path = "remote/faults.rs"]
mod faults;
#[path = "remote/found.rs"]
mod found;
#[path = "remote/secrecy.rs"]
mod secrecy;
#[path = "remote/server.rs"]
mod server;
