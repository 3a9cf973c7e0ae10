//! Reads the command line, and says what is wrong with it: for people, and as JSON where `--json` was asked for.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{CommandFactory, Parser};

use crate::args::{Cli, Command};
use crate::failure::Error;
use crate::talk::{all_written, print, print_json};

/// The command that was typed; where there is none to run (a fault, or help), all is said and the exit code given.
pub(crate) fn read() -> Result<Command, ExitCode> {
    let words: Vec<OsString> = std::env::args_os().collect();
    let error = match Cli::try_parse_from(&words) {
        Ok(cli) => return Ok(cli.command),
        Err(error) => with_tip(error, &words),
    };
    let exit_code = u8::try_from(error.exit_code()).unwrap_or(2);
    if !error.use_stderr() {
        // Help and the version, as far as someone reads them.
        print(&error.render().to_string());
        return Err(match all_written() {
            Ok(()) => ExitCode::SUCCESS,
            Err(failure) => failure.report(false),
        });
    }
    // Coloured on a terminal; where that cannot be written there is nobody to tell.
    let _ = error.print();
    if words.iter().skip(1).take_while(|word| *word != "--").any(|word| word == "--json") {
        let message = error.render().to_string();
        print_json("error", &Error { exit_code, message: message.trim_end().to_owned(), faults: &[] });
        if let Err(failure) = all_written() {
            return Err(failure.report(false));
        }
    }
    Err(ExitCode::from(exit_code))
}

/// `error`, with a tip where it is about the value of an option that begins with a dash.
fn with_tip(mut error: clap::Error, words: &[OsString]) -> clap::Error {
    let Some((option, value)) = dashed_value(words) else { return error };
    let named = match (error.kind(), error.get(ContextKind::InvalidArg), error.get(ContextKind::InvalidValue)) {
        // Read as options that there are: the value is missing.
        (ErrorKind::InvalidValue, Some(ContextValue::String(argument)), Some(ContextValue::String(found))) => {
            found.is_empty() && argument.split(' ').next() == Some(option.as_str())
        }
        // Read as an option that there is not: "-n" of "-name.wav".
        (ErrorKind::UnknownArgument, Some(ContextValue::String(argument)), _) => value.starts_with(argument.as_str()),
        _ => false,
    };
    if named {
        let tip = format!("for a name that begins with a dash, write '{option}={value}' or './{value}'");
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![StyledStr::from(tip)]));
    }
    error
}

/// The first option with a value behind it that begins with a dash and is no option itself: `--output` and
/// "-name.wav".
fn dashed_value(words: &[OsString]) -> Option<(String, &str)> {
    let cli = Cli::command();
    let command = cli.find_subcommand(words.get(1)?.to_str()?)?;
    let is = |argument: &clap::Arg, word: &str| {
        argument.get_long().is_some_and(|long| word.strip_prefix("--") == Some(long))
            || argument.get_short().is_some_and(|short| word.strip_prefix('-') == Some(short.to_string().as_str()))
    };
    words.windows(2).skip(2).find_map(|pair| {
        let (option, value) = (pair[0].to_str()?, pair[1].to_str()?);
        let argument = command.get_arguments().find(|argument| is(argument, option))?;
        let is_name = value.starts_with('-') && value.len() > 1 && value != "--";
        let is_known = command.get_arguments().any(|argument| is(argument, value));
        let long = argument.get_long().filter(|_| argument.get_action().takes_values() && is_name && !is_known)?;
        Some((format!("--{long}"), value))
    })
}
