//! Text, line by line (Myers, "An O(ND) Difference Algorithm", 1986), with a bound on its work.

use super::{Part, difference::Found};
use std::ops::Range;

/// Most insertions and deletions that are looked for; beyond that, all between the first and the last difference is one change.
const EDITS: usize = 1_000;
/// Most pairs of lines that are looked at; likewise.
const LOOKS: usize = 20_000_000;

/// Lines of `a` that became lines of `b`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Hunk {
    a: Range<usize>,
    b: Range<usize>,
}

pub(super) fn compare(a: &str, b: &str, found: &mut Found) {
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('\n').collect(), b.split('\n').collect());
    for hunk in hunks(&a, &b) {
        let text = |lines: &[&str]| (!lines.is_empty()).then(|| lines.join("\n"));
        let place = if hunk.a.is_empty() { &hunk.b } else { &hunk.a };
        let path = match place.len() {
            1 => format!("line {}", place.start + 1),
            _ => format!("lines {}-{}", place.start + 1, place.end),
        };
        // A long hunk is cut when it is shown: no need to join all of it.
        let shown = |range: &Range<usize>, lines: &[&str]| text(&lines[range.start..range.end.min(range.start + 501)]);
        found.add(Part::Text, || path, shown(&hunk.a, &a), shown(&hunk.b, &b));
    }
}

/// What has to be changed, in order.
fn hunks(a: &[&str], b: &[&str]) -> Vec<Hunk> {
    let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (rest_a, rest_b) = (&a[before..], &b[before..]);
    let after = rest_a.iter().rev().zip(rest_b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (middle_a, middle_b) = (&rest_a[..rest_a.len() - after], &rest_b[..rest_b.len() - after]);
    if middle_a.is_empty() && middle_b.is_empty() {
        return Vec::new();
    }
    let whole = || vec![Hunk { a: 0..middle_a.len(), b: 0..middle_b.len() }];
    let found =
        edits(middle_a, middle_b, LOOKS).map_or_else(whole, |same| between(&same, middle_a.len(), middle_b.len()));
    let moved = |range: Range<usize>| range.start + before..range.end + before;
    found.into_iter().map(|hunk| Hunk { a: moved(hunk.a), b: moved(hunk.b) }).collect()
}

/// The pairs of lines that stay, ascending; `None` if too much differs.
fn edits(a: &[&str], b: &[&str], most_looks: usize) -> Option<Vec<(usize, usize)>> {
    let (n, m) = (a.len() as isize, b.len() as isize);
    let most = EDITS.min(a.len() + b.len()) as isize;
    let at = |k: isize| (k + most + 1) as usize;
    // How far each diagonal has come, and how far it had before each step.
    let mut reach = vec![0isize; 2 * most as usize + 3];
    let mut trace: Vec<Vec<isize>> = Vec::new();
    let mut looks = 0;
    for d in 0..=most {
        // Of a step, only its own diagonals are needed again.
        trace.push(reach[at(-d - 1)..=at(d + 1)].to_vec());
        let mut k = -d;
        while k <= d {
            let down = k == -d || (k != d && reach[at(k - 1)] < reach[at(k + 1)]);
            let mut x = if down { reach[at(k + 1)] } else { reach[at(k - 1)] + 1 };
            let mut y = x - k;
            while x < n && y < m && a[x as usize] == b[y as usize] {
                (x, y) = (x + 1, y + 1);
                looks += 1;
            }
            if looks > most_looks {
                return None;
            }
            reach[at(k)] = x;
            if x >= n && y >= m {
                return Some(back(&trace, n, m));
            }
            k += 2;
        }
    }
    None
}

/// The way back through the steps.
fn back(trace: &[Vec<isize>], n: isize, m: isize) -> Vec<(usize, usize)> {
    let (mut x, mut y, mut same) = (n, m, Vec::new());
    for (d, reach) in trace.iter().enumerate().rev() {
        let d = d as isize;
        let at = |k: isize| (k + d + 1) as usize;
        let k = x - y;
        let down = k == -d || (k != d && reach[at(k - 1)] < reach[at(k + 1)]);
        let before = if down { k + 1 } else { k - 1 };
        let (from_x, from_y) = if d == 0 { (0, 0) } else { (reach[at(before)], reach[at(before)] - before) };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            same.push((x as usize, y as usize));
        }
        (x, y) = (from_x, from_y);
    }
    same.reverse();
    same
}

/// What lies between the lines that stay.
fn between(same: &[(usize, usize)], n: usize, m: usize) -> Vec<Hunk> {
    let (mut hunks, mut x, mut y) = (Vec::new(), 0, 0);
    for (next_x, next_y) in same.iter().copied().chain([(n, m)]) {
        if next_x > x || next_y > y {
            hunks.push(Hunk { a: x..next_x, b: y..next_y });
        }
        (x, y) = (next_x + 1, next_y + 1);
    }
    hunks
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Applies hunks to `a`, taking new lines from `b`.
    fn applied<'a>(a: &[&'a str], b: &[&'a str], hunks: &[Hunk]) -> Vec<&'a str> {
        let (mut out, mut at) = (Vec::new(), 0);
        for hunk in hunks {
            out.extend(&a[at..hunk.a.start]);
            out.extend(&b[hunk.b.clone()]);
            at = hunk.a.end;
        }
        out.extend(&a[at..]);
        out
    }

    #[test]
    fn as_little_as_possible_is_changed() {
        for (a, b, expected) in [
            ("a b c", "a x c", vec![(1..2, 1..2)]),
            ("a b c", "a c", vec![(1..2, 1..1)]),
            ("a c", "a b c", vec![(1..1, 1..2)]),
            ("a b c d e", "x b c d y", vec![(0..1, 0..1), (4..5, 4..5)]),
            ("a b a b", "b a b a", vec![(0..1, 0..0), (4..4, 3..4)]),
            ("a", "a", vec![]),
        ] {
            let (a, b): (Vec<_>, Vec<_>) = (a.split(' ').collect(), b.split(' ').collect());
            let found: Vec<_> = hunks(&a, &b).into_iter().map(|hunk| (hunk.a, hunk.b)).collect();
            assert_eq!(found, expected, "{a:?} {b:?}");
        }
    }

    #[test]
    fn lines_that_repeat_do_not_take_forever() {
        let blocks = |end: &'static str| [vec!["x"; 19_999], vec![end]].concat().repeat(50);
        let (a, b) = (blocks("a"), blocks("b"));
        assert_eq!(edits(&a, &b, 100_000), None);
        assert_eq!(hunks(&a, &b).len(), 50);
    }

    #[test]
    fn what_differs_all_over_is_one_change() {
        let a: Vec<String> = (0..3_000).map(|n| format!("a{n}")).collect();
        let b: Vec<String> = (0..3_000).map(|n| format!("b{n}")).collect();
        let (a, b): (Vec<_>, Vec<_>) = (a.iter().map(String::as_str).collect(), b.iter().map(String::as_str).collect());
        assert_eq!(hunks(&a, &b), [Hunk { a: 0..3_000, b: 0..3_000 }]);
    }

    proptest::proptest! {
        #[test]
        fn hunks_make_one_text_of_the_other(a in "[ab\n]{0,60}", b in "[ab\n]{0,60}") {
            let (a, b): (Vec<_>, Vec<_>) = (a.split('\n').collect(), b.split('\n').collect());
            let found = hunks(&a, &b);
            proptest::prop_assert_eq!(applied(&a, &b, &found), b.clone());
            proptest::prop_assert_eq!(found.is_empty(), a == b);
        }
    }
}
