//! Linux and macOS.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Access, Mode, OFlags, access, openat},
    io::Errno,
    process::{Pid, Resource, Rlimit, Signal, getpgrp, getrlimit, kill_process, setrlimit, setsid, umask},
    termios::{LocalModes, OptionalActions, Termios, isatty, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr},
};
use std::{
    fs::{DirBuilder, File, Metadata, OpenOptions, Permissions},
    io,
    os::unix::{
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt},
        process::ExitStatusExt,
    },
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};
use tokio::signal::unix::{Signal as Arrivals, SignalKind, signal};

/// Makes the files opened with `options` the owner's alone from the moment they exist.
pub fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options.mode(0o600)
}

/// Makes the folders created with `builder` the owner's alone.
pub fn private_dir(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder.mode(0o700)
}

/// Opens a file for reading by a relative path of plain names below a folder. Links are refused as invalid input, and
/// nothing waits for the other end of a pipe.
pub fn open_below(folder: &Path, path: &Path) -> io::Result<File> {
    let reading = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut at = File::open(folder)?;
    let (parents, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default());
    for parent in parents {
        at = openat(&at, parent, reading | OFlags::DIRECTORY, Mode::empty()).map_err(not_plain)?.into();
    }
    Ok(openat(&at, name, reading | OFlags::NONBLOCK | OFlags::NOCTTY, Mode::empty()).map_err(not_plain)?.into())
}

/// Links and sockets cannot be opened like this.
fn not_plain(error: Errno) -> io::Error {
    match error {
        Errno::LOOP | Errno::MLINK | Errno::NXIO => io::ErrorKind::InvalidInput.into(),
        other => other.into(),
    }
}

/// Opens a file for reading without waiting for the other end of a pipe.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    OpenOptions::new().read(true).custom_flags(flags).open(path)
}

/// Takes everyone else's rights on a folder away.
pub fn only_for_owner(dir: &Path) -> io::Result<()> {
    std::fs::set_permissions(dir, Permissions::from_mode(0o700))
}

/// The permission bits of something that others may read, write or enter; `None` if only its owner may.
pub fn open_to_others(meta: &Metadata) -> Option<u32> {
    let mode = meta.mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

/// The user id something belongs to.
pub fn owner(meta: &Metadata) -> Option<u32> {
    Some(meta.uid())
}

/// The user id this process acts as.
pub fn user() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

/// Why this process may not create files in `dir`, if it may not.
pub fn access_problem(dir: &Path) -> Option<io::Error> {
    access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).err().map(Into::into)
}

/// From here on, what this process creates is for its owner alone. Gives back the mask that held before.
pub fn restrict_new_files() -> u32 {
    umask(Mode::from_raw_mode(0o077)).as_raw_mode()
}

/// Raises the soft limit of open descriptors to the hard one: every captured exchange may need two sockets.
pub fn raise_descriptor_limit() -> io::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, wanted) {
        // macOS reports no hard limit and then accepts no more than this (OPEN_MAX).
        Err(_) if cfg!(target_os = "macos") => {
            Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(10_240), maximum: limit.maximum })?)
        }
        done => Ok(done?),
    }
}

/// How many descriptors this process may have open; `None` without a limit.
pub fn descriptor_limit() -> Option<u64> {
    getrlimit(Resource::Nofile).current
}

/// Lets nobody else connect, although others still hold the socket. Only Linux can.
pub fn stop_listening(listener: std::net::TcpListener) {
    let socket = std::net::TcpStream::from(std::os::fd::OwnedFd::from(listener));
    // Elsewhere clients go on to be queued until the last holder is gone.
    let _ = socket.shutdown(std::net::Shutdown::Both);
}

/// Leaves the terminal's session, so that neither Ctrl-C nor closing the terminal reaches this process.
pub fn detach_from_terminal() -> io::Result<()> {
    setsid()?;
    Ok(())
}

/// Spawns a process that is to outlive this one. It calls [`detach_from_terminal`] itself as its first act.
pub fn spawn_detached(command: &mut Command) -> io::Result<Child> {
    command.spawn()
}

/// Hands a URL to the desktop's browser, which creates files under `mask`. Returns once the browser has taken it.
pub fn open_in_browser(url: &str, mask: u32) -> io::Result<()> {
    let program = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    let script = format!("umask {mask:04o}; exec {program} \"$1\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script, "sh", url]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    if shell.status()?.success() { Ok(()) } else { Err(io::Error::other(format!("{program} failed"))) }
}

/// Columns of the terminal on standard output.
pub fn terminal_width() -> Option<usize> {
    let size = tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// The terminal on standard input, where what is typed is not shown while this is there. Elsewhere it does nothing.
pub struct WithoutEcho(Option<Termios>);

/// Hides what is typed.
pub fn without_echo() -> io::Result<WithoutEcho> {
    if !isatty(io::stdin()) {
        return Ok(WithoutEcho(None));
    }
    let before = tcgetattr(io::stdin())?;
    let mut quiet = before.clone();
    quiet.local_modes -= LocalModes::ECHO;
    tcsetattr(io::stdin(), OptionalActions::Flush, &quiet)?;
    Ok(WithoutEcho(Some(before)))
}

impl Drop for WithoutEcho {
    fn drop(&mut self) {
        if let Some(before) = &self.0 {
            // A terminal that has gone shows nothing anyway.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, before);
        }
    }
}

/// Whether standard output is a pipe that nobody reads any more.
pub fn reader_gone() -> bool {
    let stdout = io::stdout();
    let mut fds = [PollFd::new(&stdout, PollFlags::empty())];
    let ready = poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    matches!(ready, Ok(1..)) && fds[0].revents().contains(PollFlags::ERR)
}

/// The exit code a shell would report: the process's own, or 128 plus the signal that ended it.
pub fn exit_code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Arrivals of what asks a daemon to end.
pub struct Termination {
    interrupt: Arrivals,
    terminate: Arrivals,
    hangup: Arrivals,
}

impl Termination {
    /// Takes the signals over from now on.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}

/// Signals that a command's parent passes on to it.
pub struct ForwardedSignals {
    interrupt: Arrivals,
    quit: Arrivals,
    terminate: Arrivals,
    hangup: Arrivals,
    user1: Arrivals,
    user2: Arrivals,
}

impl ForwardedSignals {
    /// Takes the signals over from now on.
    pub fn listen() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            user1: signal(SignalKind::user_defined1())?,
            user2: signal(SignalKind::user_defined2())?,
        })
    }

    /// Waits for the next one that is to be passed on.
    pub async fn next(&mut self) -> Signal {
        loop {
            let (signal, typed) = tokio::select! {
                _ = self.interrupt.recv() => (Signal::INT, true),
                _ = self.quit.recv() => (Signal::QUIT, true),
                _ = self.terminate.recv() => (Signal::TERM, false),
                _ = self.hangup.recv() => (Signal::HUP, false),
                _ = self.user1.recv() => (Signal::USR1, false),
                _ = self.user2.recv() => (Signal::USR2, false),
            };
            // What is typed at a terminal goes to the whole foreground group: the command has it already.
            if !(typed && in_foreground()) {
                return signal;
            }
        }
    }
}

/// Sends a signal to a process that has not been waited for yet.
pub fn forward(signal: Signal, pid: u32) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(io::ErrorKind::InvalidInput)?;
    Ok(kill_process(pid, signal)?)
}

fn in_foreground() -> bool {
    let tty = std::fs::File::open("/dev/tty");
    tty.is_ok_and(|tty| tcgetpgrp(tty).is_ok_and(|group| group == getpgrp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_a_shell() {
        assert_eq!(exit_code(ExitStatus::from_raw(0)), 0);
        assert_eq!(exit_code(ExitStatus::from_raw(3 << 8)), 3);
        assert_eq!(exit_code(ExitStatus::from_raw(9)), 137, "killed by SIGKILL");
        assert_eq!(exit_code(ExitStatus::from_raw(15 | 0x80)), 143, "ended by SIGTERM with a core dump");
    }

    #[test]
    fn rights_of_others_are_seen() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::set_permissions(dir.path(), Permissions::from_mode(0o750)).unwrap();
        assert_eq!(open_to_others(&dir.path().metadata().unwrap()), Some(0o750));
        only_for_owner(dir.path()).unwrap();
        assert_eq!(open_to_others(&dir.path().metadata().unwrap()), None);
    }
}
