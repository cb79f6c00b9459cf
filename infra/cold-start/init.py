"""Starts functions with traps where an AWS SDK may look for what Lambda puts into the environment.

The traps are named pipes in place of profiles and tokens (who opens one waits there, and is seen), and a
server in place of the metadata services. DynamoDB is a server that knows no table: a function answers
that it does not work now, which is an answer. Ends with 1 if a trap was touched, if a function did not
answer, or if no trap caught the control.
"""

import argparse
import errno
import os
import subprocess
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from runtime_api import RuntimeApi
from world import event

GIFT = '{"gift_id":"rose","quantity":1,"creator_id":"c","target":{"kind":"live","id":"l"}}'
RECHARGE = '{"package_id":"p","currency":"usd","terms_version":"1"}'
REQUESTS = {
    "gifts": ("POST /v1/gifts/send", GIFT), "recharges": ("POST /v1/recharges", RECHARGE),
    "wallet": ("GET /v1/wallet", None), "packages": ("GET /v1/gifts", None), "creators": ("GET /v1/creator", None),
    "cold-start-minimal": ("GET /v1/wallet", None),
}
SETTINGS = {
    "LEDGER_TABLE": "t", "VIEWS_TABLE": "v", "JWT_ISSUER": "https://i.example", "JWT_AUDIENCE": "a", "TERMS_VERSION": "1",
    "CURRENCIES": "usd", "DIAMOND_RATES": "usd:500", "PUBLIC_URL": "https://p.example", "STRIPE_API_KEY": "sk_test_1",
    "STRIPE_LIVEMODE": "false", "CURSOR_SECRETS": "x" * 32, "FIRST_RECHARGE_BONUS_COINS": "0",
    "RECHARGE_CHANNELS": '[{"platform":"web","storefronts":[],"channel":"stripe_web"}]', "MAX_QUANTITY": "9999",
    "GIFTS_PER_MINUTE": "1000", "RECHARGES_PER_MINUTE": "60", "MIN_APP_VERSION_IOS": "1.0.0",
    "MIN_APP_VERSION_ANDROID": "1.0.0", "MIN_APP_VERSION_WEB": "1.0.0",
}


class Server(ThreadingHTTPServer):
    """Counts its connections and requests; knows nothing."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Nothing)
        self.connections = self.requests = 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def process_request(self, *arguments):
        self.connections += 1
        super().process_request(*arguments)

    def handle_error(self, *_):
        pass  # Programs are killed while they are connected.

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Nothing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_any(self):
        self.server.requests += 1
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no table"}'
        self.send_response(400)
        self.send_header("content-type", "application/x-amz-json-1.0")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_any

    def log_message(self, *_):
        pass


class Traps:
    """A home with pipes for profiles, and a server for metadata."""

    def __init__(self, folder, pipes):
        self.metadata = Server()
        self.pipes = [os.path.join(folder, name) for name in ("config", "credentials", "token")]
        os.mkdir(os.path.join(folder, ".aws"))
        self.pipes += [os.path.join(folder, ".aws", name) for name in ("config", "credentials")]
        if not pipes:
            self.pipes = []
        for pipe in self.pipes:
            os.mkfifo(pipe)
        self.variables = {
            "HOME": folder, "AWS_CONFIG_FILE": f"{folder}/config", "AWS_SHARED_CREDENTIALS_FILE": f"{folder}/credentials",
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.metadata.url,
        }

    def touched(self):
        """Which trap somebody is in."""
        found = [] if self.metadata.connections == 0 else ["a metadata service"]
        for pipe in self.pipes:
            try:
                os.close(os.open(pipe, os.O_WRONLY | os.O_NONBLOCK))
                found.append(pipe)
            except OSError as error:
                if error.errno != errno.ENXIO:  # Nobody reads it.
                    raise
        return found


def run(program, has_keys, pipes=True):
    """One start: the traps that were touched, whether it answered, and connections and requests of DynamoDB."""
    name = os.path.basename(program)
    route, body = REQUESTS[name]
    with tempfile.TemporaryDirectory() as folder:
        traps, dynamodb = Traps(folder, pipes), Server()
        # Twice, so that a second call of DynamoDB shows whether it shares the first one's connection.
        api = RuntimeApi([(event(route, "fan", body, {"idempotency-key": "k"}), 503)] * 2)
        keys = {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "s"} if has_keys else {}
        environment = {
            **SETTINGS, **traps.variables, **keys, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": name, "AWS_LAMBDA_FUNCTION_VERSION": "1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "256",
            "AWS_LAMBDA_LOG_GROUP_NAME": "g", "AWS_LAMBDA_LOG_STREAM_NAME": "s", "AWS_ENDPOINT_URL_DYNAMODB": dynamodb.url,
            "DYNAMODB_ENDPOINT": dynamodb.url,
        }
        process = subprocess.Popen([program], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ends, touched = time.monotonic() + 30, []
        while not touched and not api.answered.is_set() and process.poll() is None and time.monotonic() < ends:
            api.answered.wait(0.01)
            touched = traps.touched()
        process.kill()
        process.wait()
        api.close()
        if has_keys:
            api.check(name)
        return touched, list(api.answers), dynamodb.connections, dynamodb.requests


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--control", required=True)
    parser.add_argument("programs", nargs="+")
    arguments = parser.parse_args()
    wrong = []
    for pipes in (True, False):
        touched, *_ = run(arguments.control, has_keys=False, pipes=pipes)
        print(f"the minimal function without keys in its environment was caught by {touched or 'nothing'}")
        if not touched:
            wrong.append("the traps caught nobody")
    for program in arguments.programs:
        name = os.path.basename(program)
        for has_keys in (True, False):
            touched, answers, connections, requests = run(program, has_keys)
            said = "with" if has_keys else "without"
            print(f"{name}, {said} keys: {len(answers)} answers, {requests} calls on {connections} connections, traps: {touched or 'none'}")
            if touched:
                wrong.append(f"{name} looked into {touched}")
            if has_keys and (len(answers), connections) != (2, 1) or has_keys and requests < 2:
                wrong.append(f"{name}: two answers, and calls of DynamoDB on one connection were expected")
    if wrong:
        raise SystemExit("\n".join(wrong))


main()
