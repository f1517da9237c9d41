//! Where chance comes from.

/// A source of random numbers.
pub trait Random {
    /// 64 random bits.
    fn next(&mut self) -> u64;
}

/// The random numbers of the system.
pub struct SystemRandom {
    bytes: [u8; 256],
    used: usize,
}

impl Default for SystemRandom {
    fn default() -> Self {
        Self { bytes: [0; 256], used: 256 }
    }
}

impl Random for SystemRandom {
    fn next(&mut self) -> u64 {
        if self.used == self.bytes.len() {
            getrandom::fill(&mut self.bytes).expect("the system has random numbers: it made the daemon's own secrets");
            self.used = 0;
        }
        let (bytes, _) = self.bytes[self.used..].split_first_chunk().expect("the length is a multiple of 8");
        self.used += 8;
        u64::from_le_bytes(*bytes)
    }
}
