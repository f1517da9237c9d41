//! How many cookies there can be, and which go first (RFC 6265bis, sections 5.7 and 6.1).

/// Bounds of a jar. Where one is passed, cookies go until there is some room again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Cookies of one site (`example.com` with all below it).
    pub per_site: usize,
    /// Cookies in all.
    pub total: usize,
}

impl Limits {
    /// As Chromium has them.
    pub const BROWSER: Self = Self { per_site: 180, total: 3_300 };

    /// Those of a jar that is filled by hand and from files: what a browser keeps of each site, of many more sites.
    pub const LARGE: Self = Self { per_site: 180, total: 200_000 };

    /// How many stay of a site when it has too many.
    pub(super) fn kept_per_site(self) -> usize {
        self.per_site - self.per_site / 6
    }

    /// How many stay when there are too many in all.
    pub(super) fn kept(self) -> usize {
        self.total - self.total / 11
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::BROWSER
    }
}
