//! Bodies of `multipart/form-data`.

use waylay::formats::multipart::{Bad, Piece, Reader};

/// The boundary that seeds have.
const BOUNDARY: &str = "B";

/// The same parts come out, or the same error, in whatever pieces the body comes; no more comes out than went in.
pub fn check(input: &[u8]) {
    let (seed, body) = super::option(input);
    let whole = parts(std::iter::once(body));
    assert_eq!(parts(super::pieces(body, seed)), whole, "in pieces");
    if let Ok(parts) = whole {
        let size: usize = parts.iter().map(|(_, data)| data.len()).sum();
        assert!(size <= body.len());
    }
}

fn parts<'a>(mut pieces: impl Iterator<Item = &'a [u8]>) -> Result<Vec<(String, Vec<u8>)>, Bad> {
    let mut reader = Reader::new(BOUNDARY).expect("a boundary");
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    loop {
        match reader.take()? {
            Some(Piece::Part(name)) => parts.push((name, Vec::new())),
            Some(Piece::Data(data)) => parts.last_mut().expect("data are of a part").1.extend_from_slice(&data),
            Some(Piece::End) => return Ok(parts),
            None => match pieces.next() {
                Some(piece) => reader.give(piece),
                None => reader.finish(),
            },
        }
    }
}
