//! What extensions may say and when, without any process.

use bytes::Bytes;

use super::Registry;
use super::registry::Fault;

const A: &str = "00000000-0000-0000-0000-00000000000a";
const B: &str = "00000000-0000-0000-0000-00000000000b";

fn registry(expected: &[&str]) -> std::sync::Arc<Registry> {
    Registry::new(expected.iter().map(|name| (*name).to_owned()).collect())
}

fn events(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn now<T>(future: impl Future<Output = T>) -> Option<T> {
    futures_util::FutureExt::now_or_never(future)
}

#[test]
fn a_start_waits_for_everybody_to_register_and_to_be_ready() {
    let registry = registry(&["a", "b"]);
    registry.register(A.into(), "a", &events(&["INVOKE", "SHUTDOWN"])).unwrap();
    assert_eq!(now(registry.registered()), None);
    registry.register(B.into(), "b", &[]).unwrap();
    assert_eq!(now(registry.registered()), Some(Ok(())));
    let _a = registry.next(A).unwrap();
    assert_eq!(now(registry.ready()), None);
    let _b = registry.next(B).unwrap();
    assert_eq!(now(registry.ready()), Some(Ok(())));
    assert!(registry.has_programs());
}

#[test]
fn those_who_asked_for_it_hear_of_an_invocation() {
    let registry = registry(&["a", "b"]);
    registry.register(A.into(), "a", &events(&["INVOKE"])).unwrap();
    registry.register(B.into(), "b", &events(&["SHUTDOWN"])).unwrap();
    let (mut a, mut b) = (registry.next(A).unwrap(), registry.next(B).unwrap());
    registry.invoke(&Bytes::from_static(b"1"));
    assert_eq!(a.try_recv().unwrap(), "1");
    assert!(b.try_recv().is_err());
    assert_eq!(now(registry.ready()), None, "it works on it");
    registry.invoke(&Bytes::from_static(b"2"));
    assert_eq!(registry.next(A).unwrap().try_recv().unwrap(), "2", "it was kept for it");
    let _next = registry.next(A).unwrap();
    assert_eq!(now(registry.ready()), Some(Ok(())));
    registry.shut_down(&Bytes::from_static(b"end"));
    assert_eq!(b.try_recv().unwrap(), "end");
    assert_eq!(now(registry.ended()), None);
    registry.exited("b", "Extension.Crash", "exit status 1".into());
    assert_eq!(now(registry.ended()), Some(()));
    assert_eq!(now(registry.ready()), None, "what ends at the end is no fault");
}

#[test]
fn an_event_survives_a_connection_that_broke_off() {
    let registry = registry(&["a"]);
    registry.register(A.into(), "a", &events(&["INVOKE"])).unwrap();
    drop(registry.next(A).unwrap());
    registry.invoke(&Bytes::from_static(b"1"));
    assert_eq!(registry.next(A).unwrap().try_recv().unwrap(), "1");
}

#[test]
fn parts_of_the_runtime_register_too_but_not_for_the_end() {
    let registry = registry(&[]);
    let refused = registry.register(A.into(), "inside", &events(&["SHUTDOWN"])).unwrap_err();
    assert_eq!(refused.kind, "ShutdownEventNotSupportedForInternalExtension");
    registry.register(A.into(), "inside", &events(&["INVOKE"])).unwrap();
    assert!(!registry.is_empty() && !registry.has_programs());
}

#[test]
fn what_is_wrong_is_refused() {
    let registry = registry(&["a"]);
    let kind = |name: &str, wants: &[&str]| registry.register(B.into(), name, &events(wants)).unwrap_err().kind;
    assert_eq!(kind("a", &["OTHER"]), "Extension.InvalidEventType");
    registry.register(A.into(), "a", &[]).unwrap();
    assert_eq!(kind("a", &[]), "Extension.AlreadyRegistered");
    assert_eq!(registry.next(B).unwrap_err().kind, "Extension.UnknownExtensionIdentifier");
    for number in 1..10 {
        registry.register(format!("id{number}"), &format!("x{number}"), &[]).unwrap();
    }
    assert_eq!(kind("one more", &[]), "Extension.TooManyExtensions");
    registry.close();
    assert_eq!(kind("late", &[]), "Extension.RegistrationClosed");
}

#[test]
fn the_first_fault_counts() {
    let registry = registry(&["a", "b"]);
    registry.register(A.into(), "a", &[]).unwrap();
    registry.failed(A, "InitError", "Its.Own").unwrap();
    registry.exited("b", "Extension.LaunchError", "no such file".into());
    let fault = Fault { kind: "Extension.InitError".into(), why: "Its.Own".into() };
    assert_eq!(now(registry.fault()), Some(fault.clone()));
    assert_eq!(now(registry.registered()), Some(Err(fault)));
    assert_eq!(registry.next(A).unwrap_err().kind, "Extension.InvalidExtensionState");
    let known: Vec<_> = registry.known().into_iter().map(|known| (known.name, known.state)).collect();
    assert_eq!(known, [("a".to_owned(), "Exited"), ("b".to_owned(), "LaunchError")]);
}
