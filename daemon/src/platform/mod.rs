//! What differs between operating systems, behind one set of functions.
//!
//! - `unix` or `windows`: permissions, limits, signals, terminals, detached processes
//! - `at`: a file read from a place of one's own
//! - `own_sockets`: the connections this process holds
//! - `peer_process`: which process is at the other end of a loopback connection
//! - `port_holder`: which process listens on a port
//! - `proc_net`: what both read on Linux

mod at;
mod own_sockets;
mod peer_process;
mod port_holder;
#[cfg(target_os = "linux")]
mod proc_net;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use at::At;
pub use own_sockets::{OwnSocket, descriptors_used_up, is_out_of_descriptors, own_sockets};
pub use peer_process::{Finder, Link};
pub use port_holder::{PortHolder, port_holder};
#[cfg(unix)]
pub use unix::{
    ForwardedSignals, Termination, access_problem, descriptor_limit, detach_from_terminal, exit_code, forward,
    only_for_owner, open_below, open_in_browser, open_to_others, open_without_waiting, owner, private_dir,
    private_file, raise_descriptor_limit, reader_gone, restrict_new_files, spawn_detached, stop_listening,
    terminal_width, user, without_echo,
};
#[cfg(windows)]
pub use windows::{
    ForwardedSignals, Termination, access_problem, descriptor_limit, detach_from_terminal, exit_code, forward,
    only_for_owner, open_below, open_in_browser, open_to_others, open_without_waiting, owner, private_dir,
    private_file, raise_descriptor_limit, reader_gone, restrict_new_files, spawn_detached, stop_listening,
    terminal_width, user, without_echo,
};
