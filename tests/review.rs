//! Review end to end: files in and out, journals of several people, and the verb.

#[path = "review/files.rs"]
mod files;
#[path = "review/story.rs"]
mod story;
#[path = "review/verb.rs"]
mod verb;
