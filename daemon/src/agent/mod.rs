//! Sends requests that are written here: by the editor, the command line, and web pages whose agent this is.
//!
//! - [`order`]: what is asked, and what comes of it; [`error`]: why it came to nothing
//! - [`send`]: from an order to an entry of the history; [`errand`]: the same without one, into a session of its own
//! - [`mod@fetch`]: a file from the Internet
//! - [`scopes`]: where the values of variables come from
//! - [`guest`]: a web page for which is sent, and what it may
//! - [`consent`]: what a web page wrote is not sent as the user's own without their word
//! - `cookies`: the jar it uses
//! - `ready`: a request with nothing left to be decided
//! - `route`: its hops: redirects, and the answer to who one is
//! - `hop`: one exchange, by [`exchange::run`](crate::exchange::run()) as everybody's
//! - `redirect`: where a response sends one on, and with what
//! - `ways`: from settings to the way to an origin
//! - `outflow`: a body on its way out
//! - [`watch`]: what is seen of a send while it is under way
//! - [`running`]: those under way
//! - [`console`]: what has been sent, step by step

pub mod consent;
pub mod console;
mod cookies;
pub mod errand;
pub mod error;
pub mod fetch;
pub mod guest;
mod hop;
pub mod order;
mod outflow;
mod ready;
mod redirect;
mod route;
pub mod running;
pub mod scopes;
pub mod send;
pub mod watch;
mod ways;

pub use console::Console;
pub use errand::{Errand, Returned, Task};
pub use error::SendError;
pub use guest::{Brought, Guest, JarRight, Lent, Rights};
pub use order::{Choice, Hop, JarChoice, Order, Outcome};
pub use send::{Agent, Preview, Shape};
pub use watch::{Lasting, Meter, News, Watch};
