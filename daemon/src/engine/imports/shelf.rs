//! What was looked at and may still be kept: the files themselves, which nobody else can reach, for a while.

use crate::secret::Secret;
use std::{
    collections::VecDeque,
    fs::File,
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// How long a file stays.
pub const STAYS: Duration = Duration::from_secs(600);
/// Most files.
const FILES: usize = 8;
/// Most bytes of all files but the newest.
const BYTES: u64 = 4 << 30;

/// A file that was looked at.
#[derive(Debug)]
pub struct Kept {
    /// The file, without a name of its own on the disk.
    pub file: File,
    /// What it is called.
    pub name: String,
}

/// Those files, by tokens that cannot be guessed. The oldest make room.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<VecDeque<Place>>);

#[derive(Debug)]
struct Place {
    token: String,
    since: Instant,
    bytes: u64,
    kept: Kept,
}

impl Shelf {
    /// Puts a file there.
    ///
    /// # Errors
    /// If the file's length or random numbers cannot be had.
    pub fn put(&self, kept: Kept, now: Instant) -> io::Result<String> {
        let token = Secret::random()?.reveal()[..32].to_owned();
        self.put_back(token.clone(), kept, now)?;
        Ok(token)
    }

    /// Puts a file there under the token it had.
    ///
    /// # Errors
    /// If the file's length cannot be had.
    pub fn put_back(&self, token: String, kept: Kept, now: Instant) -> io::Result<()> {
        let bytes = kept.file.metadata()?.len();
        let mut places = self.places(now);
        places.push_back(Place { token, since: now, bytes, kept });
        while places.len() > FILES || (places.len() > 1 && places.iter().map(|place| place.bytes).sum::<u64>() > BYTES)
        {
            places.pop_front();
        }
        Ok(())
    }

    /// Takes a file away: once.
    pub fn take(&self, token: &str, now: Instant) -> Option<Kept> {
        let mut places = self.places(now);
        let at = places.iter().position(|place| place.token == token)?;
        places.remove(at).map(|place| place.kept)
    }

    /// Drops what has stayed long enough.
    pub fn sweep(&self, now: Instant) {
        drop(self.places(now));
    }

    fn places(&self, now: Instant) -> MutexGuard<'_, VecDeque<Place>> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        places.retain(|place| now.saturating_duration_since(place.since) < STAYS);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_stay_for_a_while_and_are_taken_once() {
        let shelf = Shelf::default();
        let now = Instant::now();
        let put = |name: &str, at| {
            let file = tempfile::tempfile().unwrap();
            shelf.put(Kept { file, name: name.to_owned() }, at).unwrap()
        };
        let (first, second) = (put("a", now), put("b", now + Duration::from_secs(1)));
        assert_eq!((first.len(), first == second), (32, false));
        assert_eq!(shelf.take(&second, now + Duration::from_secs(2)).unwrap().name, "b");
        assert!(shelf.take(&second, now + Duration::from_secs(2)).is_none());
        assert!(shelf.take("x", now).is_none());
        assert!(shelf.take(&first, now + STAYS).is_none(), "it has stayed long enough");
        let tokens: Vec<_> = (0..=FILES).map(|n| put(&n.to_string(), now)).collect();
        assert!(shelf.take(&tokens[0], now).is_none(), "the oldest makes room");
        assert!(shelf.take(&tokens[1], now).is_some());
    }

    #[test]
    fn large_files_make_room_too() {
        let shelf = Shelf::default();
        let now = Instant::now();
        let put = || {
            let file = tempfile::tempfile().unwrap();
            file.set_len(BYTES / 2 + 1).unwrap();
            shelf.put(Kept { file, name: String::new() }, now).unwrap()
        };
        let (first, second) = (put(), put());
        assert!(shelf.take(&first, now).is_none());
        assert!(shelf.take(&second, now).is_some(), "the newest has its place in any case");
    }
}
