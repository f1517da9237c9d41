//! The protocol of the Hoppscotch Agent, as far as it needs no sockets: a stock web client of that name is served by it unchanged.
//! The listener is the API's ([`api::hoppscotch`](crate::api)).
//!
//! - [`keys`]: what a page and the agent agree upon
//! - [`envelope`]: encrypted messages of any size; [`gcm`]: the cipher, piece by piece
//! - [`members`]: JSON without its large values; [`octets`]: those
//! - [`call`]: what a page asks for; [`order`]: the same as a request of the agent
//! - [`answer`]: what it is told
//!
//! A body arrives as a list of numbers within JSON within one encrypted message, and goes back alike. None of it is ever in memory as a
//! whole: messages and bodies are files without a name in the data folder, read piece by piece, and what is left besides has a bound.

pub mod answer;
pub mod call;
pub mod envelope;
pub mod gcm;
pub mod keys;
pub mod members;
pub mod octets;
pub mod order;
