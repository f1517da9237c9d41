//! Where the answer goes: standard output or a file, decoded if that is asked for.

use super::{SendArgs, stream::ResponseHead};
use crate::{
    cli::{
        escape::{escaped, escaped_lines},
        output::stdout,
        report::{Exit, Report},
    },
    content::{Codings, Decoder},
};
use bytes::{Buf, Bytes};
use indicatif::{ProgressBar, ProgressStyle};
use std::{
    fs::File,
    io::{self, IsTerminal, Read, Write},
    path::PathBuf,
    sync::mpsc,
    thread::JoinHandle,
};

/// Decoded bytes beyond this are not written: a body of a few kilobytes can stand for as many gigabytes.
const DECODED: u64 = 64 << 30;

/// Takes the answer.
pub(super) struct Sink {
    include: bool,
    compressed: bool,
    /// Nothing is written of an answer with 400 or more.
    fail: bool,
    /// Only a document is written, at the end.
    quiet: bool,
    terminal: bool,
    path: Option<PathBuf>,
    out: Option<Out>,
    bar: Option<ProgressBar>,
}

enum Out {
    Plain(Writer),
    Decoded { pieces: mpsc::SyncSender<Bytes>, thread: JoinHandle<Result<(), Report>> },
    Nowhere,
}

enum Writer {
    File(File, PathBuf),
    Stdout,
    /// What is held back is the beginning of a character.
    Terminal(Vec<u8>),
}

impl Sink {
    pub(super) fn new(args: &SendArgs, terminal: bool, document: bool) -> Self {
        let shown = io::stderr().is_terminal() && !args.silent && (args.output.is_some() || !terminal);
        Self {
            include: args.include || args.head,
            compressed: args.compressed,
            fail: args.fail,
            quiet: document,
            terminal,
            path: args.output.clone(),
            out: None,
            bar: shown.then(bar),
        }
    }

    /// A head has come; what follows is its body.
    pub(super) fn head(&mut self, head: &ResponseHead) -> Result<(), Report> {
        if self.quiet {
            return Ok(());
        }
        let refused = self.fail && head.status >= 400;
        if self.include && !refused {
            let mut text = format!("{} {}\r\n", head.version, head.status);
            for (name, value) in head.headers.iter().filter(|(name, _)| !name.starts_with(':')) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
            text.push_str("\r\n");
            let text = if self.terminal { escaped_lines(&text.replace('\r', "")).to_string() } else { text };
            stdout().write_all(text.as_bytes()).map_err(Report::output)?;
        }
        // An answer that sends on has no body here: the file is not opened before there is one.
        self.out = Some(if refused { Out::Nowhere } else { self.open(head)? });
        Ok(())
    }

    pub(super) fn body(&mut self, bytes: Bytes) -> Result<(), Report> {
        match &mut self.out {
            Some(Out::Plain(writer)) => writer.write(&bytes),
            // A thread that has ended says why at the end.
            Some(Out::Decoded { pieces, .. }) => {
                let _ = pieces.send(bytes);
                Ok(())
            }
            Some(Out::Nowhere) | None => Ok(()),
        }
    }

    pub(super) fn progress(&self, sent: u64, received: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!(
                "{} sent, {} received",
                crate::cli::units::size(sent),
                crate::cli::units::size(received)
            ));
            bar.tick();
        }
    }

    pub(super) fn finish(self) -> Result<(), Report> {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
        match self.out {
            Some(Out::Plain(writer)) => writer.finish(),
            Some(Out::Decoded { pieces, thread }) => {
                drop(pieces);
                thread.join().unwrap_or_else(|_| Err(Report::new(Exit::IO, "the body could not be decoded")))
            }
            Some(Out::Nowhere) | None => stdout().flush().map_err(Report::output),
        }
    }

    fn open(&self, head: &ResponseHead) -> Result<Out, Report> {
        let writer = match &self.path {
            Some(path) => Writer::File(File::create(path).map_err(|e| unwritable(path, e))?, path.clone()),
            None if self.terminal => Writer::Terminal(Vec::new()),
            None => Writer::Stdout,
        };
        let codings = head.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding"));
        let codings: Vec<_> = codings.map(|(_, value)| value.as_bytes()).collect();
        if !self.compressed || codings.is_empty() {
            return Ok(Out::Plain(writer));
        }
        let codings = Codings::parse(codings).map_err(|e| undecodable(&e))?;
        let (pieces, received) = mpsc::sync_channel(4);
        let thread = std::thread::spawn(move || decode(Pieces { received, now: Bytes::new() }, &codings, writer));
        Ok(Out::Decoded { pieces, thread })
    }
}

fn decode(pieces: Pieces, codings: &Codings, mut writer: Writer) -> Result<(), Report> {
    let mut decoder = Decoder::new(pieces, codings, DECODED);
    let mut buffer = vec![0; 64 << 10];
    loop {
        match decoder.read(&mut buffer) {
            Ok(0) => return writer.finish(),
            Ok(n) => writer.write(&buffer[..n])?,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(undecodable(&e)),
        }
    }
}

/// Bytes from another thread.
struct Pieces {
    received: mpsc::Receiver<Bytes>,
    now: Bytes,
}

impl Read for Pieces {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        while self.now.is_empty() {
            match self.received.recv() {
                Ok(piece) => self.now = piece,
                Err(_) => return Ok(0),
            }
        }
        let n = self.now.len().min(buf.len());
        self.now.copy_to_slice(&mut buf[..n]);
        Ok(n)
    }
}

impl Writer {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Report> {
        match self {
            Self::File(file, path) => file.write_all(bytes).map_err(|e| unwritable(path, e)),
            Self::Stdout => stdout().write_all(bytes).map_err(Report::output),
            Self::Terminal(held) => {
                held.extend_from_slice(bytes);
                if held.contains(&0) {
                    return Err(Report::new(Exit::USAGE, "this body is not text, and standard output is a terminal")
                        .advise("Write it to a file: -o FILE."));
                }
                let whole = match std::str::from_utf8(held) {
                    Err(e) if e.error_len().is_none() => e.valid_up_to(),
                    _ => held.len(),
                };
                let text: Vec<u8> = held.drain(..whole).collect();
                let text = String::from_utf8_lossy(&text);
                let mut out = stdout();
                write!(out, "{}", escaped_lines(&text)).and_then(|()| out.flush()).map_err(Report::output)
            }
        }
    }

    fn finish(self) -> Result<(), Report> {
        match self {
            Self::File(file, path) => file.sync_data().map_err(|e| unwritable(&path, e)),
            Self::Stdout => stdout().flush().map_err(Report::output),
            Self::Terminal(held) => {
                let mut out = stdout();
                let text = String::from_utf8_lossy(&held);
                write!(out, "{}", escaped(&text)).and_then(|()| out.flush()).map_err(Report::output)
            }
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::new_spinner();
    // A template of our own, without anything that could be wrong in it.
    bar.set_style(ProgressStyle::default_spinner());
    bar
}

fn unwritable(path: &std::path::Path, error: io::Error) -> Report {
    Report::io(format!("cannot write {}", path.display()), error).exiting(Exit::IO)
}

fn undecodable(error: &dyn std::fmt::Display) -> Report {
    Report::new(Exit::IO, format!("the body cannot be decoded: {error}"))
        .advise("Without --compressed it is written as it comes.")
}
