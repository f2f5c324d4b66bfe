//! Arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(onroll::cli::main(std::env::args_os()))
}
