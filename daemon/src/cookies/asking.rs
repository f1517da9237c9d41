//! A request, as far as cookies depend on it.

use super::site;
use url::Url;

/// What is asked, and from where.
#[derive(Clone, Copy, Debug)]
pub struct Asking<'a> {
    /// Where it goes.
    pub url: &'a Url,
    /// How.
    pub method: &'a str,
    /// The page that makes it. Without, somebody types an address, or a program asks.
    pub page: Option<&'a Url>,
    /// Whether the answer takes that page's place (a link, a form), rather than being something in it.
    pub navigates: bool,
}

impl<'a> Asking<'a> {
    /// GET, from no page.
    pub fn plain(url: &'a Url) -> Self {
        Self { url, method: "GET", page: None, navigates: true }
    }

    /// Whether it is made by a page of another site.
    pub fn cross_site(&self) -> bool {
        self.page.is_some_and(|page| site::site(page) != site::site(self.url))
    }

    /// Whether the method changes nothing by its definition (RFC 9110, section 9.2.1).
    pub fn safe_method(&self) -> bool {
        matches!(self.method, "GET" | "HEAD" | "OPTIONS" | "TRACE")
    }

    /// The site of the page that is shown: whose partition counts.
    pub fn partition(&self) -> Option<String> {
        site::site(self.page.filter(|_| !self.navigates).unwrap_or(self.url))
    }
}
