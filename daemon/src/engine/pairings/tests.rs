use super::{
    window::{Guess, MOST, TIME, WindowState, Windows},
    *,
};
use crate::agent::JarRight;
use std::os::unix::fs::PermissionsExt;

const ORIGIN: &str = "https://client.example";

fn origin() -> WebOrigin {
    ORIGIN.parse().unwrap()
}

async fn opened(data: &Path) -> Pairings {
    Pairings::open(data).await.unwrap_or_else(|(_, why)| panic!("{why}"))
}

/// Another code than this one.
fn wrong(code: &str) -> String {
    if code.starts_with('0') { code.replacen('0', "1", 1) } else { format!("0{}", &code[1..]) }
}

#[tokio::test]
async fn a_page_is_paired_once_by_the_code_of_its_own_window() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    let rights = Rights { jar: JarRight::Default, private_addresses: true, ..Rights::default() };
    let none = pairings.pair(ORIGIN, Kind::Native, "000000", None).await;
    assert!(matches!(none, Err(PairError::NoWindow)));
    let window = pairings.open_window(origin(), Kind::Native, rights).unwrap();
    let code = window.code.unwrap();
    for (other, kind) in [
        ("https://evil.example", Kind::Native),
        ("null", Kind::Native),
        ("http://client.example", Kind::Native),
        ("https://client.example:8443", Kind::Native),
        ("https://CLIENT.example", Kind::Native),
        (ORIGIN, Kind::Hoppscotch),
    ] {
        assert!(!pairings.is_window_open(other, kind), "{other}");
        let refused = pairings.pair(other, kind, &code, None).await;
        assert!(matches!(refused, Err(PairError::NoWindow)), "{other}");
    }
    assert!(pairings.is_window_open(ORIGIN, Kind::Native));
    let refused = pairings.pair(ORIGIN, Kind::Native, &wrong(&code), None).await;
    assert!(matches!(refused, Err(PairError::Wrong { tries_left: 4 })));
    let (pairing, token) = pairings.pair(ORIGIN, Kind::Native, &code, None).await.unwrap();
    assert_eq!((pairing.facts().rights, token.len()), (rights, 64));
    let again = pairings.pair(ORIGIN, Kind::Native, &code, None).await;
    assert!(matches!(again, Err(PairError::NoWindow)), "a code works once");
    let window = pairings.windows().remove(0);
    assert_eq!((window.state, window.pairing, window.code), (WindowState::Paired, Some(pairing.id), None));
    assert_eq!(pairings.pairing_of(token.as_bytes()).map(|p| p.id), Some(pairing.id));
    assert!(pairings.is_paired(ORIGIN, Kind::Native) && !pairings.is_paired(ORIGIN, Kind::Hoppscotch));
    assert!(pairings.pairing_of(b"").is_none() && pairings.pairing_of(code.as_bytes()).is_none());
}

#[tokio::test]
async fn the_sixth_try_is_refused_however_right_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    let window = pairings.open_window(origin(), Kind::Native, Rights::default()).unwrap();
    let code = window.code.unwrap();
    for left in (0..5).rev() {
        let refused = pairings.pair(ORIGIN, Kind::Native, &wrong(&code), None).await;
        assert!(matches!(refused, Err(PairError::Wrong { tries_left }) if tries_left == left), "{left}");
    }
    assert!(!pairings.is_window_open(ORIGIN, Kind::Native));
    let refused = pairings.pair(ORIGIN, Kind::Native, &code, None).await;
    assert!(matches!(refused, Err(PairError::Locked)));
    assert_eq!(pairings.windows()[0].state, WindowState::Locked);
    assert!(pairings.list().is_empty());
}

#[tokio::test]
async fn pairings_outlive_the_daemon_and_what_is_kept_tells_no_token() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    let mut tokens = Vec::new();
    for kind in [Kind::Native, Kind::Hoppscotch] {
        let code = pairings.open_window(origin(), kind, Rights::default()).unwrap().code.unwrap();
        let (pairing, token) = pairings.pair(ORIGIN, kind, &code, Some([7; 32])).await.unwrap();
        pairings.used(&pairing);
        tokens.push(token);
    }
    pairings.write().await.unwrap();
    let path = dir.path().join("pairings.json");
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(tokens.iter().all(|token| !text.contains(token)));

    let again = opened(dir.path()).await;
    for (n, token) in tokens.iter().enumerate() {
        let found = again.pairing_of(token.as_bytes()).unwrap();
        assert_eq!((found.facts(), found.key()), (pairings.list()[n].facts(), Some(&[7; 32])));
        assert_eq!(found.facts().requests, 1);
    }
    let gone = again.list()[0].gone().child_token();
    assert!(again.revoke(1).await.unwrap() && !again.revoke(1).await.unwrap());
    assert!(gone.is_cancelled() && again.pairing_of(tokens[0].as_bytes()).is_none());
    let third = opened(dir.path()).await;
    assert_eq!(third.list().iter().map(|p| p.id).collect::<Vec<_>>(), [2]);
    let code = third.open_window(origin(), Kind::Native, Rights::default()).unwrap().code.unwrap();
    assert_eq!(third.pair(ORIGIN, Kind::Native, &code, None).await.unwrap().0.id, 3);
    assert!(third.revoke(3).await.unwrap());
    let fourth = opened(dir.path()).await;
    let code = fourth.open_window(origin(), Kind::Native, Rights::default()).unwrap().code.unwrap();
    assert_eq!(fourth.pair(ORIGIN, Kind::Native, &code, None).await.unwrap().0.id, 4, "numbers do not come back");
    for damaged in ["{", r#"{"last":0,"pairings":[{}]}"#, r#"{"last":0,"pairings":[],"x":1}"#] {
        std::fs::write(&path, damaged).unwrap();
        assert!(Pairings::open(dir.path()).await.is_err_and(|(_, why)| why.contains("damaged")), "{damaged}");
    }
}

#[tokio::test]
async fn there_is_room_for_so_many_and_a_code_waits_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    for n in 0..PAIRINGS {
        let code = pairings.open_window(origin(), Kind::Native, Rights::default()).unwrap().code.unwrap();
        assert!(pairings.pair(ORIGIN, Kind::Native, &code, None).await.is_ok(), "{n}");
    }
    let code = pairings.open_window(origin(), Kind::Native, Rights::default()).unwrap().code.unwrap();
    let refused = pairings.pair(ORIGIN, Kind::Native, &code, None).await;
    assert!(matches!(refused, Err(PairError::Full)));
    assert!(pairings.revoke(1).await.unwrap());
    assert!(pairings.pair(ORIGIN, Kind::Native, &code, None).await.is_ok(), "the code is not used up");
}

#[test]
fn a_window_is_over_after_two_minutes_and_there_are_few() {
    let (mut windows, now) = (Windows::default(), Instant::now());
    let open = |windows: &mut Windows, origin: &str, now| {
        let code = Secret::random_code().unwrap();
        windows.open((origin.parse().unwrap(), Kind::Native, Rights::default()), code, now)
    };
    let first = open(&mut windows, ORIGIN, now).unwrap();
    let code = first.code.unwrap();
    let second = open(&mut windows, ORIGIN, now).unwrap();
    assert_ne!(second.id, first.id);
    assert_eq!(windows.list(now)[0].state, WindowState::Closed, "one origin has one window");
    let page = (ORIGIN, Kind::Native);
    let later = now + TIME - Duration::from_millis(1);
    if code != *second.code.as_ref().unwrap() {
        assert_eq!(windows.guess(page, &code, Some(1), later), Guess::Wrong { tries_left: 4 });
    }
    assert!(windows.is_open(ORIGIN, Kind::Native, later) && !windows.is_open(ORIGIN, Kind::Native, now + TIME));
    assert_eq!(windows.guess(page, &second.code.unwrap(), Some(1), now + TIME), Guess::NoWindow);
    assert_eq!(windows.list(now + TIME)[1].state, WindowState::Expired);
    assert!(windows.list(now + TIME * 3).is_empty());

    let opened = (0..20).filter_map(|n| open(&mut windows, &format!("https://c{n}.example"), now)).count();
    assert_eq!(opened, MOST);
    for n in 0..1000 {
        let window = open(&mut windows, "https://c0.example", now).unwrap();
        assert!(windows.close(window.id, now) && !windows.close(window.id, now), "{n}");
        assert!(windows.list(now).len() <= 4 * MOST);
    }
}

#[tokio::test]
async fn what_a_page_has_under_way_can_be_cancelled_by_it_and_ends_with_its_pairing() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    let code = pairings.open_window(origin(), Kind::Native, Rights::default()).unwrap().code.unwrap();
    let (pairing, _) = pairings.pair(ORIGIN, Kind::Native, &code, None).await.unwrap();
    let (one, two) = (pairing.gone().child_token(), pairing.gone().child_token());
    let _running = pairing.running(1, one.clone());
    drop(pairing.running(2, two.clone()));
    assert!(pairing.cancel(1) && !pairing.cancel(2) && !pairing.cancel(3));
    assert!(one.is_cancelled() && !two.is_cancelled());
    // Two of one number: both are meant, and the end of one is not that of the other.
    let (three, four) = (pairing.gone().child_token(), pairing.gone().child_token());
    let _running = pairing.running(4, three.clone());
    drop(pairing.running(4, four.clone()));
    assert!(pairing.cancel(4) && three.is_cancelled() && !four.is_cancelled());
    pairings.revoke(pairing.id).await.unwrap();
    assert!(two.is_cancelled());
    let turns: Vec<_> = std::iter::from_fn(|| pairing.turn()).collect();
    assert_eq!(turns.len(), 64);
}

#[tokio::test]
async fn an_origin_that_is_blocked_has_neither_windows_nor_pairings() {
    let dir = tempfile::tempdir().unwrap();
    let pairings = opened(dir.path()).await;
    let other: WebOrigin = "https://other.example".parse().unwrap();
    let mut tokens = Vec::new();
    for origin in [origin(), other.clone()] {
        let code = pairings.open_window(origin.clone(), Kind::Native, Rights::default()).unwrap().code.unwrap();
        tokens.push(pairings.pair(origin.as_str(), Kind::Native, &code, None).await.unwrap().1);
    }
    let gone = pairings.pairing_of(tokens[0].as_bytes()).unwrap().gone().clone();
    let code = pairings.open_window(origin(), Kind::Hoppscotch, Rights::default()).unwrap().code.unwrap();
    for _ in 0..2 {
        pairings.block(origin()).await.unwrap();
    }
    assert!(gone.is_cancelled(), "what was under way is broken off");
    assert!(pairings.pairing_of(tokens[0].as_bytes()).is_none() && !pairings.is_paired(ORIGIN, Kind::Native));
    assert!(!pairings.is_window_open(ORIGIN, Kind::Hoppscotch));
    let tried = pairings.pair(ORIGIN, Kind::Hoppscotch, &code, None).await;
    assert!(matches!(tried, Err(PairError::NoWindow)));
    assert!(pairings.pairing_of(tokens[1].as_bytes()).is_some(), "of another origin");

    let again = opened(dir.path()).await;
    assert_eq!((again.blocked(), again.list().len()), (vec![origin()], 1), "it outlives the daemon");
    let refused = again.open_window(origin(), Kind::Native, Rights::default());
    assert!(matches!(refused, Err(WindowError::Blocked(_))));
    assert!(!again.unblock(other.as_str()).await.unwrap() && again.unblock(ORIGIN).await.unwrap());
    again.open_window(origin(), Kind::Native, Rights::default()).unwrap();
    for n in 0..BLOCKED {
        again.lock().blocked.push(format!("https://h{n}.example").parse().unwrap());
    }
    assert!(matches!(again.block(origin()).await, Err(BlockError::TooMany)));
}
