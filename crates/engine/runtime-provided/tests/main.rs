//! The common suite with bootstraps written in Bash, and what is special to bootstraps.
#![expect(clippy::disallowed_methods, clippy::indexing_slicing, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::StreamExt;
use updraft_exec::suite::{self, Case, Package, Sample, Subject, World};
use updraft_exec::{ReadOnly, Runtime};
use updraft_runtime_provided::Provided;

const RUNTIME: &str = "provided.al2023";

fn main() {
    updraft_sandbox::init_main();
    let mut cases = suite::common();
    cases.extend(special());
    if client().is_some() {
        cases.push(("awss_own_python_client_runs_unmodified", |w| Box::pin(awslambdaric(w))));
    }
    suite::main(std::env::args(), Arc::new(Bash), &cases);
}

struct Bash;

impl Subject for Bash {
    fn runtime(&self) -> Arc<dyn Runtime> {
        assert!(PathBuf::from("/usr/bin/perl").exists(), "these tests need perl");
        let client = client().map(|host| ReadOnly { host, inside: "/opt/client".into() });
        Arc::new(Provided::new(move || client.clone().into_iter().collect()))
    }

    fn package(&self, sample: Sample) -> Package {
        bootstrap(match sample {
            Sample::Echo => "return $_[0];",
            Sample::Token => "return qq(\"$token\");",
            Sample::SlowToken => "select(undef, undef, undef, 0.3); return qq(\"$token\");",
            Sample::Hang => "sleep 3600;",
            Sample::ExitOne => "exit 1;",
            Sample::ExitZero => "exit 0;",
            Sample::Memory => "my @a; push @a, 'x' x (1 << 20) while 1;",
            Sample::Flood => {
                "my $l = ('x' x 1023) . qq(\\n); print $l for 1..100_000; print qq(the end\\n); return '1';"
            }
            Sample::Large => "return '\"' . ('x' x 7_000_000) . '\"';",
            Sample::Daemon => "if (!fork()) { sleep 3600; exit 0 } return '1';",
            Sample::Print => "print qq(hello from the log\\n); return '1';",
            Sample::Environment => {
                "return '{' . join(',', map { my $v = $ENV{$_}; $v =~ s/([\"\\\\])/\\\\$1/g; qq(\"$_\":\"$v\") } keys %ENV) . '}';"
            }
            Sample::Stream => include_str!("stream.pl"),
        })
    }
}

/// A whole runtime in Perl: nothing but sockets, which every distribution has.
fn bootstrap(body: &str) -> Package {
    let text = format!(
        r#"#!/usr/bin/perl
use strict; use warnings; use Socket;
$| = 1;
my $token = join '', map {{ chr(97 + int rand 26) }} 1..20;
sub handler {{ {body} }}
my ($host, $port) = split /:/, $ENV{{AWS_LAMBDA_RUNTIME_API}};
sub ask {{
  my ($method, $path, $body) = @_;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die; connect($s, sockaddr_in($port, inet_aton($host))) or die $!;
  my $size = length $body;
  my $all = "$method /2018-06-01/runtime/$path HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: $size\r\n\r\n$body";
  my $at = 0; while ($at < length $all) {{ $at += syswrite($s, $all, length($all) - $at, $at) // die $! }}
  local $/; my ($head, $rest) = split /\r\n\r\n/, <$s>, 2;
  return ($head, $rest);
}}
sub begin {{
  my ($id, $type) = @_;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die; connect($s, sockaddr_in($port, inet_aton($host))) or die $!;
  send_all($s, "POST /2018-06-01/runtime/invocation/$id/response HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    . "Content-Type: $type\r\nTransfer-Encoding: chunked\r\nLambda-Runtime-Function-Response-Mode: streaming\r\n"
    . "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\r\n");
  return $s;
}}
sub piece {{ my ($s, $text) = @_; send_all($s, sprintf("%x\r\n", length $text) . $text . "\r\n"); }}
sub finish {{ my ($s, $trailers) = @_; send_all($s, "0\r\n$trailers\r\n"); local $/; my $answer = <$s>; }}
sub send_all {{
  my ($s, $all) = @_;
  my $at = 0; while ($at < length $all) {{ $at += syswrite($s, $all, length($all) - $at, $at) // die $! }}
}}
while (1) {{
  my ($head, $event) = ask('GET', 'invocation/next', '');
  my ($id) = $head =~ /^Lambda-Runtime-Aws-Request-Id: (.*?)\r?$/m or die $head;
  my $answer = handler($event, $id);
  ask('POST', "invocation/$id/response", $answer) if defined $answer;
}}
"#
    );
    Package { runtime: RUNTIME, handler: "unused", files: vec![("bootstrap", text, true)] }
}

fn special() -> Vec<Case> {
    vec![
        ("a_package_without_bootstrap_says_so", |w| Box::pin(no_bootstrap(w))),
        ("an_answer_whose_connection_breaks_off_is_truncated", |w| Box::pin(truncated(w))),
        ("a_bootstrap_that_may_not_be_executed_says_so", |w| Box::pin(not_executable(w))),
        ("a_layer_may_bring_the_bootstrap", |w| Box::pin(from_a_layer(w))),
    ]
}

async fn no_bootstrap(world: &World) {
    let outcome = world.call(&world.function(&Package::file(RUNTIME, "x", "main", "")), "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "Runtime.InvalidEntrypoint");
    let message = outcome.value["errorMessage"].as_str().unwrap_or_default();
    assert!(message.ends_with("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"), "{message}");
}

async fn truncated(world: &World) {
    let breaks_off = "my ($e, $id) = @_; my $s = begin($id, 'text/plain'); piece($s, 'half'); close $s; sleep 3600;";
    let spec = world.function(&bootstrap(breaks_off));
    let answer = world.stream(&spec, "{}").await;
    assert_eq!(answer.content_type, "text/plain");
    let pieces: Vec<_> = answer.pieces.collect().await;
    assert_eq!(pieces.concat(), b"half");
    let outcome = answer.ended.await;
    let error: serde_json::Value = serde_json::from_slice(&outcome.payload).unwrap_or_default();
    assert_eq!(error["errorType"], "Runtime.TruncatedResponse", "{outcome:?}");
}

async fn not_executable(world: &World) {
    let outcome = world.call(&world.function(&Package::file(RUNTIME, "x", "bootstrap", "#!/bin/sh\n")), "{}").await;
    assert_eq!(outcome.value["errorType"], "Runtime.InvalidEntrypoint");
    assert!(outcome.tail.contains("permission denied"), "{}", outcome.tail);
}

async fn from_a_layer(world: &World) {
    let code = Package::file(RUNTIME, "x", "data", "");
    let says = |text: &str| bootstrap(&format!("return qq(\"{text} $0\");"));
    let layers = [says("first").files, says("second").files];
    let outcome = world.call(&world.layered(&code, &layers), "{}").await;
    assert_eq!(outcome.value, "second /opt/bootstrap");
    let outcome = world.call(&world.layered(&says("own"), &layers), "{}").await;
    assert_eq!(outcome.value, "own /var/task/bootstrap");
    let refused = world.layered(&code, &[vec![("bootstrap", "#!/bin/sh\n".to_owned(), false)]]);
    let message = world.call(&refused, "{}").await.value["errorMessage"].to_string();
    assert!(message.contains("fork/exec /opt/bootstrap: permission denied"), "{message}");
}

/// A folder into which `pip install --target` has put awslambdaric for the system's Python. Whoever runs the tests
/// names it; fetching it is not this target's business.
fn client() -> Option<PathBuf> {
    std::env::var_os("UPDRAFT_TEST_AWSLAMBDARIC").map(PathBuf::from)
}

async fn awslambdaric(world: &World) {
    let bootstrap = "#!/bin/sh\nPYTHONPATH=/opt/client:/var/task exec /usr/bin/python3 -m awslambdaric \"$_HANDLER\"\n";
    let app = "def handler(event, context):\n    if event == 'fail':\n        raise ValueError('no')\n    return [event, context.aws_request_id]\n";
    let files = vec![("bootstrap", bootstrap.to_owned(), true), ("app.py", app.to_owned(), false)];
    let spec = world.function(&Package { runtime: RUNTIME, handler: "app.handler", files });
    for cold in [true, false] {
        let outcome = world.call(&spec, "7").await;
        assert_eq!(outcome.value, serde_json::json!([7, outcome.request_id]));
        assert_eq!(outcome.cold, cold);
    }
    let failed = world.call(&spec, "\"fail\"").await;
    assert_eq!((failed.failed, failed.value["errorType"].as_str()), (true, Some("ValueError")));
    assert!(failed.tail.contains("[ERROR] ValueError: no\nTraceback"), "{}", failed.tail);
    let missing = world.function(&Package {
        handler: "nope.handler",
        files: vec![("bootstrap", bootstrap.to_owned(), true)],
        runtime: RUNTIME,
    });
    assert_eq!(world.call(&missing, "7").await.value["errorType"], "Runtime.ImportModuleError");
}
