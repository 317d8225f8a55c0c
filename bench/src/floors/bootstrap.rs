//! A native function: a client of the Runtime API over one connection, with nothing else. This very program is it, under
//! the name that a package's native program has.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;

use anyhow::{Context, Result};

/// The program's name in a package.
pub(crate) const NAME: &str = "bootstrap";
const API: &str = "/2018-06-01/runtime/invocation";

/// Whether this process is to be one.
pub(crate) fn is_wanted() -> bool {
    std::env::current_exe().is_ok_and(|program| program.ends_with(NAME))
}

/// Answers every event with itself.
///
/// # Errors
/// When the platform has gone.
pub(crate) fn run() -> Result<()> {
    let host = std::env::var("AWS_LAMBDA_RUNTIME_API")?;
    let stream = TcpStream::connect(&host)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let next = format!("GET {API}/next HTTP/1.1\r\nhost: {host}\r\n\r\n");
    (&stream).write_all(next.as_bytes())?;
    loop {
        let (id, event) = answer(&mut answers)?;
        let id = id.context("an event without an id")?;
        let length = event.len();
        let mut request =
            format!("POST {API}/{id}/response HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n")
                .into_bytes();
        request.extend(event);
        request.extend(next.as_bytes());
        // Both at once: the platform reads both, and this process wakes once.
        (&stream).write_all(&request)?;
        answer(&mut answers)?;
    }
}

/// One response: the request's id, if there is one, and the body.
fn answer(from: &mut impl BufRead) -> Result<(Option<String>, Vec<u8>)> {
    let (mut id, mut length, mut line) = (None, 0, String::new());
    loop {
        line.clear();
        from.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line.trim_end().is_empty() {
                break;
            }
            continue;
        };
        match name.to_ascii_lowercase().as_str() {
            "lambda-runtime-aws-request-id" => id = Some(value.to_owned()),
            "content-length" => length = value.parse()?,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok((id, body))
}
