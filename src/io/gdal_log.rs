//! Messages of GDAL, PROJ and GEOS go to the log instead of the terminal, and the latest one of a thread can be asked for.

use std::cell::RefCell;
use std::sync::Once;

use gdal::errors::CplErrType;

static INSTALLED: Once = Once::new();

thread_local! {
    static LATEST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Routes GDAL's messages to `tracing`. Cheap to call before any use of GDAL; only the first call of a process acts.
pub fn install() {
    INSTALLED.call_once(|| {
        gdal::config::set_error_handler(|class, number, message| {
            LATEST.with_borrow_mut(|latest| {
                latest.clear();
                latest.push_str(message);
            });
            match class {
                CplErrType::Failure | CplErrType::Fatal => tracing::debug!(number, message, "GDAL failure"),
                CplErrType::Warning | CplErrType::Debug | CplErrType::None => tracing::trace!(number, message, "GDAL"),
            }
        });
    });
}

/// The latest message of this thread since the last call; empty when there is none.
pub fn take() -> String {
    LATEST.with_borrow_mut(std::mem::take)
}
