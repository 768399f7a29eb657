//! Where the user was: recent projects, and per project the current parcel, date, filter and view.
