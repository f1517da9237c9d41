//! Masking (RFC 6455, 5.3).

/// Bytes of a frame's payload as they stand on the wire.
#[derive(Clone, Copy)]
pub(super) struct Masked<'a> {
    pub(super) bytes: &'a [u8],
    /// The frame's key, if it is masked.
    pub(super) key: Option<[u8; 4]>,
    /// How far into the payload they stand.
    pub(super) from: u64,
}

impl<'a> Masked<'a> {
    /// Appends them unmasked.
    pub(super) fn append_to(self, output: &mut Vec<u8>) {
        let before = output.len();
        output.extend_from_slice(self.bytes);
        self.unmask(&mut output[before..]);
    }

    /// Unmasks them into `room`, as many as it holds; returns those, and what is left. Bytes that are not masked are
    /// returned where they stand.
    pub(super) fn part<'r>(self, room: &'r mut [u8]) -> (&'r [u8], Option<Self>)
    where
        'a: 'r,
    {
        if self.key.is_none() {
            return (self.bytes, None);
        }
        let n = self.bytes.len().min(room.len());
        let (now, later) = self.bytes.split_at(n);
        let room = &mut room[..n];
        room.copy_from_slice(now);
        self.unmask(room);
        let later = Self { bytes: later, from: self.from + n as u64, ..self };
        (room, (!later.bytes.is_empty()).then_some(later))
    }

    fn unmask(self, bytes: &mut [u8]) {
        let Some(mut key) = self.key else { return };
        key.rotate_left((self.from % 4) as usize);
        let mask = u32::from_ne_bytes(key);
        // By words, which the compiler joins into the widest ones that the machine has.
        let (words, rest) = bytes.as_chunks_mut::<4>();
        for word in words {
            *word = (u32::from_ne_bytes(*word) ^ mask).to_ne_bytes();
        }
        for (byte, key) in rest.iter_mut().zip(key) {
            *byte ^= key;
        }
    }
}
