//! Bounded, made once per host however many ask.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// When a cached value may be used, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Lifetime {
    /// Not before this moment: the clock may have been set back.
    pub(crate) from: i64,
    /// From this moment on it is made anew.
    pub(crate) until: i64,
}

impl Lifetime {
    fn contains(self, now: i64) -> bool {
        self.from <= now && now < self.until
    }
}

/// Values by key; the one not used for longest goes when there is no room.
///
/// Callers that ask for the same key at once wait for one of them to make the value; other keys are not held up.
pub(crate) struct Cache<K, V> {
    capacity: usize,
    slots: Mutex<Slots<K, V>>,
}

struct Slots<K, V> {
    by_key: HashMap<K, Slot<V>>,
    /// Counts look-ups, so that the longest unused slot can be told.
    ticks: u64,
}

struct Slot<V> {
    used: u64,
    /// Locked while the value is being made. Apart from the map, so that the map is never locked for long.
    value: Arc<Mutex<Option<(V, Lifetime)>>>,
}

impl<K: Hash + Eq + Clone, V: Clone> Cache<K, V> {
    /// A cache for `capacity` values, one at least.
    pub(crate) fn new(capacity: usize) -> Cache<K, V> {
        Cache { capacity: capacity.max(1), slots: Mutex::new(Slots { by_key: HashMap::new(), ticks: 0 }) }
    }

    /// The value for a key: the cached one while it may be used, otherwise what `make` returns.
    ///
    /// An error is given to the caller whose `make` failed and is not kept.
    pub(crate) fn get<E>(&self, key: &K, now: i64, make: impl FnOnce() -> Result<(V, Lifetime), E>) -> Result<V, E> {
        let slot = self.slot(key);
        let mut slot = lock(&slot);
        if let Some((value, lifetime)) = slot.as_ref()
            && lifetime.contains(now)
        {
            return Ok(value.clone());
        }
        let (value, lifetime) = make()?;
        *slot = Some((value.clone(), lifetime));
        Ok(value)
    }

    fn slot(&self, key: &K) -> Arc<Mutex<Option<(V, Lifetime)>>> {
        let mut slots = lock(&self.slots);
        slots.ticks += 1;
        let used = slots.ticks;
        if let Some(slot) = slots.by_key.get_mut(key) {
            slot.used = used;
            return slot.value.clone();
        }
        if slots.by_key.len() >= self.capacity {
            // A scan of a thousand entries costs a tenth of the signature that is to follow.
            let oldest = slots.by_key.iter().min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone());
            if let Some(oldest) = oldest {
                slots.by_key.remove(&oldest);
            }
        }
        let value = Arc::new(Mutex::new(None));
        slots.by_key.insert(key.clone(), Slot { used, value: value.clone() });
        value
    }
}

/// Values are stored whole or not at all, so a panic elsewhere leaves nothing half-written behind a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    use super::*;

    const ALWAYS: Lifetime = Lifetime { from: i64::MIN, until: i64::MAX };

    /// Looks a key up; true if the value had to be made.
    fn made(cache: &Cache<u32, u32>, key: u32, now: i64, lifetime: Lifetime) -> bool {
        let mut made = false;
        let _value: Result<u32, Infallible> = cache.get(&key, now, || {
            made = true;
            Ok((key, lifetime))
        });
        made
    }

    #[test]
    fn sixteen_that_ask_at_once_make_one() {
        let cache = Cache::new(8);
        let (making, start) = (AtomicUsize::new(0), Barrier::new(16));
        let values: Vec<usize> = thread::scope(|scope| {
            let ask = || {
                start.wait();
                cache.get(&"host", 0, || {
                    // Gives the others every chance to come in between.
                    thread::yield_now();
                    Ok::<_, Infallible>((making.fetch_add(1, Ordering::SeqCst), ALWAYS))
                })
            };
            let threads: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap().unwrap()).collect()
        });
        assert_eq!(making.load(Ordering::SeqCst), 1);
        assert_eq!(values, [0; 16]);
    }

    #[test]
    fn one_key_being_made_does_not_hold_up_another() {
        let cache = Cache::new(8);
        let value = cache.get(&1, 0, || {
            let inner = cache.get(&2, 0, || Ok::<_, Infallible>((20, ALWAYS)))?;
            Ok::<_, Infallible>((inner + 1, ALWAYS))
        });
        assert_eq!(value, Ok(21));
    }

    #[test]
    fn the_longest_unused_goes_first() {
        let cache = Cache::new(3);
        for key in [1, 2, 3] {
            assert!(made(&cache, key, 0, ALWAYS));
        }
        assert!(!made(&cache, 1, 0, ALWAYS));
        assert!(made(&cache, 4, 0, ALWAYS), "takes the place of 2");
        assert_eq!(lock(&cache.slots).by_key.len(), 3);
        assert!(!made(&cache, 1, 0, ALWAYS));
        assert!(!made(&cache, 3, 0, ALWAYS));
        assert!(made(&cache, 2, 0, ALWAYS));
    }

    #[test]
    fn never_holds_more_than_its_capacity() {
        let cache = Cache::new(10);
        for key in 0..1000 {
            made(&cache, key, 0, ALWAYS);
        }
        assert_eq!(lock(&cache.slots).by_key.len(), 10);
    }

    #[test]
    fn made_anew_outside_its_lifetime_on_both_sides() {
        let cache = Cache::new(3);
        let lifetime = Lifetime { from: 10, until: 20 };
        assert!(made(&cache, 1, 15, lifetime));
        assert!(!made(&cache, 1, 10, lifetime));
        assert!(!made(&cache, 1, 19, lifetime));
        assert!(made(&cache, 1, 20, lifetime));
        assert!(made(&cache, 1, 9, lifetime));
    }

    #[test]
    fn a_failure_is_not_kept() {
        let cache: Cache<u32, u32> = Cache::new(3);
        assert_eq!(cache.get(&1, 0, || Err("broken")), Err("broken"));
        assert_eq!(cache.get(&1, 0, || Ok::<_, &str>((7, ALWAYS))), Ok(7));
    }
}
