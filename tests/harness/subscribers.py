"""HTTP servers that subscribe to topics, and the check of what they get that AWS's own validators make."""

import base64
import json
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from .wait import wait_until

# What is signed, in its order; a name that isn't there isn't signed.
SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    "UnsubscribeConfirmation": ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
HASHES = {"1": hashes.SHA1, "2": hashes.SHA256}


class Subscriber:
    """A server that writes down what is posted to it, and answers with `statuses` in turn, then with 200."""

    def __init__(self, *statuses):
        self.posts, self.statuses = [], list(statuses)
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                subscriber.posts.append((headers, body))
                self.send_response(subscriber.statuses.pop(0) if subscriber.statuses else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    def next(self):
        """Headers and body of the next post, which is then forgotten."""
        wait_until(lambda: self.posts, what="a post")
        return self.posts.pop(0)

    def confirm(self, kind="SubscriptionConfirmation"):
        """Follows the link in the question that comes next."""
        headers, body = self.next()
        assert headers["x-amz-sns-message-type"] == kind, headers
        question = json.loads(body)
        verify(question)
        assert fetch(question["SubscribeURL"]).status == 200
        return question

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def fetch(url):
    return urllib.request.urlopen(url, timeout=30)


def verify(message):
    """Fails unless the signature is that of the certificate which the message names."""
    certificate = x509.load_pem_x509_certificate(fetch(message["SigningCertURL"]).read())
    assert certificate.subject.rfc4514_string() == "CN=sns.amazonaws.com"
    names = (name for name in SIGNED[message["Type"]] if name in message)
    text = "".join(f"{name}\n{message[name]}\n" for name in names)
    signature = base64.b64decode(message["Signature"])
    algorithm = HASHES[message["SignatureVersion"]]()
    certificate.public_key().verify(signature, text.encode(), padding.PKCS1v15(), algorithm)
