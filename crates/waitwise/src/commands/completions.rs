//! `waitwise completions`

use crate::args::{CompletionsArgs, command_line};
use crate::output;

pub(crate) fn run(args: &CompletionsArgs) {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command_line(), "waitwise", &mut script);
    output::answer(&String::from_utf8_lossy(&script));
}
