//! The command line: parse, run the same queries as the window, write.
