//! Waylay's daemon.

pub mod api;
pub mod capture;
pub mod content;
pub mod engine;
pub mod exchange;
pub mod proxy;
pub mod upstream;
pub mod view;
