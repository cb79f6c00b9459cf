"""Lambda's runtime API, as far as a few invocations need it."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class RuntimeApi(ThreadingHTTPServer):
    """Lambda's runtime API for as many invocations as there are requests, each with the status that its
    answer must have. `answers` has the answers, with when each came."""

    daemon_threads = True

    def __init__(self, requests):
        super().__init__(("127.0.0.1", 0), Handler)
        self.requests = [(json.dumps(event).encode(), status) for event, status in requests]
        self.given = 0
        self.answers = []
        self.answered = threading.Event()
        self.ended = threading.Event()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass  # Programs are killed while they wait for the next invocation.

    def close(self):
        self.ended.set()
        self.shutdown()
        self.server_close()

    def check(self, name):
        """Every answer must be what was to come of its request."""
        for (_, path, body), (_, status) in zip(self.answers, self.requests):
            answer = json.loads(body) if path.endswith("/response") else {"statusCode": "none"}
            if answer.get("statusCode") != status:
                raise SystemExit(f"{name}: {path}: {body.decode(errors='replace')}")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body of an answer are two writes: the second must not wait for the first.
    disable_nagle_algorithm = True

    def do_GET(self):
        server = self.server
        if server.given == len(server.requests):  # The next invocation never comes.
            server.ended.wait(60)
            self.close_connection = True
            return
        event, _ = server.requests[server.given]
        server.given += 1
        self.send_response(200)
        self.send_header("lambda-runtime-aws-request-id", f"8476a536-e9f4-11e8-9739-{server.given:012d}")
        self.send_header("lambda-runtime-deadline-ms", str(int(time.time() * 1000) + 60_000))
        self.send_header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:1:function:f")
        self.send_header("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700")
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(event)))
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            body = self.chunks()
        self.server.answers.append((time.monotonic(), self.path, body))
        if len(self.server.answers) == len(self.server.requests):
            self.server.answered.set()
        self.send_response(202)
        self.send_header("content-length", "0")
        self.end_headers()

    def chunks(self):
        body = b""
        while length := int(self.rfile.readline(), 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        return body

    def log_message(self, *_):
        pass
