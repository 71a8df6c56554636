//! `waitwise man`

use std::io;
use std::path::Path;

use clap_mangen::Man;

use crate::args::{ManArgs, command_line};
use crate::failure::Failure;
use crate::output;

pub(crate) fn run(args: &ManArgs) -> Result<(), Failure> {
    match &args.out {
        Some(folder) => write_pages(folder).map_err(|error| {
            Failure::usage(format!("cannot write manual pages to {}", folder.display()))
                .because(error)
        }),
        None => {
            let mut page = Vec::new();
            Man::new(command_line().disable_help_subcommand(true))
                .render(&mut page)
                .map_err(|error| Failure::usage("cannot write the manual page").because(error))?;
            output::answer(&String::from_utf8_lossy(&page));
            Ok(())
        }
    }
}

fn write_pages(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(command_line(), folder)
}
