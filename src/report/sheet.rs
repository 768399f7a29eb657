//! The sheet of a parcel as HTML, PDF and DOCX: the same content in the same order.
//!
//! * HTML is one file with its style inside; pictures lie beside it or in it.
//! * PDF is set with embedded fonts and selectable text, tagged, PDF/A-2a and PDF/UA-1.
//! * DOCX is for those who write their own text around it. It carries no texts for readers who do not see the pictures: the crate
//!   that writes it cannot; the captions below them say the same.
//!
//! There are no slides (PPTX): the crates that write them are first releases without a second one, or were withdrawn from their
//! registry again and again. Pictures of a pack are plain PNG files that any slide takes.

mod content;
mod docx;
mod page;
mod print;
mod sketch;

pub use content::ruleset_name;
pub use docx::docx;
pub use page::{Pictures, html};
pub use print::{pages, pdf};
