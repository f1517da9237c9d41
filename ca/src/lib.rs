//! Waylay's certificate authority.
