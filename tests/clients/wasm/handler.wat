;; A bare handler (updraft:lambda/handler) with what the tests need of WASI. What it does in a call is put in place of
;; BODY, and functions of its own in place of FUNCTIONS.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-environment" (func (result (list (tuple string string)))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit" (func (param "status" (result))))))
  (import "wasi:clocks/wall-clock@0.2.0" (instance $clock
    (type $datetime' (record (field "seconds" u64) (field "nanoseconds" u32)))
    (export "datetime" (type $datetime (eq $datetime')))
    (export "now" (func (result $datetime)))))
  (import "wasi:random/random@0.2.0" (instance $random
    (export "get-random-u64" (func (result u64)))))
  (import "wasi:io/error@0.2.0" (instance $error
    (export "error" (type (sub resource)))))
  (alias export $error "error" (type $error-type))
  (import "wasi:io/streams@0.2.0" (instance $streams
    (export "output-stream" (type $output (sub resource)))
    (alias outer 1 $error-type (type $error'))
    (export "error" (type $error (eq $error')))
    (type $failed' (variant (case "last-operation-failed" (own $error)) (case "closed")))
    (export "stream-error" (type $failed (eq $failed')))
    (export "[method]output-stream.blocking-write-and-flush"
      (func (param "self" (borrow $output)) (param "contents" (list u8)) (result (result (error $failed)))))))
  (alias export $streams "output-stream" (type $output-type))
  (import "wasi:cli/stdout@0.2.0" (instance $stdout
    (alias outer 1 $output-type (type $output'))
    (export "output-stream" (type $output (eq $output')))
    (export "get-stdout" (func (result (own $output))))))
  (import "wasi:filesystem/types@0.2.0" (instance $files
    (export "descriptor" (type $descriptor (sub resource)))
    (type $code' (enum "access" "would-block" "already" "bad-descriptor" "busy" "deadlock" "quota" "exist"
      "file-too-large" "illegal-byte-sequence" "in-progress" "interrupted" "invalid" "io" "is-directory" "loop"
      "too-many-links" "message-size" "name-too-long" "no-device" "no-entry" "no-lock" "insufficient-memory"
      "insufficient-space" "not-directory" "not-empty" "not-recoverable" "unsupported" "no-tty" "no-such-device"
      "overflow" "not-permitted" "pipe" "read-only" "invalid-seek" "text-file-busy" "cross-device"))
    (export "error-code" (type $code (eq $code')))
    (type $path-flags' (flags "symlink-follow"))
    (export "path-flags" (type $path-flags (eq $path-flags')))
    (type $open-flags' (flags "create" "directory" "exclusive" "truncate"))
    (export "open-flags" (type $open-flags (eq $open-flags')))
    (type $flags' (flags "read" "write" "file-integrity-sync" "data-integrity-sync" "requested-write-sync"
      "mutate-directory"))
    (export "descriptor-flags" (type $flags (eq $flags')))
    (export "[method]descriptor.open-at" (func (param "self" (borrow $descriptor)) (param "path-flags" $path-flags)
      (param "path" string) (param "open-flags" $open-flags) (param "flags" $flags)
      (result (result (own $descriptor) (error $code)))))
    (export "[method]descriptor.read" (func (param "self" (borrow $descriptor)) (param "length" u64)
      (param "offset" u64) (result (result (tuple (list u8) bool) (error $code)))))
    (export "[method]descriptor.write" (func (param "self" (borrow $descriptor)) (param "buffer" (list u8))
      (param "offset" u64) (result (result u64 (error $code)))))))
  (alias export $files "descriptor" (type $descriptor-type))
  (import "wasi:filesystem/preopens@0.2.0" (instance $preopens
    (alias outer 1 $descriptor-type (type $descriptor'))
    (export "descriptor" (type $descriptor (eq $descriptor')))
    (export "get-directories" (func (result (list (tuple (own $descriptor) string)))))))

  (core module $base-module
    (memory (export "memory") 1)
    (global $at (mut i32) (i32.const 4096))
    ;; Never gives anything back but at the end of a call.
    (func (export "realloc") (param $old i32) (param $had i32) (param $align i32) (param $size i32) (result i32)
      (local $new i32)
      (local.set $new (i32.and
        (i32.add (global.get $at) (i32.sub (local.get $align) (i32.const 1)))
        (i32.sub (i32.const 0) (local.get $align))))
      (global.set $at (i32.add (local.get $new) (local.get $size)))
      (loop $more
        (if (i32.gt_u (global.get $at) (i32.mul (memory.size) (i32.const 65536)))
          (then (drop (memory.grow (i32.const 1))) (br $more))))
      (memory.copy (local.get $new) (local.get $old) (local.get $had))
      (local.get $new))
    (func (export "over") (param i32) (global.set $at (i32.const 4096))))
  (core instance $base (instantiate $base-module))
  (alias core export $base "memory" (core memory $memory))
  (alias core export $base "realloc" (core func $realloc))
  (alias core export $base "over" (core func $over))

  (core func $get-environment
    (canon lower (func $environment "get-environment") (memory $memory) (realloc $realloc)))
  (core func $exit-now (canon lower (func $exit "exit")))
  (core func $now (canon lower (func $clock "now") (memory $memory)))
  (core func $random-u64 (canon lower (func $random "get-random-u64")))
  (core func $get-stdout (canon lower (func $stdout "get-stdout")))
  (core func $write
    (canon lower (func $streams "[method]output-stream.blocking-write-and-flush") (memory $memory)))

  (core func $open-at (canon lower (func $files "[method]descriptor.open-at") (memory $memory)))
  (core func $read-file
    (canon lower (func $files "[method]descriptor.read") (memory $memory) (realloc $realloc)))
  (core func $write-file (canon lower (func $files "[method]descriptor.write") (memory $memory)))
  (core func $get-directories
    (canon lower (func $preopens "get-directories") (memory $memory) (realloc $realloc)))

  (core module $main-module
    (import "base" "memory" (memory 1))
    (import "base" "realloc" (func $realloc (param i32 i32 i32 i32) (result i32)))
    (import "wasi" "get-environment" (func $get-environment (param i32)))
    (import "wasi" "exit" (func $exit (param i32)))
    (import "wasi" "now" (func $now (param i32)))
    (import "wasi" "random-u64" (func $random-u64 (result i64)))
    (import "wasi" "get-stdout" (func $get-stdout (result i32)))
    (import "wasi" "write" (func $write (param i32 i32 i32 i32)))
    (import "wasi" "open-at" (func $open-at (param i32 i32 i32 i32 i32 i32 i32)))
    (import "wasi" "read-file" (func $read-file (param i32 i64 i64 i32)))
    (import "wasi" "write-file" (func $write-file (param i32 i32 i32 i64 i32)))
    (import "wasi" "get-directories" (func $get-directories (param i32)))
    (global $calls (mut i32) (i32.const 0))
    ;; Where results are told: at 16; scratch for what WASI answers: at 64; decimal digits: before 1024.
    (func $ok (param $at i32) (param $size i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (local.get $at))
      (i32.store (i32.const 24) (local.get $size))
      (i32.const 16))
    (func $failed (param $kind i32) (param $kind-size i32) (param $message i32) (param $size i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 1))
      (i32.store (i32.const 20) (local.get $kind))
      (i32.store (i32.const 24) (local.get $kind-size))
      (i32.store (i32.const 28) (local.get $message))
      (i32.store (i32.const 32) (local.get $size))
      (i32.const 16))
    (func $number (param $n i64) (result i32)
      (local $at i32)
      (local.set $at (i32.const 1024))
      (loop $digit
        (local.set $at (i32.sub (local.get $at) (i32.const 1)))
        (i32.store8 (local.get $at)
          (i32.add (i32.const 48) (i32.wrap_i64 (i64.rem_u (local.get $n) (i64.const 10)))))
        (local.set $n (i64.div_u (local.get $n) (i64.const 10)))
        (br_if $digit (i64.ne (local.get $n) (i64.const 0))))
      (call $ok (local.get $at) (i32.sub (i32.const 1024) (local.get $at))))
    (func $print (param $at i32) (param $size i32)
      (call $write (call $get-stdout) (local.get $at) (local.get $size) (i32.const 64)))
    ;; The code's folder is the first one, that for temporary files the second.
    (func $folder (param $n i32) (result i32)
      (call $get-directories (i32.const 64))
      (i32.load (i32.add (i32.load (i32.const 64)) (i32.mul (local.get $n) (i32.const 12)))))
    ;; The file, or below zero the error's number and one.
    (func $open (param $folder i32) (param $name i32) (param $size i32) (param $how i32) (param $flags i32) (result i32)
      (call $open-at (call $folder (local.get $folder)) (i32.const 0) (local.get $name) (local.get $size)
        (local.get $how) (local.get $flags) (i32.const 64))
      (if (i32.load8_u (i32.const 64)) (then (return (i32.sub (i32.const -1) (i32.load8_u (i32.const 68))))))
      (i32.load (i32.const 68)))
    (data (i32.const 1024) "%DATA%")
    %FUNCTIONS%
    (func (export "handle")
      (param $event i32) (param $event-size i32) (param $id i32) (param $id-size i32)
      (param $arn i32) (param $arn-size i32) (param $deadline i64) (param $trace i32) (param $trace-size i32)
      (param $client i32) (param $client-at i32) (param $client-size i32) (result i32)
      (local $n i32)
      (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
      %BODY%))
  (core instance $main (instantiate $main-module
    (with "base" (instance $base))
    (with "wasi" (instance
      (export "get-environment" (func $get-environment))
      (export "exit" (func $exit-now))
      (export "now" (func $now))
      (export "random-u64" (func $random-u64))
      (export "get-stdout" (func $get-stdout))
      (export "write" (func $write))
      (export "open-at" (func $open-at))
      (export "read-file" (func $read-file))
      (export "write-file" (func $write-file))
      (export "get-directories" (func $get-directories))))))

  (type $context (record
    (field "request-id" string) (field "invoked-function-arn" string) (field "deadline-ms" u64)
    (field "trace-id" string) (field "client-context" (option string))))
  (type $failure (record (field "kind" string) (field "message" string)))
  (type $handle (func (param "event" (list u8)) (param "context" $context)
    (result (result (list u8) (error $failure)))))
  (alias core export $main "handle" (core func $handle-core))
  (func $handle (type $handle)
    (canon lift (core func $handle-core) (memory $memory) (realloc $realloc) (post-return $over)))
  (component $shape
    (type $context' (record
      (field "request-id" string) (field "invoked-function-arn" string) (field "deadline-ms" u64)
      (field "trace-id" string) (field "client-context" (option string))))
    (import "context" (type $context (eq $context')))
    (type $failure' (record (field "kind" string) (field "message" string)))
    (import "failure" (type $failure (eq $failure')))
    (import "handle" (func $handle (param "event" (list u8)) (param "context" $context)
      (result (result (list u8) (error $failure)))))
    (export $context-out "context" (type $context))
    (export $failure-out "failure" (type $failure))
    (export "handle" (func $handle) (func (param "event" (list u8)) (param "context" $context-out)
      (result (result (list u8) (error $failure-out))))))
  (instance $handler (instantiate $shape
    (with "context" (type $context)) (with "failure" (type $failure)) (with "handle" (func $handle))))
  (export "updraft:lambda/handler@0.1.0" (instance $handler)))
