//! The options of curl (curl 8, `curl --help all`): which take a value, and which say something about the request.

/// An option as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// What stands for itself: a URL.
    Url(Vec<u8>),
    /// An option by its long name, with its value; `--no-` in front of it turns it off.
    Option { name: &'static str, value: Vec<u8>, on: bool },
    /// One that says something about the request, or about who is asked, and has nothing here that does the same.
    Ignored(&'static str),
    /// One that curl does not have.
    Unknown(String),
}

/// What an option is to us.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// It is read.
    Taken,
    /// It is told of.
    Told,
    /// It is about output, files and the run of curl itself.
    Silent,
}

/// Options with a value: names, each with its letter if it has one.
const VALUES: [(Use, &str); 3] = [
    (
        Use::Taken,
        "aws-sigv4 ciphers config:K connect-timeout cookie:b data:d data-ascii data-binary data-raw data-urlencode form:F \
         form-string header:H json max-filesize max-redirs max-time:m oauth2-bearer range:r referer:e request:X resolve \
         tls-max tls13-ciphers unix-socket upload-file:T url url-query user:u user-agent:A",
    ),
    (
        Use::Told,
        "abstract-unix-socket alt-svc cacert capath cert:E cert-type connect-to continue-at:C crlfile curves \
         dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url ech egd-file engine etag-compare expect100-timeout \
         haproxy-clientip hsts interface ip-tos ipfs-gateway key key-type local-port login-options netrc-file noproxy pass \
         pinnedpubkey preproxy proto proto-default proto-redir proxy:x proxy-cacert proxy-capath proxy-cert proxy-cert-type \
         proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey proxy-service-name \
         proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user:U proxy1.0 request-target \
         service-name sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname time-cond:z tlsauthtype \
         tlspassword tlsuser variable vlan-priority",
    ),
    (
        Use::Silent,
        "cookie-jar:c create-file-mode delegation dump-header:D etag-save ftp-account ftp-alternative-to-user ftp-method \
         ftp-port:P ftp-ssl-ccc-mode happy-eyeballs-timeout-ms hostpubmd5 hostpubsha256 keepalive-cnt keepalive-time krb \
         libcurl limit-rate mail-auth mail-from mail-rcpt output:o output-dir parallel-max parallel-max-host pubkey quote:Q \
         random-file rate retry retry-delay retry-max-time sasl-authzid speed-limit:Y speed-time:y ssl-sessions stderr \
         telnet-option:t tftp-blksize trace trace-ascii trace-config upload-flags write-out:w",
    ),
];

/// Options without one.
const FLAGS: [(Use, &str); 3] = [
    (
        Use::Taken,
        "anyauth basic compressed digest get:G globoff:g head:I http1.0:0 http1.1 http2 http2-prior-knowledge insecure:k \
         location:L location-trusted negotiate next:: ntlm path-as-is post301 post302 post303 tlsv1:1 tlsv1.0 tlsv1.1 tlsv1.2 \
         tlsv1.3",
    ),
    (
        Use::Told,
        "ca-native crlf doh-insecure doh-cert-status haproxy-protocol http0.9 http3 http3-only ipv4:4 ipv6:6 netrc:n \
         netrc-optional ntlm-wb proxy-anyauth proxy-basic proxy-ca-native proxy-digest proxy-http2 proxy-insecure \
         proxy-negotiate proxy-ntlm proxytunnel:p ssl ssl-reqd sslv2:2 sslv3:3 tr-encoding",
    ),
    (
        Use::Silent,
        "alpn append:a buffer cert-status clobber compressed-ssh create-dirs disable:q disable-eprt disable-epsv \
         disallow-username-in-url eprt epsv fail:f fail-early fail-with-body false-start form-escape ftp-create-dirs ftp-pasv \
         ftp-pret ftp-skip-pasv-ip ftp-ssl ftp-ssl-ccc ftp-ssl-control ftp-ssl-reqd help:h ignore-content-length include:i \
         junk-session-cookies:j keepalive list-only:l mail-rcpt-allowfails manual:M metalink mptcp no-buffer:N npn \
         out-null parallel:Z parallel-immediate progress-bar:# progress-meter raw remote-header-name:J remote-name:O \
         remote-name-all remote-time:R remove-on-error retry-all-errors retry-connrefused sasl-ir sessionid show-error:S \
         show-headers silent:s skip-existing socks5-basic socks5-gssapi socks5-gssapi-nec ssl-allow-beast \
         ssl-auto-client-cert ssl-no-revoke ssl-revoke-best-effort styled-output suppress-connect-headers tcp-fastopen \
         tcp-nodelay tftp-no-options tls-earlydata trace-ids trace-time use-ascii:B verbose:v version:V xattr",
    ),
];

/// A line of the tables above.
#[derive(Clone, Copy)]
struct Known {
    name: &'static str,
    letter: Option<u8>,
    valued: bool,
    of: Use,
}

fn known() -> impl Iterator<Item = Known> {
    let lines = |table: &'static [(Use, &str)], valued| {
        table.iter().flat_map(move |(of, names)| {
            names.split_ascii_whitespace().map(move |entry| {
                let (name, letter) = entry.split_once(':').map_or((entry, None), |(n, l)| (n, l.bytes().next()));
                Known { name, letter, valued, of: *of }
            })
        })
    };
    lines(&VALUES, true).chain(lines(&FLAGS, false))
}

/// Reads the words behind `curl`.
///
/// # Errors
/// If the last option lacks its value.
pub(super) fn given(words: &[Vec<u8>]) -> Result<Vec<Given>, String> {
    let mut found = Vec::new();
    let mut words = words.iter();
    let mut only_urls = false;
    while let Some(word) = words.next() {
        let mut value =
            |name: &str| words.next().cloned().ok_or_else(|| format!("its last option, --{name}, has no value"));
        match &word[..] {
            b"--" if !only_urls => only_urls = true,
            [b'-', b'-', long @ ..] if !only_urls => {
                let long = String::from_utf8_lossy(long).into_owned();
                let (long, glued) = long.split_once('=').map_or((&long[..], None), |(n, v)| (n, Some(v.as_bytes())));
                let (option, on) = match by_name(long) {
                    Some(option) => (Some(option), true),
                    None => (long.strip_prefix("no-").and_then(by_name).filter(|o| !o.valued), false),
                };
                found.extend(match (option, glued) {
                    (None, _) => Some(Given::Unknown(format!("--{long}"))),
                    (Some(option), Some(glued)) if option.valued => option.with(glued.to_vec(), on),
                    (Some(option), _) if option.valued => option.with(value(option.name)?, on),
                    (Some(option), _) => option.with(Vec::new(), on),
                });
            }
            [b'-', letters @ ..] if !only_urls && !letters.is_empty() => {
                for (at, letter) in letters.iter().enumerate() {
                    let Some(option) = known().find(|option| option.letter == Some(*letter)) else {
                        found.push(Given::Unknown(format!("-{}", char::from(*letter))));
                        continue;
                    };
                    if !option.valued {
                        found.extend(option.with(Vec::new(), true));
                        continue;
                    }
                    let rest = &letters[at + 1..];
                    let value = if rest.is_empty() { value(option.name)? } else { rest.to_vec() };
                    found.extend(option.with(value, true));
                    break;
                }
            }
            url => found.push(Given::Url(url.to_vec())),
        }
    }
    Ok(found)
}

/// By its name, or by so much of it that it can be no other.
fn by_name(name: &str) -> Option<Known> {
    if let Some(exact) = known().find(|option| option.name == name) {
        return Some(exact);
    }
    let mut beginning = known().filter(|option| name.len() > 1 && option.name.starts_with(name));
    beginning.next().filter(|_| beginning.next().is_none())
}

impl Known {
    fn with(self, value: Vec<u8>, on: bool) -> Option<Given> {
        match self.of {
            Use::Taken => Some(Given::Option { name: self.name, value, on }),
            Use::Told => Some(Given::Ignored(self.name)),
            Use::Silent => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_option_and_no_letter_is_there_twice() {
        let mut names = HashSet::new();
        let mut letters = HashSet::new();
        for option in known() {
            assert!(names.insert(option.name), "{}", option.name);
            assert!(option.letter.is_none_or(|letter| letters.insert(letter)), "{}", option.name);
        }
        assert!(letters.contains(&b':'), "--next is -:");
    }

    #[test]
    fn words_are_options_and_urls() {
        let option = |name, value: &str| Given::Option { name, value: value.into(), on: true };
        let off = |name| Given::Option { name, value: Vec::new(), on: false };
        for (text, expected) in [
            ("-XPOST u", vec![option("request", "POST"), Given::Url("u".into())]),
            ("-sSLk -d a", vec![option("location", ""), option("insecure", ""), option("data", "a")]),
            ("-sda=1", vec![option("data", "a=1")]),
            ("--request=PUT", vec![option("request", "PUT")]),
            ("--insec --comp", vec![option("insecure", ""), Given::Unknown("--comp".into())]),
            ("--no-compressed", vec![off("compressed")]),
            ("--cacert f --http3", vec![Given::Ignored("cacert"), Given::Ignored("http3")]),
            ("--smoke -&", vec![Given::Unknown("--smoke".into()), Given::Unknown("-&".into())]),
            ("-: -- -d", vec![option("next", ""), Given::Url("-d".into())]),
            ("-o f -w x -", vec![Given::Url("-".into())]),
        ] {
            let words: Vec<_> = text.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert_eq!(given(&words).unwrap(), expected, "{text}");
        }
        assert!(given(&[b"-d".to_vec()]).unwrap_err().contains("--data"));
    }
}
