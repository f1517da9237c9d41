//! Waylay's daemon.

pub mod agent;
pub mod api;
pub mod capture;
pub mod cli;
pub mod collection;
pub mod compare;
pub mod config;
pub mod content;
pub mod conversation;
pub mod cookies;
pub mod data_dir;
pub mod engine;
pub mod exchange;
#[cfg(test)]
mod fixtures;
pub mod formats;
pub mod hoppscotch;
pub mod jars;
pub mod logging;
pub mod messages;
pub mod onboarding;
pub mod platform;
pub mod proxy;
pub mod replay;
pub mod request;
mod secret;

pub mod upstream;
pub mod view;
