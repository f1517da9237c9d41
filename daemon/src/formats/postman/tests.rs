//! Both ways.
