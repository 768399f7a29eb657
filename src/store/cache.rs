//! Derived data in the project's cache folder. May be deleted at any time.

/// Open cache.
#[derive(Debug)]
pub struct Cache {
    _private: (),
}
