use super::harness::Daemon;
use serde_json::json;

#[tokio::test]
async fn files_are_kept_listed_and_removed() {
    let daemon = Daemon::start().await;
    let put = |name: &'static str, body: &'static str| {
        let target = format!("/api/v1/files/{name}");
        let headers = daemon.program() + "Content-Type: application/octet-stream\r\n";
        let daemon = &daemon;
        async move { daemon.ask("PUT", &target, &headers, body).await }
    };
    assert_eq!(daemon.get("/files").await.json(), json!({ "items": [] }));
    let made = put("a%20b.txt", "12345").await;
    assert_eq!((made.status, &made.json()["name"], &made.json()["size"]), (201, &json!("a b.txt"), &json!(5)));
    assert_eq!(put("a%20b.txt", "123").await.json()["size"], 3, "over the one that was there");
    put("b", "x").await;
    let list = daemon.get("/files").await.json();
    let names: Vec<_> = list["items"].as_array().unwrap().iter().map(|item| item["name"].clone()).collect();
    assert_eq!(names, ["a b.txt", "b"]);
    let opened = daemon.engine.files().open("a b.txt").await.unwrap();
    assert_eq!(opened.length, 3);
    for bad in ["..", ".hidden", "a%2Fb", "..%2Fx", "a%00b", "a%5Cb"] {
        put(bad, "x").await.error(400, "bad_file");
        daemon.delete(&format!("/files/{bad}")).await.error(400, "bad_file");
    }
    daemon.delete("/files/none").await.error(404, "not_found");
    assert_eq!(daemon.delete("/files/b").await.status, 204);
    assert_eq!(daemon.get("/files").await.json()["items"].as_array().unwrap().len(), 1);
    daemon.stop().await;
}

#[tokio::test]
async fn nothing_stays_of_a_file_that_does_not_come_whole() {
    use tokio::io::AsyncWriteExt;
    let daemon = Daemon::start().await;
    let mut stream = tokio::net::TcpStream::connect(daemon.address).await.unwrap();
    let head = format!(
        "PUT /api/v1/files/half HTTP/1.1\r\nContent-Type: application/octet-stream\r\nContent-Length: 10\r\n{}\r\nhalf",
        daemon.program()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let folder = daemon.engine.files().folder().to_owned();
    let count = || std::fs::read_dir(&folder).unwrap().count();
    let until = |wanted: usize| async move {
        let begun = std::time::Instant::now();
        while count() != wanted {
            assert!(begun.elapsed() < super::harness::PATIENCE, "{} files", count());
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    until(1).await;
    drop(stream);
    until(0).await;
    daemon.stop().await;
}
