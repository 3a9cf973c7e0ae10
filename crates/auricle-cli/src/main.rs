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
    let outcome = match Cli::parse().command {
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
        Err(failure) => failure.report(),
    }
}
