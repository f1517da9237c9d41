//! What a WebSocket's handshake asks, and what must come back (RFC 6455, 4.1).

use crate::{
    messages::websocket::{Deflate, negotiated},
    request::{Body, Draft, Field, Settings, settings::HttpVersion},
};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::{Engine, prelude::BASE64_STANDARD};

/// Joined to a key before it is hashed (RFC 6455, 1.3).
const GUID: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/// What is offered. Without parameters: the server may choose to forget its window and have us forget ours, but may not
/// choose a smaller one for us.
const OFFER: &str = "permessage-deflate";

/// What was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    key: String,
    protocols: Vec<String>,
    /// Whether extensions were offered.
    extensions: bool,
}

/// What was settled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// The subprotocol.
    pub protocol: Option<String>,
    /// The extensions, as the server wrote them.
    pub extensions: Option<String>,
    /// How messages are compressed: those we send, those that come.
    pub deflate: (Option<Deflate>, Option<Deflate>),
}

/// Gives a request, whose variables have their values, the form of a handshake. What it says itself stays: its own key,
/// version, subprotocols and extensions.
pub fn shape(draft: &mut Draft, settings: &mut Settings, protocols: &[String], compression: bool, key: &str) -> Asked {
    draft.url = over_http(&draft.url);
    (draft.method, draft.body) = ("GET".to_owned(), Body::None);
    settings.http_version = Some(HttpVersion::Http11);
    draft.headers.retain(|field| !is(field, "connection") && !is(field, "upgrade"));
    draft.headers.extend([Field::new("Connection", "Upgrade"), Field::new("Upgrade", "websocket")]);
    add(draft, "Sec-WebSocket-Version", "13");
    add(draft, "Sec-WebSocket-Key", key);
    if !protocols.is_empty() {
        add(draft, "Sec-WebSocket-Protocol", &protocols.join(", "));
    }
    if compression {
        add(draft, "Sec-WebSocket-Extensions", OFFER);
    }
    draft.without.extend(["accept", "accept-encoding"].map(str::to_owned));
    let listed = values(draft, "sec-websocket-protocol").flat_map(|value| value.split(','));
    let protocols = listed.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
    let key = values(draft, "sec-websocket-key").last().unwrap_or_default().trim().to_owned();
    let extensions = values(draft, "sec-websocket-extensions").next().is_some();
    Asked { key, protocols, extensions }
}

/// `ws` and `wss` are `http` and `https` with another end in mind.
fn over_http(url: &str) -> String {
    let url = url.trim();
    for (socket, plain) in [("ws:", "http:"), ("wss:", "https:")] {
        if let Some(start) = url.get(..socket.len())
            && start.eq_ignore_ascii_case(socket)
        {
            return format!("{plain}{}", &url[socket.len()..]);
        }
    }
    url.to_owned()
}

impl Asked {
    /// Reads the fields of a 101.
    ///
    /// # Errors
    /// What is wrong with them, as a sentence.
    pub fn answered(&self, headers: &[(String, String)]) -> Result<Settled, String> {
        let all = |name: &'static str| {
            headers.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
        };
        if !all("upgrade").any(|value| value.eq_ignore_ascii_case("websocket")) {
            return Err("The server changed to another protocol than WebSocket.".to_owned());
        }
        let accept =
            BASE64_STANDARD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{}{GUID}", self.key).as_bytes()));
        if all("sec-websocket-accept").next() != Some(accept.as_str()) {
            return Err("The server's Sec-WebSocket-Accept does not fit the key that was sent.".to_owned());
        }
        let mut protocols = all("sec-websocket-protocol");
        let protocol = protocols.next().map(str::to_owned);
        if let Some(name) = protocol.as_ref().filter(|name| !self.protocols.contains(name)) {
            return Err(format!("The server chose the subprotocol '{}', which was not offered.", shown(name)));
        }
        if protocols.next().is_some() {
            return Err("The server chose more than one subprotocol.".to_owned());
        }
        let extensions =
            all("sec-websocket-extensions").filter(|value| !value.is_empty()).collect::<Vec<_>>().join(", ");
        if extensions.is_empty() {
            return Ok(Settled { protocol, ..Settled::default() });
        }
        if !self.extensions {
            return Err(format!("The server chose the extension '{}', which was not offered.", shown(&extensions)));
        }
        let deflate = negotiated(std::iter::once(extensions.as_bytes()));
        if deflate.0.is_none() || narrows_our_window(&extensions) {
            return Err(format!("The server chose the extension '{}', which is not known here.", shown(&extensions)));
        }
        Ok(Settled { protocol, extensions: Some(extensions), deflate })
    }
}

/// Whether we were to compress with a window that is smaller than the largest.
fn narrows_our_window(extensions: &str) -> bool {
    let mut parameters = extensions.split(';').filter_map(|part| part.trim().split_once('='));
    parameters.any(|(name, bits)| name.trim() == "client_max_window_bits" && bits.trim().trim_matches('"') != "15")
}

fn values<'a>(draft: &'a Draft, name: &'a str) -> impl Iterator<Item = &'a str> {
    draft.headers.iter().filter(move |field| is(field, name)).map(|field| field.value.as_str())
}

/// Unless the request has it itself, or wants to be without.
fn add(draft: &mut Draft, name: &str, value: &str) {
    let has = values(draft, name).next().is_some();
    if !has && !draft.without.iter().any(|without| without.eq_ignore_ascii_case(name)) {
        draft.headers.push(Field::new(name, value));
    }
}

fn is(field: &Field, name: &str) -> bool {
    !field.disabled && field.key.eq_ignore_ascii_case(name)
}

fn shown(text: &str) -> String {
    text.chars().take(100).flat_map(char::escape_debug).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(url: &str, headers: &[(&str, &str)], protocols: &[&str], compression: bool) -> (Draft, Asked) {
        let headers = headers.iter().map(|(key, value)| Field::new(*key, *value)).collect();
        let mut draft = Draft { url: url.into(), method: "POST".into(), headers, ..Draft::default() };
        let protocols: Vec<_> = protocols.iter().map(ToString::to_string).collect();
        let mut settings = Settings { http_version: Some(HttpVersion::Http2), ..Settings::default() };
        let asked = shape(&mut draft, &mut settings, &protocols, compression, "dGhlIHNhbXBsZSBub25jZQ==");
        assert_eq!((draft.method.as_str(), settings.http_version), ("GET", Some(HttpVersion::Http11)));
        (draft, asked)
    }

    fn fields(draft: &Draft) -> Vec<(&str, &str)> {
        draft.headers.iter().map(|f| (f.key.as_str(), f.value.as_str())).collect()
    }

    #[test]
    fn a_request_becomes_a_handshake_and_keeps_what_it_says() {
        for (url, expected) in [
            ("ws://a.test/x", "http://a.test/x"),
            (" WSS://a.test:8443/", "https://a.test:8443/"),
            ("https://a.test/", "https://a.test/"),
            ("a.test/ws", "a.test/ws"),
        ] {
            assert_eq!(ask(url, &[], &[], true).0.url, expected);
        }
        let (draft, _) =
            ask("ws://a.test/", &[("Origin", "https://b.test"), ("connection", "close")], &["a", "b"], true);
        assert_eq!(
            fields(&draft),
            [
                ("Origin", "https://b.test"),
                ("Connection", "Upgrade"),
                ("Upgrade", "websocket"),
                ("Sec-WebSocket-Version", "13"),
                ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
                ("Sec-WebSocket-Protocol", "a, b"),
                ("Sec-WebSocket-Extensions", "permessage-deflate"),
            ]
        );
        let own = [("sec-websocket-key", "own"), ("Sec-WebSocket-Protocol", "x, y"), ("Sec-WebSocket-Protocol", "z")];
        let (draft, asked) = ask("ws://a.test/", &own, &["a"], false);
        assert_eq!(fields(&draft).len(), 6, "{draft:?}");
        let protocols = ["x", "y", "z"].map(str::to_owned).to_vec();
        assert_eq!(asked, Asked { key: "own".into(), protocols, extensions: false });
    }

    #[test]
    fn an_answer_must_fit_what_was_asked() {
        const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let usual = [("Upgrade", "WebSocket"), ("sec-websocket-accept", ACCEPT)];
        let answer = |compression, more: &[(&str, &str)]| {
            let (_, asked) = ask("ws://a.test/", &[], &["chat.v1", "chat.v2"], compression);
            let headers = usual.iter().chain(more).map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
            asked.answered(&headers.collect::<Vec<_>>())
        };
        assert_eq!(answer(true, &[]), Ok(Settled::default()));
        let deflate = |no_context_takeover| Some(Deflate { no_context_takeover });
        let extensions = "permessage-deflate; client_no_context_takeover";
        let chosen = [("Sec-WebSocket-Protocol", "chat.v2"), ("Sec-WebSocket-Extensions", extensions)];
        let settled = Settled {
            protocol: Some("chat.v2".into()),
            extensions: Some(extensions.into()),
            deflate: (deflate(true), deflate(false)),
        };
        assert_eq!(answer(true, &chosen), Ok(settled));
        for (compression, more, says) in [
            (true, &[("Sec-WebSocket-Protocol", "chat.v3")][..], "'chat.v3', which was not offered"),
            (true, &[("Sec-WebSocket-Protocol", "chat.v1"), ("Sec-WebSocket-Protocol", "chat.v2")], "more than one"),
            (false, &[("Sec-WebSocket-Extensions", "permessage-deflate")], "which was not offered"),
            (true, &[("Sec-WebSocket-Extensions", "mux")], "not known here"),
            (true, &[("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits=9")], "not known here"),
        ] {
            let why = answer(compression, more).unwrap_err();
            assert!(why.contains(says), "{why}");
        }
        let (_, asked) = ask("ws://a.test/", &[], &[], true);
        let pairs = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        assert!(asked.answered(&pairs(&[("upgrade", "h2c"), usual[1]])).unwrap_err().contains("another protocol"));
        assert!(
            asked.answered(&pairs(&[usual[0], ("Sec-WebSocket-Accept", "x")])).unwrap_err().contains("does not fit")
        );
        assert!(asked.answered(&pairs(&usual[..1])).unwrap_err().contains("does not fit"));
    }
}
