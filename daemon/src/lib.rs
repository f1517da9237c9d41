//! Waylay's daemon.

pub mod capture;
pub mod engine;
pub mod exchange;
pub mod proxy;
pub mod upstream;
