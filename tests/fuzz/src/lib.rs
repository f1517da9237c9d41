//! What must hold of each parser whatever it is fed. An input that breaks it makes `check` panic.
//!
//! The fuzzer calls these with inputs that it makes up, and `daemon/tests/fuzz_seeds.rs` with those in `seeds`.

pub mod collection;
pub mod conversation;
pub mod cookie_file;
pub mod curl;
pub mod digest;
pub mod filter;
pub mod grpc;
pub mod har;
pub mod hoppscotch;
pub mod http_framing;
pub mod identity;
pub mod multipart;
pub mod set_cookie;
pub mod sniff;
pub mod sse;
pub mod url_target;
pub mod variables;
pub mod websocket;

/// A check of one parser.
pub type Check = fn(&[u8]);

/// Every parser under its target's name, which is also that of its folder in `seeds`.
pub const CHECKS: [(&str, Check); 18] = [
    ("collection", collection::check),
    ("conversation", conversation::check),
    ("cookie_file", cookie_file::check),
    ("curl", curl::check),
    ("digest", digest::check),
    ("filter", filter::check),
    ("grpc", grpc::check),
    ("har", har::check),
    ("hoppscotch", hoppscotch::check),
    ("http_framing", http_framing::check),
    ("identity", identity::check),
    ("multipart", multipart::check),
    ("set_cookie", set_cookie::check),
    ("sniff", sniff::check),
    ("sse", sse::check),
    ("url_target", url_target::check),
    ("variables", variables::check),
    ("websocket", websocket::check),
];

/// Takes the first byte of an input, which says how the rest is to be fed.
fn option(input: &[u8]) -> (u8, &[u8]) {
    input.split_first().map_or((0, input), |(option, rest)| (*option, rest))
}

/// Cuts `bytes` into pieces: of one byte each for 0, else of sizes up to 32 that depend on `seed`.
fn pieces(mut bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let mut state = u32::from(seed);
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(if seed == 0 { 0 } else { 1_013_904_223 });
        let size = 1 + (state >> 24) as usize % 32;
        let (piece, rest) = bytes.split_at(size.min(bytes.len()));
        bytes = rest;
        (!piece.is_empty()).then_some(piece)
    })
}
