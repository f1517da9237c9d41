//! The files of the UI: embedded in the program, read from disk in debug builds so that an edit shows on reload. Its
//! modules are sent joined, as `app.js` and `parts.js`.

mod joined;
mod stripped;

use super::{error::ApiError, headers::UI_POLICY};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use brotli::{BrotliCompress, enc::BrotliEncoderParams};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../ui-static"]
struct Embedded;

/// The icon of the page.
const ICON: &str = "favicon.svg";

/// First segments of paths that are screens of the UI rather than files.
const SCREENS: [&str; 8] = ["exchange", "session", "sessions", "collections", "cookies", "replay", "rules", "setup"];

/// Compressed files, made when they are first asked for.
#[derive(Clone, Default)]
pub(crate) struct Files {
    compressed: Arc<Mutex<HashMap<(String, Coding), Compressed>>>,
}

/// How a file is compressed (RFC 9110, 8.4.1). Browsers take Brotli from this machine; it saves a tenth, which many
/// small files need.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Coding {
    Brotli,
    Gzip,
}

/// How hard Brotli tries, of 11. Two steps more take ten times as long for a twentieth.
const BROTLI: i32 = 9;

/// How the names of those begin for which nobody waits, and how hard it is tried for them: half a second for a twentieth less.
const LATER: (&str, i32) = ("parts.", 10);

/// With the hash of what was compressed: in debug builds files change.
type Compressed = ([u8; 32], Bytes);

/// Answers a request outside `/api`.
pub(crate) async fn answer(request: &Parts, files: &Files) -> Response {
    if !matches!(request.method, Method::GET | Method::HEAD) {
        return ApiError::method_not_allowed(request.method.as_str()).allow("GET, HEAD").into_response();
    }
    let path = request.uri.path();
    let Some(name) = file_name(path) else { return ApiError::no_route(path).into_response() };
    let (name, headers, files) = (name.to_owned(), request.headers.clone(), files.clone());
    let missing = ApiError::no_route(path);
    // Debug builds read the disk, and the first answer compresses.
    match tokio::task::spawn_blocking(move || files.serve(&name, &headers)).await {
        Ok(Some(response)) => response,
        Ok(None) => missing.into_response(),
        Err(e) => ApiError::internal(format!("a file of the UI could not be served: {e}")).into_response(),
    }
}

/// Whether a path is that of a script which pages of other origins load.
pub(super) fn is_for_pages(path: &str) -> bool {
    path == "/agent/agent-client.js"
}

/// The file a path stands for. Names are plain: letters, digits, `-`, `_` and `.`, not beginning with a dot. Whatever
/// else stands in a path (`..`, `\`, anything percent-encoded) names no file.
fn file_name(path: &str) -> Option<&str> {
    let name = path.strip_prefix('/')?;
    let plain = |s: &str| {
        !s.is_empty() && !s.starts_with('.') && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    if name.is_empty() {
        return Some("index.html");
    }
    if !name.split('/').all(plain) {
        return None;
    }
    let first = name.split('/').next();
    Some(if first.is_some_and(|f| SCREENS.contains(&f)) { "index.html" } else { name })
}

impl Files {
    fn serve(&self, name: &str, asked: &HeaderMap) -> Option<Response> {
        let data = content(name)?;
        let hash: [u8; 32] = Sha256::digest(&data).into();
        let (kind, compressible) = media_type(name);
        let coding = if compressible { Coding::taken(asked) } else { None };
        let tag: String = hash[..16].iter().map(|b| format!("{b:02x}")).collect();
        let tag = format!("\"{tag}{}\"", coding.map_or("", Coding::suffix));
        let known = asked.get_all(header::IF_NONE_MATCH).iter().flat_map(|v| v.as_bytes().split(|b| *b == b','));
        let known = known.map(<[u8]>::trim_ascii).any(|t| t.strip_prefix(b"W/").unwrap_or(t) == tag.as_bytes());

        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else if let Some(coding) = coding {
            let mut response = Response::new(Body::from(self.compressed(name, coding, hash, &data)));
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding.name()));
            response
        } else {
            Response::new(match data {
                Cow::Borrowed(data) => Body::from(data),
                Cow::Owned(data) => Body::from(data),
            })
        };
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        // The page's icon is asked for with every new address of the page; the files it needs are looked after each time.
        let keep = if name == ICON { "max-age=86400" } else { "no-cache" };
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(keep));
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        headers.insert(header::CONTENT_SECURITY_POLICY, UI_POLICY);
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(header::ETAG, tag);
        }
        Some(response)
    }

    fn compressed(&self, name: &str, coding: Coding, hash: [u8; 32], data: &[u8]) -> Bytes {
        let key = (name.to_owned(), coding);
        let kept = |files: &HashMap<_, Compressed>| files.get(&key).filter(|c| c.0 == hash).map(|c| c.1.clone());
        if let Some(bytes) = kept(&self.compressed.lock().unwrap_or_else(PoisonError::into_inner)) {
            return bytes;
        }
        let bytes = Bytes::from(coding.compress(name, data));
        let mut files = self.compressed.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(key, (hash, bytes.clone()));
        bytes
    }
}

impl Coding {
    /// The best one that is taken.
    fn taken(asked: &HeaderMap) -> Option<Self> {
        [Self::Brotli, Self::Gzip].into_iter().find(|coding| takes(asked, coding.name()))
    }

    /// Its name in header fields.
    fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the tags of files end in that are compressed by it.
    fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => "-br",
            Self::Gzip => "-gzip",
        }
    }

    /// Writing to memory does not fail.
    fn compress(self, name: &str, mut data: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        match self {
            Self::Brotli => {
                let quality = if name.starts_with(LATER.0) { LATER.1 } else { BROTLI };
                let how = BrotliEncoderParams { quality, size_hint: data.len(), ..Default::default() };
                BrotliCompress(&mut data, &mut out, &how).map_or_else(|_| Vec::new(), |_| out)
            }
            Self::Gzip => {
                let mut gzip = GzEncoder::new(out, Compression::best());
                gzip.write_all(data).and_then(|()| gzip.finish()).unwrap_or_default()
            }
        }
    }
}

/// What is sent as a file of a name: modules have none of their own.
fn content(name: &str) -> Option<Cow<'static, [u8]>> {
    let source = |name: &str| Embedded::get(name).map(|file| file.data);
    match name {
        "app.js" | "app.js.map" | "parts.js" | "parts.js.map" => {
            let joined = joined::join(&source, name.starts_with("app"));
            if let Some(wrong) = &joined.wrong {
                tracing::error!(%wrong, "the scripts of the UI cannot be joined");
            }
            let text = if name.ends_with(".map") { joined.map } else { joined.script };
            Some(Cow::Owned(text.into_bytes()))
        }
        EARLY => Some(Cow::Owned(stripped::without_comments(&source(name)?))),
        _ if name.starts_with("js/") => None,
        _ => source(name),
    }
}

/// The one script that is no module.
const EARLY: &str = "js/early-theme.js";

/// The media type of a file by its name, and whether compressing it is worth while.
fn media_type(name: &str) -> (&'static str, bool) {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => ("text/html; charset=utf-8", true),
        "js" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "svg" => ("image/svg+xml", true),
        "json" | "map" => ("application/json", true),
        "txt" => ("text/plain; charset=utf-8", true),
        "png" => ("image/png", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        _ => ("application/octet-stream", false),
    }
}

/// Whether a coding is taken (RFC 9110, 12.5.3).
fn takes(asked: &HeaderMap, wanted: &str) -> bool {
    let fields = asked.get_all(header::ACCEPT_ENCODING).iter().filter_map(|v| v.to_str().ok());
    let mut codings = fields.flat_map(|v| v.split(','));
    codings.any(|coding| {
        let (name, weight) = coding.split_once(';').unwrap_or((coding, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1").trim();
        name.trim().eq_ignore_ascii_case(wanted) && weight.parse::<f32>().is_ok_and(|q| q > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn paths_name_plain_files_or_screens() {
        for (path, name) in [
            ("/", Some("index.html")),
            ("/app.css", Some("app.css")),
            ("/js/table/grid.js", Some("js/table/grid.js")),
            ("/exchange/7.42", Some("index.html")),
            ("/exchange/7.42/edit", Some("index.html")),
            ("/session/7", Some("index.html")),
            ("/collections/send/12", Some("index.html")),
            ("/session/7/exchange/7.42", Some("index.html")),
            ("/sessions", Some("index.html")),
            ("/cookies/2", Some("index.html")),
            ("", None),
            ("*", None),
            ("//", None),
            ("//etc/passwd", None),
            ("/../Cargo.toml", None),
            ("/js/../../Cargo.toml", None),
            ("/..", None),
            ("/./app.css", None),
            ("/.git/config", None),
            ("/js/.hidden", None),
            ("/js/", None),
            ("/%2e%2e/Cargo.toml", None),
            ("/..%2fCargo.toml", None),
            ("/js%2fapi.js", None),
            ("/..\\Cargo.toml", None),
            ("/c:/windows", None),
            ("/a\0b", None),
            ("/exchange/../Cargo.toml", None),
        ] {
            assert_eq!(file_name(path), name, "{path:?}");
        }
    }

    #[test]
    fn compressed_files_are_sent_to_those_who_take_them() {
        for (field, coding) in [
            ("gzip, deflate, br, zstd", Some(Coding::Brotli)),
            ("gzip, deflate", Some(Coding::Gzip)),
            ("br;q=0, GZIP;q=0.5", Some(Coding::Gzip)),
            ("gzip;q=0", None),
            ("gzip; q=0.0, br;q=0.1", Some(Coding::Brotli)),
            ("gzip;q=x", None),
            ("identity", None),
            ("", None),
        ] {
            let asked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(field))]);
            assert_eq!(Coding::taken(&asked), coding, "{field}");
        }
    }

    /// Those of pages' own: not joined, and not for the UI.
    fn is_for_others(name: &str) -> bool {
        name.starts_with("agent/")
    }

    /// Lines lose their indentation, which must mean nothing.
    #[test]
    fn no_text_of_a_script_goes_over_lines() {
        for name in Embedded::iter().filter(|name| name.ends_with(".js") && !is_for_others(name)) {
            let code = stripped::without_comments(&Embedded::get(&name).unwrap().data);
            for (at, line) in code.split(|b| *b == b'\n').enumerate() {
                let ticks = line.iter().filter(|b| **b == b'`').count();
                let quoted = memchr::memmem::find(line, b"\"`").is_some();
                assert!(ticks % 2 == 0 || quoted, "{name}:{}", at + 1);
            }
        }
    }

    #[test]
    fn all_of_the_ui_is_small_and_what_is_shown_first_is_smaller() {
        let size = |name: &&str| Coding::Brotli.compress(name, &content(name).unwrap()).len();
        let first: usize = ["index.html", "favicon.svg", EARLY, "app.css", "app.js"].iter().map(size).sum();
        let later: usize = ["parts.css", "parts.js"].iter().map(size).sum();
        assert!(first < 60_000, "{first} bytes");
        assert!(first + later < 150_000, "{} bytes", first + later);
    }

    #[test]
    fn modules_are_sent_joined_and_not_each_by_itself() {
        for (name, sent) in
            [("js/main.js", false), ("js/dom.js", false), (EARLY, true), ("app.js", true), ("x.js", false)]
        {
            assert_eq!(content(name).is_some(), sent, "{name}");
        }
    }

    /// What the folder holds besides is taken by a name.
    #[test]
    fn every_module_is_in_one_of_the_two_scripts_and_no_other_kind_of_script_is_there() {
        let source = |name: &str| Embedded::get(name).map(|file| file.data);
        let [app, parts] = [true, false].map(|first| joined::join(&source, first));
        assert_eq!((&app.wrong, &parts.wrong), (&None, &None));
        let sources = [app.sources(), parts.sources()].concat();
        let joined: HashSet<&str> = sources.iter().map(String::as_str).collect();
        assert_eq!(joined.len(), sources.len(), "a module is in both");
        for name in Embedded::iter().filter(|name| name.ends_with(".js") && !is_for_others(name)) {
            let alone = name == EARLY || name.ends_with("types.js");
            assert_eq!(joined.contains(&*name), !alone, "{name}");
        }
    }
}
