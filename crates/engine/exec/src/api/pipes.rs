//! The short way to a runtime client of ours: events and answers through two pipes, without HTTP, in one write each. It says
//! nothing that `…/invocation/next`, `…/response` and `…/error` don't say; answers in pieces and failed starts go by the
//! Runtime API.
//!
//! Pipes, because whoever reads from a socket wakes whoever wrote to it, who waits for something else: on a round trip of
//! some ten microseconds that is a tenth.
//!
//! The client writes eight bytes: what it says ([`NEXT`], [`RESPONSE`], [`ERROR`]), how long the request id is, two zeros, and
//! how long the body is (four bytes, lowest first); then the id and the body. With each answer it asks for the next event.
//! It is told two lengths of four bytes, the event's description and the event; then these. The description is lines: request
//! id, deadline in milliseconds since 1970, ARN, trace, `streaming` or nothing, client context or nothing.

use std::io::{self, PipeReader, PipeWriter};
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};

use super::call::Call;
use super::route::{FAILURE, RESPONSE as ANSWERED};
use super::server::ended;
use super::session::{Finished, Session};
use crate::failure::RESPONSE_LIMIT;
use crate::instance::Instance;

/// Two pipes' ends.
#[derive(Debug)]
pub(crate) struct Pipes {
    pub(crate) from: PipeReader,
    pub(crate) to: PipeWriter,
}

impl Pipes {
    /// Ours, and the client's.
    pub(crate) fn pair() -> io::Result<[Self; 2]> {
        let ((events, tell), (answers, answer)) = (io::pipe()?, io::pipe()?);
        Ok([Self { from: answers, to: tell }, Self { from: events, to: answer }])
    }
}

const NEXT: u8 = 0;
const RESPONSE: u8 = 1;
const ERROR: u8 = 2;
const HEAD: usize = 8;
/// What is read at a time, in bytes, and with which a small event is written in one piece.
const PIECE: usize = 16 << 10;

/// Talks to the client until it or the instance ends. What it says is judged as what comes by the Runtime API is.
pub(crate) async fn serve(pipes: Pipes, instance: Arc<Instance>) {
    let over = tokio::select! {
        () = ended(instance.ended()) => return,
        over = converse(pipes, &instance.session) => over,
    };
    if let Err(error) = over {
        tracing::debug!(%error, "a runtime broke off");
    }
}

async fn converse(pipes: Pipes, session: &Session) -> io::Result<()> {
    let (from, to) = (Receiver::from_owned_fd(pipes.from.into())?, Sender::from_owned_fd(pipes.to.into())?);
    let mut client = Client { from, to, read: BytesMut::with_capacity(PIECE) };
    while let Some(head) = client.head().await? {
        match head {
            Head { kind: NEXT, id: 0, body: 0 } => {}
            Head { kind: RESPONSE, .. } => client.answered(session, head, (ANSWERED, Finished::Response)).await?,
            Head { kind: ERROR, .. } => client.answered(session, head, (FAILURE, Finished::Error)).await?,
            _ => return Err(io::ErrorKind::InvalidData.into()),
        }
        let waiting = session.next().map_err(|refusal| io::Error::other(format!("{refusal:?}")))?;
        let Ok(call) = waiting.await else { return Ok(()) };
        client.tell(&call).await?;
    }
    Ok(())
}

/// What the client is about to say.
#[derive(Clone, Copy, Debug)]
struct Head {
    kind: u8,
    id: usize,
    body: usize,
}

struct Client {
    from: Receiver,
    to: Sender,
    read: BytesMut,
}

impl Client {
    /// `None`: it has nothing more to say.
    async fn head(&mut self) -> io::Result<Option<Head>> {
        if !self.fill(HEAD).await? {
            return Ok(None);
        }
        let (kind, id) = (self.read.get_u8(), self.read.get_u8());
        let zeros = self.read.get_u16_le();
        let body = usize::try_from(self.read.get_u32_le()).map_err(io::Error::other)?;
        if zeros == 0 { Ok(Some(Head { kind, id: id.into(), body })) } else { Err(io::ErrorKind::InvalidData.into()) }
    }

    async fn answered(
        &mut self,
        session: &Session,
        head: Head,
        (to, wrap): (&'static str, fn(Bytes) -> Finished),
    ) -> io::Result<()> {
        self.need(head.id).await?;
        let id = self.read.split_to(head.id);
        let id = std::str::from_utf8(&id).map_err(io::Error::other)?;
        let _turn = session.turn().await;
        // Asked before the body is read: a forged id must not make us hold megabytes.
        if session.check(id, to).is_err() {
            return self.skip(head.body).await;
        }
        let finished = if head.body > RESPONSE_LIMIT {
            self.skip(head.body).await?;
            Finished::TooLarge(RESPONSE_LIMIT)
        } else {
            self.need(head.body).await?;
            wrap(self.read.split_to(head.body).freeze())
        };
        // Another process inside may have been faster; its answer counts, and ours is heard by nobody.
        session.finish(id, to, finished).or(Ok(()))
    }

    async fn tell(&mut self, call: &Call) -> io::Result<()> {
        let (meta, event) = (call.lines(), &call.invocation.payload);
        let length = |of: usize| u32::try_from(of).map_err(io::Error::other);
        let mut first = Vec::with_capacity(HEAD + meta.len() + event.len().min(PIECE));
        first.extend_from_slice(&length(meta.len())?.to_le_bytes());
        first.extend_from_slice(&length(event.len())?.to_le_bytes());
        first.extend_from_slice(meta.as_bytes());
        if event.len() <= PIECE {
            first.extend_from_slice(event);
            return self.to.write_all(&first).await;
        }
        self.to.write_all(&first).await?;
        self.to.write_all(event).await
    }

    async fn need(&mut self, size: usize) -> io::Result<()> {
        if self.fill(size).await? { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// Reads until there is so much; `false`: there won't be.
    async fn fill(&mut self, size: usize) -> io::Result<bool> {
        while self.read.len() < size {
            // Grows as it comes: what is promised is not what is sent.
            self.read.reserve(PIECE);
            if self.from.read_buf(&mut self.read).await? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    async fn skip(&mut self, mut size: usize) -> io::Result<()> {
        while size > 0 {
            self.need(1).await?;
            let part = size.min(self.read.len());
            self.read.advance(part);
            size -= part;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use tokio::sync::oneshot;
    use updraft_kernel::Tasks;

    use super::*;

    fn said(kind: u8, id: &str, body: &[u8]) -> Vec<u8> {
        let mut said = vec![kind, u8::try_from(id.len()).unwrap(), 0, 0];
        said.extend_from_slice(&u32::try_from(body.len()).unwrap().to_le_bytes());
        said.extend_from_slice(id.as_bytes());
        said.extend_from_slice(body);
        said
    }

    fn heard(client: &mut Pipes) -> (String, Vec<u8>) {
        let mut head = [0; 8];
        client.from.read_exact(&mut head).unwrap();
        let size = |at: usize| u32::from_le_bytes(head[at..at + 4].try_into().unwrap()) as usize;
        let (mut meta, mut event) = (vec![0; size(0)], vec![0; size(4)]);
        client.from.read_exact(&mut meta).unwrap();
        client.from.read_exact(&mut event).unwrap();
        (String::from_utf8(meta).unwrap(), event)
    }

    /// One end at work, and the other as blocking programs use it.
    fn pair() -> (Arc<Session>, Pipes, oneshot::Receiver<io::Result<()>>) {
        let (session, _) = Session::new();
        let [ours, theirs] = Pipes::pair().unwrap();
        let (at, (tell, over)) = (Arc::clone(&session), oneshot::channel());
        Tasks::new().spawn("seat", async move { drop(tell.send(converse(ours, &at).await)) });
        (session, theirs, over)
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn events_come_and_answers_go() {
        let (session, mut client, _) = pair();
        client.to.write_all(&said(NEXT, "", b"")).unwrap();
        let done = session.begin(Call::sample("a"));
        let (meta, event) = heard(&mut client);
        assert_eq!(meta.split('\n').next(), Some("a"));
        assert_eq!(event, b"{}");
        client.to.write_all(&said(RESPONSE, "a", b"1")).unwrap();
        assert!(matches!(done.await.unwrap(), Finished::Response(body) if body == "1"));
        let done = session.begin(Call::sample("b"));
        assert_eq!(heard(&mut client).0.split('\n').next(), Some("b"), "an answer asks for the next event");
        client.to.write_all(&said(ERROR, "b", b"2")).unwrap();
        assert!(matches!(done.await.unwrap(), Finished::Error(body) if body == "2"));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn forged_answers_are_nobodys_and_the_next_is_heard() {
        let (session, mut client, _) = pair();
        client.to.write_all(&said(NEXT, "", b"")).unwrap();
        let mut done = session.begin(Call::sample("a"));
        heard(&mut client);
        let forged = said(RESPONSE, "b", b"2");
        // In one write: the talk may be over before another.
        client.to.write_all(&[forged, said(RESPONSE, "a", b"1")].concat()).unwrap();
        // The question that came with the forged one is refused while the call is open: that ends the talk.
        assert_eq!(client.from.read(&mut [0; 8]).unwrap(), 0);
        assert!(done.try_recv().is_err());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn too_much_is_thrown_away() {
        let (session, mut client, _) = pair();
        client.to.write_all(&said(NEXT, "", b"")).unwrap();
        let done = session.begin(Call::sample("a"));
        heard(&mut client);
        client.to.write_all(&said(RESPONSE, "a", &vec![b'x'; RESPONSE_LIMIT + 1])).unwrap();
        assert!(matches!(done.await.unwrap(), Finished::TooLarge(RESPONSE_LIMIT)));
        let _done = session.begin(Call::sample("b"));
        heard(&mut client);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn nonsense_ends_it() {
        for nonsense in
            [&b"GET / HTTP/1.1\r\n\r\n"[..], &[0, 1, 0, 0, 0, 0, 0, 0], &[1, 4, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255]]
        {
            let (_session, mut client, over) = pair();
            client.to.write_all(nonsense).unwrap();
            assert!(over.await.unwrap().is_err());
            assert!(client.to.write_all(&said(NEXT, "", b"")).is_err(), "nobody listens");
        }
        let (_session, client, over) = pair();
        drop(client);
        assert!(over.await.unwrap().is_ok(), "it may leave");
    }
}
