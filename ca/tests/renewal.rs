//! What time does: renewal, clocks that jump, the root's end, rotation.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use waylay_ca::{Authority, CaError, Certificate};

const HOUR: u64 = 60 * 60;
const DAY: u64 = 24 * HOUR;
const START: u64 = 1_800_000_000;

/// An authority opened at a time, and the hand that moves its clock.
fn open_at(dir: &Path, seconds: u64) -> Result<(Authority, Arc<AtomicU64>), CaError> {
    let hand = Arc::new(AtomicU64::new(seconds));
    let clock: Arc<AtomicU64> = hand.clone();
    let read = move || -> SystemTime { UNIX_EPOCH + Duration::from_secs(clock.load(Ordering::Relaxed)) };
    Authority::open_with_clock(dir, Box::new(read)).map(|authority| (authority, hand))
}

#[test]
fn a_leaf_is_kept_until_a_day_before_its_end_and_then_renewed() {
    let temporary = tempfile::tempdir().unwrap();
    let (authority, hand) = open_at(&temporary.path().join("ca"), START).unwrap();
    let first = authority.server_config("example.com").unwrap();
    let mut kept = 0;
    for hour in 0..(90 * 24) {
        hand.store(START + hour * HOUR, Ordering::Relaxed);
        if !Arc::ptr_eq(&first, &authority.server_config("example.com").unwrap()) {
            break;
        }
        kept = hour;
    }
    assert!(kept >= 7 * 24, "renewed after {kept} h");
    assert!(kept < 89 * 24, "never renewed");
    let renewed = authority.server_config("example.com").unwrap();
    assert!(Arc::ptr_eq(&renewed, &authority.server_config("example.com").unwrap()), "and then kept again");
}

#[test]
fn a_leaf_from_a_clock_that_was_ahead_is_not_served() {
    let temporary = tempfile::tempdir().unwrap();
    let (authority, hand) = open_at(&temporary.path().join("ca"), START).unwrap();
    hand.store(START + 365 * DAY, Ordering::Relaxed);
    let ahead = authority.server_config("example.com").unwrap();
    hand.store(START + DAY, Ordering::Relaxed);
    assert!(!Arc::ptr_eq(&ahead, &authority.server_config("example.com").unwrap()));
}

#[test]
fn an_expired_root_is_refused_at_start_and_while_running_but_can_be_shown() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("ca");
    let (authority, hand) = open_at(&dir, START).unwrap();
    let end = u64::try_from(authority.certificate().not_after()).unwrap();
    hand.store(end, Ordering::Relaxed);
    authority.server_config("example.com").unwrap();
    open_at(&dir, end).unwrap();
    hand.store(end + 1, Ordering::Relaxed);
    assert!(matches!(authority.server_config("other.example"), Err(CaError::Expired { .. })));
    assert!(matches!(authority.server_config("example.com"), Err(CaError::Expired { .. })), "cached ones too");
    let error = open_at(&dir, end + 1).err().unwrap();
    assert!(error.to_string().contains("expired on 20"), "{error}");
    assert!(error.hint().contains("waylay ca rotate"));
    assert_eq!(&Certificate::load(&dir).unwrap(), authority.certificate());
}

#[test]
fn a_clock_before_the_root_does_not_stop_the_start() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("ca");
    open_at(&dir, START).unwrap();
    let (authority, hand) = open_at(&dir, START - 30 * DAY).unwrap();
    let early = authority.server_config("example.com").unwrap();
    hand.store(START, Ordering::Relaxed);
    authority.server_config("example.com").unwrap();
    drop(early);
    assert!(open_at(&dir, u64::from(u32::MAX) * 1000).is_err(), "far in the future it has expired");
}

#[test]
fn rotation_gives_a_new_root_at_the_next_opening() {
    let temporary = tempfile::tempdir().unwrap();
    let dir = temporary.path().join("ca");
    let before = Authority::open(&dir).unwrap();
    let rotated = Authority::rotate(&dir).unwrap();
    let after = Authority::open(&dir).unwrap();
    assert_eq!(after.certificate(), &rotated);
    assert_ne!(after.certificate().sha256(), before.certificate().sha256());
    assert_ne!(after.certificate().spki_sha256_base64(), before.certificate().spki_sha256_base64());
    before.server_config("example.com").unwrap();
}
