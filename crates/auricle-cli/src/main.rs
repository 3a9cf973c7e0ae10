//! The auricle program: reads the command line, calls the libraries, prints, and ends with an exit code.
//!
//! Exit codes: 0 done, 1 it failed, 2 the command line asks for something that cannot be done, 130
//! called off (Ctrl-C).

mod args;
mod check;
mod command_line;
mod demo;
mod electrodogram;
mod examine;
mod failure;
mod listeners;
mod render;
mod talk;

use std::process::ExitCode;
#[cfg(unix)]
use std::sync::Arc;

use args::{Command, SchemaArg};

/// Lets a write beyond a limit on the size of files (`ulimit -f`) fail with an error that can be told,
/// where the system's way is to end the program at once, its hidden files left behind.
#[cfg(unix)]
fn outlive_size_limits() {
    // Being listened to is all that matters of the signal. Where it cannot be, all is as it would be.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, Arc::default());
}

fn main() -> ExitCode {
    #[cfg(unix)]
    outlive_size_limits();
    let command = match command_line::read() {
        Ok(command) => command,
        Err(exit_code) => return exit_code,
    };
    let json = command.is_for_programs();
    let outcome = match command {
        Command::Render(args) => render::run(&args),
        Command::Listeners(args) => listeners::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Examine(args) => examine::run(&args),
        Command::Electrodogram(args) => electrodogram::run(&args),
        Command::Schema(args) => {
            let schema = match args.of {
                SchemaArg::Listener => auricle::listener::schema(),
                SchemaArg::Cues => auricle::cue::schema(),
            };
            talk::print(&format!("{schema:#}\n"));
            Ok(())
        }
        Command::Demo(args) => demo::run(&args),
    };
    match outcome.and_then(|()| talk::all_written()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}
