//! A captured request opened as a request: in the form it is best edited in, and sent again as it was.

use http::Request;
use serde_json::{Value, json};
use waylay_tests::{
    client::{self, Speak, full},
    daemon::Daemon,
    origin::{Origin, Seen},
    rows,
};

const FORM: &str = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n";

#[tokio::test]
async fn a_captured_request_is_opened_in_its_form_and_sent_as_it_was() {
    let daemon = Daemon::start().await;
    let origin = Origin::tls(&["h2", "http/1.1"]).await;
    let mut number = 0;
    for (speak, version) in [(Speak::Http1, "1.1"), (Speak::Http2, "2")] {
        for (content_type, body, mode) in [
            ("", "", Value::Null),
            ("application/json", "{\"a\": 1}", "raw".into()),
            ("application/json", "{\"query\":\"{ a }\"}", "graphql".into()),
            ("application/x-www-form-urlencoded", "a=%C3%A4+b&c=", "urlencoded".into()),
            ("application/x-www-form-urlencoded", "a=%20", "raw".into()),
            ("multipart/form-data; boundary=b", FORM, "formdata".into()),
            ("text/plain", "{{name}}", "captured".into()),
            ("application/octet-stream", "\0\u{1}", "captured".into()),
        ] {
            number += 1;
            let url = origin.url(&format!("/echo?{number}&q='%20"));
            let mut request = Request::post(&url).header("authorization", "Basic dTpw").header("x-own", "{{name}}");
            request = request.header("x-own", "2").header("accept", "a/b").header("content-length", body.len());
            if !content_type.is_empty() {
                request = request.header("content-type", content_type);
            }
            client::fetch(&daemon, speak, request.body(full(body)).unwrap()).await;
            let first = origin.notes().requests().pop().unwrap();
            let row = rows::one(&daemon, &rows::of(&url)).await;

            let draft: Value = daemon.api().get(&format!("/exchanges/{}/request", rows::id(&row))).await;
            let what = format!("{content_type} {body:?} over HTTP/{version}: {draft}");
            assert_eq!(draft["body"]["mode"], mode, "{what}");
            // HTTP/1 has its field in lower case here, which would not come back.
            let auth = if version == "2" { "basic".into() } else { Value::Null };
            assert_eq!(draft["auth"]["type"], auth, "{what}");

            let answer = daemon.api().post("/send", &json!({"request": draft})).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (200, &Value::Null), "{what}");
            let again = origin.notes().requests().pop().unwrap();
            assert_eq!(request_of(&again), request_of(&first), "{what}");
        }
    }
}

/// What must be the same: everything but the order of fields, and what belongs to the connection.
fn request_of(seen: &Seen) -> (String, String, String, Vec<(String, String)>) {
    let mut fields = seen.headers.clone();
    fields.sort();
    (seen.method.clone(), seen.target.clone(), seen.sha256.clone(), fields)
}
