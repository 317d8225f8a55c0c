//! The common suite with bootstraps written in Bash, and what is special to bootstraps.
#![expect(clippy::indexing_slicing, reason = "tests")]

use std::path::PathBuf;
use std::sync::Arc;

use updraft_exec::Runtime;
use updraft_exec::suite::{self, Case, Package, Sample, Subject, World};
use updraft_runtime_provided::Provided;

const RUNTIME: &str = "provided.al2023";

fn main() {
    updraft_sandbox::init_main();
    let mut cases = suite::common();
    cases.extend(special());
    suite::main(std::env::args(), Arc::new(Bash), &cases);
}

struct Bash;

impl Subject for Bash {
    fn runtime(&self) -> Arc<dyn Runtime> {
        assert!(PathBuf::from("/usr/bin/perl").exists(), "these tests need perl");
        Arc::new(Provided::default())
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
while (1) {{
  my ($head, $event) = ask('GET', 'invocation/next', '');
  my ($id) = $head =~ /^Lambda-Runtime-Aws-Request-Id: (.*?)\r?$/m or die $head;
  ask('POST', "invocation/$id/response", handler($event));
}}
"#
    );
    Package { runtime: RUNTIME, handler: "unused", files: vec![("bootstrap", text, true)] }
}

fn special() -> Vec<Case> {
    vec![
        ("a_package_without_bootstrap_says_so", |w| Box::pin(no_bootstrap(w))),
        ("a_bootstrap_that_may_not_be_executed_says_so", |w| Box::pin(not_executable(w))),
    ]
}

async fn no_bootstrap(world: &World) {
    let outcome = world.call(&world.function(&Package::file(RUNTIME, "x", "main", "")), "{}").await;
    assert!(outcome.failed);
    assert_eq!(outcome.value["errorType"], "Runtime.InvalidEntrypoint");
    let message = outcome.value["errorMessage"].as_str().unwrap_or_default();
    assert!(message.ends_with("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"), "{message}");
}

async fn not_executable(world: &World) {
    let outcome = world.call(&world.function(&Package::file(RUNTIME, "x", "bootstrap", "#!/bin/sh\n")), "{}").await;
    assert_eq!(outcome.value["errorType"], "Runtime.InvalidEntrypoint");
    assert!(outcome.tail.contains("permission denied"), "{}", outcome.tail);
}
