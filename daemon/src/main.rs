//! The `waylay` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    waylay::cli::main(std::env::args_os())
}
