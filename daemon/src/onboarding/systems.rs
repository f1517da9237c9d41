//! The steps for each system and browser, and which of them a visitor needs.

/// What the certificate is installed into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Ios,
    Android,
    MacOs,
    Windows,
    Debian,
    RedHat,
    Arch,
    Chrome,
    Firefox,
}

use System::{Android, Arch, Chrome, Debian, Firefox, Ios, MacOs, RedHat, Windows};

const ALL: [System; 9] = [Ios, Android, MacOs, Windows, Debian, RedHat, Arch, Chrome, Firefox];

impl System {
    pub(super) fn title(self) -> &'static str {
        match self {
            Ios => "iPhone, iPad",
            Android => "Android",
            MacOs => "macOS",
            Windows => "Windows",
            Debian => "Ubuntu, Debian",
            RedHat => "Fedora, CentOS, Red Hat Enterprise Linux",
            Arch => "Arch Linux",
            Chrome => "Chrome, Edge, Chromium",
            Firefox => "Firefox",
        }
    }

    pub(super) fn steps(self) -> &'static str {
        match self {
            Ios => include_str!("steps/ios.html"),
            Android => include_str!("steps/android.html"),
            MacOs => include_str!("steps/macos.html"),
            Windows => include_str!("steps/windows.html"),
            Debian => include_str!("steps/debian.html"),
            RedHat => include_str!("steps/redhat.html"),
            Arch => include_str!("steps/arch.html"),
            Chrome => include_str!("steps/chrome.html"),
            Firefox => include_str!("steps/firefox.html"),
        }
    }
}

/// Every system, those of the visitor first; and how many are the visitor's. First of all comes what its browser trusts.
pub(super) fn for_visitor(user_agent: &str) -> (Vec<System>, usize) {
    let mut order = recognised(user_agent);
    let own = order.len();
    order.extend(ALL.into_iter().filter(|system| !order.contains(system)).collect::<Vec<_>>());
    (order, own)
}

fn recognised(user_agent: &str) -> Vec<System> {
    let says = |words: &[&str]| words.iter().any(|word| user_agent.contains(word));
    let firefox = says(&["Firefox/"]);
    if says(&["iPhone", "iPad", "iPod"]) {
        return vec![Ios];
    }
    let system = if says(&["Android"]) {
        Some(Android)
    } else if says(&["Windows"]) {
        Some(Windows)
    } else if says(&["Macintosh", "Mac OS X"]) {
        Some(MacOs)
    } else if says(&["Fedora", "CentOS", "Red Hat"]) {
        Some(RedHat)
    } else if says(&["Linux", "X11"]) {
        Some(Debian)
    } else {
        None
    };
    let on_linux = matches!(system, Some(Debian | RedHat));
    let browser = if firefox {
        Some(Firefox)
    } else if on_linux && says(&["Chrome/", "Chromium/"]) {
        Some(Chrome)
    } else {
        None
    };
    browser.into_iter().chain(system).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn systems_are_told_by_the_user_agent() {
        const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1";
        for (user_agent, wanted) in [
            (IPHONE, &[Ios][..]),
            ("Mozilla/5.0 (iPad; CPU OS 17_5 like Mac OS X) CriOS/126.0 Mobile Safari/604.1", &[Ios]),
            ("Mozilla/5.0 (Linux; Android 10; K) Chrome/126.0.0.0 Mobile Safari/537.36", &[Android]),
            ("Mozilla/5.0 (Android 14; Mobile; rv:127.0) Gecko/127.0 Firefox/127.0", &[Firefox, Android]),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/126.0.0.0 Safari/537.36", &[MacOs]),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0.0.0 Edg/126.0", &[Windows]),
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Firefox/127.0", &[Firefox, Windows]),
            ("Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Firefox/127.0", &[Firefox, Debian]),
            ("Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:127.0) Firefox/127.0", &[Firefox, RedHat]),
            ("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0 Safari/537.36", &[Chrome, Debian]),
            ("curl/8.5.0", &[]),
            ("", &[]),
        ] {
            let (order, own) = for_visitor(user_agent);
            assert_eq!(&order[..own], wanted, "{user_agent}");
            assert_eq!(order.len(), ALL.len());
            assert!(ALL.iter().all(|system| order.contains(system)), "{user_agent}");
        }
    }
}
