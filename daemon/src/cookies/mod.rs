//! Cookies as a browser keeps them (RFC 6265bis). Pure: no store, no socket, no clock but what is passed in.
//!
//! - [`jar`]: where cookies are kept: what comes in, what goes out
//! - [`cookie`]: one cookie
//! - [`set_cookie`]: the field `Set-Cookie`, and [`date`] in it
//! - [`cookie_field`]: the field `Cookie`
//! - [`admission`]: what a browser lets into its jar, and why not
//! - [`explain`]: which cookies go with a request, and what holds the others back
//! - [`asking`]: the request in question
//! - [`site`]: hosts, sites, public suffixes; [`scope`]: a host, or a domain with all below it, as people write it
//! - [`limits`]: how many cookies there can be, and which go first
//! - `shelf`: the cookies of one site, matched by `cookie_store`

pub mod admission;
pub mod asking;
pub mod cookie;
pub mod cookie_field;
pub mod date;
pub mod explain;
pub mod jar;
pub mod limits;
pub mod scope;
pub mod set_cookie;
mod shelf;
pub mod site;
#[cfg(test)]
mod tests;

pub use admission::Rejected;
pub use asking::Asking;
pub use cookie::{Cookie, SameSite};
pub use jar::{Jar, Outcome, Received};
pub use limits::Limits;
pub use scope::{BadScope, Scope};
pub use set_cookie::SetCookie;
