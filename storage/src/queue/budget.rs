//! The bytes that may be under way to the writer.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// A bound on bytes in flight. What must not be dropped is taken by [`force`](Self::force) and may overdraw it; what
/// can wait uses [`poll_take`](Self::poll_take).
pub struct Budget {
    capacity: usize,
    used: AtomicUsize,
    peak: AtomicUsize,
    /// Whether `waiters` may hold anyone: keeps `give` off the lock.
    waiting: AtomicBool,
    waiters: Mutex<Vec<Waker>>,
}

impl Budget {
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            used: AtomicUsize::new(0),
            peak: AtomicUsize::new(0),
            waiting: AtomicBool::new(false),
            waiters: Mutex::default(),
        }
    }

    /// Takes `n` bytes whether or not they are there.
    pub fn force(&self, n: usize) {
        let before = self.used.fetch_add(n, Ordering::SeqCst);
        self.peak.fetch_max(before.saturating_add(n), Ordering::Relaxed);
    }

    /// Takes `n` bytes if they are there. A piece larger than the whole budget is let through when nothing else is
    /// under way, so that it does not wait for ever.
    pub fn try_take(&self, n: usize) -> bool {
        let fits = |used: usize| used.checked_add(n).filter(|sum| used == 0 || *sum <= self.capacity);
        let taken = self.used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, fits);
        if let Ok(before) = taken {
            self.peak.fetch_max(before + n, Ordering::Relaxed);
        }
        taken.is_ok()
    }

    /// Takes `n` bytes, or wakes `cx` when it is worth trying again.
    pub fn poll_take(&self, n: usize, cx: &mut Context<'_>) -> Poll<()> {
        if self.try_take(n) {
            return Poll::Ready(());
        }
        {
            let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
            if !waiters.iter().any(|w| w.will_wake(cx.waker())) {
                waiters.push(cx.waker().clone());
            }
            self.waiting.store(true, Ordering::SeqCst);
        }
        // Once more: what was given back before `waiting` was set woke nobody.
        if self.try_take(n) { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Gives `n` bytes back and wakes those who wait.
    pub fn give(&self, n: usize) {
        let less = |used: usize| Some(used.saturating_sub(n));
        // The closure never refuses, so this cannot fail.
        let _ = self.used.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less);
        if self.waiting.load(Ordering::SeqCst) && self.used() < self.capacity {
            let mut waiters = self.waiters.lock().unwrap_or_else(PoisonError::into_inner);
            self.waiting.store(false, Ordering::SeqCst);
            let woken = std::mem::take(&mut *waiters);
            drop(waiters);
            woken.into_iter().for_each(Waker::wake);
        }
    }

    /// Bytes under way now; more than [`capacity`](Self::capacity) if it was overdrawn.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::SeqCst)
    }

    /// The most that was ever under way.
    pub fn peak(&self) -> usize {
        self.peak.load(Ordering::Relaxed)
    }

    /// How many bytes may be under way.
    pub fn capacity(&self) -> usize {
        self.capacity
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::Arc,
        task::Wake,
        thread::{self, Thread},
    };

    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    fn take_blocking(budget: &Budget, n: usize) {
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        while budget.poll_take(n, &mut Context::from_waker(&waker)).is_pending() {
            thread::park();
        }
    }

    #[test]
    fn what_does_not_fit_waits_and_what_is_forced_overdraws() {
        let budget = Budget::new(100);
        assert!(budget.try_take(100) && !budget.try_take(1));
        budget.force(50);
        assert_eq!((budget.used(), budget.peak()), (150, 150));
        budget.give(60);
        assert!(budget.try_take(10) && !budget.try_take(1));
        budget.give(1000);
        assert_eq!((budget.used(), budget.peak()), (0, 150), "giving too much does not wrap");
        assert!(budget.try_take(101), "a piece larger than the budget passes alone");
        assert!(!budget.try_take(usize::MAX));
    }

    #[test]
    fn a_waiter_is_woken_once_there_is_room() {
        struct Count(AtomicUsize);
        impl Wake for Count {
            fn wake(self: Arc<Self>) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let (budget, count) = (Budget::new(10), Arc::new(Count(AtomicUsize::new(0))));
        let waker = Waker::from(count.clone());
        let cx = &mut Context::from_waker(&waker);
        budget.force(20);
        assert!(budget.poll_take(5, cx).is_pending());
        assert!(budget.poll_take(5, cx).is_pending());
        budget.give(10);
        assert_eq!(count.0.load(Ordering::SeqCst), 0, "there is no room yet");
        budget.give(6);
        assert_eq!(count.0.load(Ordering::SeqCst), 1, "registered twice, woken once");
        assert!(budget.poll_take(5, cx).is_ready());
        assert_eq!(budget.used(), 9);
    }

    #[test]
    fn no_wake_up_is_lost_between_threads() {
        let budget = &Budget::new(64);
        thread::scope(|s| {
            for _ in 0..4 {
                s.spawn(|| {
                    for n in 0..2000 {
                        let n = n % 64 + 1;
                        take_blocking(budget, n);
                        assert!(budget.used() <= 64);
                        budget.give(n);
                    }
                });
            }
        });
        assert_eq!(budget.used(), 0);
        assert!(budget.peak() <= 64);
    }
}
