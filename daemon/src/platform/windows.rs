//! Windows. Files under the user's profile are the user's alone by inheritance, so nothing is set here.

use std::{
    convert::Infallible,
    fs::{DirBuilder, File, Metadata, OpenOptions},
    io,
    os::windows::process::CommandExt,
    path::Path,
    process::{Child, Command, ExitStatus, Stdio},
};

/// Nothing to add: the profile's access list is inherited.
pub fn private_file(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

/// Nothing to add: the profile's access list is inherited.
pub fn private_dir(builder: &mut DirBuilder) -> &mut DirBuilder {
    builder
}

/// Opens a file for reading by a relative path of plain names below a folder. Links are refused as invalid input.
pub fn open_below(folder: &Path, path: &Path) -> io::Result<File> {
    let mut at = folder.to_owned();
    for name in path {
        at.push(name);
        if std::fs::symlink_metadata(&at)?.is_symlink() {
            return Err(io::ErrorKind::InvalidInput.into());
        }
    }
    File::open(at)
}

/// Opens a file for reading.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Nothing to do: the profile's access list is inherited.
pub fn only_for_owner(_dir: &Path) -> io::Result<()> {
    Ok(())
}

/// There are no permission bits.
pub fn open_to_others(_meta: &Metadata) -> Option<u32> {
    None
}

/// There are no user ids.
pub fn owner(_meta: &Metadata) -> Option<u32> {
    None
}

/// There are no user ids.
pub fn user() -> Option<u32> {
    None
}

/// Why this process may not create files in `dir`, if it may not.
pub fn access_problem(dir: &Path) -> Option<io::Error> {
    let readonly = dir.metadata().is_ok_and(|meta| meta.permissions().readonly());
    readonly.then(|| io::ErrorKind::PermissionDenied.into())
}

/// There is no umask.
pub fn restrict_new_files() -> u32 {
    0
}

/// There is no such limit.
pub fn raise_descriptor_limit() -> io::Result<()> {
    Ok(())
}

/// There is no such limit.
pub fn descriptor_limit() -> Option<u64> {
    None
}

/// Clients go on to be queued until the last holder of the socket is gone.
pub fn stop_listening(listener: std::net::TcpListener) {
    drop(listener);
}

/// Done by [`spawn_detached`].
pub fn detach_from_terminal() -> io::Result<()> {
    Ok(())
}

/// Spawns a process that is to outlive this one, without a console.
pub fn spawn_detached(command: &mut Command) -> io::Result<Child> {
    const DETACHED_PROCESS: u32 = 0x8;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x200;
    command.creation_flags(DETACHED_PROCESS | CREATE_NEW_PROCESS_GROUP).spawn()
}

/// Hands a URL to the desktop's browser.
pub fn open_in_browser(url: &str, _mask: u32) -> io::Result<()> {
    let mut start = Command::new("rundll32");
    start.args(["url.dll,FileProtocolHandler", url]).stdout(Stdio::null()).stderr(Stdio::null());
    start.spawn().map(drop)
}

/// Nothing is hidden here.
pub struct WithoutEcho;

/// There is no way without unsafe code; what is typed is shown.
pub fn without_echo() -> io::Result<WithoutEcho> {
    Ok(WithoutEcho)
}

/// Columns of the terminal, as far as the environment says.
pub fn terminal_width() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok()
}

/// Not known before the next write.
pub fn reader_gone() -> bool {
    false
}

/// The process's own exit code, as far as it fits.
pub fn exit_code(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Arrivals of what asks a daemon to end.
pub struct Termination(tokio::signal::windows::CtrlC);

impl Termination {
    /// Takes Ctrl-C over from now on.
    pub fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        self.0.recv().await;
    }
}

/// Ctrl-C reaches every process of the console, so that there is nothing to pass on.
pub struct ForwardedSignals(tokio::signal::windows::CtrlC);

impl ForwardedSignals {
    /// Takes Ctrl-C over from now on, so that this process outlives the command.
    pub fn listen() -> io::Result<Self> {
        tokio::signal::windows::ctrl_c().map(Self)
    }

    /// Never returns.
    pub async fn next(&mut self) -> Infallible {
        loop {
            self.0.recv().await;
        }
    }
}

/// There is nothing to send.
pub fn forward(signal: Infallible, _pid: u32) -> io::Result<()> {
    match signal {}
}
