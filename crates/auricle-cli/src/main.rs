//! The auricle program: reads the command line, calls the libraries, prints, and ends with an exit code.
//!
//! Exit codes: 0 done, 1 it failed, 2 the command line asks for something that cannot be done, 130
//! called off (Ctrl-C).

mod args;
mod check;
mod demo;
mod failure;
mod listeners;
mod render;
mod talk;

use std::process::ExitCode;

use clap::Parser;

use args::{Cli, Command, SchemaArg};

fn main() -> ExitCode {
    outlive_file_size_limits();
    let command = Cli::parse().command;
    let json = command.is_for_programs();
    let outcome = match command {
        Command::Render(args) => render::run(&args),
        Command::Listeners(args) => listeners::run(&args),
        Command::Check(args) => check::run(&args),
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
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(json),
    }
}

/// Makes writing past a limit on the size of files an error that can be told and cleaned up after, instead of
/// the signal that ends a program on the spot.
fn outlive_file_size_limits() {
    #[cfg(unix)]
    {
        let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        // Where it cannot be caught, things are as they would have been.
        let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, seen);
    }
}
