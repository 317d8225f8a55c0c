use super::*;

#[tokio::test]
async fn datagrams_come_back_from_where_they_were_sent() {
    let server = UdpSocket::bind(ANY).await.unwrap();
    let (mut guest, served) = Guest::new(Elsewhere::with("93.184.216.34:123", server.local_addr().unwrap()));
    let test = async {
        guest.send("93.184.216.34:123".parse().unwrap(), b"time?");
        let mut room = [0; 20];
        let (length, from) = server.recv_from(&mut room).await.unwrap();
        assert_eq!(&room[..length], b"time?");
        server.send_to(b"late", from).await.unwrap();
        assert_eq!(guest.heard().await, ("93.184.216.34:123".parse().unwrap(), b"late".to_vec()));
    };
    while_served(served, test).await;
}

#[tokio::test]
async fn names_are_asked_of_the_hosts_resolvers_one_after_the_other() {
    let (silent, other) = (UdpSocket::bind(ANY).await.unwrap(), UdpSocket::bind(ANY).await.unwrap());
    let nameservers = [&silent, &other].map(|server| server.local_addr().unwrap()).into();
    let (mut guest, served) = Guest::new(Elsewhere { nameservers, ..Elsewhere::default() });
    let test = async {
        let mut room = [0; 20];
        for question in [b"1a", b"1b"] {
            guest.send(DNS, question);
            silent.recv_from(&mut room).await.unwrap();
            assert_eq!(&room[..2], question, "each is asked of the first one first");
        }
        guest.send(DNS, b"1a");
        let (length, from) = other.recv_from(&mut room).await.unwrap();
        assert_eq!(&room[..length], b"1a", "again is of the other");
        other.send_to(b"answer", from).await.unwrap();
        assert_eq!(guest.heard().await, (DNS, b"answer".to_vec()));
    };
    while_served(served, test).await;
}
