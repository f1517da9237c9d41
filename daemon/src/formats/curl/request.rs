//! The request that curl would send, as a draft.

use super::{
    data::{self, data},
    order::{DataKind, Order, Scheme},
    shell::Input,
};
use crate::request::{Auth, Body, Draft, Field, variables::has_reference};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::json;
use std::collections::BTreeMap;

/// One draft for each URL.
///
/// # Errors
/// Why curl would send nothing, or nothing over HTTP.
pub(super) fn drafts(order: Order, input: &Input, notes: &mut Vec<String>) -> Result<Vec<Draft>, String> {
    if order.urls.is_empty() {
        return Err("it names no URL".to_owned());
    }
    let mut headers = Headers::default();
    let mut draft = Draft { settings: order.settings.clone(), ..Draft::default() };
    draft.settings.follow_redirects.get_or_insert(false);
    draft.settings.no_cache = Some(false);
    draft.auth = auth(&order, notes);
    for (name, value) in [("User-Agent", &order.user_agent), ("Referer", &order.referer)] {
        if let Some(value) = value {
            headers.usual(name, value);
        }
    }
    if let Some(range) = &order.range {
        headers.usual("Range", format!("bytes={range}").as_bytes());
    }
    if !order.cookies.is_empty() {
        headers.usual("Cookie", &order.cookies.join(&b';'));
    }
    let (mut usual_method, mut query, mut pieces) = ("GET", order.url_query.clone(), None);
    if !order.data.is_empty() {
        let data = data(&order, input, notes)?;
        if order.get {
            query.push(data.bytes);
        } else {
            usual_method = "POST";
            let json = order.data.iter().any(|datum| datum.kind == DataKind::Json);
            headers
                .usual("Content-Type", if json { b"application/json" } else { b"application/x-www-form-urlencoded" });
            if json {
                headers.usual("Accept", b"application/json");
            }
            pieces = Some(data);
        }
    } else if !order.form.is_empty() {
        usual_method = "POST";
        draft.body = Body::Formdata { formdata: data::parts(order.form.clone(), notes) };
    } else if let Some(file) = &order.upload {
        usual_method = "PUT";
        draft.body = upload(file, input, notes)?;
    }
    if order.head {
        usual_method = "HEAD";
    }
    draft.method = order.method.clone().unwrap_or_else(|| usual_method.to_owned());
    headers.given(&order.headers, notes);
    if !order.compressed && !headers.has("accept-encoding") {
        headers.without.push("accept-encoding".to_owned());
    }
    headers.without.push("connection".to_owned());
    if let Some(data) = pieces {
        draft.body = match data.file {
            Some(src) => Body::File { src },
            None => data::body(data.bytes, &headers.fields),
        };
        // It is sent by itself then.
        if matches!(draft.body, Body::Urlencoded { .. }) && headers.implied("content-type") {
            headers.fields.retain(|field| !field.key.eq_ignore_ascii_case("content-type"));
        }
    }
    if let Body::Raw { raw, .. } = &draft.body
        && has_reference(raw)
    {
        notes.push("{{…}} in the body is taken for a variable.".to_owned());
    }
    (draft.headers, draft.without) = (headers.fields, headers.without);
    // curl takes it for text: whoever wrote the command may have meant either.
    for field in draft.headers.iter().filter(|field| field.bytes.is_none() && has_reference(&field.value)) {
        notes.push(format!("{{{{…}}}} in the header {} is taken for a variable.", field.key));
    }
    let with_url = |url: &Vec<u8>| {
        let url = url_of(url, &order, &query, notes)?;
        if has_reference(&url) {
            notes.push("{{…}} in the URL is taken for a variable.".to_owned());
        }
        Ok(Draft { url, ..draft.clone() })
    };
    order.urls.iter().map(with_url).collect()
}

/// Fields in the making: those that follow from other options first.
#[derive(Default)]
struct Headers {
    fields: Vec<Field>,
    without: Vec<String>,
    /// Names of `fields` that follow from other options.
    usual: Vec<&'static str>,
}

impl Headers {
    fn usual(&mut self, name: &'static str, value: &[u8]) {
        self.usual.push(name);
        self.fields.push(field(name, value));
    }

    fn has(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.key.eq_ignore_ascii_case(name))
    }

    fn implied(&self, name: &str) -> bool {
        self.usual.iter().any(|usual| usual.eq_ignore_ascii_case(name))
    }

    /// What `-H` says takes the place of what follows from other options, and may itself be repeated.
    fn given(&mut self, lines: &[Vec<u8>], notes: &mut Vec<String>) {
        let mut given = Vec::new();
        for line in lines {
            let shown = || String::from_utf8_lossy(line).chars().take(80).collect::<String>();
            let (name, value) = match (memchr::memchr(b':', line), line.strip_suffix(b";")) {
                _ if line.starts_with(b"@") => {
                    notes.push(format!("The headers in the file {:?} were left out: no file is read.", &shown()[1..]));
                    continue;
                }
                (Some(colon), _) => {
                    (&line[..colon], Some(line[colon + 1..].trim_ascii_start()).filter(|v| !v.is_empty()))
                }
                (None, Some(name)) => (name, Some(&b""[..])),
                (None, None) => {
                    notes.push(format!("The header {:?} was left out: it has no colon.", shown()));
                    continue;
                }
            };
            let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            if name.is_empty() || name.eq_ignore_ascii_case("content-length") {
                notes.push(format!("The header {:?} was left out: it is made anew for each request.", shown()));
                continue;
            }
            let replaced = self.fields.iter().position(|field| field.key.eq_ignore_ascii_case(&name));
            if let Some(at) = replaced.filter(|_| self.implied(&name)) {
                self.fields.remove(at);
                self.usual.retain(|usual| !usual.eq_ignore_ascii_case(&name));
                if name.eq_ignore_ascii_case("cookie") {
                    notes.push("-b was left out: curl sends the header Cookie instead.".to_owned());
                }
            }
            match value {
                Some(value) => given.push(field(&name, value)),
                None => self.without.push(name.to_ascii_lowercase()),
            }
        }
        self.fields.extend(given);
    }
}

fn field(name: &str, value: &[u8]) -> Field {
    let text = String::from_utf8_lossy(value);
    let plain = text.as_bytes() == value;
    Field { bytes: (!plain).then(|| BASE64_STANDARD.encode(value)), ..Field::new(name, text) }
}

fn upload(file: &str, input: &Input, notes: &mut Vec<String>) -> Result<Body, String> {
    let path = match (file, input) {
        ("-" | ".", Input::Text(text)) => return Ok(data::body(text.clone(), &[])),
        ("-" | ".", Input::File(path)) => path,
        ("-" | ".", _) => return Err("its body would be read from standard input, and is not known here".to_owned()),
        (file, _) => file,
    };
    notes.push(format!("The body is the file {path:?}, which is not read here: choose it again."));
    Ok(Body::File { src: path.to_owned() })
}

fn auth(order: &Order, notes: &mut Vec<String>) -> Auth {
    if let Some(token) = &order.bearer {
        return Auth::Bearer { token: token.clone() };
    }
    let Some(user) = &order.user else { return Auth::Inherit };
    let (username, password) = match user.split_once(':') {
        Some((username, password)) => (username.to_owned(), password.to_owned()),
        None => {
            notes.push("-u has no password: curl would ask for it.".to_owned());
            (user.clone(), String::new())
        }
    };
    let other = |kind: &str, members: &[(&str, &str)]| {
        let mut fields: BTreeMap<_, _> = members.iter().map(|(key, value)| ((*key).to_owned(), json!(value))).collect();
        fields.insert("type".to_owned(), json!(kind));
        Auth::Other(fields)
    };
    if let Some(aws) = &order.aws {
        let mut words = aws.split(':').skip(2);
        let (region, service) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let members =
            [("accessKey", &username[..]), ("secretKey", &password), ("region", region), ("service", service)];
        notes.push("--aws-sigv4 is kept, but requests are not signed here yet.".to_owned());
        return other("awsv4", &members);
    }
    match order.scheme {
        Scheme::Basic => Auth::Basic { username, password },
        Scheme::Digest => Auth::Digest { username, password },
        Scheme::Ntlm => {
            notes.push("--ntlm is kept, but not spoken here.".to_owned());
            other("ntlm", &[("username", &username), ("password", &password)])
        }
        Scheme::Negotiate => {
            notes.push("--negotiate was left out: Kerberos is not spoken here.".to_owned());
            Auth::Inherit
        }
    }
}

/// The URL with what goes into its query.
fn url_of(url: &[u8], order: &Order, query: &[Vec<u8>], notes: &mut Vec<String>) -> Result<String, String> {
    let mut url = String::from_utf8_lossy(url).trim().to_owned();
    if url.is_empty() {
        return Err("its URL is empty".to_owned());
    }
    if let Some((scheme, _)) = url.split_once("://")
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
        && !scheme.eq_ignore_ascii_case("http")
        && !scheme.eq_ignore_ascii_case("https")
    {
        return Err(format!("its URL begins with {scheme}://, and only http and https are sent from here"));
    }
    if !order.globoff {
        url = without_globs(&url, notes);
    }
    for query in query {
        let query = String::from_utf8_lossy(query);
        let query = query.strip_prefix('+').unwrap_or(&query);
        if query.is_empty() {
            continue;
        }
        let (before, fragment) = url.split_once('#').map_or((&url[..], None), |(before, f)| (before, Some(f)));
        let between = match before.find('?') {
            None => "?",
            Some(at) if at + 1 == before.len() => "",
            Some(_) => "&",
        };
        url = format!("{before}{between}{query}{}", fragment.map(|f| format!("#{f}")).unwrap_or_default());
    }
    match &order.unix_socket {
        None => Ok(url),
        Some(socket) => {
            let rest = url.split_once("://").map_or(&url[..], |(_, rest)| rest);
            let path = rest.find(['/', '?', '#']).map_or("", |at| &rest[at..]);
            let slash = if path.starts_with('/') { "" } else { "/" };
            Ok(format!("http://unix:{socket}:{slash}{path}"))
        }
    }
}

/// Brackets and braces that are escaped because they mean several URLs otherwise.
fn without_globs(url: &str, notes: &mut Vec<String>) -> String {
    let mut out = String::with_capacity(url.len());
    let (mut chars, mut several) = (url.chars().peekable(), false);
    // A list has a comma in braces, a range a hyphen in brackets.
    let mut open = None;
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some('[' | ']' | '{' | '}')) => {
                out.extend(chars.next());
                continue;
            }
            ('{' | '[', _) => open = Some(c),
            ('}' | ']', _) => open = None,
            (',', _) if open == Some('{') => several = true,
            ('-', _) if open == Some('[') => several = true,
            _ => {}
        }
        out.push(c);
    }
    if several {
        notes.push("curl would ask for several URLs, by {…} or […] in it: they were taken as they stand.".to_owned());
    }
    out
}
