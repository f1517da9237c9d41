//! Files that other tools write and read.
//!
//! - [`curl`]: commands of curl, both ways
//! - [`har`]: HTTP Archive 1.2, both ways
//! - [`postman`]: collections of Postman, both ways
//! - [`cookies`]: cookies.txt, Playwright's storage state, Cookie-Editor, both ways
//! - [`postman_environment`]: environments and globals of Postman, both ways
//! - [`recognise`]: which of them a file is
//! - [`redact`]: secrets hidden in what leaves this machine
//! - [`multipart`]: requests with files, as browsers send them
//! - [`archive`]: several files in one, as zip
//! - [`json`]: JSON written piece by piece

pub mod archive;
pub mod cookies;
pub mod curl;
pub mod har;
pub mod json;
pub mod multipart;
pub mod postman;
pub mod postman_environment;
pub mod recognise;
pub mod redact;
