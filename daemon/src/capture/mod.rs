//! What passes is written down here, without slowing what passes.
//!
//! - [`recorder`]: one per exchange; whoever lets go of it last closes the row
//! - [`recording`]: the session they are added to, at this moment
//! - [`policy`]: what of them is recorded; [`presets`]: sets of such rules that have a name
//! - [`tee`]: bodies pass through it untouched while copies go to the recorder
//! - [`keep`]: how their bytes find room, or do not
//! - `spill`: past the writer, when they have waited for too long
//! - [`conversation`]: the messages they are made of
//! - [`heard`]: heads with cookies, for whoever keeps those of some hosts
//! - [`running`]: exchanges that take longer than a moment get a row before they end
//! - [`framing`]: follows HTTP/1 just far enough to know where heads begin and end
//! - [`tap`]: the same, as a layer under hyper's connection
//! - [`handshake`]: what TLS settled
//! - [`packed`]: heads written by us, where no HTTP/1 bytes exist

pub mod conversation;
pub mod framing;
pub mod handshake;
pub mod heard;
pub mod keep;
pub mod packed;
pub mod policy;
pub mod presets;
pub mod recorder;
pub mod recording;
pub mod running;
mod spill;
pub mod tap;
pub mod tee;

pub use conversation::{Cutter, Log};
pub use heard::Heard;
pub use keep::Keeper;
pub use policy::{BadRule, Policy};
pub use recorder::{Begin, Capture, Recorder};
pub use recording::{ClientConnection, Recording, Target};
pub use tap::{Heads, Tap};
pub use tee::Tee;
