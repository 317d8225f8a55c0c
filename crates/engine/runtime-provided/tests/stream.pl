my ($event, $id) = @_;
my $pause = sub { select(undef, undef, undef, $_[0]) };
my $s = begin($id, 'application/json');
piece($s, '["one",');
my $trailers = '';
if ($event eq '"ok"') {
  $pause->(0.4);
  piece($s, '"two"]');
} elsif ($event eq '"fail"') {
  # {"errorType":"Oh","errorMessage":"in the middle"}
  $trailers = "Lambda-Runtime-Function-Error-Type: Oh\r\nLambda-Runtime-Function-Error-Body: "
    . "eyJlcnJvclR5cGUiOiJPaCIsImVycm9yTWVzc2FnZSI6ImluIHRoZSBtaWRkbGUifQ==\r\n";
} elsif ($event eq '"exit"') {
  $pause->(0.1);
  exit 1;
} elsif ($event eq '"hang"') {
  sleep 3600;
} elsif ($event eq '"long"') {
  for (1..20) { $pause->(0.05); piece($s, ' '); }
  print "the end of it\n";
} elsif ($event eq '"flood"') {
  my $p = ' ' x (1 << 16);
  for my $i (1..4800) { piece($s, $p); print "sent 64 MB\n" if $i == 1024; }
}
finish($s, $trailers);
return undef;
