//! CONNECT (RFC 9110, 9.3.6).

use super::{Trouble, UpstreamProxy};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Longest head of an answer, bytes.
const HEAD: usize = 64 << 10;

/// Asks for a tunnel to `authority`. `via` is the value of the field by which rings are noticed.
pub(in crate::upstream) async fn connect(
    io: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &UpstreamProxy,
    authority: &str,
    via: &str,
) -> Result<(), Trouble> {
    let mut head = format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nVia: {via}\r\n").into_bytes();
    if let Some(value) = proxy.authorization() {
        head.extend_from_slice(b"Proxy-Authorization: ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    io.write_all(&head).await?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head is the origin's, and may come in the same packet.
    while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
        if answer.len() >= HEAD {
            return Err(Trouble::new("bad answer", "answered with a head that does not end"));
        }
        answer.push(io.read_u8().await?);
    }
    let line = answer.split(|b| *b == b'\n').next().unwrap_or_default().trim_ascii_end();
    let line = String::from_utf8_lossy(line);
    let status = line.strip_prefix("HTTP/1.").and_then(|rest| rest.split(' ').nth(1)?.parse::<u16>().ok());
    match status {
        Some(200..=299) => Ok(()),
        Some(status) => Err(refusal(status, proxy)),
        None => {
            let shown: String = line.chars().take(60).flat_map(char::escape_debug).collect();
            Err(Trouble::new("bad answer", format!("answered '{shown}', which is not HTTP/1")))
        }
    }
}

/// What it means that a proxy answers in its own name.
pub(in crate::upstream) fn refusal(status: u16, proxy: &UpstreamProxy) -> Trouble {
    let reason = status.to_string();
    match status {
        407 if proxy.credentials.is_some() => {
            Trouble::new(&reason, "does not accept the user name and password it was given (407)")
        }
        407 => Trouble::new(&reason, "wants a user name and password (407)"),
        403 => Trouble::new(&reason, "does not allow this target (403)"),
        508 => Trouble::new(&reason, "says that the way goes in a circle (508)"),
        502..=504 => Trouble::new(&reason, format!("could not reach the target itself ({status})")),
        _ => Trouble::new(&reason, format!("refused with the status {status}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn answered(answer: &str) -> Result<(), Trouble> {
        let (mut ours, mut theirs) = tokio::io::duplex(4096);
        theirs.write_all(answer.as_bytes()).await.unwrap();
        theirs.shutdown().await.unwrap();
        let proxy: UpstreamProxy = "http://ann:s3cret@p.test:1".parse().unwrap();
        let ended = connect(&mut ours, &proxy, "a.test:443", "1.1 me").await;
        drop(ours);
        let mut sent = String::new();
        theirs.read_to_string(&mut sent).await.unwrap();
        assert_eq!(
            sent,
            "CONNECT a.test:443 HTTP/1.1\r\nHost: a.test:443\r\nVia: 1.1 me\r\nProxy-Authorization: Basic YW5uOnMzY3JldA==\r\n\r\n"
        );
        ended
    }

    #[tokio::test]
    async fn what_a_proxy_answers_is_told_in_words() {
        assert_eq!(answered("HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n").await, Ok(()));
        assert_eq!(answered("HTTP/1.0 200\r\n\r\n").await, Ok(()));
        for (answer, reason, word) in [
            ("HTTP/1.1 407 Who\r\n\r\n", "407", "does not accept"),
            ("HTTP/1.1 403 No\r\nContent-Length: 1\r\n\r\nx", "403", "does not allow"),
            ("HTTP/1.1 503 Later\r\n\r\n", "503", "could not reach"),
            ("SSH-2.0-x\r\n\r\n", "bad answer", "not HTTP"),
            ("HTTP/1.1 200", "closed", "closed"),
            ("", "closed", "closed"),
        ] {
            let trouble = answered(answer).await.unwrap_err();
            assert!(trouble.reason == reason && trouble.why.contains(word), "{answer}: {trouble:?}");
        }
    }
}
