use super::*;

#[tokio::test]
async fn much_is_carried_both_ways_to_its_end() {
    const LENGTH: usize = 1 << 20;
    let server = TcpListener::bind(ANY).await.unwrap();
    let (mut guest, served) = Guest::new(Elsewhere::with(FAR, server.local_addr().unwrap()));
    let outside = async {
        let (mut stream, _) = server.accept().await.unwrap();
        let mut asked = Vec::new();
        stream.read_to_end(&mut asked).await.unwrap();
        asked.reverse();
        stream.write_all(&asked).await.unwrap();
    };
    let sent: Vec<u8> = (0..LENGTH).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let inside = async {
        let handle = guest.connect(FAR);
        let (mut written, mut answer) = (0, Vec::new());
        guest
            .until("the answer's end", |guest| {
                guest.turn();
                let socket: &mut Socket<'_> = guest.sockets.get_mut(handle);
                if socket.can_send() && written < LENGTH {
                    written += socket.send_slice(&sent[written..]).unwrap();
                }
                if written == LENGTH && socket.state() == State::Established {
                    socket.close();
                }
                while socket.can_recv() {
                    socket.recv(|bytes| (bytes.len(), answer.extend_from_slice(bytes))).unwrap();
                }
                matches!(socket.state(), State::TimeWait | State::Closed).then_some(())
            })
            .await;
        answer
    };
    let (answer, ()) = while_served(served, async { tokio::join!(inside, outside) }).await;
    assert!(answer.iter().eq(sent.iter().rev()), "{} bytes", answer.len());
}

#[tokio::test]
async fn a_connection_that_breaks_outside_breaks_inside() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let (mut guest, served) = Guest::new(Elsewhere::with(FAR, server.local_addr().unwrap()));
    let outside = async {
        let (mut stream, _) = server.accept().await.unwrap();
        stream.read_exact(&mut [0]).await.unwrap();
        stream.set_zero_linger().unwrap();
    };
    let inside = async {
        let handle = guest.connect(FAR);
        guest
            .until("the reset", |guest| {
                guest.turn();
                let socket: &mut Socket<'_> = guest.sockets.get_mut(handle);
                if socket.can_send() {
                    socket.send_slice(b"?").unwrap();
                }
                // An end in order would be seen as `CloseWait`, and wait there.
                (socket.state() == State::Closed).then_some(())
            })
            .await;
    };
    while_served(served, async { tokio::join!(inside, outside) }).await;
}

#[tokio::test]
async fn a_connection_that_breaks_inside_breaks_outside() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let (mut guest, served) = Guest::new(Elsewhere::with(FAR, server.local_addr().unwrap()));
    let inside = async {
        let handle = guest.connect(FAR);
        guest
            .until("a connection", |guest| {
                guest.turn();
                let socket: &mut Socket<'_> = guest.sockets.get_mut(handle);
                (socket.state() == State::Established).then(|| socket.abort())
            })
            .await;
        guest.turn();
        let mut stream = server.accept().await.unwrap().0;
        assert_eq!(stream.read(&mut [0; 9]).await.unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    };
    while_served(served, inside).await;
}

#[tokio::test]
async fn there_are_no_more_sockets_than_the_platform_can_spare() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let outside = Elsewhere::with(FAR, server.local_addr().unwrap());
    let (mut guest, served) = Guest::new(Elsewhere { descriptors: Some(2), ..outside });
    let established = |guest: &mut Guest, handle| {
        guest.turn();
        (guest.sockets.get_mut::<Socket<'_>>(handle).state() == State::Established).then_some(())
    };
    let test = async {
        let first = guest.connect_from(40_000, FAR);
        guest.until("a connection", |guest| established(guest, first)).await;
        let second = guest.connect_from(40_001, FAR);
        guest.send("93.184.216.34:123".parse().unwrap(), b"a datagram");
        let told = guest.until("that there is no room", |guest| guest.cable.take()).await;
        assert_eq!(code(&told), (IpProtocol::Icmp, 10));
        assert_ne!(guest.sockets.get::<Socket<'_>>(second).state(), State::Established);
        guest.sockets.get_mut::<Socket<'_>>(first).abort();
        // Asked for again by and by, and then there is room.
        guest.until("the other", |guest| established(guest, second)).await;
    };
    while_served(served, test).await;
}

#[tokio::test]
async fn whoever_gives_up_before_the_answer_is_forgotten() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let (mut guest, served) = Guest::new(Elsewhere::with(FAR, server.local_addr().unwrap()));
    let test = async {
        guest.knock(FAR);
        // Nobody is there any more who would know the answer: it is answered with a reset.
        guest.sockets = SocketSet::new(Vec::new());
        let (mut stream, _) = server.accept().await.unwrap();
        let gone = async { stream.read(&mut [0]).await };
        let turning = guest.until("for ever", |guest| {
            guest.turn();
            None::<()>
        });
        tokio::select! {
            gone = gone => assert_eq!(gone.unwrap_err().kind(), io::ErrorKind::ConnectionReset),
            () = turning => {}
        }
    };
    while_served(served, test).await;
}

#[tokio::test]
async fn whoever_has_said_all_is_asked_whether_anybody_still_listens() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let outside = Elsewhere::with(FAR, server.local_addr().unwrap());
    let (mut guest, served) = Guest::timed(outside, Arc::new(Haste(SystemClock::new())));
    let test = async {
        let handle = guest.connect(FAR);
        guest.say_no_more(handle).await;
        let (mut stream, _) = server.accept().await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        // Whoever listens is left alone, however long it takes.
        let answered = guest.until("an answer", |guest| {
            guest.turn();
            (guest.sockets.get::<Socket<'_>>(handle).state() == State::TimeWait).then_some(())
        });
        let answer = async {
            Haste(SystemClock::new()).pause(Duration::from_mins(2)).await;
            stream.shutdown().await.unwrap();
        };
        tokio::join!(answered, answer);
    };
    while_served(served, test).await;
}

#[tokio::test]
async fn whoever_has_said_all_and_is_gone_is_forgotten() {
    let server = TcpListener::bind(ANY).await.unwrap();
    let outside = Elsewhere::with(FAR, server.local_addr().unwrap());
    let (mut guest, served) = Guest::timed(outside, Arc::new(Haste(SystemClock::new())));
    let test = async {
        let handle = guest.connect(FAR);
        guest.say_no_more(handle).await;
        // As kernels do with sockets whose program is gone.
        guest.sockets.remove(handle);
        let (mut stream, _) = server.accept().await.unwrap();
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
        guest
            .until("a break", |guest| {
                guest.turn();
                stream.try_write(b"?").is_err().then_some(())
            })
            .await;
    };
    while_served(served, test).await;
}

#[tokio::test]
async fn whoever_cannot_be_reached_is_told_so_and_why() {
    let (mut guest, served) = Guest::new(Elsewhere::default());
    let test = async {
        // Nobody listens there; a private address; the machine's own; a neighbour's; a cloud's secrets.
        for (to, why) in
            [(FAR, 3), ("10.0.0.1:80", 9), ("198.41.0.4:80", 9), ("198.41.0.9:80", 9), ("169.254.169.254:80", 9)]
        {
            guest.knock(to);
            let packet = guest.until("an answer", |guest| guest.cable.take()).await;
            assert_eq!(code(&packet), (IpProtocol::Icmp, why), "{to}");
            guest.sockets = SocketSet::new(Vec::new());
        }
        guest.send("10.0.0.1:53".parse().unwrap(), b"a datagram");
        let packet = guest.until("an answer", |guest| guest.cable.take()).await;
        assert_eq!(code(&packet), (IpProtocol::Icmp, 9));
    };
    while_served(served, test).await;
}
