//! Figures and tables of the open project, for the window's exports and the command line alike.
