//! One keep-alive connection, and just enough of HTTP/1.1 to read answers.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

pub(crate) struct Connection {
    stream: TcpStream,
    buffer: BytesMut,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Bytes,
    /// The answer is a function's own error, which comes with a status of 200.
    function_error: bool,
}

impl Answer {
    /// # Errors
    /// If it isn't 2xx, or it is a function's error: what fails is done soon, and nothing to measure.
    pub(crate) fn fine(self) -> Result<Bytes> {
        let Self { status, body, function_error } = self;
        ensure!((200..300).contains(&status), "answered with {status}: {}", String::from_utf8_lossy(&body));
        ensure!(!function_error, "the function failed: {}", String::from_utf8_lossy(&body));
        Ok(body)
    }
}

/// What is of interest in an answer's head.
struct Head {
    status: u16,
    framing: Framing,
    function_error: bool,
}

/// How the body's end is told.
enum Framing {
    Length(usize),
    Chunked,
}

impl Connection {
    pub(crate) async fn open(to: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(to).await.with_context(|| format!("connecting to {to}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: BytesMut::with_capacity(64 * 1024) })
    }

    pub(crate) async fn send(&mut self, request: &Bytes) -> Result<Answer> {
        self.stream.write_all(request).await?;
        let end = loop {
            match self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                Some(at) => break at + 4,
                None => self.more().await?,
            }
        };
        let head = self.buffer.split_to(end);
        let Head { status, framing, function_error } = parse(&head)?;
        let body = match framing {
            Framing::Length(length) => self.exactly(length).await?,
            Framing::Chunked => self.chunks().await?,
        };
        Ok(Answer { status, body, function_error })
    }

    async fn more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.buffer).await?;
        ensure!(read > 0, "the connection was closed in the middle of an answer");
        Ok(())
    }

    async fn exactly(&mut self, length: usize) -> Result<Bytes> {
        while self.buffer.len() < length {
            self.more().await?;
        }
        Ok(self.buffer.split_to(length).freeze())
    }

    async fn chunks(&mut self) -> Result<Bytes> {
        let mut body = BytesMut::new();
        loop {
            let line = loop {
                match self.buffer.windows(2).position(|window| window == b"\r\n") {
                    Some(at) => break self.buffer.split_to(at + 2),
                    None => self.more().await?,
                }
            };
            let text = std::str::from_utf8(&line)?.trim().split(';').next().unwrap_or_default();
            let length = usize::from_str_radix(text, 16).context("a chunk without a length")?;
            let mut chunk = self.exactly(length + 2).await?;
            chunk.truncate(length);
            if !chunk.has_remaining() {
                return Ok(body.freeze());
            }
            body.extend_from_slice(&chunk);
        }
    }
}

fn parse(head: &[u8]) -> Result<Head> {
    let text = std::str::from_utf8(head)?;
    let mut lines = text.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).context("no status line")?.parse()?;
    let mut head = Head { status, framing: Framing::Length(0), function_error: false };
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        match name.to_ascii_lowercase().as_str() {
            "content-length" => head.framing = Framing::Length(value.trim().parse()?),
            "transfer-encoding" if value.trim() == "chunked" => head.framing = Framing::Chunked,
            "x-amz-function-error" => head.function_error = true,
            "connection" if value.trim() == "close" => bail!("the server closes the connection (status {status})"),
            _ => {}
        }
    }
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_functions_error_is_no_good_answer() {
        let answer = |head: &str| {
            let Head { status, function_error, .. } = parse(head.as_bytes()).unwrap();
            Answer { status, body: Bytes::new(), function_error }.fine().is_ok()
        };
        assert!(answer("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
        assert!(!answer("HTTP/1.1 200 OK\r\nX-Amz-Function-Error: Unhandled\r\n\r\n"));
        assert!(!answer("HTTP/1.1 429 Too Many Requests\r\n\r\n"));
    }
}
