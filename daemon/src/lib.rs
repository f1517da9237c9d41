//! Waylay's daemon.
