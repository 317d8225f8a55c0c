//! An upload and a download that would never fit: what the platform's memory grows to.

use anyhow::{Context, Result, ensure};
use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{BUCKET, MIB, create_bucket};
use crate::aws;
use crate::platform::Server;
use crate::report::{Bar, Figure, Unit};
use crate::world::World;

pub(crate) fn large(world: &mut World) -> Result<Vec<Figure>> {
    let ours = world.platform()?;
    create_bucket(&ours, BUCKET)?;
    let size = world.size(5 << 30, 256 << 20);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(upload(&ours, size))?;
    let up = ours.peak()?;
    runtime.block_on(download(&ours, size))?;
    let mib = size / MIB;
    Ok(vec![
        Figure::new(format!("memory at most, upload of {mib} MiB"), up, Unit::MiB).within(Bar::AtMost(64.0)),
        Figure::new(format!("memory at most, download of {mib} MiB"), ours.peak()?, Unit::MiB)
            .within(Bar::AtMost(64.0)),
    ])
}

fn path() -> String {
    format!("{BUCKET}/large")
}

async fn upload(server: &Server, size: usize) -> Result<()> {
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(&aws::s3_upload(&server.host(), &path(), size)).await?;
    let piece = Bytes::from(vec![b'x'; MIB]);
    for _ in 0..size / MIB {
        stream.write_all(&piece).await?;
    }
    head(&mut stream).await.map(drop)
}

async fn download(server: &Server, size: usize) -> Result<()> {
    let mut stream = TcpStream::connect(server.address).await?;
    stream.write_all(&aws::s3(&server.host(), "GET", (&path(), ""), &[])).await?;
    let mut got = head(&mut stream).await?;
    let mut piece = vec![0; MIB];
    while got < size {
        let read = stream.read(&mut piece).await?;
        ensure!(read > 0, "the download broke off");
        got += read;
    }
    Ok(())
}

/// Reads a head that says 200; how much of the body came with it.
async fn head(stream: &mut TcpStream) -> Result<usize> {
    let mut buffer = BytesMut::new();
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            break at + 4;
        }
        ensure!(stream.read_buf(&mut buffer).await? > 0, "no answer");
    };
    let text = std::str::from_utf8(buffer.get(..end).context("no head")?)?;
    ensure!(text.starts_with("HTTP/1.1 200"), "answered with {text}");
    Ok(buffer.len() - end)
}
