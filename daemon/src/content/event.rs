//! Events of an event stream (HTML standard, 9.2.6).

/// What the lines of one event say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerEvent {
    /// Its type; `None` means `message`.
    pub name: Option<String>,
    /// Its data lines, joined by line feeds; `None` if it has none, and is not an event to a page.
    pub data: Option<String>,
    /// The id it sets, which is that of the events behind it, too, until one sets another.
    pub id: Option<String>,
    /// The time to wait before a new connection that it sets, milliseconds.
    pub retry: Option<u64>,
}

impl ServerEvent {
    /// Reads the lines of an event; a byte order mark, which may begin its stream, is none of them. What is no UTF-8 is
    /// replaced, what is no known field is passed over.
    pub fn parse(lines: &[u8]) -> Self {
        let text = String::from_utf8_lossy(lines);
        let mut event = Self::default();
        // A line feed behind a carriage return ends no other line, and empty lines say nothing.
        for line in text.split(['\r', '\n']).filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            event.set(name, value.strip_prefix(' ').unwrap_or(value));
        }
        event
    }

    fn set(&mut self, name: &str, value: &str) {
        match name {
            "event" => self.name = Some(value.to_owned()).filter(|name| !name.is_empty()),
            "data" => match &mut self.data {
                Some(data) => data.extend(["\n", value]),
                None => self.data = Some(value.to_owned()),
            },
            "id" if !value.contains('\0') => self.id = Some(value.to_owned()),
            "retry" if value.bytes().all(|b| b.is_ascii_digit()) => self.retry = value.parse().ok().or(self.retry),
            // A comment has an empty name.
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Expected<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<u64>);

    #[test]
    fn lines_are_read_as_browsers_do() {
        let table: [(&str, Expected<'_>); 17] = [
            ("", (None, None, None, None)),
            ("data: one", (None, Some("one"), None, None)),
            ("data:one\ndata:  two\r\ndata\rdata: three", (None, Some("one\n two\n\nthree"), None, None)),
            ("data", (None, Some(""), None, None)),
            ("event: add\nid: 7\nretry: 3000\ndata: {}", (Some("add"), Some("{}"), Some("7"), Some(3000))),
            ("event: a\nevent: b", (Some("b"), None, None, None)),
            ("event: a\nevent:", (None, None, None, None)),
            (": comment\n:data: no", (None, None, None, None)),
            ("data: a: b", (None, Some("a: b"), None, None)),
            ("id\ndata: x", (None, Some("x"), Some(""), None)),
            ("id: a\0b\ndata: x", (None, Some("x"), None, None)),
            ("retry: 1s\nretry: +1\nretry: -1", (None, None, None, None)),
            ("retry: 99999999999999999999", (None, None, None, None)),
            ("retry: 5\nretry: x", (None, None, None, Some(5))),
            ("Data: x\n data: y\nfoo: z", (None, None, None, None)),
            ("\u{feff}data: x", (None, None, None, None)),
            ("data: \u{feff}é", (None, Some("\u{feff}é"), None, None)),
        ];
        for (lines, expected) in table {
            let event = ServerEvent::parse(lines.as_bytes());
            let found = (event.name.as_deref(), event.data.as_deref(), event.id.as_deref(), event.retry);
            assert_eq!(found, expected, "{lines:?}");
        }
        assert_eq!(ServerEvent::parse(b"data: caf\xe9!").data.as_deref(), Some("caf\u{fffd}!"));
    }

    proptest::proptest! {
        #[test]
        fn data_comes_back_line_by_line(lines: Vec<String>, ends in proptest::collection::vec(0..3usize, 1..9)) {
            let lines: Vec<String> = lines.iter().map(|l| l.replace(['\r', '\n'], "")).collect();
            let mut stream = String::new();
            for (line, end) in lines.iter().zip(ends.iter().cycle()) {
                stream += &format!("data: {line}{}", ["\n", "\r", "\r\n"][*end]);
            }
            let data = ServerEvent::parse(stream.as_bytes()).data;
            proptest::prop_assert_eq!(data.unwrap_or_default(), lines.join("\n"));
        }

        #[test]
        fn any_bytes_are_read(lines: Vec<u8>) {
            let event = ServerEvent::parse(&lines);
            proptest::prop_assert!(event.data.is_none_or(|data| data.len() <= 3 * lines.len()));
        }
    }
}
