//! A network interface whose other end is a descriptor, and what this namespace sends over it.
#![expect(unsafe_code, reason = "interface system calls")]

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, UdpSocket};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::check;

/// Where such interfaces come from.
const DEVICE: &str = "/dev/net/tun";
/// Up, to one peer who needs no address resolution. Not multicast: nobody would be there to hear it.
const ALIVE: libc::c_int = libc::IFF_UP | libc::IFF_RUNNING | libc::IFF_POINTOPOINT | libc::IFF_NOARP;

/// The kernel's `in6_ifreq`.
#[repr(C)]
struct Address6 {
    address: [u8; 16],
    prefix: u32,
    interface: libc::c_int,
}

/// The kernel's `in6_rtmsg`.
#[repr(C)]
struct Route6 {
    destination: [u8; 16],
    source: [u8; 16],
    gateway: [u8; 16],
    kind: u32,
    destination_prefix: u16,
    source_prefix: u16,
    metric: u32,
    info: libc::c_ulong,
    flags: u32,
    interface: libc::c_int,
}

/// Makes an interface of this name in the caller's network namespace; packets without any further header are read from
/// and written to the descriptor, which doesn't block.
pub(crate) fn open(name: &str) -> io::Result<OwnedFd> {
    let device = File::options().read(true).write(true).custom_flags(libc::O_NONBLOCK).open(DEVICE)?;
    let mut request = request(name);
    request.ifr_ifru.ifru_flags = short(libc::IFF_TUN | libc::IFF_NO_PI);
    ioctl(&device, libc::TUNSETIFF, &raw mut request)?;
    // Or closing the descriptor would take the interface away, and wait for the kernel long; it goes with its namespace.
    // SAFETY: this request takes a number.
    check(unsafe { libc::ioctl(device.as_raw_fd(), libc::TUNSETPERSIST, 1) })?;
    Ok(device.into())
}

/// Sets the size of the largest packet.
pub(crate) fn set_mtu(name: &str, bytes: u16) -> io::Result<()> {
    let mut request = request(name);
    request.ifr_ifru.ifru_mtu = bytes.into();
    ioctl(any_socket()?, libc::SIOCSIFMTU, &raw mut request)
}

/// Gives an interface its only address of version 4, brings it up, and sends everything over it that has no other way.
pub(crate) fn set_up(name: &str, address: Ipv4Addr) -> io::Result<()> {
    let socket = any_socket()?;
    let mut own = request(name);
    own.ifr_ifru.ifru_addr = socket_address(address);
    ioctl(&socket, libc::SIOCSIFADDR, &raw mut own)?;
    own.ifr_ifru.ifru_netmask = socket_address(Ipv4Addr::BROADCAST);
    ioctl(&socket, libc::SIOCSIFNETMASK, &raw mut own)?;
    let mut state = request(name);
    state.ifr_ifru.ifru_flags = short(ALIVE);
    ioctl(&socket, libc::SIOCSIFFLAGS, &raw mut state)?;
    let mut device: Vec<libc::c_char> = name.bytes().chain([0]).map(u8::cast_signed).collect();
    // SAFETY: all-zero is a valid rtentry.
    let mut route: libc::rtentry = unsafe { std::mem::zeroed() };
    route.rt_dst = socket_address(Ipv4Addr::UNSPECIFIED);
    route.rt_genmask = socket_address(Ipv4Addr::UNSPECIFIED);
    route.rt_flags = libc::RTF_UP;
    route.rt_dev = device.as_mut_ptr();
    ioctl(&socket, libc::SIOCADDRT, &raw mut route)
}

/// The same for version 6, once the interface is up.
pub(crate) fn set_up_6(name: &str, address: Ipv6Addr) -> io::Result<()> {
    let socket = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0))?;
    let interface = index(&socket, name)?;
    let mut own = Address6 { address: address.octets(), prefix: 128, interface };
    ioctl(&socket, libc::SIOCSIFADDR, &raw mut own)?;
    let mut route = Route6 {
        destination: [0; 16],
        source: [0; 16],
        gateway: [0; 16],
        kind: 0,
        destination_prefix: 0,
        source_prefix: 0,
        metric: 1024,
        info: 0,
        flags: libc::RTF_UP.into(),
        interface,
    };
    ioctl(&socket, libc::SIOCADDRT, &raw mut route)
}

/// Waits for packets on a descriptor of [`open`].
pub(crate) fn watch(tunnel: OwnedFd) -> io::Result<AsyncFd<File>> {
    // SAFETY: the file is owned by the result and stays open as long as it is registered.
    unsafe { AsyncFd::register_with_interest(File::from(tunnel), Interest::READABLE) }.map_err(io::Error::from)
}

fn index(socket: &UdpSocket, name: &str) -> io::Result<libc::c_int> {
    let mut request = request(name);
    ioctl(socket, libc::SIOCGIFINDEX, &raw mut request)?;
    // SAFETY: the kernel has filled in the number.
    Ok(unsafe { request.ifr_ifru.ifru_ifindex })
}

/// Sockets of any kind take requests about interfaces.
fn any_socket() -> io::Result<UdpSocket> {
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))
}

fn request(name: &str) -> libc::ifreq {
    // SAFETY: all-zero is a valid ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // One short of the end: names end with zero.
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes().take(libc::IFNAMSIZ - 1)) {
        *to = from.cast_signed();
    }
    request
}

#[expect(clippy::cast_possible_truncation, reason = "flags of 16 bits")]
fn short(flags: libc::c_int) -> libc::c_short {
    flags as libc::c_short
}

fn socket_address(address: Ipv4Addr) -> libc::sockaddr {
    let [a, b, c, d] = address.octets().map(u8::cast_signed);
    // SAFETY: all-zero is a valid sockaddr.
    let mut all: libc::sockaddr = unsafe { std::mem::zeroed() };
    all.sa_family = libc::sa_family_t::try_from(libc::AF_INET).unwrap_or_default();
    // As in sockaddr_in: a port of two bytes, and the address.
    for (to, from) in all.sa_data.iter_mut().skip(2).zip([a, b, c, d]) {
        *to = from;
    }
    all
}

fn ioctl<T>(on: impl AsFd, request: libc::Ioctl, argument: *mut T) -> io::Result<()> {
    // SAFETY: the callers pass the structure that the request is about, alive and writable.
    check(unsafe { libc::ioctl(on.as_fd().as_raw_fd(), request, argument) }).map(drop)
}
