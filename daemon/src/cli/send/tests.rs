use super::{
    SendArgs,
    draft::draft,
    stream::{Event, Frames},
};
use crate::{
    formats::curl::form::{FormPart, PartValue},
    request::{Auth, Body},
};
use clap::Parser;

#[derive(Parser)]
struct Command {
    #[command(flatten)]
    args: SendArgs,
}

fn made(line: &[&str]) -> crate::request::Draft {
    let args = Command::try_parse_from(["send"].iter().chain(line)).unwrap().args;
    draft(&args).unwrap().draft
}

fn fields(draft: &crate::request::Draft) -> Vec<String> {
    draft.headers.iter().map(|f| format!("{}: {}", f.key, f.value)).collect()
}

#[test]
fn the_method_follows_from_the_data() {
    for (line, method) in [
        (&["a.test"][..], "GET"),
        (&["DELETE", "a.test"], "DELETE"),
        (&["-X", "PURGE", "a.test"], "PURGE"),
        (&["a.test", "-d", "x"], "POST"),
        (&["PATCH", "a.test", "-d", "x"], "PATCH"),
        (&["a.test", "-F", "a=b"], "POST"),
        (&["a.test", "-T", "-"], "PUT"),
        (&["a.test", "-I"], "HEAD"),
        (&["a.test", "-G", "-d", "x"], "GET"),
    ] {
        assert_eq!(made(line).method, method, "{line:?}");
    }
}

#[test]
fn data_is_sent_as_curl_sends_it() {
    let raw = |draft: &crate::request::Draft| match &draft.body {
        Body::Raw { raw, .. } => raw.clone(),
        other => panic!("{other:?}"),
    };
    let one = made(&["a.test", "-d", "a=1", "--data-urlencode", "b= &", "--data-raw", "@c"]);
    assert_eq!(raw(&one), "a=1&@c&b=%20%26");
    assert_eq!(fields(&one), ["Content-Type: application/x-www-form-urlencoded"]);
    let json = made(&["a.test", "--data-json", "{\"a\":1}", "-H", "content-type: application/x+json"]);
    assert_eq!(raw(&json), "{\"a\":1}");
    assert_eq!(fields(&json), ["Accept: application/json", "content-type: application/x+json"]);
    assert_eq!(made(&["a.test?x", "-G", "-d", "y=1"]).url, "a.test?x&y=1");
}

#[test]
fn headers_are_added_emptied_and_left_out() {
    let made = made(&["a.test", "-H", "X-A: 1", "-H", "X-A: 2", "-H", "X-B;", "-H", "Accept:", "-A", "me"]);
    assert_eq!(fields(&made), ["User-Agent: me", "X-A: 1", "X-A: 2", "X-B: "]);
    assert!(made.without.contains(&"accept".to_owned()) && made.without.contains(&"accept-encoding".to_owned()));
    assert_eq!(made.settings.follow_redirects, Some(false));
}

#[test]
fn credentials_come_from_flags() {
    let basic = Auth::Basic { username: "a".into(), password: "b:c".into() };
    assert_eq!(made(&["a.test", "-u", "a:b:c"]).auth, basic);
    let digest = Auth::Digest { username: "a".into(), password: String::new() };
    assert_eq!(made(&["a.test", "-u", "a:", "--digest"]).auth, digest);
    assert_eq!(made(&["a.test", "--bearer", "t"]).auth, Auth::Bearer { token: "t".into() });
}

#[test]
fn a_socket_keeps_the_host() {
    let made = made(&["http://api.test/x?y", "--unix-socket", "/run/a.sock"]);
    assert_eq!(made.url, "http://unix:/run/a.sock:/x?y");
    assert_eq!(fields(&made), ["Host: api.test"]);
}

#[test]
fn parts_are_written_as_for_curl() {
    let read = |text: &str| text.parse::<FormPart>();
    let part = read("a=@b.png;type=image/png;filename=\"c.png\"").unwrap();
    assert_eq!((part.name.as_str(), part.content_type.as_str(), part.file_name.as_str()), ("a", "image/png", "c.png"));
    assert_eq!(part.value, PartValue::File("b.png".into()));
    assert_eq!(read("a=b;c").unwrap().value, PartValue::Text("b;c".into()));
    let charset = read("a=b;type=text/plain;charset=utf-8").unwrap();
    assert_eq!(charset.content_type, "text/plain;charset=utf-8");
    assert_eq!(read("a=<b").unwrap().value, PartValue::Content("b".into()));
    assert!(read("a").is_err());
}

#[test]
fn the_answer_is_cut_wherever_it_breaks() {
    let whole = b"{\"event\":\"begun\",\"send\":1}\n{\"chunk\":5}\na\nb\nc\n{\"event\":\"done\",\"send\":1}\n";
    for size in 1..whole.len() {
        let (mut frames, mut body, mut done) = (Frames::default(), Vec::new(), false);
        for piece in whole.chunks(size) {
            frames.push(bytes::Bytes::copy_from_slice(piece));
            while let Some(event) = frames.next().unwrap() {
                match event {
                    Event::Chunk(bytes) => body.extend_from_slice(&bytes),
                    Event::Done(_) => done = true,
                    _ => {}
                }
            }
        }
        assert!(body == b"a\nb\nc" && done, "{size}");
    }
}
