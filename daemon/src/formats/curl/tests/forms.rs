//! The forms in which commands are written, by browsers and by people.

use super::line;
use crate::formats::curl::{CurlError, LARGEST, read};

/// The requests of a text in a line each, then what was refused.
fn lines(text: &str) -> Vec<String> {
    let read = read(text).unwrap_or_else(|e| panic!("{text}: {e}"));
    let requests = read.requests.iter().map(|request| line(&request.draft));
    requests.chain(read.refused.iter().map(|refused| format!("refused {}: {}", refused.line, refused.reason))).collect()
}

fn notes(text: &str) -> String {
    read(text).unwrap().notes.join("\n")
}

#[test]
fn words_are_those_of_the_shell() {
    for (text, expected) in [
        ("curl http://h/a", "GET http://h/a"),
        ("curl 'http://h/a b'", "GET http://h/a b"),
        ("curl http://h/\"a\\\"\\$b\"'c'\\d", "GET http://h/a\"$bcd"),
        ("curl \\\n  -X PUT \\\r\n \\   \n http://h/", "PUT http://h/"),
        ("curl http://h/ # a comment -X PUT", "GET http://h/"),
        ("$ curl http://h/", "GET http://h/"),
        ("me@host:~/d$ curl http://h/", "GET http://h/"),
        ("> curl http://h/", "GET http://h/"),
        ("Type this: curl -k http://h/ > out.txt 2>&1", "GET http://h/"),
        ("Here's how: curl -k http://h/", "GET http://h/"),
        ("sudo /usr/bin/curl -k http://h/", "GET http://h/"),
        ("X=1 curl.exe http://h/", "GET http://h/"),
        ("if true; then curl -k http://h/; fi", "GET http://h/"),
        ("(curl http://h/)", "GET http://h/"),
        ("curl http://h/ | jq .", "GET http://h/"),
        ("curl http://h/ && echo yes || echo no", "GET http://h/"),
        ("curl -H $'X: \\u0021\\'\\xff' http://h/", "GET http://h/ | X: ISf/"),
        ("curl -H $\"X: a\" http://h/", "GET http://h/ | X: a"),
        ("H=h.test; curl http://$H/${H}/\"$H\"/'$H'", "GET http://h.test/h.test/h.test/$H"),
        ("export T=a\ncurl -H \"X: $T\" http://h/", "GET http://h/ | X: a"),
        ("curl \"http://$HOST/${ID}\"", "GET http://{{HOST}}/{{ID}}"),
        ("curl http://h/${ID:-7}", "GET http://h/7"),
        ("curl -H \"X: $(date +%s) `id`\" http://h/", "GET http://h/ | X: {{command_1}} {{command_2}}"),
        ("curl -H \"X: $1 $@ $ 5$\" http://h/", "GET http://h/ | X: {{argument_1}} {{arguments}} $ 5$"),
        (
            "curl http://h/ -d @- <<EOF\n{\"a\":$A}\nEOF\n",
            "POST http://h/ | Content-Type: application/x-www-form-urlencoded | Text {\"a\":{{A}}}",
        ),
        (
            "curl http://h/ --json @- <<-'EOF'\n\t{\"a\":\"$A\"}\n\tEOF\n",
            "POST http://h/ | Content-Type: application/json | Accept: application/json | Json {\"a\":\"$A\"}\n",
        ),
        ("curl http://h/ -T - <<< text", "PUT http://h/ | Text text\n"),
        (
            "echo '{\"a\":1}' | curl -d @- http://h/",
            "POST http://h/ | Content-Type: application/x-www-form-urlencoded | Text {\"a\":1}",
        ),
        (
            "printf 'a\\000b' | curl --data-binary @- http://h/",
            "POST http://h/ | Content-Type: application/x-www-form-urlencoded | bytes YQBi",
        ),
        (
            "cat f.bin | curl --data-binary @- http://h/",
            "POST http://h/ | Content-Type: application/x-www-form-urlencoded | file f.bin",
        ),
        (
            "curl --data-binary @- http://h/ < f.bin",
            "POST http://h/ | Content-Type: application/x-www-form-urlencoded | file f.bin",
        ),
        ("curl `\r\n -X PUT `\n http://h/", "PUT http://h/"),
        ("curl", "refused"),
    ] {
        if expected == "refused" {
            assert!(read(text).is_err(), "{text}");
        } else {
            assert_eq!(lines(text), [expected], "{text}");
        }
    }
    assert!(notes("curl http://$HOST/").contains("{{HOST}}"));
    assert!(notes("curl http://h/?a=1&b=2").contains("An & without quotes"));
    assert_eq!(lines("curl http://h/?a=1&b=2"), ["GET http://h/?a=1"]);
}

#[test]
fn options_say_what_curl_has_them_say() {
    const FORM: &str = "Content-Type: application/x-www-form-urlencoded";
    for (text, expected) in [
        ("-d a=1 -d b=+", "POST http://h/ | form a=1 & b= ".to_owned()),
        ("-d a=%20", format!("POST http://h/ | {FORM} | Text a=%20")),
        ("-d '{\"a\": 1}' -H content-type:application/json", "POST http://h/ | content-type: application/json | Json {\"a\": 1}".into()),
        ("-d 'a b'", format!("POST http://h/ | {FORM} | Text a b")),
        ("--data-raw @x", format!("POST http://h/ | {FORM} | Text @x")),
        ("-d @f.json", format!("POST http://h/ | {FORM} | file f.json")),
        ("-d a=1 -d @f.txt", format!("POST http://h/ | {FORM} | Text a=1&{{{{file_f.txt}}}}")),
        ("--data-urlencode 'n=a b&c'", format!("POST http://h/ | {FORM} | Text n=a%20b%26c")),
        ("--data-urlencode n@f", format!("POST http://h/ | {FORM} | Text n={{{{file_f}}}}")),
        ("-G -d a=1 -d b=2", "GET http://h/?a=1&b=2".into()),
        ("--url-query a=1", "GET http://h/?a=1".into()),
        ("--json '{}' --json ' '", "POST http://h/ | Content-Type: application/json | Accept: application/json | Json {} ".into()),
        ("--json '{}' -H 'Accept: x/y'", "POST http://h/ | Content-Type: application/json | Accept: x/y | Json {}".into()),
        ("-F a=b -F 'f=@x.png;type=image/png' --form-string 'g=@y;z'", "POST http://h/ | parts a=b & f=@x.png;type=image/png & g=@y;z".into()),
        ("-T f.bin", "PUT http://h/ | file f.bin".into()),
        ("-I", "HEAD http://h/".into()),
        ("-X purge", "purge http://h/".into()),
        ("-u a:b:c", "GET http://h/ | basic a:b:c".into()),
        ("-u a:b --digest", "GET http://h/ | digest a:b".into()),
        ("--oauth2-bearer t", "GET http://h/ | bearer t".into()),
        ("-u a:b --ntlm", "GET http://h/ | {\"password\":\"b\",\"type\":\"ntlm\",\"username\":\"a\"}".into()),
        ("-u k:s --aws-sigv4 aws:amz:eu:s3", "GET http://h/ | {\"accessKey\":\"k\",\"region\":\"eu\",\"secretKey\":\"s\",\"service\":\"s3\",\"type\":\"awsv4\"}".into()),
        ("-A a -e 'http://r/;auto' -r 0-9 -b a=1 -b b=2", "GET http://h/ | User-Agent: a | Referer: http://r/ | Range: bytes=0-9 | Cookie: a=1;b=2".into()),
        ("-A a -H 'user-agent: b' -H 'X: 1' -H 'X: 2'", "GET http://h/ | user-agent: b | X: 1 | X: 2".into()),
        ("-b a=1 -H 'Cookie: c=2'", "GET http://h/ | Cookie: c=2".into()),
        ("-H 'X;' -H 'Y:' -H 'Z:   a  '", "GET http://h/ | X:  | Z: a  ".into()),
        ("-H 'Content-Length: 3' -H ':authority: h' -H nothing", "GET http://h/".into()),
        ("--unix-socket /s", "GET http://unix:/s:/".into()),
        ("--smoke --http3 -o f -sSv", "GET http://h/".into()),
    ] {
        assert_eq!(lines(&format!("curl http://h/ {text}")), [expected], "{text}");
    }
    let several = "curl http://a/ http://b/ -H 'X: 1' --next -d x=1 http://c/ -:";
    assert_eq!(lines(several), ["GET http://a/ | X: 1", "GET http://b/ | X: 1", "POST http://c/ | form x=1"]);
    let draft = |text: &str| read(text).unwrap().requests.remove(0).draft;
    let settings = draft("curl -kL --max-redirs 3 --http1.1 -m 2.5 --resolve h:1:127.0.0.1 http://h/").settings;
    assert_eq!((settings.verify_chain, settings.verify_name), (Some(false), Some(false)));
    assert_eq!((settings.follow_redirects, settings.max_redirects), (Some(true), Some(3)));
    assert_eq!((settings.timeout_ms, settings.no_cache), (Some(2500), Some(false)));
    assert_eq!(draft("curl http://h/").without, ["accept-encoding", "connection"]);
    assert_eq!(draft("curl http://h/ --compressed -H Accept:").without, ["accept", "connection"]);
    assert_eq!(draft(r"curl 'http://h/\[a\]\{b\}'").url, "http://h/[a]{b}");
    let said = notes("curl -x http://p/ --smoke -b jar.txt -K f -H @f 'http://h/{a,b}'");
    for word in ["--proxy", "--smoke", "jar.txt", "\"f\"", "several URLs"] {
        assert!(said.contains(word), "{word}: {said}");
    }
}

/// What browsers copy for the command prompt of Windows.
#[test]
fn the_command_prompt_has_rules_of_its_own() {
    for (text, expected) in [
        (
            "curl ^\"https://h/a?b=1^&c=%^20d^\" ^\r\n  -X ^\"POST^\" ^\r\n  -H ^\"x: a^\\^\"b^\" ^\r\n  --data-raw ^\"^{^\\^\"a^\\^\":^\\^\"x^\\^\\ny^\\^\"^}^\" ^\r\n  -H ^\"Content-Type: application/json^\"",
            "POST https://h/a?b=1&c=%20d | x: a\"b | Content-Type: application/json | Json {\"a\":\"x\\ny\"}",
        ),
        (
            "curl ^\"https://h/^\" ^\n  -H ^\"content-type: text/plain^\" ^\n  --data-raw ^\"a^\n\nb^\" &\ncurl ^\"https://h/2^\"",
            "POST https://h/ | content-type: text/plain | Text a\nb",
        ),
        (
            "C:\\Users\\me>curl \"https://h/\" -H \"x: y\" --data-binary \"{\"\"a\"\":\"\"b\"\"}\" -H \"content-type: application/json\"",
            "POST https://h/ | x: y | content-type: application/json | Json {\"a\":\"b\"}",
        ),
        (
            "curl \"https://h/\" ^\n -H \"x: a^b\" --data-raw \"a\"^\n\n\"b\"",
            "POST https://h/ | Content-Type: application/x-www-form-urlencoded | x: a^b | Text a\nb",
        ),
        ("curl.exe ^\n -H \"x: \\\\a\\b\\\"c\" https://h/ > nul", "GET https://h/ | x: \\\\a\\b\"c"),
    ] {
        assert_eq!(lines(text)[0], expected, "{text}");
    }
}

#[test]
fn what_is_no_request_is_refused_with_the_reason() {
    for (text, reason) in [
        ("curl -X POST", "names no URL"),
        ("curl ftp://h/f", "ftp://"),
        ("curl 'http://h/", "' is opened"),
        ("curl \"http://h/", "\" is opened"),
        ("curl http://h/$(id", "$(…)"),
        ("curl http://h/${a", "${…}"),
        ("curl http://h/`id", "`…`"),
        ("curl -d @<(id) http://h/", "<(…)"),
        ("curl http://h/ -d", "--data, has no value"),
        ("curl http://h/ -d @-", "standard input"),
        ("make body | curl http://h/ -d @-", "another command prints"),
        ("curl http://h/ -F x", "NAME=VALUE"),
    ] {
        match read(text) {
            Err(CurlError::NothingTaken(refused)) => {
                assert!(refused.reason.contains(reason), "{text}: {}", refused.reason);
                assert_eq!(refused.line, 1);
            }
            other => panic!("{text}: {other:?}"),
        }
    }
    for none in ["", "hello", "{\"curl\":1}", "apt install curl", "We use curl for this.", "wget http://h/"] {
        assert_eq!(read(none), Err(CurlError::NoCommand), "{none}");
    }
    let some = "# a\ncurl http://a/\n\ncurl ftp://b/\necho 'x\ny'\ncurl http://c/";
    assert_eq!(lines(some)[..2], ["GET http://a/", "GET http://c/"]);
    let read_some = read(some).unwrap();
    assert_eq!((read_some.requests[1].line, read_some.refused[0].line), (7, 4));
    assert_eq!(read(&" ".repeat(LARGEST + 1)), Err(CurlError::TooLong { size: LARGEST + 1 }));
}

/// Variables that hold each other twice, 64 times over, would hold more than there is memory: at 16 MiB they are unknown.
#[test]
fn variables_cannot_grow_without_bound() {
    let mut text = "a0=0123456789\n".to_owned();
    for n in 1..64 {
        let before = n - 1;
        text.push_str(&format!("a{n}=$a{before}$a{before}\n"));
    }
    assert_eq!(lines(&format!("{text}curl http://h/$a63")), ["GET http://h/{{a63}}"]);
}
