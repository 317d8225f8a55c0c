//! `cargo xtask tidy`: the rules of the house that no compiler checks. Each rule is a function from the
//! repository to findings; an exception is a line with a reason in tidy.toml.

use anyhow::{Result, bail};

use crate::house;

mod direction;
mod exceptions;
mod licences;
mod locks;
mod manifests;
mod sizes;
mod words;

/// One thing that is wrong, in one line that says where and what to do.
pub(crate) enum Finding {
    Wrong(String),
    /// Printed, never failed on.
    Smell(String),
}

/// # Errors
/// If a rule is broken.
pub(crate) fn run() -> Result<()> {
    let findings = findings()?;
    let wrong = findings.iter().filter(|f| matches!(f, Finding::Wrong(_))).count();
    for finding in &findings {
        match finding {
            Finding::Wrong(what) => println!("wrong: {what}"),
            Finding::Smell(what) => println!("smell: {what}"),
        }
    }
    if wrong > 0 {
        bail!("{wrong} rules of the house are broken");
    }
    println!("tidy: nothing wrong, {} smells", findings.len());
    Ok(())
}

fn findings() -> Result<Vec<Finding>> {
    let members = house::members()?;
    let files = house::files()?;
    let exceptions = exceptions::read()?;
    let mut found = direction::check(&members);
    found.extend(manifests::check(&members, &exceptions)?);
    found.extend(sizes::check(&files, &exceptions)?);
    found.extend(words::check(&files, &exceptions)?);
    found.extend(licences::check()?);
    found.extend(locks::check());
    Ok(found)
}
