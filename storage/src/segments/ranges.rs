//! Copying the parts of a segment that are in use.
